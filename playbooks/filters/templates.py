"""By what can playbooks, their versions and what triggers did be narrowed, on pages and in the API alike?"""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from playbooks.models import Playbook, PlaybookVersion, Run, TriggerFiring


class PlaybookFilter(StrictFilterSet):
    """Narrows playbooks."""

    # The period of a simulation.
    not_filters = StrictFilterSet.not_filters | {"first", "last"}

    q = SearchFilter("key", "name", label=_("Search"))
    category = django_filters.MultipleChoiceFilter(choices=Playbook.Category.choices, label=_("Kind"), distinct=False)
    is_enabled = YesFilter()
    is_archived = YesFilter()

    class Meta(StrictFilterSet.Meta):
        model = Playbook
        fields: list[str] = []


class PlaybookVersionFilter(StrictFilterSet):
    """Narrows versions of playbooks."""

    playbook = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = PlaybookVersion
        fields: list[str] = []


class TriggerFiringFilter(StrictFilterSet):
    """Narrows what triggers did."""

    playbook = IdFilter()
    account = IdFilter()
    cause = django_filters.MultipleChoiceFilter(choices=Run.Cause.choices, label=_("Because of"), distinct=False)
    result = django_filters.MultipleChoiceFilter(
        choices=TriggerFiring.Result.choices, label=_("Result"), distinct=False
    )
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")
    sort = SortFilter({"on": "on"})

    class Meta(StrictFilterSet.Meta):
        model = TriggerFiring
        fields: list[str] = []
