"""How does an admin look at advocates and mend what is known of them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from advocacy import actions
from advocacy.models import (
    AdvocacySettings,
    Advocate,
    AdvocateRow,
    AdvocateScore,
    Ask,
    Consent,
    PublicMention,
    ReferenceRequest,
)
from common.admin import ActionAdmin, ReadOnlyAdmin


@admin.register(Advocate)
class AdvocateAdmin(ActionAdmin):
    """Contacts on the way to speaking for us."""

    list_display = ("contact", "account", "stage", "since", "withdrawn_cause")
    list_filter = ("stage", "withdrawn_cause")
    list_select_related = ("contact", "account")
    search_fields = ("contact__name", "account__name", "account__external_id")
    date_hierarchy = "since"
    fields = ("contact", "stage", "note")
    raw_id_fields = ("contact",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """An advocate stays the same person; a new one begins at the first stage."""
        return ("contact",) if obj else ("stage",)

    def add(self, *, values: dict[str, Any], **who: Any) -> Advocate:
        """Notice that a contact might speak for us."""
        return actions.add_advocate(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Advocate:
        """Move to another stage, or change the note."""
        if "note" in values:
            row = actions.change_note(advocate=row, note=values["note"], **who)
        return actions.advance_advocate(advocate=row, stage=values.get("stage", row.stage), **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one who was never asked."""
        actions.delete_advocate(advocate=row, **who)


@admin.register(Ask)
class AskAdmin(ActionAdmin):
    """Favours asked of advocates, the answers, and what came of them."""

    list_display = ("advocate", "kind", "asked_on", "asked_by", "answer", "done_on", "withdrawn_on")
    list_filter = ("kind", "answer", "withdrawn_cause")
    list_select_related = ("advocate__contact", "asked_by")
    search_fields = ("advocate__contact__name", "advocate__account__name")
    date_hierarchy = "asked_on"
    fields = ("advocate", "kind", "request", "reason", "answer", "answered_on", "done_on", "outcome")
    raw_id_fields = ("advocate", "request")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Only what followed changes once it was asked."""
        asked, followed = ("advocate", "kind", "request", "reason"), ("answer", "answered_on", "done_on", "outcome")
        return asked if obj else followed

    def add(self, *, values: dict[str, Any], **who: Any) -> Ask:
        """Ask, within the limits that hold for everybody."""
        return actions.record_ask(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Ask:
        """Write down the answer, or what came of it."""
        if {"answer", "answered_on"} & set(values):
            given = {"answer": row.answer, "answered_on": row.answered_on} | values
            answer, answered_on = given["answer"], given["answered_on"]
            row = actions.record_answer(ask=row, answer=answer, answered_on=answered_on, **who)
        if values.get("done_on"):
            row = actions.finish_ask(ask=row, done_on=values["done_on"], outcome=values.get("outcome", ""), **who)
        return row

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_ask(ask=row, **who)


@admin.register(Consent)
class ConsentAdmin(ActionAdmin):
    """To what contacts agreed."""

    list_display = ("contact", "account", "scope", "channel", "given_on", "expires_on", "revoked_on")
    list_filter = ("scope", "channel")
    list_select_related = ("contact", "account")
    search_fields = ("contact__name", "account__name", "account__external_id")
    date_hierarchy = "given_on"
    fields = ("contact", "scope", "channel", "given_on", "expires_on", "evidence")
    raw_id_fields = ("contact",)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """What was agreed to is not rewritten; it is revoked, and given anew."""
        return False

    def add(self, *, values: dict[str, Any], **who: Any) -> Consent:
        """Write a consent down."""
        return actions.record_consent(**values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take it back; it stays on record."""
        actions.revoke_consent(consent=row, **who)


@admin.register(ReferenceRequest)
class ReferenceRequestAdmin(ReadOnlyAdmin):
    """What sales asked for; changed on its page."""

    list_display = ("prospect", "kind", "industry", "requested_by", "requested_on", "outcome")
    list_filter = ("kind", "outcome")
    list_select_related = ("requested_by",)
    search_fields = ("prospect",)
    date_hierarchy = "requested_on"


@admin.register(PublicMention)
class PublicMentionAdmin(ReadOnlyAdmin):
    """Where customers spoke of us; changed on their page."""

    list_display = ("title", "account", "kind", "on")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("title", "account__name")
    date_hierarchy = "on"


@admin.register(AdvocateScore)
class AdvocateScoreAdmin(ReadOnlyAdmin):
    """How customers stand, month by month."""

    list_display = ("account", "month", "score", "rank", "criteria_met")
    list_select_related = ("account",)
    search_fields = ("account__name", "account__external_id")
    date_hierarchy = "month"
    show_full_result_count = False


@admin.register(AdvocateRow)
class AdvocateRowAdmin(ReadOnlyAdmin):
    """Whom one could ask, as the list shows them."""

    list_display = ("name", "account_name", "stage", "score", "nps", "is_free")
    list_filter = ("stage", "is_free")
    search_fields = ("name", "account_name")
    show_full_result_count = False


@admin.register(AdvocacySettings)
class AdvocacySettingsAdmin(ReadOnlyAdmin):
    """Weights and limits; changed on their page."""

    list_display = ("spread_weight", "dependence_weight", "feedback_weight", "nps_floor", "most_asks")
