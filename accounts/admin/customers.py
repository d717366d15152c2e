"""How does an admin see customers and their records, and set one right?"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.actions import accounts as account_actions
from accounts.admin.base import Audited, ReadOnly
from accounts.models import (
    Account,
    AccountShare,
    Attachment,
    BusinessGoal,
    ChurnRecord,
    Contact,
    CustomField,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Product,
    Promise,
    ServiceAssignment,
    Tag,
    TimelineEntry,
)


class OfAccount(Audited):
    """Rows that belong to an account, which is found by its number, not in a list of all of them."""

    raw_id_fields: ClassVar[tuple[str, ...]] = ("account",)
    list_select_related: ClassVar[tuple[str, ...]] = ("account",)
    search_fields: ClassVar[tuple[str, ...]] = ("account__name", "account__external_id")
    show_full_result_count = False


@admin.register(Account)
class AccountAdmin(Audited):
    """Customers; every change goes the way that the pages go."""

    list_display = ("name", "external_id", "tier", "purchase_level", "stage", "industry", "region", "updated_at")
    list_filter = ("tier", "purchase_level", "stage")
    search_fields = ("name", "external_id", "domain")
    raw_id_fields = ("parent",)
    filter_horizontal = ("tags",)
    readonly_fields = ("version", "created_at", "updated_at")
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Make or change the account by the actions, which also write its timeline and ask for a new score."""
        values, by, at = dict(form.cleaned_data), request.user, timezone.now()
        values.pop("tags", None)
        if change:
            account_actions.update_account(account=obj, by=by, at=at, **values)  # type: ignore[arg-type]
        else:
            made = account_actions.create_account(by=by, at=at, **values)  # type: ignore[arg-type]
            obj.pk, obj._state.adding = made.pk, False


@admin.register(AccountShare)
class AccountShareAdmin(OfAccount):
    """Accounts shown to a person or a team besides their owners."""

    list_display = ("account", "user", "team", "shared_by", "shared_at")
    list_select_related = ("account", "user", "team", "shared_by")
    raw_id_fields = ("account", "user", "shared_by")


@admin.register(ServiceAssignment)
class ServiceAssignmentAdmin(OfAccount):
    """Who serves which account, from when to when."""

    list_display = ("account", "user", "role", "started_on", "ended_on")
    list_filter = ("role",)
    list_select_related = ("account", "user")
    search_fields = ("account__name", "account__external_id", "user__name")
    raw_id_fields = ("account", "user")


@admin.register(Contact)
class ContactAdmin(OfAccount):
    """People at customers."""

    list_display = ("name", "account", "title", "role", "sentiment", "touched_on", "left_on")
    list_filter = ("role", "sentiment")
    search_fields = ("name", "email", "account__name")


@admin.register(Product)
class ProductAdmin(Audited):
    """What the company sells."""

    list_display = ("name", "external_id")
    search_fields = ("name", "external_id")


@admin.register(Tag)
class TagAdmin(Audited):
    """Words for accounts."""

    list_display = ("name",)
    search_fields = ("name",)


@admin.register(CustomField)
class CustomFieldAdmin(Audited):
    """Fields that the organisation added to its accounts."""

    list_display = ("label", "key", "kind", "position")
    list_filter = ("kind",)
    search_fields = ("label", "key")


@admin.register(Handoff)
class HandoffAdmin(OfAccount):
    """Handoff files. What state one is in is decided on its page, where the rules of acceptance hold."""

    list_display = ("account", "state", "submitted_at", "decided_at", "version")
    list_filter = ("state",)
    readonly_fields = ("state", "submitted_at", "submitted_by", "decided_at", "decided_by", "return_reasons", "version")


@admin.register(HandoffVersion)
class HandoffVersionAdmin(ReadOnly):
    """Handoff files as they stood."""

    list_display = ("handoff", "number", "state", "saved_at", "saved_by")
    list_filter = ("state",)
    list_select_related = ("handoff__account", "saved_by")
    search_fields = ("handoff__account__name",)


@admin.register(Promise)
class PromiseAdmin(OfAccount):
    """What was promised to customers."""

    list_display = ("text", "account", "state", "due_on", "settled_on")
    list_filter = ("state",)
    search_fields = ("text", "account__name")
    raw_id_fields = ("account", "made_to")


@admin.register(ExpectationGap)
class ExpectationGapAdmin(OfAccount):
    """What customers expect that the product does not meet."""

    list_display = ("text", "account", "found_on", "closed_on")
    search_fields = ("text", "account__name")


@admin.register(ImplementationRecord)
class ImplementationRecordAdmin(OfAccount):
    """What was done stage by stage."""

    list_display = ("account", "stage", "on", "people")
    list_filter = ("stage",)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly):
    """Files of implementation records; they are added where their content is checked."""

    list_display = ("name", "content_type", "size", "added_by", "added_at")
    list_select_related = ("added_by", "record__account")
    search_fields = ("name", "record__account__name")


@admin.register(BusinessGoal)
class BusinessGoalAdmin(OfAccount):
    """What customers want to reach."""

    list_display = ("name", "account", "metric", "unit", "baseline", "target", "due_on")
    search_fields = ("name", "account__name")


@admin.register(GoalMeasurement)
class GoalMeasurementAdmin(Audited):
    """What was measured of a goal."""

    list_display = ("goal", "on", "value")
    list_select_related = ("goal__account",)
    search_fields = ("goal__name", "goal__account__name")
    raw_id_fields = ("goal",)


@admin.register(TimelineEntry)
class TimelineEntryAdmin(OfAccount):
    """What happened with customers."""

    list_display = ("at", "kind", "title", "account", "author", "is_private")
    list_filter = ("kind", "is_private")
    list_select_related = ("account", "author")
    search_fields = ("title", "account__name")
    raw_id_fields = ("account", "author", "contacts")


@admin.register(ChurnRecord)
class ChurnRecordAdmin(OfAccount):
    """Who left, when and why."""

    list_display = ("account", "on", "reason", "arr_lost", "currency", "won_back_on")
    list_filter = ("reason", "is_failed_payment")
