"""How does a person name an account in a form?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.models import Account, User


class AccountNameField(forms.CharField):
    """One account that the person may see, by its name or external id; the form says who asks, as `person`."""

    person: User | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200} | kwargs)

    def clean(self, value: Any) -> Any:
        """Find the one account that is meant."""
        wanted = str(super().clean(value)).strip()
        if not wanted:
            return None
        visible = Account.objects.visible_to(self.person) if self.person else Account.objects.none()
        found = list(visible.filter(external_id=wanted)[:1]) or list(visible.filter(name__iexact=wanted)[:2])
        if len(found) != 1:
            message = _("Several accounts have this name. Use the external id.") if found else _("No such account.")
            raise forms.ValidationError(message)
        return found[0]
