"""Which shapes do the answers to customers have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer
from common.serializers import StrictCharField, StrictDateField, StrictSerializer
from roadmap.models import RequestAnswer


class RequestAnswerSerializer(RecordSerializer):
    """One account that asked and has to hear what was decided, with its own words."""

    decision = serializers.CharField(source="change.after", read_only=True)
    decline_reason = serializers.CharField(source="change.reason", read_only=True)
    words = serializers.CharField(read_only=True, allow_null=True)
    owner = serializers.IntegerField(source="owner_id", read_only=True, allow_null=True)

    class Meta:
        model = RequestAnswer
        fields = [
            "id", "request", "account", "owner", "decision", "decline_reason", "words", "state", "since", "due_on",
            "told_at", "told_by", "reply", "replied_on", "why", "why_text",
        ]  # fmt: skip
        read_only_fields = fields
        validators: list[Any] = []


class ReplySerializer(StrictSerializer):
    """What the customer replied, and when."""

    reply = StrictCharField(max_length=4_000, label=_("what they replied"), style={"base_template": "textarea.html"})
    replied_on = StrictDateField(required=False, label=_("replied on"))


class ExcuseSerializer(StrictSerializer):
    """Why nobody has to be told."""

    reason = StrictCharField(max_length=500, label=_("reason"))
