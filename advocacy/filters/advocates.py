"""By what can advocates and asks be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from advocacy.models import Advocate, Ask
from common.filters import DayFilter, SortFilter, StrictFilterSet


class AdvocateFilter(StrictFilterSet):
    """Narrows advocates."""

    account = IdFilter()
    contact = IdFilter()
    stage = django_filters.MultipleChoiceFilter(choices=Advocate.Stage.choices)
    industry = TextFilter(field_name="account__industry", label=_("industry"))
    sort = SortFilter({"since": "since"})

    class Meta(StrictFilterSet.Meta):
        model = Advocate
        fields: list[str] = []


class AskFilter(StrictFilterSet):
    """Narrows asks."""

    account = IdFilter(field_name="advocate__account")
    advocate = IdFilter()
    kind = django_filters.MultipleChoiceFilter(choices=Ask.Kind.choices)
    answer = django_filters.MultipleChoiceFilter(choices=Ask.Answer.choices)
    state = django_filters.MultipleChoiceFilter(choices=Ask.State.choices, method="in_states", label=_("State"))
    contact = IdFilter(field_name="advocate__contact")
    request = IdFilter()
    since = DayFilter(label=_("Since"), field_name="asked_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="asked_on", lookup_expr="lte")
    sort = SortFilter({"asked_on": "asked_on"})

    class Meta(StrictFilterSet.Meta):
        model = Ask
        fields: list[str] = []

    def in_states(self, rows: Any, _name: str, states: list[str]) -> Any:
        """Those that have come so far."""
        return rows.in_states(states) if states else rows
