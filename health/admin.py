"""How does an admin look at scores and scorecards?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from health.models import (
    ChurnModel,
    ChurnRisk,
    ChurnSettings,
    EarlyWarning,
    HealthOverride,
    HealthScore,
    LossReview,
    Scorecard,
    ScorecardVersion,
    TrackRecord,
    WarningRule,
)


class ReadOnly:
    """Shown, never changed: a score follows from facts, and a published version stays as it is."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ScorecardVersionInline(ReadOnly, admin.TabularInline):
    """The versions of a scorecard, newest first."""

    model = ScorecardVersion
    fields = ["number", "effective_on", "published_at", "published_by"]
    show_change_link = True
    extra = 0


@admin.register(Scorecard)
class ScorecardAdmin(ReadOnly, admin.ModelAdmin):
    """Scorecards in the order in which they are tried."""

    list_display = ["name", "position", "is_active"]
    search_fields = ["name"]
    inlines = [ScorecardVersionInline]


@admin.register(ScorecardVersion)
class ScorecardVersionAdmin(ReadOnly, admin.ModelAdmin):
    """Published versions."""

    list_display = ["scorecard", "number", "effective_on", "published_at", "published_by"]
    list_select_related = ["scorecard", "published_by"]
    search_fields = ["scorecard__name"]


@admin.register(HealthScore)
class HealthScoreAdmin(ReadOnly, admin.ModelAdmin):
    """Scores per account and day."""

    list_display = ["account", "on", "score", "band", "coverage", "version"]
    list_filter = ["band"]
    list_select_related = ["account", "version__scorecard"]
    search_fields = ["account__name", "account__external_id"]
    date_hierarchy = None
    show_full_result_count = False


@admin.register(HealthOverride)
class HealthOverrideAdmin(ReadOnly, admin.ModelAdmin):
    """Bands that people set by hand."""

    list_display = ["account", "band", "computed_band", "starts_on", "ends_on", "author"]
    list_filter = ["band"]
    list_select_related = ["account", "author"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(WarningRule)
class WarningRuleAdmin(ReadOnly, admin.ModelAdmin):
    """Rules that warn; they are changed on their own page, which shows first of whom they would warn."""

    list_display = ["name", "key", "severity", "is_enabled", "evaluated_on", "held_count"]
    list_filter = ["is_enabled", "severity"]
    search_fields = ["name", "key"]


@admin.register(EarlyWarning)
class EarlyWarningAdmin(ReadOnly, admin.ModelAdmin):
    """Warnings: rules open and close them, people answer them on their page."""

    list_display = ["account", "rule", "state", "severity", "owner", "opened_on", "last_seen_on"]
    list_filter = ["state", "severity", "rule"]
    list_select_related = ["account", "rule", "owner"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(ChurnModel)
class ChurnModelAdmin(ReadOnly, admin.ModelAdmin):
    """Trainings of the churn model."""

    list_display = ["number", "on", "verdict", "is_used", "churns", "base_rate"]
    list_filter = ["verdict"]


@admin.register(ChurnRisk)
class ChurnRiskAdmin(ReadOnly, admin.ModelAdmin):
    """Risks per account and day."""

    list_display = ["account", "on", "p90", "p365", "model"]
    list_select_related = ["account", "model"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(TrackRecord)
class TrackRecordAdmin(ReadOnly, admin.ModelAdmin):
    """What was said, against what came."""

    list_display = ["on", "subject", "key", "horizon_days", "verdict", "rows", "events"]
    list_filter = ["subject", "verdict"]


@admin.register(LossReview)
class LossReviewAdmin(ReadOnly, admin.ModelAdmin):
    """Losses of the last year, with the bands before them."""

    list_display = ["account", "on", "band_180", "band_90", "band_30"]
    list_select_related = ["account"]
    search_fields = ["account__name", "account__external_id"]


@admin.register(ChurnSettings)
class ChurnSettingsAdmin(ReadOnly, admin.ModelAdmin):
    """How churn is predicted; changed on its page."""

    list_display = ["enterprise_rate", "team_rate", "individual_rate", "least_churns"]
