"""Which shapes do renewals, their calls and forecasts, and risks have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import serializers

from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import (
    StrictCharField,
    StrictDateField,
    StrictDecimalField,
    StrictIntegerField,
    StrictSerializer,
)
from revenue.models import (
    Call,
    Renewal,
    RenewalCall,
    Risk,
)

# What only somebody who may see money is told of a renewal.
AMOUNTS = ("arr", "expected_arr", "csm_amount", "final_amount")


class RenewalSerializer(RecordSerializer):
    """One end of contract and how far the talks are: the stage changes by `advance`, the calls by `call`."""

    account = account_field()
    needs = dict.fromkeys(AMOUNTS, Capability.SEE_MONEY)
    is_disputed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Renewal
        fields = [
            "id", "account", "external_id", "due_on", "stage", "stage_changed_on", "changed_by", "computed_call",
            "reasons", "csm_call", "final_call", "is_disputed", "called_on", "version", *AMOUNTS,
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in ("account", "external_id", "due_on", "stage")]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}}


class StageSerializer(StrictSerializer):
    """The stage that a renewal has reached."""

    stage = serializers.ChoiceField(choices=Renewal.Stage.choices, label=_lazy("stage"))


class CallSerializer(StrictSerializer):
    """A call on a renewal: a word, the amount expected, or both."""

    kind = serializers.ChoiceField(
        choices=[RenewalCall.Kind.CSM.value, RenewalCall.Kind.FINAL.value], default=RenewalCall.Kind.CSM.value
    )
    call = serializers.ChoiceField(choices=Call.choices, required=False, label=_lazy("call"))
    amount = StrictDecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True, label=_lazy("forecast")
    )
    reason = StrictCharField(max_length=500, required=False, allow_blank=True)
    of_version = StrictIntegerField(required=False, min_value=0, help_text=_lazy("The version that you have read."))


class PeriodSerializer(StrictSerializer):
    """A period, its end not part of it."""

    start = StrictDateField(label=_lazy("start"))
    end = StrictDateField(label=_lazy("end"))

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """A period has at least a day."""
        if values["end"] <= values["start"]:
            raise serializers.ValidationError({"end": _("The end must be after the start.")})
        return values


class RenewalSummarySerializer(serializers.Serializer):
    """What was due in a period, what of it was renewed, and the forecast; no rate where nothing was due."""

    due = serializers.IntegerField()
    arr_due = serializers.DecimalField(max_digits=18, decimal_places=2)
    come_due = serializers.IntegerField()
    arr_come_due = serializers.DecimalField(max_digits=18, decimal_places=2)
    renewed = serializers.IntegerField()
    arr_renewed = serializers.DecimalField(max_digits=18, decimal_places=2)
    lost = serializers.IntegerField()
    arr_lost = serializers.DecimalField(max_digits=18, decimal_places=2)
    renewal_rate = serializers.DecimalField(max_digits=6, decimal_places=4, allow_null=True)
    renewal_rate_arr = serializers.DecimalField(max_digits=6, decimal_places=4, allow_null=True)
    low = serializers.DecimalField(max_digits=18, decimal_places=2)
    likely = serializers.DecimalField(max_digits=18, decimal_places=2)
    high = serializers.DecimalField(max_digits=18, decimal_places=2)
    disputed = serializers.IntegerField()


class AccuracySerializer(serializers.Serializer):
    """How past calls of a kind, as they stood so many days before the end, compare with what came."""

    kind = serializers.CharField()
    days_before = serializers.IntegerField()
    calls = serializers.IntegerField()
    right = serializers.IntegerField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=4, allow_null=True)
    expected = serializers.DecimalField(max_digits=18, decimal_places=2)
    came = serializers.DecimalField(max_digits=18, decimal_places=2)
    table = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class RiskSerializer(RecordSerializer):
    """One risk; it changes by `say` and ends by `close`."""

    account = account_field()

    class Meta:
        model = Risk
        fields = [
            "id", "account", "renewal", "kind", "reason", "arr_at_risk", "owner", "opened_on", "update_due_on",
            "state", "outcome", "closed_on", "version",
        ]  # fmt: skip
        read_only_fields = ["opened_on", "state", "outcome", "closed_on", "version"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"update_due_on": {"required": False}}


class RiskUpdateSerializer(StrictSerializer):
    """How a risk stands."""

    note = StrictCharField(max_length=5000)
    arr_at_risk = StrictDecimalField(max_digits=14, decimal_places=2, required=False, allow_null=True)
    update_due_on = StrictDateField(required=False, allow_null=True)


class RiskCloseSerializer(StrictSerializer):
    """What became of a risk."""

    outcome = serializers.ChoiceField(choices=Risk.Outcome.choices, label=_lazy("outcome"))
    note = StrictCharField(max_length=5000, required=False, allow_blank=True)
