"""How does an admin look at advocates and mend what is known of them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from advocacy import actions
from advocacy.models import Advocate, Ask
from common.admin import ActionAdmin


@admin.register(Advocate)
class AdvocateAdmin(ActionAdmin):
    """Contacts on the way to speaking for us."""

    list_display = ("contact", "account", "stage", "since")
    list_filter = ("stage",)
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
    """Favours asked of advocates, and the answers."""

    list_display = ("advocate", "kind", "asked_on", "asked_by", "answer", "answered_on")
    list_filter = ("kind", "answer")
    list_select_related = ("advocate__contact", "asked_by")
    search_fields = ("advocate__contact__name", "advocate__account__name")
    date_hierarchy = "asked_on"
    fields = ("advocate", "kind", "asked_on", "answer", "answered_on")
    raw_id_fields = ("advocate",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Only the answer changes once it was asked."""
        return ("advocate", "kind", "asked_on") if obj else ("answer", "answered_on")

    def add(self, *, values: dict[str, Any], **who: Any) -> Ask:
        """Write down what was asked."""
        return actions.record_ask(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Ask:
        """Write down the answer."""
        given = {"answer": row.answer, "answered_on": row.answered_on} | values
        return actions.record_answer(ask=row, **given, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_ask(ask=row, **who)
