"""Which shapes do the catalogue and the facts about use have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Contact
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field
from common.serializers import (
    StrictCharField,
    StrictDateTimeField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictSerializer,
)
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
from usage.rules.events import LARGEST, LONGEST

# The action finds a second row with the same id, and says so in words.
FREE_ID: dict[str, dict[str, Any]] = {"external_id": {"validators": []}}


def contact_field() -> VisibleField:
    """Choose one of the contacts that the person may see."""
    return VisibleField(queryset=Contact.objects, required=False, allow_null=True, label=_("contact"))


class ModuleSerializer(StrictModelSerializer):
    """One part of a product."""

    class Meta:
        model = Module
        fields = ["id", "external_id", "name", "product"]
        extra_kwargs = FREE_ID


class FeatureSerializer(StrictModelSerializer):
    """One thing that a user can do."""

    class Meta:
        model = Feature
        fields = ["id", "external_id", "name", "module", "kind", "retired_on"]
        extra_kwargs = FREE_ID


class ScenarioSerializer(StrictModelSerializer):
    """One job for which certain features are used together."""

    class Meta:
        model = Scenario
        fields = ["id", "external_id", "name", "features"]
        extra_kwargs = FREE_ID


class MilestoneSerializer(StrictModelSerializer):
    """One first value that a customer should reach."""

    class Meta:
        model = Milestone
        fields = ["id", "external_id", "name", "due_after_days", "is_core_process"]
        validators: list[Any] = []
        extra_kwargs = FREE_ID


class MetricSerializer(StrictModelSerializer):
    """One named number."""

    class Meta:
        model = Metric
        fields = ["id", "external_id", "name", "unit"]
        extra_kwargs = FREE_ID


class MilestoneReachedSerializer(RecordSerializer):
    """The day on which an account reached a milestone."""

    account = account_field()
    fixed = ("account", "milestone")

    class Meta:
        model = MilestoneReached
        fields = ["id", "account", "milestone", "on"]
        validators: list[Any] = []


class UsageEventSerializer(StrictModelSerializer):
    """One product event as it is stored."""

    class Meta:
        model = UsageEvent
        fields = ["id", "source", "message_id", "account", "person", "feature", "at", "day", "quantity"]
        read_only_fields = fields


class SentEventSerializer(StrictSerializer):
    """One product event as it is sent: account and feature by their external ids."""

    message_id = StrictCharField(max_length=LONGEST, label=_("message id"))
    account = StrictCharField(max_length=LONGEST, label=_("account"))
    feature = StrictCharField(max_length=LONGEST, label=_("feature"))
    at = StrictDateTimeField(label=_("when"))
    person = StrictCharField(max_length=LONGEST, required=False, allow_blank=True, label=_("person"))
    quantity = StrictIntegerField(min_value=1, max_value=LARGEST, required=False, label=_("quantity"))
    source = StrictCharField(max_length=40, required=False, label=_("source"))  # type: ignore[assignment]


class EventOutcomeSerializer(serializers.Serializer):
    """What became of one event."""

    index = serializers.IntegerField()
    message_id = serializers.CharField()
    outcome = serializers.CharField()
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]


class EventsTakenSerializer(serializers.Serializer):
    """What became of a batch of events."""

    counts = serializers.DictField(child=serializers.IntegerField())
    events = EventOutcomeSerializer(many=True)


class UsageDaySerializer(StrictModelSerializer):
    """How often one person of an account used one feature on one day."""

    class Meta:
        model = FeatureUsageDay
        fields = ["id", "account", "day", "feature", "person", "events"]
        read_only_fields = fields


class ReadingSerializer(RecordSerializer):
    """The value of a metric over the day, week or month that starts on a day."""

    account = account_field()
    fixed = ("account", "metric", "period", "on")

    class Meta:
        model = Reading
        fields = ["id", "account", "metric", "period", "on", "value"]
        validators: list[Any] = []


class TicketSerializer(RecordSerializer):
    """One call for help; without `target_at` the target of its severity holds."""

    account = account_field()
    contact = contact_field()

    class Meta:
        model = Ticket
        fields = [
            "id", "account", "contact", "external_id", "subject", "severity", "is_complaint", "is_escalated",
            "opened_at", "target_at", "resolved_at", "first_response_minutes", "satisfaction",
        ]  # fmt: skip
        validators: list[Any] = []
        extra_kwargs = FREE_ID | {"target_at": {"required": False}}


class SurveyAnswerSerializer(RecordSerializer):
    """One answer of a contact to a survey."""

    account = account_field()
    contact = contact_field()

    class Meta:
        model = SurveyAnswer
        fields = ["id", "account", "contact", "external_id", "kind", "score", "comment", "answered_on"]
        validators: list[Any] = []
        extra_kwargs = FREE_ID


class IntegrationSerializer(RecordSerializer):
    """One system of the customer that is connected."""

    account = account_field()

    class Meta:
        model = Integration
        fields = ["id", "account", "name", "connected_on", "disconnected_on"]
        validators: list[Any] = []


class AttendanceSerializer(RecordSerializer):
    """One time that a customer took part."""

    account = account_field()
    contact = contact_field()

    class Meta:
        model = Attendance
        fields = ["id", "account", "contact", "external_id", "kind", "name", "on"]
        validators: list[Any] = []
        extra_kwargs = FREE_ID
