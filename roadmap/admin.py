"""How does an admin look at requests and mend them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from common.admin import ActionAdmin, ReadOnlyAdmin
from roadmap import actions
from roadmap.models import (
    DuplicatePair,
    FeatureRequest,
    RequestAnswer,
    RequestChange,
    RequestEvidence,
    RequestLink,
    SharedRoadmap,
)


@admin.register(FeatureRequest)
class FeatureRequestAdmin(ActionAdmin):
    """What customers ask for; declining takes a reason."""

    list_display = ("title", "state", "module", "quarter", "created_on", "merged_into")
    list_filter = ("state", "module")
    list_select_related = ("module", "merged_into")
    search_fields = ("title", "external_id")
    date_hierarchy = "created_on"
    fields = (
        "title", "description", "module", "state", "decline_reason", "created_on", "external_id", "shared_title",
        "shared_text", "promised_on", "feature", "use_goal_percent", "use_goal_on", "merged_into",
    )  # fmt: skip

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A new need is new; what is decided about it and said of it comes later, and merging has a page."""
        later = ("state", "decline_reason", *sorted(actions.PLANNED_FIELDS))
        return ("merged_into",) if obj else ("merged_into", *later)

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
    raw_id_fields = ("request", "account", "contact", "entry", "ticket")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A voice stays with its account and need."""
        return ("request", "account", "entry", "ticket") if obj else ()

    def add(self, *, values: dict[str, Any], **who: Any) -> RequestEvidence:
        """Write a voice down."""
        return actions.add_evidence(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> RequestEvidence:
        """Correct it."""
        return actions.change_evidence(evidence=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_evidence(evidence=row, **who)


@admin.register(RequestLink)
class RequestLinkAdmin(ActionAdmin):
    """What hangs on which request."""

    list_display = ("request", "account", "kind", "added_at", "added_by")
    list_select_related = ("request", "account", "added_by")
    search_fields = ("request__title", "account__name")
    fields = ("request", "gap", "promise", "churn_record", "renewal")
    raw_id_fields = ("request", "gap", "promise", "churn_record", "renewal")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """A link leads where it leads: it is taken off and made anew."""
        return False

    def add(self, *, values: dict[str, Any], **who: Any) -> RequestLink:
        """Hang one thing on a request."""
        return actions.add_link(**values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take it off."""
        actions.unlink_request(link=row, **who)


@admin.register(SharedRoadmap)
class SharedRoadmapAdmin(ReadOnlyAdmin):
    """The addresses at which customers read the roadmap; they are made and revoked on their page."""

    list_display = ("name", "created_at", "created_by", "revoked_at", "revoked_by")
    list_select_related = ("created_by", "revoked_by")
    search_fields = ("name",)
    exclude = ("token",)


@admin.register(RequestChange)
class RequestChangeAdmin(ReadOnlyAdmin):
    """What was decided, when and by whom."""

    list_display = ("request", "before", "after", "at", "by")
    list_filter = ("after",)
    list_select_related = ("request", "by")
    search_fields = ("request__title",)
    date_hierarchy = "at"


@admin.register(RequestAnswer)
class RequestAnswerAdmin(ReadOnlyAdmin):
    """Who has to hear what was decided, and whether they did."""

    list_display = ("request", "account", "state", "since", "due_on", "told_at", "told_by")
    list_filter = ("state",)
    list_select_related = ("request", "account", "told_by")
    search_fields = ("request__title", "account__name")
    date_hierarchy = "since"


@admin.register(DuplicatePair)
class DuplicatePairAdmin(ReadOnlyAdmin):
    """Which requests look alike."""

    list_display = ("one", "other", "likeness", "dismissed_at", "dismissed_by")
    list_select_related = ("one", "other", "dismissed_by")
    search_fields = ("one__title", "other__title")
