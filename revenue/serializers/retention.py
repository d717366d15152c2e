"""Which shapes do retention, its warnings and cohorts have in the API?"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.serializers import (
    StrictDateField,
    StrictSerializer,
)
from revenue.queries import RateReversal
from revenue.rules.guards import Effect
from revenue.rules.retention import POINT_TO_POINT, Retention, Segment, decimal_rate


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
