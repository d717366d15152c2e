"""By what can scores and scorecards be narrowed, on pages and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from common.filters import DayFilter, SortFilter, StrictFilterSet, YesFilter
from health.models import HealthOverride, HealthScore, Scorecard


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


class HealthOverrideFilter(StrictFilterSet):
    """Narrows overrides."""

    account = IdFilter()
    on = DayFilter(label=_("In force on"), method="active_on")

    class Meta(StrictFilterSet.Meta):
        model = HealthOverride
        fields: list[str] = []

    def active_on(self, rows: Any, _name: str, on: dt.date) -> Any:
        """Those that hold on a day."""
        return rows.active_on(on)


class ScorecardFilter(StrictFilterSet):
    """Narrows scorecards."""

    is_active = YesFilter()

    class Meta(StrictFilterSet.Meta):
        model = Scorecard
        fields: list[str] = []
