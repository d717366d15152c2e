"""Which shapes do contract lines, movements, rates and the ledger have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer, account_field
from common.serializers import (
    StrictBooleanField,
    StrictDateField,
    StrictModelSerializer,
    StrictSerializer,
)
from revenue.models import (
    ContractLine,
    ExchangeRate,
    Movement,
    RevenueSettings,
)


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


class RevenueSettingsSerializer(StrictModelSerializer):
    """The marks that revenue figures are held against; shares are fractions (0.92 = 92 %)."""

    class Meta:
        model = RevenueSettings
        fields = (*RevenueSettings.SHARES, *RevenueSettings.COUNTS, *RevenueSettings.DAYS)
