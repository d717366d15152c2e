"""Which shapes do contract lines, movements, rates, renewals and the ledger have in the API?"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictDecimalField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictSerializer,
)
from revenue.models import (
    Call,
    ContractLine,
    ExchangeRate,
    ExpansionTarget,
    Movement,
    Opportunity,
    Renewal,
    RenewalCall,
    RevenueSettings,
    Risk,
)
from revenue.queries import RateReversal
from revenue.rules.guards import Effect
from revenue.rules.retention import POINT_TO_POINT, Retention, Segment, decimal_rate


class ContractLineSerializer(RecordSerializer):
    """One product that an account pays for over a span of days; the end is the first day not paid for."""

    account = account_field()

    class Meta:
        model = ContractLine
        fields = [
            "id", "account", "external_id", "product", "seats", "arr", "currency", "starts_on", "ends_on",
            "notice_on", "is_payment_failed",
        ]  # fmt: skip
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs = {"arr": {"min_value": 0}, "external_id": {"validators": []}}


class EndLineSerializer(StrictSerializer):
    """When and why a line ends."""

    ends_on = StrictDateField()
    notice_on = StrictDateField(required=False, allow_null=True)
    is_payment_failed = StrictBooleanField(required=False, default=False)


class MovementSerializer(StrictModelSerializer):
    """One change of an account's ARR; negative where something went away."""

    class Meta:
        model = Movement
        fields = ["id", "account", "on", "kind", "currency", "amount", "arr_after"]
        read_only_fields = fields


class ExchangeRateSerializer(StrictModelSerializer):
    """What one unit of a currency is worth in another from a day on."""

    class Meta:
        model = ExchangeRate
        fields = ["id", "base", "quote", "on", "rate"]
        # A rate of the same day is replaced, so it is no error to send one again.
        validators: list[Any] = []


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


class LedgerLineSerializer(serializers.Serializer):
    """One currency's way from opening to closing."""

    currency = serializers.CharField()
    opening = serializers.DecimalField(max_digits=18, decimal_places=2)
    new = serializers.DecimalField(max_digits=18, decimal_places=2)
    reactivation = serializers.DecimalField(max_digits=18, decimal_places=2)
    expansion = serializers.DecimalField(max_digits=18, decimal_places=2)
    contraction = serializers.DecimalField(max_digits=18, decimal_places=2)
    churn = serializers.DecimalField(max_digits=18, decimal_places=2)
    exchange = serializers.DecimalField(max_digits=18, decimal_places=2)
    closing = serializers.DecimalField(max_digits=18, decimal_places=2)


class LedgerSerializer(serializers.Serializer):
    """One month: in the reporting currency, and in each currency."""

    start = serializers.DateField()
    end = serializers.DateField()
    total = LedgerLineSerializer()
    by_currency = LedgerLineSerializer(many=True)


class LedgerQuerySerializer(StrictSerializer):
    """Which months of whom."""

    first = StrictDateField(label=_lazy("first"))
    last = StrictDateField(label=_lazy("last"))
    account = account_field(required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Bound the work."""
        months = (values["last"].year - values["first"].year) * 12 + values["last"].month - values["first"].month
        if not 0 <= months < 120:
            raise serializers.ValidationError({"last": _("Ask for 1 to 120 months, the last not before the first.")})
        return values


class CohortSerializer(serializers.Serializer):
    """One cohort: its size, and its points from the signing on (customers who pay, their ARR, what share is left)."""

    start = serializers.DateField()
    end = serializers.DateField()
    size = serializers.IntegerField()
    is_small = serializers.BooleanField()
    opening = serializers.DecimalField(max_digits=18, decimal_places=2)
    customers = serializers.ListField(child=serializers.IntegerField())
    arr = serializers.ListField(child=serializers.DecimalField(max_digits=18, decimal_places=2))
    rates = serializers.ListField(child=serializers.CharField(allow_null=True))


class CohortTableSerializer(serializers.Serializer):
    """All cohorts; `total` is what is left of all of them together at each point. Rates are fractions."""

    on = serializers.DateField()
    by = serializers.CharField()
    measure = serializers.CharField()
    currency = serializers.CharField()
    cohorts = CohortSerializer(many=True)
    total = serializers.ListField(child=serializers.CharField(allow_null=True))


class RevenueSettingsSerializer(StrictModelSerializer):
    """The marks that revenue figures are held against; shares are fractions (0.92 = 92 %)."""

    class Meta:
        model = RevenueSettings
        fields = (*RevenueSettings.SHARES, *RevenueSettings.COUNTS, *RevenueSettings.DAYS)


class RateField(serializers.DecimalField):
    """A rate as a decimal fraction, 1 = 100 %; null where there is no value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 18, "decimal_places": 6, "allow_null": True, "read_only": True} | kwargs)

    def to_representation(self, value: Any) -> Any:
        """Write six decimals."""
        return str(decimal_rate(Fraction(value)))


class RetentionFiguresSerializer(serializers.Serializer):
    """A period's way from opening to closing, and its rates; `accounts` is the size of the cohort."""

    opening = serializers.DecimalField(max_digits=18, decimal_places=2)
    new = serializers.DecimalField(max_digits=18, decimal_places=2)
    reactivation = serializers.DecimalField(max_digits=18, decimal_places=2)
    expansion = serializers.DecimalField(max_digits=18, decimal_places=2)
    contraction = serializers.DecimalField(max_digits=18, decimal_places=2)
    churn = serializers.DecimalField(max_digits=18, decimal_places=2)
    exchange = serializers.DecimalField(max_digits=18, decimal_places=2)
    closing = serializers.DecimalField(max_digits=18, decimal_places=2)
    nrr = RateField()
    grr_revenue = RateField()
    grr_logo = RateField()
    logo_churn = RateField()
    quick_ratio = RateField()
    accounts = serializers.IntegerField()


class RetentionSegmentSerializer(RetentionFiguresSerializer):
    """One segment and its figures; `value` is empty for the accounts without one."""

    dimension = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]

    def to_representation(self, instance: Segment) -> dict[str, Any]:
        """Write the segment's name, then its figures."""
        name = {"dimension": instance.dimension, "value": instance.value, "label": instance.label}
        return name | RetentionFiguresSerializer(instance.retention).data


class MaskedSegmentSerializer(serializers.Serializer):
    """A segment that does badly behind an overall rate in its healthy band."""

    rate = serializers.CharField()
    dimension = serializers.CharField(source="segment.dimension")
    value = serializers.CharField(source="segment.value", allow_blank=True)
    label = serializers.CharField(source="segment.label")  # type: ignore[assignment]
    accounts = serializers.IntegerField(source="found.accounts")
    overall = RateField()
    segment_rate = RateField(source="found.rate")
    benchmark = RateField(source="found.benchmark")


class EffectSerializer(serializers.Serializer):
    """How one segment's rate moved; the rates are null where it had no accounts."""

    value = serializers.CharField(source="segment", allow_blank=True)
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    before = RateField()
    after = RateField()
    rate_effect = RateField()
    mix_effect = RateField()

    def get_label(self, effect: Effect) -> str:
        """The words for the segment."""
        return str(self.context["labels"][effect.segment])


class RateReversalSerializer(serializers.Serializer):
    """A rate that moved one way overall since the period before, and the other way in every segment."""

    rate = serializers.CharField()
    dimension = serializers.CharField()
    before_from = serializers.DateField(source="start")
    before_to = serializers.DateField(source="end")
    before = RateField(source="found.split.before")
    after = RateField(source="found.split.after")
    rate_effect = RateField(source="found.split.rate_effect")
    mix_effect = RateField(source="found.split.mix_effect")
    cause = serializers.CharField(source="found.cause.segment", allow_blank=True)
    segments = serializers.SerializerMethodField()

    @extend_schema_field(EffectSerializer(many=True))
    def get_segments(self, reversal: RateReversal) -> Any:
        """What each segment did."""
        context = {"labels": reversal.labels}
        return EffectSerializer(reversal.found.split.effects, many=True, context=context).data


class RetentionWarningsSerializer(serializers.Serializer):
    """What the guards found in the segments, point to point."""

    masking = MaskedSegmentSerializer(many=True)
    reversal = RateReversalSerializer(many=True)


class RetentionSerializer(RetentionFiguresSerializer):
    """A period in all, by segment, and with what the guards have to say about it."""

    segments = RetentionSegmentSerializer(many=True)
    warnings = serializers.SerializerMethodField()

    @extend_schema_field(RetentionWarningsSerializer)
    def get_warnings(self, _found: Retention) -> Any:
        """The warnings that were found beside."""
        return RetentionWarningsSerializer(self.context["warnings"]).data


class RetentionQuerySerializer(StrictSerializer):
    """Which period, grouped by what, counted how; `to` is the first day that no longer counts."""

    by = serializers.CharField(required=False, max_length=80, label=_lazy("by"))
    reading = serializers.CharField(required=False, max_length=80, default=POINT_TO_POINT, label=_lazy("reading"))

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the two days, whose names Python keeps for itself or for others."""
        days: dict[str, serializers.Field] = {
            "from": StrictDateField(label=_lazy("from")),
            "to": StrictDateField(label=_lazy("to")),
        }
        for name, day in days.items():
            words = {"label": str(capfirst(day.label))}
            day.error_messages["required"] = _("%(label)s is required.") % words
            days[name] = day
        return {**days, **super().get_fields()}


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
