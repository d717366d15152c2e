"""By what can sharing sessions, their invitations and talks be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from accounts.models import Account
from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort

SESSION_SORTS = {
    "on": Sort("on"),
    "-on": Sort("on", descending=True),
    "name": Sort("name"),
    "-name": Sort("name", descending=True),
}


class SharingSessionFilter(StrictFilterSet):
    """Narrows sharing sessions."""

    q = SearchFilter("name", "topic", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=SharingSession.State.choices, label=_("State"), distinct=False)
    product = IdFilter()
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")
    sort = SortFilter({"on": "on", "name": "name"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = SharingSession
        fields: list[str] = []


class SessionInvitationFilter(StrictFilterSet):
    """Narrows the customers of sessions."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    session = IdFilter()
    account = IdFilter()
    answer = django_filters.MultipleChoiceFilter(
        choices=SessionInvitation.Answer.choices, label=_("Answer"), distinct=False
    )
    came = YesFilter(label=_("Came"), method="by_fact")
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    sort = SortFilter({"invited_on": "invited_on"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = SessionInvitation
        fields: list[str] = []

    def by_fact(self, rows: Any, _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep those who took part, or those who did not."""
        return rows if value is None else rows.filter(attendance__isnull=not value)


class SessionTalkFilter(StrictFilterSet):
    """Narrows talks."""

    session = IdFilter()
    advocate = IdFilter()
    account = IdFilter(field_name="advocate__account")

    class Meta(StrictFilterSet.Meta):
        model = SessionTalk
        fields: list[str] = []
