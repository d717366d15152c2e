"""How does an admin look at revenue and mend it?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from common.admin import ActionAdmin, ReadOnlyAdmin
from common.errors import Refused
from revenue import actions
from revenue.models import (
    ContractLine,
    ExchangeRate,
    ExpansionTarget,
    KeptMonth,
    Movement,
    Opportunity,
    Renewal,
    RenewalCall,
    RenewalPolicy,
    Risk,
    RiskUpdate,
)


@admin.register(ContractLine)
class ContractLineAdmin(ActionAdmin):
    """What accounts pay for; a change derives the account's movements anew."""

    list_display = ("account", "product", "arr", "currency", "seats", "starts_on", "ends_on")
    list_filter = ("currency", "product", "is_payment_failed")
    list_select_related = ("account", "product")
    search_fields = ("account__name", "account__external_id", "external_id")
    date_hierarchy = "starts_on"
    raw_id_fields = ("account",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """A line stays with its account."""
        return ("account",) if obj else ()

    def add(self, *, values: dict[str, Any], **who: Any) -> ContractLine:
        """Add a line."""
        return actions.add_line(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> ContractLine:
        """Correct a line."""
        return actions.change_line(line=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take a line away that never was."""
        actions.delete_line(line=row, **who)


@admin.register(KeptMonth)
class KeptMonthAdmin(ReadOnlyAdmin):
    """What the trend of retention is read from while nothing changed under it."""

    list_display = ("month", "window", "opening", "closing", "currency", "accounts", "accounts_lost", "made_at")
    list_filter = ("window",)


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin):
    """How ARR changed; derived from the contract lines."""

    list_display = ("account", "on", "kind", "amount", "currency", "arr_after")
    list_filter = ("kind", "currency")
    list_select_related = ("account",)
    search_fields = ("account__name", "account__external_id")
    date_hierarchy = "on"
    show_full_result_count = False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ActionAdmin):
    """Dated exchange rates. To correct one, add it again for its day."""

    list_display = ("base", "quote", "rate", "on")
    list_filter = ("base", "quote")
    date_hierarchy = "on"

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """A rate is replaced, not edited."""
        return False

    def add(self, *, values: dict[str, Any], **who: Any) -> ExchangeRate:
        """Add a rate."""
        return actions.set_rate(**values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take a rate away."""
        actions.delete_rate(rate=row, **who)


@admin.register(Renewal)
class RenewalAdmin(ActionAdmin):
    """Ends of contracts and how far the talks are."""

    list_display = (
        *("account", "due_on", "stage", "arr", "expected_arr", "computed_call", "csm_call", "final_call"),
        *("stage_changed_on", "changed_by"),
    )
    list_filter = ("stage", "computed_call", "csm_call", "final_call")
    list_select_related = ("account", "changed_by")
    search_fields = ("account__name", "account__external_id", "external_id")
    date_hierarchy = "due_on"
    fields = ("account", "due_on", "stage", "external_id")
    raw_id_fields = ("account",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """The day follows the contract; only the stage is decided."""
        return ("account", "due_on", "external_id") if obj else ()

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """What became of a renewal stays on record."""
        return False

    def add(self, *, values: dict[str, Any], **who: Any) -> Renewal:
        """Open the talks."""
        return actions.create_renewal(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Renewal:
        """Move the talks to another stage."""
        return actions.advance_renewal(renewal=row, stage=values.get("stage", row.stage), **who)


@admin.register(Opportunity)
class OpportunityAdmin(ActionAdmin):
    """Chances to expand; they are won and lost on their pages, where the day or the reason is asked for."""

    list_display = ("account", "kind", "stage", "arr", "currency", "expected_on", "owner")
    list_filter = ("stage", "kind", "product")
    list_select_related = ("account", "owner")
    search_fields = ("account__name", "account__external_id", "external_id")
    date_hierarchy = "expected_on"
    fields = (
        "account", "kind", "product", "arr", "currency", "probability", "expected_on", "owner", "note", "external_id",
        "stage", "won_on", "lost_reason",
    )  # fmt: skip
    raw_id_fields = ("account",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """It stays with its account."""
        return ("account", "stage", "won_on", "lost_reason") if obj else ("stage", "won_on", "lost_reason")

    def add(self, *, values: dict[str, Any], **who: Any) -> Opportunity:
        """Write it down."""
        return actions.create_opportunity(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Opportunity:
        """Correct it."""
        return actions.change_opportunity(opportunity=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away one that never was."""
        actions.delete_opportunity(opportunity=row, **who)


@admin.register(ExpansionTarget)
class ExpansionTargetAdmin(ActionAdmin):
    """What people are to bring in by quarter. To correct one, add it again for its quarter."""

    list_display = ("user", "starts_on", "amount", "currency")
    list_filter = ("user",)
    date_hierarchy = "starts_on"
    fields = ("user", "starts_on", "amount")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """A target is replaced, not edited."""
        return False

    def add(self, *, values: dict[str, Any], **who: Any) -> ExpansionTarget:
        """Set a target."""
        made = actions.set_target(**values, **who)
        if made is None:
            raise Refused(_("A target must be above 0."), field="amount", code="not_positive")
        return made

    def remove(self, row: Any, **who: Any) -> None:
        """Take a target away."""
        actions.set_target(user=row.user, starts_on=row.starts_on, amount=None, **who)


@admin.register(RenewalCall)
class RenewalCallAdmin(ReadOnlyAdmin):
    """Calls on renewals as they were made; new ones are made on the renewal's page."""

    list_display = ("renewal", "kind", "call", "amount", "on", "by")
    list_filter = ("kind", "call")
    list_select_related = ("renewal", "by")
    search_fields = ("renewal__account__name", "renewal__account__external_id")
    date_hierarchy = "on"
    show_full_result_count = False


@admin.register(RenewalPolicy)
class RenewalPolicyAdmin(ReadOnlyAdmin):
    """The terms of renewals; they are changed in the settings."""

    list_display = [field.name for field in RenewalPolicy._meta.concrete_fields if not field.primary_key]


@admin.register(Risk)
class RiskAdmin(ReadOnlyAdmin):
    """The risk register; it is kept on its pages."""

    list_display = ("account", "kind", "arr_at_risk", "owner", "update_due_on", "state", "outcome")
    list_filter = ("state", "kind", "outcome")
    list_select_related = ("account", "owner")
    search_fields = ("account__name", "account__external_id", "reason")
    date_hierarchy = "opened_on"


@admin.register(RiskUpdate)
class RiskUpdateAdmin(ReadOnlyAdmin):
    """What was said of risks."""

    list_display = ("risk", "on", "by", "arr_at_risk")
    list_select_related = ("risk", "by")
    date_hierarchy = "on"
