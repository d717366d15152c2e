"""Which shape has the effect of playbooks in the API?"""

from __future__ import annotations

from rest_framework import serializers

from common.serializers import StrictModelSerializer
from playbooks.models import EffectEstimate, EffectRecord


class EffectEstimateSerializer(StrictModelSerializer):
    """The difference by one measure: points of health, days of use in 30, or a share; null below the fewest pairs."""

    class Meta:
        model = EffectEstimate
        fields = [
            "measure", "pairs", "partners", "treated", "untreated", "effect", "low", "high", "before", "verdict",
            "predicted",
        ]  # fmt: skip
        read_only_fields = fields


class EffectRecordSerializer(StrictModelSerializer):
    """What was known of a playbook, or of one version of it, on one night."""

    estimates = EffectEstimateSerializer(many=True, read_only=True)
    on_time_rate = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = EffectRecord
        fields = [
            "id", "playbook", "version", "on", "started", "ended", "reached", "treated", "matched", "tasks_due",
            "tasks_on_time", "on_time_rate", "lead_count", "lead_days", "estimates",
        ]  # fmt: skip
        read_only_fields = fields
