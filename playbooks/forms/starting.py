"""Which playbook is started for an account?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from playbooks.models import Playbook
from playbooks.queries.starting import startable


class PlaybookChoice(forms.ModelChoiceField):
    """A playbook by its name in the reader's language."""

    def label_from_instance(self, obj: Playbook) -> str:
        """The name, with the industry where it is for one."""
        return f"{obj.shown_name} · {obj.industry}" if obj.industry else obj.shown_name


class StartForm(forms.Form):
    """The playbook to start."""

    playbook = PlaybookChoice(queryset=Playbook.objects.none(), label=_("Playbook"), empty_label=_("Choose"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["playbook"].queryset = startable(person)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Playbook | None:
        """The playbook that the form shows now."""
        asked = self["playbook"].value()
        field = self.fields["playbook"]
        if asked in (None, ""):
            return None
        found: Playbook | None = field.queryset.filter(pk=asked).first() if str(asked).isdigit() else None  # type: ignore[attr-defined]
        return found
