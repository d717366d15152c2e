"""Which shape has the money that hangs on a request in the API?"""

from __future__ import annotations

from rest_framework import serializers


class AtRiskSerializer(serializers.Serializer):
    """One account that may leave for want of the request, and why it is thought so."""

    account = serializers.IntegerField(source="account.pk")
    name = serializers.CharField(source="account.name")
    arr = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class GapSerializer(serializers.Serializer):
    """What hangs on a request, each account once; amounts in the reporting currency, null without the right to them."""

    arr_at_risk = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    at_risk = AtRiskSerializer(many=True)
    arr_lost = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    lost_accounts = serializers.IntegerField()
