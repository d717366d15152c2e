"""By what can the mails of playbooks be narrowed?"""

from __future__ import annotations

import django_filters

from accounts.filters.records import IdFilter
from common.filters import SortFilter, StrictFilterSet
from playbooks.models import StepMail


class StepMailFilter(StrictFilterSet):
    """Narrows mails."""

    account = IdFilter()
    task = IdFilter()
    contact = IdFilter()
    state = django_filters.MultipleChoiceFilter(choices=StepMail.State.choices, distinct=False)
    sort = SortFilter({"queued_at": "queued_at"})

    class Meta(StrictFilterSet.Meta):
        model = StepMail
        fields: list[str] = []
