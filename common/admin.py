"""How does the admin change rows by the same actions as the pages?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from common.errors import Refused


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are derived, or come from elsewhere: to be looked at alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False


class ActionAdmin(admin.ModelAdmin):
    """Rows that are added, changed and deleted by actions, so that what follows from them happens here too.

    A subclass says which: `add`, `change` and `remove`, each with `by` and `at`. A refusal is shown above the form.
    """

    list_per_page = 50
    show_full_result_count = False

    def add(self, *, values: dict[str, Any], **who: Any) -> Model:
        """Add a row."""
        raise NotImplementedError

    def change(self, row: Any, *, values: dict[str, Any], **who: Any) -> Model:
        """Change a row."""
        raise NotImplementedError

    def remove(self, row: Any, **who: Any) -> None:
        """Take a row away."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the action; what the form did not change is left out."""
        many = {field.name for field in self.model._meta.many_to_many}
        names = form.changed_data if change else form.cleaned_data
        values = {name: form.cleaned_data[name] for name in names if name not in many}
        if change:
            row = self.change(self.model._default_manager.get(pk=obj.pk), values=values, **self._who(request))
        else:
            row = self.add(values=values, **self._who(request))
        obj.pk = row.pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one by the action."""
        self.remove(obj, **self._who(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the chosen ones by the action, all or none."""
        with transaction.atomic():
            for row in queryset:
                self.remove(row, **self._who(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a refusal above the form."""
        return self._or_refusal(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a refusal instead of deleting."""
        return self._or_refusal(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a refusal above the list."""
        return self._or_refusal(request, super().changelist_view, *args, **kwargs)

    def _or_refusal(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with a view, or with the reason for which its action said no; then nothing was written."""
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def _who(self, request: HttpRequest) -> dict[str, Any]:
        """Who does it, and when."""
        return {"by": request.user, "at": timezone.now()}
