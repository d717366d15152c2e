"""Which shape do the rows of the account list have in the API?"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.access import sees_money
from common.serializers import StrictModelSerializer, StrictSerializer
from portfolio.models import AccountRow
from portfolio.models.reasons import sentence

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
