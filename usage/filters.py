"""By what can the catalogue and the facts about use be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from usage.models import (
    Attendance,
    Feature,
    FeatureUsageDay,
    Integration,
    Metric,
    Milestone,
    MilestoneReached,
    Module,
    Reading,
    Scenario,
    SurveyAnswer,
    Ticket,
    UsageEvent,
)


class ModuleFilter(StrictFilterSet):
    """Narrows modules."""

    q = SearchFilter("name", "external_id")
    external_id = TextFilter()
    product = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = Module
        fields: list[str] = []


class FeatureFilter(StrictFilterSet):
    """Narrows features."""

    q = SearchFilter("name", "external_id")
    external_id = TextFilter()
    module = IdFilter()
    product = IdFilter(field_name="module__product")
    kind = django_filters.MultipleChoiceFilter(choices=Feature.Kind.choices)

    class Meta(StrictFilterSet.Meta):
        model = Feature
        fields: list[str] = []


class ScenarioFilter(StrictFilterSet):
    """Narrows business scenarios."""

    q = SearchFilter("name", "external_id")
    external_id = TextFilter()

    class Meta(StrictFilterSet.Meta):
        model = Scenario
        fields: list[str] = []


class MilestoneFilter(StrictFilterSet):
    """Narrows milestones."""

    external_id = TextFilter()

    class Meta(StrictFilterSet.Meta):
        model = Milestone
        fields: list[str] = []


class MetricFilter(StrictFilterSet):
    """Narrows metrics."""

    external_id = TextFilter()

    class Meta(StrictFilterSet.Meta):
        model = Metric
        fields: list[str] = []


class UsageEventFilter(StrictFilterSet):
    """Narrows product events."""

    account = IdFilter()
    feature = IdFilter()
    source = TextFilter()
    message_id = TextFilter()
    day = DayFilter(label=_("Day"))
    since = DayFilter(label=_("Since"), field_name="day", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="day", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = UsageEvent
        fields: list[str] = []


class UsageDayFilter(StrictFilterSet):
    """Narrows daily use."""

    account = IdFilter()
    feature = IdFilter()
    day = DayFilter(label=_("Day"))
    since = DayFilter(label=_("Since"), field_name="day", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="day", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = FeatureUsageDay
        fields: list[str] = []


class ReadingFilter(StrictFilterSet):
    """Narrows readings."""

    account = IdFilter()
    metric = IdFilter()
    period = django_filters.ChoiceFilter(choices=Reading.Period.choices)
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = Reading
        fields: list[str] = []


class MilestoneReachedFilter(StrictFilterSet):
    """Narrows milestones reached."""

    account = IdFilter()
    milestone = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = MilestoneReached
        fields: list[str] = []


class TicketFilter(StrictFilterSet):
    """Narrows tickets."""

    q = SearchFilter("subject", "external_id")
    account = IdFilter()
    external_id = TextFilter()
    severity = django_filters.MultipleChoiceFilter(choices=Ticket.Severity.choices)
    is_complaint = YesFilter()
    is_escalated = YesFilter()
    is_open = YesFilter(label=_("Open"), method="by_state")
    sort = SortFilter({"opened_at": "opened_at", "target_at": "target_at"})

    class Meta(StrictFilterSet.Meta):
        model = Ticket
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Any], _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep what is open, or what is not."""
        return rows if value is None else rows.filter(resolved_at__isnull=value)


class SurveyAnswerFilter(StrictFilterSet):
    """Narrows survey answers."""

    account = IdFilter()
    contact = IdFilter()
    external_id = TextFilter()
    kind = django_filters.ChoiceFilter(choices=SurveyAnswer.Kind.choices)
    since = DayFilter(label=_("Since"), field_name="answered_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="answered_on", lookup_expr="lte")
    sort = SortFilter({"answered_on": "answered_on", "score": "score"})

    class Meta(StrictFilterSet.Meta):
        model = SurveyAnswer
        fields: list[str] = []


class IntegrationFilter(StrictFilterSet):
    """Narrows integrations."""

    account = IdFilter()
    name = TextFilter()

    class Meta(StrictFilterSet.Meta):
        model = Integration
        fields: list[str] = []


class AttendanceFilter(StrictFilterSet):
    """Narrows attendances."""

    account = IdFilter()
    external_id = TextFilter()
    kind = django_filters.ChoiceFilter(choices=Attendance.Kind.choices)

    class Meta(StrictFilterSet.Meta):
        model = Attendance
        fields: list[str] = []
