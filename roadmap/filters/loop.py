"""By what can the answers to customers be narrowed?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from accounts.models import ServiceAssignment
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet
from roadmap.models import FeatureRequest, RequestAnswer


class AnswererFilter(django_filters.CharFilter):
    """Keeps the answers of one CSM: an id, `me`, or `none` for accounts without one."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict to the owner of the account."""
        if not value:
            return qs
        owned = ServiceAssignment.objects.current().owners().filter(account=OuterRef("account"))
        if value == "none":
            return qs.filter(~Exists(owned))
        if value == "me":
            return qs.filter(Exists(owned.filter(user=self.parent.request.user)))
        known = value.isascii() and value.isdigit() and len(value) < 18
        return qs.filter(Exists(owned.filter(user=int(value)))) if known else qs.none()


class RequestAnswerFilter(StrictFilterSet):
    """Narrows answers."""

    q = SearchFilter("account__name", "request__title", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=RequestAnswer.State.choices, label=_("State"), distinct=False)
    decided = django_filters.MultipleChoiceFilter(
        field_name="change__after", choices=[one for one in FeatureRequest.State.choices if one[0] != "new"],
        label=_("Decision"), distinct=False,
    )  # fmt: skip
    owner = AnswererFilter(label=_("Owner"))
    request = IdFilter()
    account = IdFilter()
    due_until = DayFilter(label=_("Due until"), field_name="due_on", lookup_expr="lte")
    since = DayFilter(label=_("Since"), lookup_expr="gte")
    sort = SortFilter({"due_on": "due_on", "since": "since"})

    class Meta(StrictFilterSet.Meta):
        model = RequestAnswer
        fields: list[str] = []
