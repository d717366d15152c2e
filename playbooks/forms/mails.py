"""What does a person choose before the mails of a step go out?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from playbooks.queries.mails import Post


class MailForm(forms.Form):
    """In which language, and to whom."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    contacts = forms.TypedMultipleChoiceField(
        label=_("To"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, data: Any = None, *, post: Post, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["language"].choices = languages  # type: ignore[attr-defined]
        self.fields["contacts"].choices = [  # type: ignore[attr-defined]
            (letter.contact.pk, letter.contact.name) for letter in post.writable
        ]
        self.fields["contacts"].initial = [letter.contact.pk for letter in post.writable]
