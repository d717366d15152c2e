"""What do all pages of the admin share?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from accounts.actions import audit
from common.errors import Refused


class Plain(admin.ModelAdmin):
    """Forms on which an action may say no."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form, or save it; a refusal is told above the form as it stands in the database."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class Audited(Plain):
    """Rows whose every change by hand leaves a line in the audit trail, as those of the pages do."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and say which fields were changed; what they held may be personal and stays out."""
        super().save_model(request, obj, form, change)
        fields = {name: [None, None] for name in form.changed_data}
        self._record("changed" if change else "added", request, obj, fields)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete, after saying so."""
        self._record("deleted", request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete many, each with a line of its own."""
        for row in queryset:
            self._record("deleted", request, row)
        super().delete_queryset(request, queryset)

    def _record(
        self, what: str, request: HttpRequest, obj: models.Model, changes: dict[str, Any] | None = None
    ) -> None:
        verb = f"admin.{obj._meta.model_name}_{what}"
        audit.record(verb, by=request.user, at=timezone.now(), obj=obj, changes=changes)  # type: ignore[arg-type]


class ReadOnly(admin.ModelAdmin):
    """Rows that are looked at here and made elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody edits one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes one."""
        return False
