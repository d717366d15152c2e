"""How does an admin look at case studies?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from advocacy.actions import case_studies as actions
from advocacy.models import CaseStudy
from common.admin import ActionAdmin


@admin.register(CaseStudy)
class CaseStudyAdmin(ActionAdmin):
    """Customers' stories; approval and publication have their own pages, for they ask for more than a field."""

    list_display = ("title", "account", "state", "approved_on", "published_on", "expires_on")
    list_filter = ("state",)
    list_select_related = ("account",)
    search_fields = ("title", "account__name", "account__external_id")
    fields = ("account", *CaseStudy.TEXTS, "state", "approved_on", "approved_by", "published_on", "expires_on")
    readonly_fields = ("state", "approved_on", "approved_by", "published_on", "expires_on")
    raw_id_fields = ("account",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """The customer stays."""
        return (*self.readonly_fields, "account") if obj else self.readonly_fields

    def add(self, *, values: dict[str, Any], **who: Any) -> CaseStudy:
        """Begin a case study."""
        return actions.write_case(**values, **who)

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> CaseStudy:
        """Change a draft."""
        return actions.change_case(case=row, **values, **who)

    def remove(self, row: Any, **who: Any) -> None:
        """Take away a draft."""
        actions.delete_case(case=row, **who)
