"""How does an admin look at referrals and mend what is known of them?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from advocacy.actions import referrals as actions
from advocacy.models import Referral
from common.admin import ActionAdmin


@admin.register(Referral)
class ReferralAdmin(ActionAdmin):
    """Companies that customers brought."""

    list_display = ("company", "referrer", "account", "state", "invited_on", "thanked_on")
    list_filter = ("state",)
    list_select_related = ("referrer", "account")
    search_fields = ("company", "referrer__name", "referrer__external_id")
    date_hierarchy = "invited_on"
    fields = ("referrer", "contact", "company", "account", "invited_on", "note", "state")
    raw_id_fields = ("referrer", "contact", "account")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Who brought them stays; a new one begins at the first state."""
        return ("referrer",) if obj else ("state",)

    def add(self, *, values: dict[str, Any], **who: Any) -> Referral:
        """Write down whom a customer brought."""
        return actions.add_referral(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Referral:
        """Correct what is known, and move it to another state."""
        state = values.pop("state", row.state)
        row = actions.change_referral(referral=row, **values, **who)
        return actions.advance_referral(referral=row, state=state, reason="—", **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_referral(referral=row, **who)
