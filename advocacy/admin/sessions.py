"""How does an admin look at sharing sessions and mend what is known of them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from advocacy.actions import sessions as actions
from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from common.admin import ActionAdmin


@admin.register(SharingSession)
class SharingSessionAdmin(ActionAdmin):
    """Meetings in which customers tell customers how they work."""

    list_display = ("name", "on", "state", "product", "host")
    list_filter = ("state",)
    list_select_related = ("product", "host")
    search_fields = ("name", "topic")
    date_hierarchy = "on"
    fields = ("name", "on", "starts_at", "place", "topic", "product", "host", "seats", "state", "cancel_reason")
    readonly_fields = ("state", "cancel_reason")
    raw_id_fields = ("host",)

    def add(self, *, values: dict[str, Any], **who: Any) -> SharingSession:
        """Plan a session."""
        return actions.plan_session(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> SharingSession:
        """Change a session."""
        return actions.change_session(session=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one to which nobody was invited."""
        actions.delete_session(session=row, **who)


@admin.register(SessionInvitation)
class SessionInvitationAdmin(ActionAdmin):
    """The customers of sessions."""

    list_display = ("account", "session", "contact", "answer", "invited_on", "attendance")
    list_filter = ("answer",)
    list_select_related = ("account", "session", "contact", "attendance")
    search_fields = ("account__name", "account__external_id", "session__name")
    fields = ("session", "account", "contact", "answer")
    raw_id_fields = ("session", "account", "contact")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Who is invited to what stays; an answer comes later."""
        return ("session", "account") if obj else ("answer",)

    def add(self, *, values: dict[str, Any], **who: Any) -> SessionInvitation:
        """Invite one customer."""
        return actions.invite_account(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> SessionInvitation:
        """Name another contact, or write down the answer."""
        if "contact" in values:
            row = actions.change_invitation(invitation=row, contact=values["contact"], **who)
        return actions.answer_invitation(invitation=row, answer=values["answer"], **who) if "answer" in values else row

    def remove(self, row: Any, **who: Any) -> None:
        """Take an invitation back."""
        actions.withdraw_invitation(invitation=row, **who)


@admin.register(SessionTalk)
class SessionTalkAdmin(ActionAdmin):
    """Talks of advocates."""

    list_display = ("title", "advocate", "session")
    list_select_related = ("advocate__contact", "session")
    search_fields = ("title", "advocate__contact__name", "session__name")
    fields = ("session", "advocate", "title")
    raw_id_fields = ("session", "advocate")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A talk is taken off the programme and put on it anew."""
        return ("session", "advocate", "title") if obj else ()

    def add(self, *, values: dict[str, Any], **who: Any) -> SessionTalk:
        """Put a talk on the programme."""
        return actions.add_talk(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> SessionTalk:
        """Nothing of a talk changes."""
        found: SessionTalk = row
        return found

    def remove(self, row: Any, **who: Any) -> None:
        """Take a talk off the programme."""
        actions.delete_talk(talk=row, **who)
