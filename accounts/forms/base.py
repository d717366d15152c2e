"""What do the forms of account records share: clean text, readable days and numbers, visible choices?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from accounts.models import User
from common import text
from common.errors import Conflict, Refused
from common.filters import DayField, NumberField

Result = TypeVar("Result")


class WholeField(forms.IntegerField):
    """A whole number; full-width digits are read, digits of other scripts are not."""

    def to_python(self, value: Any) -> int | None:
        """Read the number."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
            if not value.isascii():
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


def day_input() -> forms.DateInput:
    """The browser's own calendar, which wants ISO days in every language."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def day_field(**kwargs: Any) -> DayField:
    """A day with its calendar."""
    return DayField(widget=day_input(), **kwargs)


def moment_field(**kwargs: Any) -> forms.DateTimeField:
    """A day and a time with the browser's own calendar."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
    return forms.DateTimeField(widget=widget, input_formats=formats, **kwargs)


def strict_field(field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """Give a model's field the form field that reads it strictly."""
    # Forms are made once, before anybody's language is known, so the label stays unread until it is shown.
    label = capfirst(field.verbose_name)
    common: dict[str, Any] = {"label": label, "required": not field.blank, "help_text": field.help_text}
    if isinstance(field, models.DateTimeField):
        return moment_field(**common)
    if isinstance(field, models.DateField):
        return day_field(**common)
    if isinstance(field, models.DecimalField):
        return NumberField(places=field.decimal_places, **common)
    if isinstance(field, models.PositiveIntegerField):
        return WholeField(min_value=0, max_value=2**31 - 1, **common)
    return field.formfield(**kwargs)


class CleanText:
    """Takes controls and blanks out of every text, and refuses what nobody could see or store."""

    def clean(self) -> dict[str, Any]:
        """Clean what was typed."""
        values: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc,attr-defined]
        for name, value in list(values.items()):
            field = self.fields[name]  # type: ignore[attr-defined]
            if not isinstance(value, str) or isinstance(field, forms.ChoiceField):
                continue
            lines = isinstance(field.widget, forms.Textarea)
            try:
                values[name] = text.clean(value, str(field.label), lines=lines, required=field.required)
            except Refused as refusal:
                self.add_error(name, str(refusal))  # type: ignore[attr-defined]
        return values


class RecordForm(CleanText, forms.ModelForm):
    """A form of one record of an account. Nothing is saved here: an action gets the cleaned values.

    `person` restricts the choices to what they may see. `version` is what the person has read.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    conflict: Conflict | None = None

    class Meta:
        formfield_callback = strict_field

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if not hasattr(self.instance, "version"):
            del self.fields["version"]
        elif self.instance.pk:
            self.fields["version"].initial = self.instance.version
        else:
            del self.fields["version"]
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = field.queryset.visible_to(person)  # type: ignore[union-attr]

    def _post_clean(self) -> None:
        """Leave the row alone: the action writes it, under its own lock."""


def values_of(form: forms.BaseForm, *leave: str) -> dict[str, Any]:
    """Give what was filled in, without some fields."""
    return {name: value for name, value in form.cleaned_data.items() if name not in leave}


def carried_out(form: forms.BaseForm, act: Callable[[dict[str, Any]], Result]) -> Result | None:
    """Run an action with what was filled in; a refusal becomes an error of the form, and then nothing is given."""
    if not form.is_valid():
        return None
    try:
        return act(dict(form.cleaned_data))
    except Conflict as conflict:
        form.conflict = conflict  # type: ignore[attr-defined]
        form.add_error(None, str(conflict))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return None


def status_of(request: HttpRequest, form: forms.BaseForm) -> int:
    """Say how a page with a form is answered: 200 when asked for, 409 when stale, 422 when it has errors."""
    if request.method != "POST":
        return 200
    return 409 if getattr(form, "conflict", None) else 422


def split_words(value: str) -> list[str]:
    """Read words that are separated by commas, full-width commas among them."""
    return [word.strip() for word in value.replace("，", ",").replace("、", ",").split(",") if word.strip()]
