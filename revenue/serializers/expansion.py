"""Which shapes do opportunities and targets of expansion have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _lazy
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import (
    StrictDateField,
    StrictSerializer,
)
from revenue.models import (
    ExpansionTarget,
    Opportunity,
)


class OpportunitySerializer(RecordSerializer):
    """One chance to expand; the stage changes by `advance`, `win` and `lose`."""

    account = account_field()
    fixed = ("account", "stage")

    class Meta:
        model = Opportunity
        fields = [
            "id", "account", "external_id", "kind", "stage", "product", "arr", "currency", "probability",
            "expected_on", "owner", "note", "won_on", "lost_on", "lost_reason", "stage_changed_on", "created_at",
        ]  # fmt: skip
        read_only_fields = ["won_on", "lost_on", "lost_reason", "stage_changed_on", "created_at"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}}


class OpportunityStageSerializer(StrictSerializer):
    """The open stage that an opportunity has reached."""

    stage = serializers.ChoiceField(choices=Opportunity.Stage.choices, label=_lazy("stage"))


class WinSerializer(StrictSerializer):
    """On which day an opportunity was won."""

    won_on = StrictDateField(label=_lazy("won on"))


class LoseSerializer(StrictSerializer):
    """Why an opportunity was lost."""

    reason = serializers.ChoiceField(choices=Opportunity.LostReason.choices, label=_lazy("why lost"))
    note = serializers.CharField(required=False, allow_blank=True, max_length=4_000, default="")


class ExpansionTargetSerializer(RecordSerializer):
    """What one person is to bring in within a quarter; a target of the same quarter is replaced."""

    class Meta:
        model = ExpansionTarget
        fields = ["id", "user", "starts_on", "amount", "currency"]
        read_only_fields = ["currency"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"amount": {"min_value": 0}}
