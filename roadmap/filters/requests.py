"""By what can requests and the voices behind them be narrowed and sorted?"""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet
from roadmap.models import FeatureRequest, RequestEvidence


class FeatureRequestFilter(StrictFilterSet):
    """Narrows requests; sorting by voices counts those that the person may see."""

    q = SearchFilter("title", "description")
    external_id = TextFilter()
    module = IdFilter()
    state = django_filters.MultipleChoiceFilter(choices=FeatureRequest.State.choices)
    sort = SortFilter(
        {"created_on": "created_on", "title": "title", "evidence": "evidence_count", "accounts": "account_count"}
    )

    class Meta(StrictFilterSet.Meta):
        model = FeatureRequest
        fields: list[str] = []


class RequestEvidenceFilter(StrictFilterSet):
    """Narrows voices."""

    request = IdFilter()
    account = IdFilter()
    external_id = TextFilter()
    importance = django_filters.MultipleChoiceFilter(choices=RequestEvidence.Importance.choices)
    since = DayFilter(label=_("Since"), field_name="asked_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="asked_on", lookup_expr="lte")
    sort = SortFilter({"asked_on": "asked_on", "importance": "importance"})

    class Meta(StrictFilterSet.Meta):
        model = RequestEvidence
        fields: list[str] = []
