"""By what can scores and scorecards be narrowed, on pages and in the API alike?"""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from common.filters import DayFilter, SortFilter, StrictFilterSet, YesFilter
from health.models import HealthScore, Scorecard


class HealthScoreFilter(StrictFilterSet):
    """Narrows health scores."""

    account = IdFilter()
    on = DayFilter(label=_("Day"))
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")
    band = django_filters.MultipleChoiceFilter(choices=HealthScore.Band.choices)
    sort = SortFilter({"on": "on", "score": "score"})

    class Meta(StrictFilterSet.Meta):
        model = HealthScore
        fields: list[str] = []


class ScorecardFilter(StrictFilterSet):
    """Narrows scorecards."""

    is_active = YesFilter()

    class Meta(StrictFilterSet.Meta):
        model = Scorecard
        fields: list[str] = []
