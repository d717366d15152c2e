"""What does a person fill in to let a program act for them?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules.roles import Capability
from integrations.models import ApiToken
from integrations.rules.tokens import Scope

SCOPES = {
    Scope.INGEST: _("Ingest: send product events, nothing else"),
    Scope.READ: _("Read: everything that you may see"),
    Scope.WRITE: _("Write: read, and change what you may change"),
    Scope.ADMIN: _("Admin: settings and people besides"),
}
DAYS = [(30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("1 year"))]


class TokenForm(forms.Form):
    """A name by which one knows a token again, and how far it reaches."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("What will use it, such as “Warehouse export”."),
    )
    scope = forms.ChoiceField(label=_("Scope"), widget=forms.RadioSelect, initial=Scope.INGEST.value)
    days = forms.TypedChoiceField(label=_("Valid for"), coerce=int, choices=DAYS, initial=90)
    networks = forms.CharField(
        label=_("Allowed addresses"),
        required=False,
        max_length=2000,
        help_text=_("Networks like 203.0.113.0/24, with commas between them. Empty: from everywhere."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach = [scope for scope in SCOPES if scope is not Scope.ADMIN or person.can(Capability.MANAGE_SETTINGS)]
        self.fields["scope"].choices = [(scope.value, SCOPES[scope]) for scope in reach]  # type: ignore[attr-defined]

    def clean_networks(self) -> list[str]:
        """Read the list."""
        return [part.strip() for part in self.cleaned_data["networks"].split(",") if part.strip()]
