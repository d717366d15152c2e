"""How is a text that a playbook has in two languages filled in?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playbooks.rules.words import LANGUAGES

LANGUAGE_NAMES: dict[str, Promise] = {"en": _lazy("English"), "zh-hans": _lazy("Chinese")}


def own_language() -> str:
    """The language in which the person reads, as texts name it."""
    return "zh-hans" if (translation.get_language() or "en").startswith("zh") else "en"


class TextsForm(forms.Form):
    """A form some texts of which have one field per language; the reader's comes first.

    `texts` names them with their label, length, number of lines, and whether one language must have it.
    """

    texts: Mapping[str, tuple[Any, int, int, bool]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = own_language()
        for language in sorted(LANGUAGES, key=lambda one: one != own):
            for name, (label, most, lines, _required) in self.texts.items():
                widget: forms.Widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput()
                shown = label if language == own else _("%(label)s (%(language)s)") % {
                    "label": label, "language": LANGUAGE_NAMES[language],
                }  # fmt: skip
                self.fields[field_name(name, language)] = forms.CharField(
                    label=shown, max_length=most, required=False, widget=widget
                )

    @property
    def own_texts(self) -> dict[str, forms.BoundField]:
        """The fields of the reader's language, by the text."""
        return {name: self[field_name(name, own_language())] for name in self.texts}

    @property
    def other_texts(self) -> list[forms.BoundField]:
        """The fields of the other language."""
        other = next(one for one in LANGUAGES if one != own_language())
        return [self[field_name(name, other)] for name in self.texts]

    def clean(self) -> dict[str, Any]:
        """Ask for a text in one language at least, where there must be one."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, (label, _most, _lines, required) in self.texts.items():
            if required and not self.words(name) and not any(field.startswith(f"{name}_") for field in self.errors):
                field = field_name(name, own_language())
                self.add_error(field, ValidationError(_("%(label)s is required.") % {"label": label}, code="required"))
        return values

    def words(self, name: str) -> dict[str, str]:
        """What was filled in for one text."""
        said = {language: self.cleaned_data.get(field_name(name, language)) or "" for language in LANGUAGES}
        return {language: text.replace("\r\n", "\n").strip() for language, text in said.items() if text.strip()}


def field_name(name: str, language: str) -> str:
    """The field of a text in a language."""
    return f"{name}_{language.replace('-', '_')}"


def initial_texts(name: str, words: Any) -> dict[str, str]:
    """What the fields of one text begin with."""
    given = {"en": words} if isinstance(words, str) else dict(words or {})
    return {field_name(name, language): text for language, text in given.items()}
