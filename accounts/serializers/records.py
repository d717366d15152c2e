"""Which shapes do handoffs, promises, goals, the timeline and churn records have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import (
    Attachment,
    BusinessGoal,
    ChurnRecord,
    Contact,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
    TimelineEntry,
)
from accounts.queries.handoff import completeness
from accounts.rules import goals as goal_rules
from accounts.rules import promises as promise_rules
from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field
from common.serializers import (
    StrictCharField,
    StrictDateField,
    StrictDateTimeField,
    StrictModelSerializer,
    StrictSerializer,
)


class HandoffSerializer(RecordSerializer):
    """The file that passes an account from sales to customer success."""

    account = account_field()
    completeness = serializers.SerializerMethodField()
    empty_sections = serializers.SerializerMethodField()

    class Meta:
        model = Handoff
        fields = [
            "id", "account", "state", *Handoff.SECTIONS, "completeness", "empty_sections", "submitted_at",
            "submitted_by", "decided_at", "decided_by", "return_reasons", "version",
        ]  # fmt: skip
        read_only_fields = ["state", "submitted_at", "submitted_by", "decided_at", "decided_by", "return_reasons"]

    def _complete(self, handoff: Handoff) -> Any:
        """Judge a file by the organisation that was read once for the whole list."""
        return completeness(handoff, self.context["organisation"], getattr(handoff, "has_goals", None))

    def get_completeness(self, handoff: Handoff) -> int:
        """Say how complete a file is, from 0 to 100."""
        return int(self._complete(handoff).score)

    def get_empty_sections(self, handoff: Handoff) -> list[str]:
        """List the required sections that are empty."""
        return list(self._complete(handoff).empty)


class ReturnSerializer(StrictSerializer):
    """Why a handoff goes back."""

    reasons = StrictCharField(max_length=4_000, style={"base_template": "textarea.html"})


class EmptySerializer(StrictSerializer):
    """A step that needs nothing but its address."""


class HandoffVersionSerializer(StrictModelSerializer):
    """The handoff file as it stood after one change."""

    account = serializers.IntegerField(source="handoff.account_id", read_only=True)

    class Meta:
        model = HandoffVersion
        fields = ["id", "handoff", "account", "number", "state", "sections", "saved_at", "saved_by"]
        read_only_fields = fields


class PromiseSerializer(RecordSerializer):
    """One thing promised to a customer."""

    account = account_field()
    made_to = VisibleField(queryset=Contact.objects, required=False, allow_null=True, label=_("Made to"))
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Promise
        fields = [
            "id", "account", "external_id", "text", "made_by", "made_to", "made_on", "due_on", "evidence", "state",
            "settled_on", "is_overdue",
        ]  # fmt: skip
        read_only_fields = ["state", "settled_on"]

    def get_is_overdue(self, promise: Promise) -> bool:
        """Say whether an open promise is past its day."""
        return promise_rules.is_overdue(promise.state, promise.due_on, self.context["on"])


class SettleSerializer(StrictSerializer):
    """How a promise ended."""

    state = serializers.ChoiceField(choices=["kept", "broken", "renegotiated"])
    evidence = StrictCharField(
        max_length=4_000, required=False, allow_blank=True, style={"base_template": "textarea.html"}
    )
    due_on = StrictDateField(required=False)


class ExpectationGapSerializer(RecordSerializer):
    """One expectation that the product does not meet today."""

    account = account_field()
    found_on = StrictDateField(required=False)

    class Meta:
        model = ExpectationGap
        fields = ["id", "account", "text", "found_on", "closed_on"]
        read_only_fields = ["closed_on"]


class CloseSerializer(StrictSerializer):
    """The day on which an expectation gap was closed; today unless given."""

    closed_on = StrictDateField(required=False)


class AttachmentSerializer(StrictModelSerializer):
    """One file of the implementation archive."""

    class Meta:
        model = Attachment
        fields = ["id", "record", "name", "content_type", "size", "added_by", "added_at"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer):
    """A file for a record of the archive, sent as a form."""

    record = VisibleField(queryset=ImplementationRecord.objects, label=_("Record"))
    file = serializers.FileField(allow_empty_file=True)


class ImplementationRecordSerializer(RecordSerializer):
    """What happened at one stage of putting the product to work."""

    account = account_field()
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = ImplementationRecord
        fields = ["id", "account", "stage", "on", "people", "outcome", "attachments"]


class BusinessGoalSerializer(RecordSerializer):
    """One result that a customer wants, with how far it is."""

    account = account_field()
    current = serializers.SerializerMethodField()
    attainment = serializers.SerializerMethodField()

    class Meta:
        model = BusinessGoal
        fields = [
            "id", "account", "external_id", "name", "metric", "unit", "baseline", "target", "due_on", "current",
            "attainment",
        ]  # fmt: skip

    def get_current(self, goal: BusinessGoal) -> str | None:
        """Give the latest measured value."""
        rows = list(goal.measurements.all())
        return str(max(rows, key=lambda row: row.on).value) if rows else None

    def get_attainment(self, goal: BusinessGoal) -> float | None:
        """Give the share of the way from the baseline to the target; 1 is reached."""
        rows = list(goal.measurements.all())
        current = max(rows, key=lambda row: row.on).value if rows else None
        share = goal_rules.attainment(goal.baseline, current, goal.target)
        return None if share is None else float(round(share, 6))


class GoalMeasurementSerializer(RecordSerializer):
    """Where a goal's metric stood on one day."""

    goal = VisibleField(queryset=BusinessGoal.objects, label=_("Goal"))
    fixed = ("goal",)

    class Meta:
        model = GoalMeasurement
        fields = ["id", "goal", "on", "value", "note"]
        # A second value for a day replaces the first, so it is no error.
        validators: list[Any] = []


class TimelineEntrySerializer(RecordSerializer):
    """One entry of a customer's timeline."""

    account = account_field()
    at = StrictDateTimeField(required=False, label=_("When"))
    contacts = VisibleField(queryset=Contact.objects, many=True, required=False, label=_("Contact"))

    class Meta:
        model = TimelineEntry
        fields = [
            "id", "account", "external_id", "kind", "at", "title", "body", "author", "contacts", "is_private",
            "follow_up_on", "follow_up_done_at",
        ]  # fmt: skip
        read_only_fields = ["author", "follow_up_done_at"]


class ChurnRecordSerializer(RecordSerializer):
    """One time that a customer left; the money only for who may see it."""

    account = account_field()
    needs = {"arr_lost": Capability.SEE_MONEY}

    class Meta:
        model = ChurnRecord
        fields = [
            "id", "account", "external_id", "on", "notice_on", "arr_lost", "currency", "reason", "is_failed_payment",
            "study", "would_have_saved", "fix", "fix_done_on", "won_back_on",
        ]  # fmt: skip
