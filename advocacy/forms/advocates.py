"""What does a person fill in about somebody who may speak for us?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText
from accounts.models import Account, Contact
from advocacy.queries import possible_advocates


class AdvocateForm(CleanText, forms.Form):
    """Who might speak for us; save through `add_advocate`."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is good to know before you ask?"),
    )  # fmt: skip

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = possible_advocates(account)  # type: ignore[attr-defined]
