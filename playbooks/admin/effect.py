"""How does an admin look at the effect of playbooks and at who is compared?"""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnlyAdmin
from playbooks.models import EffectEstimate, EffectPolicy, EffectRecord, EffectSubject


class EstimateInline(admin.TabularInline):
    """What each measure says."""

    model = EffectEstimate
    extra = 0
    can_delete = False
    fields = ["measure", "pairs", "partners", "effect", "low", "high", "verdict", "predicted"]

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Nobody edits one by hand."""
        return False


@admin.register(EffectRecord)
class EffectRecordAdmin(ReadOnlyAdmin):
    """Effects by night."""

    search_fields = ["playbook__key"]
    list_display = ["playbook", "version", "on", "started", "treated", "matched"]
    list_select_related = ["playbook", "version__playbook"]
    inlines = [EstimateInline]
    show_full_result_count = False


@admin.register(EffectSubject)
class EffectSubjectAdmin(ReadOnlyAdmin):
    """Who is compared, with what was known on the day."""

    list_display = ["account", "playbook", "is_treated", "started_on", "band", "score", "score_after", "is_kept"]
    list_filter = ["is_treated", "is_read"]
    list_select_related = ["account", "playbook"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(EffectPolicy)
class EffectPolicyAdmin(ReadOnlyAdmin):
    """How effect is measured; changed on its page."""

    list_display = ["health_days", "kept_days", "fewest_pairs", "saved_percent"]
