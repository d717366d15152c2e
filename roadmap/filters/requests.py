"""By what can requests be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from roadmap.models import FeatureRequest
from usage.models import Module

REQUEST_SORTS = {
    "created_on": "created_on",
    "title": "title",
    "evidence": "evidence_count",
    "accounts": "account_count",
}


def modules_for(request: Any) -> QuerySet[Module]:
    """The modules that whoever asks may choose from."""
    found: QuerySet[Module] = Module.objects.visible_to(request.user) if request else Module.objects.none()
    return found


class FeatureRequestFilter(StrictFilterSet):
    """Narrows requests; sorting by voices counts those that the person may see."""

    q = SearchFilter("title", "description", label=_("Search"))
    external_id = TextFilter()
    module = IdFilter()
    state = django_filters.MultipleChoiceFilter(choices=FeatureRequest.State.choices, label=_("State"), distinct=False)
    quarter = DayFilter(label=_("Quarter"))
    merged_into = IdFilter()
    is_merged = YesFilter(label=_("Merged"), method="merged")
    is_shared = YesFilter(label=_("Shared with customers"), method="shared")
    sort = SortFilter(REQUEST_SORTS)

    class Meta(StrictFilterSet.Meta):
        model = FeatureRequest
        fields: list[str] = []

    def merged(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Those that were merged into another one, or those that stand."""
        return rows.filter(merged_into__isnull=not value)

    def shared(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Those with a text for customers, or those without."""
        return rows.exclude(shared_title="") if value else rows.filter(shared_title="")


class RequestListFilter(StrictFilterSet):
    """Narrows the list of requests on its page."""

    q = SearchFilter("title", "description", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=FeatureRequest.State.choices, label=_("State"), distinct=False)
    module = django_filters.ModelMultipleChoiceFilter(queryset=modules_for, label=_("Module"), distinct=False)
    is_shared = YesFilter(label=_("Shared with customers"), method="shared")
    asked = django_filters.ChoiceFilter(
        choices=[("some", _("with voices")), ("none", _("without voices")), ("blocked", _("blocks somebody"))],
        label=_("Voices"), empty_label=_("All"), method="by_voices",
    )  # fmt: skip
    sort = SortFilter(REQUEST_SORTS)

    class Meta(StrictFilterSet.Meta):
        model = FeatureRequest
        fields: list[str] = []

    def shared(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Those with a text for customers, or those without."""
        return rows.exclude(shared_title="") if value else rows.filter(shared_title="")

    def by_voices(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Those with, without, or with blocked askers, of those that the person may see."""
        chosen = {"some": Q(account_count__gt=0), "none": Q(account_count=0), "blocked": Q(blocker_count__gt=0)}
        return rows.filter(chosen[value])
