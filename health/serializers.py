"""Which shapes do scores and scorecards have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import sees_money
from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import (
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictSerializer,
)
from health.models import (
    ChurnModel,
    ChurnRisk,
    EarlyWarning,
    HealthOverride,
    HealthScore,
    Scorecard,
    ScorecardVersion,
    TrackRecord,
    WarningRule,
)
from health.queries.track_record import warning_records


class ComponentSerializer(StrictSerializer):
    """What one indicator gave: null where it had no value, only the value where that had expired."""

    key = serializers.CharField(read_only=True)
    value = serializers.FloatField(read_only=True, allow_null=True)
    score = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True, allow_null=True)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    contribution = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    is_missing = serializers.BooleanField(read_only=True)
    is_expired = serializers.BooleanField(read_only=True)
    is_stale = serializers.BooleanField(read_only=True)


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
    conditions = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = ScorecardVersion
        fields = ["id", "number", "effective_on", "definition", "conditions", "published_at", "published_by"]
        read_only_fields = fields


class ScorecardSerializer(StrictModelSerializer):
    """One way of scoring with all its versions, newest first; the first whose conditions hold scores an account."""

    versions = ScorecardVersionSerializer(many=True, read_only=True)

    class Meta:
        model = Scorecard
        fields = ["id", "name", "position", "is_active", "versions"]
        read_only_fields = ["id", "position", "versions"]


class RuleRecordSerializer(StrictSerializer):
    """What came of a rule's warnings, so many days ahead; empty figures where nobody was warned of."""

    on = serializers.DateField(read_only=True)
    horizon_days = serializers.IntegerField(read_only=True)
    verdict = serializers.CharField(read_only=True)
    events = serializers.IntegerField(read_only=True)
    warned = serializers.IntegerField(source="measures.flagged", read_only=True)
    left = serializers.IntegerField(source="measures.right", read_only=True)
    precision = serializers.FloatField(source="measures.precision", read_only=True, allow_null=True)
    recall = serializers.FloatField(source="measures.recall", read_only=True, allow_null=True)
    lead_days = serializers.IntegerField(source="measures.lead_days", read_only=True, allow_null=True)


class WarningRuleSerializer(StrictModelSerializer):
    """One rule that warns: its tests, its severity, how many it may open and holds back, and its own record."""

    definition = serializers.JSONField()
    record = serializers.SerializerMethodField()

    class Meta:
        model = WarningRule
        fields = [
            *("id", "key", "name", "definition", "severity", "effect", "is_enabled", "position", "reopen_days"),
            *("hold_percent", "hold_count", "evaluated_on", "held_count", "record"),
        ]
        read_only_fields = ["evaluated_on", "held_count"]
        extra_kwargs = {"key": {"required": False, "validators": []}}

    @cached_property
    def records(self) -> dict[str, TrackRecord]:
        """The records of all rules, read once for a list."""
        return warning_records()

    @extend_schema_field(RuleRecordSerializer(allow_null=True))
    def get_record(self, rule: WarningRule) -> Any:
        """What came of its warnings within 90 days; null before the first judgement."""
        found = self.records.get(rule.key)
        return RuleRecordSerializer(found).data if found else None


class EarlyWarningSerializer(StrictModelSerializer):
    """One account of which one rule warns, with the numbers behind it and the sentence that the pages show."""

    rule_key = serializers.CharField(source="rule.key", read_only=True)
    reason = serializers.CharField(read_only=True)
    evidence = serializers.JSONField(read_only=True)

    class Meta:
        model = EarlyWarning
        fields = [
            *("id", "account", "rule", "rule_key", "state", "severity", "owner", "opened_on", "last_seen_on"),
            *("reason", "evidence", "arr_at_risk", "reopened", "snoozed_until", "snooze_reason", "resolved_on"),
            *("resolved_cause", "resolved_reason"),
        ]
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        """Leave out money for who may not see it."""
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None and not sees_money(request.user):
            fields.pop("arr_at_risk")
        return fields


class SnoozeSerializer(StrictSerializer):
    """Until the end of which day a warning is put off, and why."""

    until = StrictDateField()
    reason = StrictCharField(max_length=500)


class ResolveSerializer(StrictSerializer):
    """Why a warning is resolved."""

    reason = StrictCharField(max_length=500)


class ScorecardDraftSerializer(StrictSerializer):
    """What the next version is going to say. Send the `draft_version` that you have read, 0 where there was none."""

    definition = serializers.DictField()
    conditions = serializers.ListField(child=serializers.DictField(), required=False)
    draft_version = StrictIntegerField(min_value=0, max_value=2**31 - 1)
    problem = serializers.CharField(read_only=True)


class PublishSerializer(StrictSerializer):
    """From which day a draft is in force, and which draft was read."""

    effective_on = StrictDateField()
    draft_version = StrictIntegerField(min_value=0, max_value=2**31 - 1)


class MoverSerializer(StrictSerializer):
    """One account whose band a draft changes; what it pays shows to who may see money."""

    account = serializers.IntegerField(source="account_id", read_only=True)
    before = serializers.CharField(read_only=True)
    after = serializers.CharField(read_only=True)
    score_before = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True, allow_null=True)
    score_after = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True, allow_null=True)
    arr = serializers.DecimalField(max_digits=16, decimal_places=2, read_only=True, allow_null=True)


class WarnedSerializer(StrictSerializer):
    """Of some customers, how many were red so many days before: by what is in force, and with the draft."""

    days = serializers.IntegerField(read_only=True)
    accounts = serializers.IntegerField(read_only=True)
    red_now = serializers.IntegerField(read_only=True)
    red_draft = serializers.IntegerField(read_only=True)


class PreviewSerializer(StrictSerializer):
    """Who changes band with a draft, and whether it would have warned of who left. Nothing is changed."""

    on = serializers.DateField(read_only=True)
    looked_at = serializers.IntegerField(read_only=True)
    accounts = serializers.IntegerField(read_only=True)
    before = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    after = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    movers = MoverSerializer(many=True, read_only=True)
    warned = WarnedSerializer(many=True, read_only=True)
    stayed = WarnedSerializer(read_only=True, allow_null=True)
    left_out = serializers.ListField(child=serializers.CharField(), read_only=True)


class ReasonSerializer(StrictSerializer):
    """One reason of a risk: its share of all that pushes, negative where it holds the risk down."""

    key = serializers.CharField(read_only=True)
    share = serializers.FloatField(read_only=True)


class ChurnRiskSerializer(StrictModelSerializer):
    """How likely one account is to leave, as of one day; no model means the published figures."""

    reasons = serializers.SerializerMethodField()

    class Meta:
        model = ChurnRisk
        fields = ["id", "account", "on", "p90", "p365", "reasons", "model"]
        read_only_fields = fields

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, risk: ChurnRisk) -> Any:
        """The strongest reasons."""
        return [{"key": key, "share": share} for key, share in risk.reasons]


class ChurnModelSerializer(StrictModelSerializer):
    """One training of the churn model."""

    kind = serializers.SerializerMethodField()
    features = serializers.ListField(child=serializers.CharField(), read_only=True)
    measures = serializers.DictField(read_only=True)

    class Meta:
        model = ChurnModel
        fields = [
            "id", "number", "on", "made_at", "verdict", "is_used", "kind", "horizon_days", "learnt_from",
            "learnt_until", "tested_from", "tested_until", "churns", "rows", "base_rate", "features", "measures",
        ]  # fmt: skip
        read_only_fields = fields

    def get_kind(self, model: ChurnModel) -> str:
        """What kind of model it is; empty where none was fitted."""
        return model.kind


class TrackRecordSerializer(StrictModelSerializer):
    """What one score, warning or model said so many days ahead, against what came."""

    measures = serializers.DictField(read_only=True)

    class Meta:
        model = TrackRecord
        fields = [
            "id", "on", "subject", "key", "horizon_days", "first_on", "last_on", "rows", "events", "verdict",
            "measures",
        ]  # fmt: skip
        read_only_fields = fields
