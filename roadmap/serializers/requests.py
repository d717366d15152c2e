"""Which shapes do requests and the decisions about them have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer, VisibleField
from common.serializers import StrictCharField, StrictDateField, StrictSerializer
from roadmap.models import FeatureRequest


class CustomerRequestSerializer(RecordSerializer):
    """One need. The counts are of the voices that you may see; the state changes by `state`, the quarter by `quarter`.

    The texts for customers, the promise and the expected use are for who plans the roadmap to write.
    """

    evidence_count = serializers.IntegerField(read_only=True)
    account_count = serializers.IntegerField(read_only=True)
    blocker_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = FeatureRequest
        fields = [
            "id", "external_id", "title", "description", "shared_title", "shared_text", "module", "state",
            "decline_reason", "quarter", "created_on", "promised_on", "shipped_on", "feature", "use_goal_percent",
            "use_goal_on", "merged_into", "evidence_count", "account_count", "blocker_count",
        ]  # fmt: skip
        read_only_fields = ["state", "decline_reason", "quarter", "shipped_on", "merged_into"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}, "created_on": {"required": False}}


class DecisionSerializer(StrictSerializer):
    """What was decided; declining takes a reason, what is planned may have a quarter, by any day in it."""

    state = serializers.ChoiceField(choices=FeatureRequest.State.choices, label=_("state"))
    decline_reason = StrictCharField(
        required=False, allow_blank=True, max_length=4_000, label=_("reason for declining"),
        style={"base_template": "textarea.html"},
    )  # fmt: skip
    quarter = StrictDateField(required=False, allow_null=True, label=_("quarter"))


class QuarterSerializer(StrictSerializer):
    """In which quarter it shall come, by any day in it; null for none."""

    quarter = StrictDateField(allow_null=True, label=_("quarter"))


class MergeSerializer(StrictSerializer):
    """Into which request this one is merged."""

    into = VisibleField(queryset=FeatureRequest.objects, label=_("merged into"))


class PartedSerializer(serializers.Serializer):
    """What became of two requests that were parted: how many voices went back, how many stayed."""

    request = serializers.IntegerField(source="request.pk")
    kept = serializers.IntegerField(source="kept.pk")
    returned = serializers.IntegerField()
    stayed = serializers.IntegerField()


class AlikeSerializer(serializers.Serializer):
    """One request that may mean the same as a text, how alike it is (0 to 1) and the words in common."""

    id = serializers.IntegerField(source="request.pk")
    title = serializers.CharField(source="request.title")
    state = serializers.CharField(source="request.state")
    account_count = serializers.IntegerField(source="request.account_count")
    likeness = serializers.FloatField()
    words = serializers.ListField(child=serializers.CharField())
