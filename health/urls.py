"""Which addresses lead to health?"""

from django.urls import URLPattern, URLResolver, path

from health.views import (
    churn_settings,
    drafting,
    indicators,
    previewing,
    scorecards,
    track_record,
    warning_rules,
    warnings,
)

CARD = "settings/health/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/health/", scorecards.scorecards, name="scorecards"),
    path("settings/health/add/", scorecards.scorecard_add, name="scorecard_add"),
    path(CARD, drafting.scorecard_edit, name="scorecard_edit"),
    path(CARD + "rename/", scorecards.scorecard_rename, name="scorecard_rename"),
    path(CARD + "move/", scorecards.scorecard_move, name="scorecard_move"),
    path(CARD + "use/", scorecards.scorecard_use, name="scorecard_use"),
    path(CARD + "weights/", drafting.scorecard_weights, name="scorecard_weights"),
    path(CARD + "groups/", drafting.scorecard_group_add, name="scorecard_group_add"),
    path(CARD + "limits/", drafting.scorecard_limits, name="scorecard_limits"),
    path(CARD + "knock-outs/", drafting.scorecard_knock_outs, name="scorecard_knock_outs"),
    path(CARD + "conditions/", drafting.scorecard_conditions, name="scorecard_conditions"),
    path(CARD + "measures/", indicators.scorecard_measures, name="scorecard_measures"),
    path(CARD + "indicators/add/", indicators.scorecard_indicator_add, name="scorecard_indicator_add"),
    path(CARD + "indicators/<slug:key>/", indicators.scorecard_indicator, name="scorecard_indicator"),
    path(CARD + "preview/", previewing.scorecard_preview, name="scorecard_preview"),
    path(CARD + "publish/", previewing.scorecard_publish, name="scorecard_publish"),
    path(CARD + "discard/", drafting.scorecard_discard, name="scorecard_discard"),
    path(CARD + "versions/<int:number>/", drafting.scorecard_version, name="scorecard_version"),
    path("warnings/", warnings.warnings, name="warnings"),
    path("warnings/export/<str:kind>/", warnings.warning_export, name="warning_export"),
    path("warnings/bulk/acknowledge/", warnings.warnings_acknowledge, name="warnings_acknowledge"),
    path("warnings/bulk/snooze/", warnings.warnings_snooze, name="warnings_snooze"),
    path("warnings/<int:warning_id>/acknowledge/", warnings.warning_acknowledge, name="warning_acknowledge"),
    path("warnings/<int:warning_id>/snooze/", warnings.warning_snooze, name="warning_snooze"),
    path("warnings/<int:warning_id>/resolve/", warnings.warning_resolve, name="warning_resolve"),
    path("warnings/<int:warning_id>/reopen/", warnings.warning_reopen, name="warning_reopen"),
    path("settings/warnings/", warning_rules.warning_rules, name="warning_rules"),
    path("settings/warnings/new/", warning_rules.warning_rule_create, name="warning_rule_create"),
    path("settings/warnings/<int:rule_id>/", warning_rules.warning_rule_edit, name="warning_rule_edit"),
    path("settings/warnings/<int:rule_id>/switch/", warning_rules.warning_rule_switch, name="warning_rule_switch"),
    path("settings/warnings/<int:rule_id>/open/", warning_rules.warning_rule_open, name="warning_rule_open"),
    path("track-record/", track_record.track_record, name="track_record"),
    path("track-record/refresh/", track_record.track_record_refresh, name="track_record_refresh"),
    path("track-record/losses.csv", track_record.track_record_export, name="track_record_export"),
    path("settings/churn/", churn_settings.churn_settings, name="churn_settings"),
]
