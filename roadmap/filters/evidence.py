"""By what can the voices behind requests be narrowed and sorted?"""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from common.filters import DayFilter, SortFilter, StrictFilterSet, YesFilter
from roadmap.models import RequestEvidence, RequestLink


class RequestEvidenceFilter(StrictFilterSet):
    """Narrows voices."""

    request = IdFilter()
    account = IdFilter()
    external_id = TextFilter()
    importance = django_filters.MultipleChoiceFilter(choices=RequestEvidence.Importance.choices)
    is_blocker = YesFilter()
    since = DayFilter(label=_("Since"), field_name="asked_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="asked_on", lookup_expr="lte")
    sort = SortFilter({"asked_on": "asked_on", "importance": "importance"})

    class Meta(StrictFilterSet.Meta):
        model = RequestEvidence
        fields: list[str] = []


class RequestLinkFilter(StrictFilterSet):
    """Narrows what hangs on requests."""

    request = IdFilter()
    account = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = RequestLink
        fields: list[str] = []
