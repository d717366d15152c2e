"""How does an admin see who uses the API, and stop it?"""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from integrations.actions import revoke_token
from integrations.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens can be looked at and revoked; they are made by their owners alone."""

    list_display = ("name", "owner", "scopes", "expires_at", "last_used_at", "last_used_from", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__name", "owner__email", "public_id")
    actions = ("revoke",)
    fields = (
        *("owner", "name", "public_id", "scopes", "networks", "created_at", "expires_at"),
        *("revoked_at", "last_used_at", "last_used_from"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes a token for somebody else."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """A token is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """The row stays for the audit trail."""
        return False

    @admin.action(description=gettext_lazy("Revoke the chosen tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens."""
        at, count = timezone.now(), 0
        for token in queryset.select_related("owner"):
            revoke_token(by=request.user, at=at, token=token)  # type: ignore[arg-type]
            count += 1
        said = ngettext("%(count)s token was revoked.", "%(count)s tokens were revoked.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
