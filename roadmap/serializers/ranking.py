"""Which shapes do ranks, estimates and plans have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import sees_money
from accounts.serializers.fields import RecordSerializer, VisibleField
from common.serializers import StrictModelSerializer
from roadmap.models import FeatureRequest, QuarterPlan, RankingSettings, RequestEstimate, RequestRank

MONEY = ("weighted_arr", "arr", "renewing_arr")
OUTCOME_MONEY = ("served_arr", "unserved_arr", "at_risk_arr")


class RequestRankSerializer(StrictModelSerializer):
    """Where one request stands, with every part; amounts only for who may see money."""

    title = serializers.CharField(source="request.title", read_only=True)
    external_id = serializers.CharField(source="request.external_id", read_only=True, allow_null=True)
    state = serializers.CharField(source="request.state", read_only=True)
    module = serializers.IntegerField(source="request.module_id", read_only=True, allow_null=True)
    percentiles = serializers.DictField(child=serializers.FloatField(), read_only=True)
    moved = serializers.IntegerField(read_only=True)

    class Meta:
        model = RequestRank
        fields = [
            *("request", "external_id", "title", "state", "module", "on", "rank", "is_common", "score", "moved"),
            *("asks", "accounts", "segments", "spread", "users", "validated", "validation", "blockers", "guard"),
            *("largest_share", "percentiles", "weights", "best_rank", "worst_rank", "arr_rank", "rice", "rice_rank"),
            *("wsjf", "wsjf_rank", *MONEY),
        ]
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        """Leave out money for who may not see it."""
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None and not sees_money(request.user):
            for name in MONEY:
                fields.pop(name)
        return fields


class SupporterSerializer(serializers.Serializer[Any]):
    """One customer behind a request, and what it adds to each part."""

    account = serializers.IntegerField(source="account.pk")
    name = serializers.CharField(source="account.name")
    asks = serializers.IntegerField()
    importance = serializers.IntegerField()
    is_blocker = serializers.BooleanField()
    segment = serializers.CharField(allow_blank=True)
    users = serializers.IntegerField()
    is_active = serializers.BooleanField()
    uses_module = serializers.BooleanField()
    arr = serializers.DecimalField(max_digits=14, decimal_places=2)
    renewing = serializers.DecimalField(max_digits=14, decimal_places=2)
    weighted = serializers.DecimalField(max_digits=15, decimal_places=2)

    def get_fields(self) -> dict[str, Any]:
        """Leave out money for who may not see it."""
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None and not sees_money(request.user):
            for name in ("arr", "renewing", "weighted"):
                fields.pop(name)
        return fields


class WhyRankSerializer(serializers.Serializer[Any]):
    """One request's rank, how it moves with the weights, and the customers behind it that you may see."""

    rank = RequestRankSerializer()
    of = serializers.IntegerField()
    swing = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()))
    supporters = SupporterSerializer(many=True)
    all_supporters = serializers.IntegerField()
    not_paying = serializers.IntegerField()


class RankingSettingsSerializer(StrictModelSerializer):
    """How requests are ranked; after a change they are ranked anew."""

    class Meta:
        model = RankingSettings
        fields = (
            *("asks_weight", "accounts_weight", "spread_weight", "users_weight", "weighted_weight"),
            *("threshold", "guard_percent", "spread_by", "cap_percentile", "renewal_days", "usage_days"),
            "swing_percent",
        )


class RequestEstimateSerializer(RecordSerializer):
    """What one request takes and brings; `needed` are the requests without which it cannot be built."""

    fixed = ("request",)
    needed = VisibleField(queryset=FeatureRequest.objects, many=True, required=False, source="needs", label=_("needs"))

    class Meta:
        model = RequestEstimate
        fields = [
            *("request", "effort", "reach", "impact", "confidence", "business_value", "time_criticality"),
            *("opportunity", "needed", "changed_at"),
        ]
        read_only_fields = ["changed_at"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"request": {"validators": []}, "effort": {"min_value": None}}


class QuarterPlanSerializer(RecordSerializer):
    """One scenario of a quarter, with what came out: the plan, and the two plain ways beside it."""

    fixed = ()
    must_haves = VisibleField(queryset=FeatureRequest.objects, many=True, required=False)
    left_out = VisibleField(queryset=FeatureRequest.objects, many=True, required=False)
    outcome = serializers.SerializerMethodField()
    requests = serializers.SerializerMethodField()

    class Meta:
        model = QuarterPlan
        fields = [
            *("id", "name", "starts_on", "capacity", "counts", "by_value", "must_haves", "left_out", "state"),
            *("is_chosen", "solved_on", "outcome", "requests"),
        ]
        read_only_fields = ["state", "is_chosen", "solved_on"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"capacity": {"min_value": None}}

    @extend_schema_field(serializers.DictField())
    def get_outcome(self, plan: QuarterPlan) -> dict[str, Any]:
        """What came out; without amounts for who may not see money."""
        request = self.context.get("request")
        if request is None or sees_money(request.user):
            return plan.outcome
        hidden = {*OUTCOME_MONEY, *(("value",) if plan.by_value else ())}
        shown = {
            key: {name: one for name, one in value.items() if name not in hidden} if isinstance(value, dict) else value
            for key, value in plan.outcome.items()
        }
        return {key: value for key, value in shown.items() if not (key == "bound" and plan.by_value)}

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_requests(self, plan: QuarterPlan) -> list[dict[str, Any]]:
        """What was looked at, and whether it is in."""
        request = self.context.get("request")
        hides = plan.by_value and request is not None and not sees_money(request.user)
        return [
            {
                "request": row.request_id,
                "is_in": row.is_in,
                "is_must": row.is_must,
                "rank": row.rank,
                "effort": None if row.effort is None else str(row.effort),
                "accounts": row.accounts,
                **({} if hides else {"adds": row.gain}),
                "in_top": row.in_top,
                "in_greedy": row.in_greedy,
                "reason": row.reason,
            }
            for row in plan.requests.all()
        ]
