"""How does an admin look at requests and mend them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from common.admin import ActionAdmin
from roadmap import actions
from roadmap.models import FeatureRequest, RequestEvidence


@admin.register(FeatureRequest)
class FeatureRequestAdmin(ActionAdmin):
    """What customers ask for; declining takes a reason."""

    list_display = ("title", "state", "module", "created_on")
    list_filter = ("state", "module")
    list_select_related = ("module",)
    search_fields = ("title", "external_id")
    date_hierarchy = "created_on"
    fields = ("title", "description", "module", "state", "decline_reason", "created_on", "external_id")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A new need is new; what is decided about it comes later."""
        return () if obj else ("state", "decline_reason")

    def add(self, *, values: dict[str, Any], **who: Any) -> FeatureRequest:
        """Write down a need."""
        return actions.add_request(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> FeatureRequest:
        """Word it better, or decide about it."""
        decided = {name: values.pop(name) for name in ("state", "decline_reason") if name in values}
        if values:
            row = actions.change_request(request=row, **values, **who)
        if decided:
            state = decided.get("state", row.state)
            # A reason that stands in the form from before belongs to the decision that is taken back.
            before = row.decline_reason if state == FeatureRequest.State.DECLINED else ""
            reason = decided.get("decline_reason", before)
            row = actions.change_state(request=row, state=state, decline_reason=reason, **who)
        return row

    def remove(self, row: Any, **who: Any) -> None:
        """Take away a need that nobody voiced."""
        actions.delete_request(request=row, **who)


@admin.register(RequestEvidence)
class RequestEvidenceAdmin(ActionAdmin):
    """Who asked for what, in their own words."""

    list_display = ("request", "account", "importance", "asked_on", "source")
    list_filter = ("importance",)
    list_select_related = ("request", "account")
    search_fields = ("request__title", "account__name", "account__external_id", "external_id")
    date_hierarchy = "asked_on"
    raw_id_fields = ("request", "account", "contact")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A voice stays with its account and need."""
        return ("request", "account") if obj else ()

    def add(self, *, values: dict[str, Any], **who: Any) -> RequestEvidence:
        """Write a voice down."""
        return actions.add_evidence(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> RequestEvidence:
        """Correct it."""
        return actions.change_evidence(evidence=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_evidence(evidence=row, **who)
