"""By what can referrals be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from advocacy.models import Referral
from advocacy.rules.referrals import LOOP, ReferralState
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort

REFERRAL_SORTS = {
    "invited_on": Sort("invited_on"),
    "-invited_on": Sort("invited_on", descending=True),
    "company": Sort("company"),
    "-company": Sort("company", descending=True),
}


class ReferralFilter(StrictFilterSet):
    """Narrows referrals."""

    q = SearchFilter("company", "referrer__name", "referrer__external_id", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=Referral.State.choices, label=_("State"), distinct=False)
    reached = django_filters.ChoiceFilter(
        choices=[(state.value, Referral.State(state).label) for state in LOOP], label=_("Came as far as"),
        method="came_as_far", empty_label=_("Any"),
    )  # fmt: skip
    thanked = YesFilter(label=_("Thanked"), method="by_thanks")
    referrer = IdFilter()
    account = IdFilter()
    since = DayFilter(label=_("Invited since"), field_name="invited_on", lookup_expr="gte")
    until = DayFilter(label=_("Invited until"), field_name="invited_on", lookup_expr="lte")
    sort = SortFilter({"invited_on": "invited_on", "company": "company"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = Referral
        fields: list[str] = []

    def came_as_far(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Keep those that reached a state, or one after it, lost or not."""
        if not value:
            return rows
        later = LOOP[LOOP.index(ReferralState(value)) :]
        reached = Q()
        for state in later:
            reached |= Q(**{f"{Referral.DAYS[state]}__isnull": False})
        return rows.filter(reached)

    def by_thanks(self, rows: QuerySet[Any], _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep those whose customer was thanked, or not yet."""
        return rows if value is None else rows.filter(thanked_on__isnull=not value)
