"""How does an admin look at plans to stabilize customers? They are judged on their page."""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnlyAdmin
from playbooks.models import Checkpoint, ExitCriterion, StabilizationDriver, StabilizationPlan


class _Inline(admin.TabularInline):
    """Parts of a plan, to be looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Nobody edits one by hand."""
        return False


class DriverInline(_Inline):
    """What drives it."""

    model = StabilizationDriver
    fields = ["position", "text", "action", "owner"]


class CriterionInline(_Inline):
    """How it ends."""

    model = ExitCriterion
    fields = ["measure", "comparison", "threshold", "days", "baseline"]


class CheckpointInline(_Inline):
    """When it is looked at."""

    model = Checkpoint
    fields = ["day", "due_on", "planned", "measured_on", "score", "verdict", "note", "decided_by"]


@admin.register(StabilizationPlan)
class StabilizationPlanAdmin(ReadOnlyAdmin):
    """Plans: begun and judged on their pages, where the data are asked."""

    list_display = ["account", "state", "length", "started_on", "due_on", "criteria_met", "criteria_count", "owner"]
    list_filter = ["state", "length"]
    list_select_related = ["account", "owner"]
    search_fields = ["account__name", "account__external_id"]
    inlines = [DriverInline, CriterionInline, CheckpointInline]
    show_full_result_count = False
