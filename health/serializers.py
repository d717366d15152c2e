"""Which shapes do scores and scorecards have in the API?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import StrictCharField, StrictModelSerializer, StrictSerializer
from health.models import HealthOverride, HealthScore, Scorecard, ScorecardVersion


class ComponentSerializer(StrictSerializer):
    """What one indicator gave: null where it had no value, only the value where that had expired."""

    key = serializers.CharField(read_only=True)
    value = serializers.FloatField(read_only=True, allow_null=True)
    score = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True, allow_null=True)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    contribution = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    is_missing = serializers.BooleanField(read_only=True)
    is_expired = serializers.BooleanField(read_only=True)


class HealthScoreSerializer(StrictModelSerializer):
    """The score of one account on one day; the contributions add up to it exactly."""

    components = serializers.SerializerMethodField()
    scorecard = serializers.IntegerField(source="version.scorecard_id", read_only=True)
    version_number = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = HealthScore
        fields = [
            "id", "account", "on", "score", "band", "coverage", "scorecard", "version", "version_number", "components",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ComponentSerializer(many=True))
    def get_components(self, score: HealthScore) -> Any:
        """The parts of the score."""
        return ComponentSerializer(score.parts, many=True).data


class HealthOverrideSerializer(RecordSerializer):
    """A band that a person set for a while; without `ends_on` it lasts as long as the organisation's settings say."""

    account = account_field()
    reason = StrictCharField(max_length=2_000, style={"base_template": "textarea.html"})

    class Meta:
        model = HealthOverride
        fields = ["id", "account", "band", "computed_band", "reason", "starts_on", "ends_on", "author", "made_at"]
        read_only_fields = ["id", "computed_band", "starts_on", "author", "made_at"]
        extra_kwargs: dict[str, dict[str, Any]] = {"band": {"required": True}, "ends_on": {"required": False}}


class ScorecardVersionSerializer(StrictModelSerializer):
    """A scorecard as it stands from a day on."""

    definition = serializers.DictField(read_only=True)

    class Meta:
        model = ScorecardVersion
        fields = ["id", "number", "effective_on", "definition", "published_at", "published_by"]
        read_only_fields = fields


class ScorecardSerializer(StrictModelSerializer):
    """One way of scoring with all its versions, newest first."""

    conditions = serializers.ListField(child=serializers.DictField(), read_only=True)
    versions = ScorecardVersionSerializer(many=True, read_only=True)

    class Meta:
        model = Scorecard
        fields = ["id", "name", "position", "conditions", "is_active", "versions"]
        read_only_fields = fields
