"""How does an admin look at the catalogue and at the facts about use, and mend them?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from common.admin import ActionAdmin, ReadOnlyAdmin
from usage import actions
from usage.models import (
    AccountFeatureUse,
    AccountPersonUse,
    AccountUsageDay,
    Attendance,
    Feature,
    FeatureUsageDay,
    Integration,
    Metric,
    Milestone,
    MilestoneReached,
    Module,
    Reading,
    Scenario,
    SurveyAnswer,
    Ticket,
    UsageEvent,
    WaitingEvent,
)


class CatalogueAdmin(ActionAdmin):
    """What there is to use."""

    search_fields = ("name", "external_id")

    def add(self, *, values: dict[str, Any], **who: Any) -> Any:
        """Add an entry."""
        return actions.add_to_catalogue(self.model(**values), **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Any:
        """Change an entry."""
        return actions.change_catalogue(row=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take an entry away that nothing points at."""
        actions.delete_from_catalogue(row=row, **who)


@admin.register(Module)
class ModuleAdmin(CatalogueAdmin):
    """Parts of products."""

    list_display = ("name", "product", "external_id")
    list_filter = ("product",)
    list_select_related = ("product",)


@admin.register(Feature)
class FeatureAdmin(CatalogueAdmin):
    """Things that users can do."""

    list_display = ("name", "module", "kind", "external_id", "retired_on")
    list_filter = ("kind", "module")
    list_select_related = ("module",)


@admin.register(Scenario)
class ScenarioAdmin(CatalogueAdmin):
    """Business scenarios."""

    list_display = ("name", "external_id")
    filter_horizontal = ("features",)


@admin.register(Milestone)
class MilestoneAdmin(CatalogueAdmin):
    """First values."""

    list_display = ("name", "due_after_days", "is_core_process", "external_id")


@admin.register(Metric)
class MetricAdmin(CatalogueAdmin):
    """Named numbers."""

    list_display = ("name", "unit", "external_id")


class FactAdmin(ActionAdmin):
    """Facts about an account; it stays with its account."""

    list_select_related: ClassVar[Any] = ("account",)
    search_fields: ClassVar[Any] = ("account__name", "account__external_id")
    raw_id_fields: ClassVar[Any] = ("account",)
    fixed: ClassVar[tuple[str, ...]] = ("account",)
    adds: ClassVar[Callable[..., Any]]
    changes: ClassVar[Callable[..., Any]]
    row_name: ClassVar[str] = ""

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Fix what makes the row this row."""
        return self.fixed if obj else ()

    def add(self, *, values: dict[str, Any], **who: Any) -> Any:
        """Add a fact."""
        return type(self).adds(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Any:
        """Correct a fact."""
        return type(self).changes(**{self.row_name: row}, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take a fact away."""
        actions.delete_fact(row=row, **who)


class TicketForm(forms.ModelForm):
    """A ticket, whose target may be left to its severity."""

    class Meta:
        model = Ticket
        fields = (
            *("account", "contact", "external_id", "subject", "severity", "is_complaint", "is_escalated"),
            *("opened_at", "target_at", "resolved_at", "first_response_minutes", "satisfaction"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target_at"].required = False


@admin.register(Ticket)
class TicketAdmin(FactAdmin):
    """Calls for help."""

    form = TicketForm
    list_display = ("account", "subject", "severity", "is_complaint", "opened_at", "target_at", "resolved_at")
    list_filter = ("severity", "is_complaint", "is_escalated")
    search_fields = ("account__name", "subject", "external_id")
    date_hierarchy = "opened_at"
    raw_id_fields = ("account", "contact")
    adds, changes, row_name = actions.add_ticket, actions.change_ticket, "ticket"


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(FactAdmin):
    """Answers to surveys."""

    list_display = ("account", "contact", "kind", "score", "answered_on")
    list_filter = ("kind",)
    list_select_related = ("account", "contact")
    date_hierarchy = "answered_on"
    raw_id_fields = ("account", "contact")
    adds, changes, row_name = actions.add_answer, actions.change_answer, "answer"


@admin.register(Integration)
class IntegrationAdmin(FactAdmin):
    """Systems of customers that are connected."""

    list_display = ("account", "name", "connected_on", "disconnected_on")
    adds, changes, row_name = actions.connect_integration, actions.change_integration, "integration"


@admin.register(Attendance)
class AttendanceAdmin(FactAdmin):
    """Campaigns and sharing sessions in which customers took part."""

    list_display = ("account", "contact", "kind", "name", "on")
    list_filter = ("kind",)
    list_select_related = ("account", "contact")
    date_hierarchy = "on"
    raw_id_fields = ("account", "contact")
    adds, changes, row_name = actions.add_attendance, actions.change_attendance, "attendance"


@admin.register(Reading)
class ReadingAdmin(FactAdmin):
    """Numbers per account and period."""

    list_display = ("account", "metric", "period", "on", "value")
    list_filter = ("metric", "period")
    list_select_related = ("account", "metric")
    date_hierarchy = "on"
    fixed = ("account", "metric", "period", "on")
    adds = actions.set_reading

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Any:
        """Correct the value."""
        same = {name: getattr(row, name) for name in self.fixed}
        return actions.set_reading(**same, value=values.get("value", row.value), **who)


@admin.register(MilestoneReached)
class MilestoneReachedAdmin(FactAdmin):
    """Milestones that accounts have reached."""

    list_display = ("account", "milestone", "on")
    list_filter = ("milestone",)
    list_select_related = ("account", "milestone")
    date_hierarchy = "on"
    fixed = ("account", "milestone")
    adds = actions.reach_milestone

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Any:
        """Correct the day."""
        return actions.reach_milestone(account=row.account, milestone=row.milestone, on=values.get("on", row.on), **who)


class UseAdmin(ReadOnlyAdmin):
    """Use as it was recorded or derived; large tables are never counted for a list."""

    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[Any] = ("account",)
    search_fields: ClassVar[Any] = ("account__external_id",)


@admin.register(UsageEvent)
class UsageEventAdmin(UseAdmin):
    """Product events."""

    list_display = ("account", "feature", "person", "at", "day", "quantity", "source", "message_id")
    list_select_related = ("account", "feature")
    search_fields = ("account__external_id", "message_id")


@admin.register(FeatureUsageDay)
class FeatureUsageDayAdmin(UseAdmin):
    """Daily use."""

    list_display = ("account", "day", "feature", "person", "events")
    list_select_related = ("account", "feature")


@admin.register(AccountUsageDay)
class AccountUsageDayAdmin(UseAdmin):
    """Days of accounts."""

    list_display = ("account", "day", "events", "core_events", "people")


@admin.register(AccountFeatureUse)
class AccountFeatureUseAdmin(UseAdmin):
    """When accounts first and last used a feature."""

    list_display = ("account", "feature", "first_on", "last_on")
    list_select_related = ("account", "feature")


@admin.register(AccountPersonUse)
class AccountPersonUseAdmin(UseAdmin):
    """When people last used the product."""

    list_display = ("account", "person", "last_on", "last_advanced_on")


@admin.register(WaitingEvent)
class WaitingEventAdmin(ReadOnlyAdmin):
    """Events whose account is not known yet."""

    list_display = ("account_external_id", "source", "message_id", "received_at")
    list_filter = ("source",)
    search_fields = ("account_external_id", "message_id")
    date_hierarchy = "received_at"
