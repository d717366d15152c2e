"""Which shapes have plans to stabilize a customer in the API?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.queries.accounts import people_who_serve
from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field
from common.serializers import StrictCharField, StrictIntegerField, StrictModelSerializer, StrictSerializer
from health.models import ComparisonName
from playbooks.models import Checkpoint, ExitCriterion, Run, StabilizationDriver, StabilizationPlan
from playbooks.rules.stabilization import MOST_CRITERIA, MOST_DRIVERS


class PlanDriverSerializer(StrictModelSerializer):
    """One cause with the one person who answers for it."""

    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.none())

    class Meta:
        model = StabilizationDriver
        fields = ["text", "action", "owner", "warning"]
        read_only_fields = ["warning"]

    def get_fields(self) -> dict[str, serializers.Field]:
        """Choose among those who serve customers."""
        fields: dict[str, serializers.Field] = super().get_fields()
        fields["owner"] = serializers.PrimaryKeyRelatedField(queryset=people_who_serve())
        return fields


class ExitCriterionSerializer(StrictModelSerializer):
    """One test on data: a measure of the warnings, or `indicator:` and the key of an indicator."""

    comparison = serializers.ChoiceField(choices=ComparisonName.choices)
    threshold = serializers.FloatField()

    class Meta:
        model = ExitCriterion
        fields = ["id", "measure", "comparison", "threshold", "days", "baseline"]
        read_only_fields = ["id", "baseline"]


class MeasuredSerializer(StrictSerializer):
    """What one criterion measured at a checkpoint."""

    criterion = serializers.IntegerField(read_only=True)
    value = serializers.FloatField(read_only=True, allow_null=True)
    is_met = serializers.BooleanField(read_only=True)


class CheckpointSerializer(StrictModelSerializer):
    """One day on which a plan is looked at."""

    measured = serializers.SerializerMethodField()

    class Meta:
        model = Checkpoint
        fields = [
            "day", "due_on", "planned", "measured_on", "score", "band", "measured", "verdict", "note", "decided_at",
            "decided_by",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(MeasuredSerializer(many=True))
    def get_measured(self, checkpoint: Checkpoint) -> Any:
        """The values as they were measured."""
        return checkpoint.measured


class PlannedSerializer(StrictSerializer):
    """What is planned by one checkpoint."""

    day = StrictIntegerField(min_value=1, max_value=365)
    planned = StrictCharField(max_length=500, allow_blank=True)


class StabilizationPlanSerializer(RecordSerializer):
    """A plan with its frozen baseline, drivers, exit criteria and checkpoints."""

    needs = {"baseline_arr": Capability.SEE_MONEY}

    account = account_field()
    length = serializers.ChoiceField(choices=StabilizationPlan.Length.choices, default=30)
    run = VisibleField(queryset=Run.objects, required=False, allow_null=True)
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False, allow_null=True)
    drivers = PlanDriverSerializer(many=True, min_length=1, max_length=MOST_DRIVERS)  # type: ignore[call-arg]
    criteria = ExitCriterionSerializer(many=True, min_length=1, max_length=MOST_CRITERIA)  # type: ignore[call-arg]
    checkpoints = CheckpointSerializer(many=True, read_only=True)
    planned = PlannedSerializer(many=True, write_only=True, required=False, max_length=6)  # type: ignore[call-arg]
    baseline_reasons = serializers.ListField(child=serializers.DictField(), read_only=True)
    was_right = serializers.BooleanField(read_only=True, allow_null=True)

    class Meta:
        model = StabilizationPlan
        fields = [
            "id", "account", "run", "length", "state", "owner", "started_by", "started_on", "baseline_score",
            "baseline_band", "baseline_arr", "baseline_reasons", "drivers", "criteria", "checkpoints", "planned",
            "criteria_met", "criteria_count", "measured_on", "due_on", "extended_on", "escalated_on", "ended_on",
            "override_reason", "renewal", "renewal_result", "was_right", "version",
        ]  # fmt: skip
        read_only_fields = [
            "id", "state", "started_by", "started_on", "baseline_score", "baseline_band", "baseline_arr",
            "criteria_met", "criteria_count", "measured_on", "due_on", "extended_on", "escalated_on", "ended_on",
            "override_reason", "renewal", "renewal_result", "version",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, serializers.Field]:
        """Choose the owner among those who serve customers."""
        fields: dict[str, serializers.Field] = super().get_fields()
        fields["owner"] = serializers.PrimaryKeyRelatedField(
            queryset=people_who_serve(), required=False, allow_null=True
        )
        return fields


class VerdictSerializer(StrictSerializer):
    """What is decided at the next checkpoint; only a manager may give a reason to overrule unmet criteria."""

    verdict = serializers.ChoiceField(choices=Checkpoint.Verdict.choices)
    note = StrictCharField(max_length=500, required=False, allow_blank=True, default="")
    override_reason = StrictCharField(max_length=500, required=False, allow_blank=True, default="")
    version = StrictIntegerField(min_value=0, max_value=2**31 - 1, required=False)
