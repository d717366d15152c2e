"""Which shapes do requests and the voices behind them have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import StrictCharField, StrictSerializer
from roadmap.models import FeatureRequest, RequestEvidence


class CustomerRequestSerializer(RecordSerializer):
    """One need. The counts are of the voices that you may see; the state changes by `state`."""

    evidence_count = serializers.IntegerField(read_only=True)
    account_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = FeatureRequest
        fields = [
            "id", "external_id", "title", "description", "module", "state", "decline_reason", "created_on",
            "evidence_count", "account_count",
        ]  # fmt: skip
        read_only_fields = ["state", "decline_reason"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}, "created_on": {"required": False}}


class DecisionSerializer(StrictSerializer):
    """What was decided; declining takes a reason."""

    state = serializers.ChoiceField(choices=FeatureRequest.State.choices, label=_("state"))
    decline_reason = StrictCharField(
        required=False, allow_blank=True, max_length=4_000, label=_("reason for declining"),
        style={"base_template": "textarea.html"},
    )  # fmt: skip


class RequestEvidenceSerializer(RecordSerializer):
    """One voice: an account that asked, in its own words."""

    fixed = ("account", "request")
    account = account_field()

    class Meta:
        model = RequestEvidence
        fields = [
            "id", "external_id", "request", "account", "contact", "verbatim", "importance", "asked_on", "source",
        ]  # fmt: skip
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}, "asked_on": {"required": False}}
