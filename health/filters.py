"""By what can scores and scorecards be narrowed, on pages and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from accounts.filters.records import IdFilter
from accounts.models import Account
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort
from health.models import (
    ChurnModel,
    ChurnRisk,
    EarlyWarning,
    HealthOverride,
    HealthScore,
    Scorecard,
    Severity,
    TrackRecord,
    WarningRule,
)

# The orders of the list of warnings; that by risk follows from money.
WARNING_SORTS = {
    "risk": Sort("rank"),
    "-risk": Sort("rank", descending=True),
    "severity": Sort("severity"),
    "-severity": Sort("severity", descending=True),
    "opened": Sort("opened_on"),
    "-opened": Sort("opened_on", descending=True),
}


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


class OwnerFilter(django_filters.CharFilter):
    """Keeps the warnings of one CSM: an id, `me`, or `none` for accounts without one."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict to the owner."""
        if not value:
            return qs
        if value in ("me", "none"):
            return qs.filter(owner=self.parent.request.user if value == "me" else None)
        return qs.filter(owner=int(value)) if value.isascii() and value.isdigit() and len(value) < 18 else qs.none()


class OrderOnly(SortFilter):
    """Checks the name of the order; `common.keyset` does the sorting."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows as they are."""
        return qs


def rules_for(request: Any) -> QuerySet[WarningRule]:
    """The rules that whoever asks may choose from."""
    found: QuerySet[WarningRule] = (
        WarningRule.objects.visible_to(request.user) if request else WarningRule.objects.none()
    )
    return found


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class RuleFilter(django_filters.ModelMultipleChoiceFilter):
    """Finds what some rules warned of, by their keys."""


class WarningFilter(StrictFilterSet):
    """Narrows early warnings."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    rule = RuleFilter(field_name="rule__key", queryset=rules_for, to_field_name="key", label=_("Rule"), distinct=False)
    state = django_filters.MultipleChoiceFilter(choices=EarlyWarning.State.choices, label=_("State"), distinct=False)
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices, label=_("Severity"), distinct=False)
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    owner = OwnerFilter(label=_("Owner"))
    account = IdFilter()
    opened_since = DayFilter(field_name="opened_on", lookup_expr="gte", label=_("Opened since"))
    sort = OrderOnly({name: name for name in WARNING_SORTS if not name.startswith("-")}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = EarlyWarning
        fields: list[str] = []


class WarningRuleFilter(StrictFilterSet):
    """Narrows warning rules."""

    is_enabled = YesFilter()

    class Meta(StrictFilterSet.Meta):
        model = WarningRule
        fields: list[str] = []


class ChurnRiskFilter(StrictFilterSet):
    """Narrows churn risks."""

    account = IdFilter()
    on = DayFilter(label=_("Day"))
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")
    sort = SortFilter({"on": "on", "p90": "p90", "p365": "p365"})

    class Meta(StrictFilterSet.Meta):
        model = ChurnRisk
        fields: list[str] = []


class ChurnModelFilter(StrictFilterSet):
    """Narrows trainings of the churn model."""

    is_used = YesFilter()

    class Meta(StrictFilterSet.Meta):
        model = ChurnModel
        fields: list[str] = []


class TrackRecordFilter(StrictFilterSet):
    """Narrows the track record."""

    on = DayFilter(label=_("Day"))
    subject = django_filters.MultipleChoiceFilter(choices=TrackRecord.Subject.choices)
    verdict = django_filters.MultipleChoiceFilter(choices=TrackRecord.Verdict.choices)
    horizon_days = django_filters.ChoiceFilter(choices=[(days, str(days)) for days in (30, 60, 90, 180)])
    sort = SortFilter({"on": "on"})

    class Meta(StrictFilterSet.Meta):
        model = TrackRecord
        fields: list[str] = []
