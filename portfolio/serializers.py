"""Which shape do the rows of the account list have in the API?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import sees_money
from accounts.models import Account
from common.serializers import StrictModelSerializer, StrictSerializer
from health.queries.monitor import FIGURES, KINDS
from portfolio.models import AccountRow
from portfolio.models.reasons import sentence
from revenue.serializers.retention import RateField

# What only somebody who may see money is told; the order of attention follows from ARR.
MONEY = ("arr", "priority")


class DriverSerializer(StrictSerializer):
    """One indicator that pulls a score down, with its value and the sentence that the pages show."""

    indicator = serializers.CharField(read_only=True)
    value = serializers.FloatField(read_only=True, allow_null=True)
    text = serializers.SerializerMethodField()

    def get_text(self, driver: dict[str, Any]) -> str:
        """Say what was measured."""
        return sentence(**driver)


class AccountRowSerializer(StrictModelSerializer):
    """One account as the list shows it: who serves it, what it pays, how it fares."""

    drivers = DriverSerializer(many=True, read_only=True)
    trend = serializers.ListField(child=serializers.FloatField(allow_null=True), read_only=True)
    custom = serializers.DictField(source="account.custom", read_only=True)

    class Meta:
        model = AccountRow
        fields = [
            *("account", "name", "external_id", "tier", "purchase_level", "stage", "industry", "region"),
            *("owner", "owner_name", "arr", "renewal_on", "score", "band", "score_change", "trend", "drivers"),
            *("touched_on", "scored_on", "priority", "custom"),
        ]
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Leave out what the person may not see."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and not sees_money(request.user):
            for name in MONEY:
                fields.pop(name)
        return fields


class UsageMonitorQuery(StrictSerializer):
    """Which features of which accounts, as of which day; the names are those of the page's filters."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS], required=False)
    tier = serializers.ChoiceField(choices=Account.Tier.choices, required=False)
    region = serializers.CharField(required=False)
    module = serializers.IntegerField(required=False)
    on = serializers.DateField(required=False)


class FiguresSerializer(StrictSerializer):
    """The use of one feature, or of any of its kind: accounts, people, and growth as a share of the window before."""

    feature_id = serializers.IntegerField(read_only=True, allow_null=True)
    feature = serializers.CharField(read_only=True)
    module = serializers.CharField(read_only=True)
    usage_rate = serializers.FloatField(read_only=True, allow_null=True)
    weekly_growth = serializers.FloatField(read_only=True, allow_null=True)
    monthly_growth = serializers.FloatField(read_only=True, allow_null=True)
    weekly_people = serializers.IntegerField(read_only=True)
    weekly_people_growth = serializers.FloatField(read_only=True, allow_null=True)
    monthly_people = serializers.IntegerField(read_only=True)
    monthly_people_growth = serializers.FloatField(read_only=True, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the counts of accounts."""
        return super().get_fields() | {name: serializers.IntegerField(read_only=True) for name in FIGURES}


class WeekSerializer(StrictSerializer):
    """The active accounts of the seven days up to a day."""

    until = serializers.DateField(read_only=True)
    accounts = serializers.IntegerField(read_only=True)


class OutcomeSerializer(StrictSerializer):
    """Ends of contract and how many were renewed; with few the rate says nothing."""

    due = serializers.IntegerField(read_only=True)
    renewed = serializers.IntegerField(read_only=True)
    rate = serializers.FloatField(read_only=True, allow_null=True)
    interval = serializers.ListField(child=serializers.FloatField(), read_only=True, allow_null=True)
    is_too_few = serializers.BooleanField(read_only=True)


class RenewedSerializer(StrictSerializer):
    """Renewal of accounts that used a feature in the 90 days before the end, and of those that did not."""

    feature_id = serializers.IntegerField(read_only=True, allow_null=True)
    used = OutcomeSerializer(read_only=True)
    unused = OutcomeSerializer(read_only=True)
    difference = serializers.FloatField(read_only=True, allow_null=True)


class UsageMonitorSerializer(StrictSerializer):
    """The usage monitor as of a day."""

    on = serializers.DateField(read_only=True)
    kind = serializers.CharField(read_only=True)
    total = FiguresSerializer(read_only=True)
    features = FiguresSerializer(many=True, read_only=True)
    weeks = WeekSerializer(many=True, read_only=True)
    renewals = RenewedSerializer(many=True, read_only=True)


class PerformanceLineSerializer(StrictSerializer):
    """One person's book: money with two places, rates as fractions with six; null where there is no value."""

    kind = serializers.CharField(read_only=True, help_text="person, unassigned, handover or total")
    user = serializers.IntegerField(source="user.pk", default=None, read_only=True, allow_null=True)
    name = serializers.CharField(read_only=True)
    accounts = serializers.IntegerField(read_only=True)
    is_few = serializers.BooleanField(read_only=True)
    health_change = serializers.DecimalField(max_digits=7, decimal_places=2, read_only=True, allow_null=True)
    handoffs = serializers.IntegerField(source="tally.handoffs", read_only=True)
    handoffs_in_time = serializers.IntegerField(source="tally.handoffs_in_time", read_only=True)
    warned = serializers.IntegerField(source="tally.warned", read_only=True)
    saved = serializers.IntegerField(source="tally.saved", read_only=True)
    answers = serializers.IntegerField(source="tally.answers", read_only=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the amounts and the rates."""
        fields = super().get_fields()
        won = ("expansion", "contraction", "churn", "credited", "met", "target")
        for name in ("base", "taken_over", "expected_loss", *won):
            fields[name] = serializers.DecimalField(max_digits=20, decimal_places=2, read_only=True, allow_null=True)
        for name in ("nrr", "grr", "expected", "difference", "target_rate", "handoff_rate", "touch_rate", "nps"):
            fields[name] = RateField()
        return fields


class KeepRateSerializer(StrictSerializer):
    """What accounts of a band keep in a year, and whether the company's own past or a setting says so."""

    band = serializers.CharField(read_only=True)
    rate = RateField()
    seen = serializers.IntegerField(read_only=True)
    is_own = serializers.BooleanField(read_only=True)


class PerformanceSerializer(StrictSerializer):
    """How people fare in a period; `to` is the first day that no longer counts."""

    currency = serializers.CharField(read_only=True)
    lines = PerformanceLineSerializer(many=True, read_only=True)
    below = PerformanceLineSerializer(
        many=True, read_only=True, help_text="What nobody owned, and what changed hands: with these the lines add up."
    )
    total = PerformanceLineSerializer(read_only=True, allow_null=True)
    keeps = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the two days."""
        days = {"from": serializers.DateField(source="start"), "to": serializers.DateField(source="end")}
        return {**days, **super().get_fields()}

    @extend_schema_field(KeepRateSerializer(many=True))
    def get_keeps(self, page: Any) -> Any:
        """The rates that expectations are made of."""
        return KeepRateSerializer([keep for _label, keep in page.keeps], many=True).data
