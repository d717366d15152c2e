"""Which shapes do scores, people to ask, consents, mentions, requests of sales and settings have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, account_field
from advocacy.models import (
    AdvocacySettings,
    AdvocateRow,
    AdvocateScore,
    Consent,
    PublicMention,
    ReferenceRequest,
)
from common.serializers import StrictDateField, StrictModelSerializer, StrictSerializer


class AdvocateScoreSerializer(StrictModelSerializer):
    """One customer's standing in a month: score, parts with their numbers, criteria, and why nobody is asked there."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    external_id = serializers.CharField(source="account.external_id", read_only=True)
    excluded_for = serializers.SerializerMethodField()

    class Meta:
        model = AdvocateScore
        fields = [
            *("id", "account", "external_id", "account_name", "month", "on", "rank", "of", "score"),
            *("spread", "referred", "mentions", "dependence", "core_days", "integrations"),
            *(
                "feedback",
                "requests",
                "adopted",
                "answers",
                "active_days",
                "logins",
                "modules_used",
                "modules_entitled",
            ),
            *("goals_attained", "expansions", "meets_login", "meets_modules", "meets_result", "meets_expansion"),
            *("criteria_met", "is_technology_partner", "is_channel_partner", "promoters", "never_asked"),
            "excluded_for",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_excluded_for(self, row: AdvocateScore) -> list[str]:
        """Why nobody there is asked now."""
        return row.limits


class AdvocateRowSerializer(StrictModelSerializer):
    """One person who speaks for us or could, and what stands in the way of asking them as of a day."""

    excluded_for = serializers.SerializerMethodField()

    class Meta:
        model = AdvocateRow
        fields = [
            *("contact", "account", "name", "account_name", "industry", "region", "tier", "stage", "score", "nps"),
            *("is_promoter", "last_asked_on", "asks", "has_consent", "is_free", "excluded_for", "on"),
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_excluded_for(self, row: AdvocateRow) -> list[str]:
        """Why they are not asked now."""
        return row.limits


class ConsentSerializer(RecordSerializer):
    """One consent; it is taken back by `revoke`."""

    fixed = ("contact",)

    class Meta:
        model = Consent
        fields = [
            *("id", "account", "contact", "scope", "channel", "given_on", "expires_on", "revoked_on", "evidence"),
            "recorded_by",
        ]
        read_only_fields = ["account", "revoked_on", "recorded_by"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"channel": {"required": True}}


class PublicMentionSerializer(RecordSerializer):
    """One time that a customer spoke of us in public."""

    account = account_field()

    class Meta:
        model = PublicMention
        fields = ["id", "account", "contact", "kind", "title", "url", "on", "added_by"]
        read_only_fields = ["added_by"]


class ReferenceRequestSerializer(RecordSerializer):
    """One request of sales; who fits it is under `matches`, how it ended is said by `decide`."""

    fixed = ()
    needs = {"arr": Capability.SEE_MONEY, "currency": Capability.SEE_MONEY}

    class Meta:
        model = ReferenceRequest
        fields = [
            *("id", "prospect", "kind", "industry", "region", "employees", "tier", "product", "use_case", "note"),
            *("needed_by", "requested_by", "requested_on", "arr", "currency", "outcome", "decided_on", "version"),
        ]
        read_only_fields = ["requested_by", "requested_on", "outcome", "decided_on", "version"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"arr": {"min_value": 0}}


class ReferenceDecisionSerializer(StrictSerializer):
    """How a deal ended."""

    outcome = serializers.ChoiceField(choices=ReferenceRequest.Outcome.choices, label=_("outcome"))
    decided_on = StrictDateField(required=False, allow_null=True, label=_("decided on"))


class MatchSerializer(serializers.Serializer):
    """One person who fits a request, with the reasons, and what stands in the way of asking them."""

    contact = serializers.IntegerField(source="row.pk")
    name = serializers.CharField(source="row.name")
    account = serializers.IntegerField(source="row.account_id")
    account_name = serializers.CharField(source="row.account_name")
    fit = serializers.DecimalField(max_digits=5, decimal_places=2, source="fit.points")
    score = serializers.DecimalField(max_digits=5, decimal_places=2, source="row.score", allow_null=True)
    met = serializers.DictField(child=serializers.CharField(), source="fit.met")
    forbidden = serializers.ListField(child=serializers.CharField(), source="judged.forbidden")
    doubts = serializers.ListField(child=serializers.CharField(), source="judged.doubts")


class MatchesSerializer(serializers.Serializer):
    """Who may be asked, the fittest first, and who would fit but may not be asked now."""

    compared = serializers.IntegerField()
    free = MatchSerializer(many=True)
    blocked = MatchSerializer(many=True)


class AdvocacySettingsSerializer(StrictModelSerializer):
    """Weights, criteria and limits; shares and weights in per cent."""

    class Meta:
        model = AdvocacySettings
        fields = AdvocacySettings.FIELDS
