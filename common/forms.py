"""How does a form check what was typed without changing a row, and say what an action refused?"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from common.errors import Refused

Result = TypeVar("Result")


class DraftForm(forms.ModelForm):
    """A form over a row that an action will change: what is typed is checked on a copy, by the row's own rules."""

    def __init__(self, data: Any = None, *, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(data, instance=copy.copy(instance), **kwargs)


def attempt(form: forms.BaseForm, act: Callable[[], Result]) -> Result | None:
    """Do what a valid form asks for; None and the reason at its field if the action says no."""
    try:
        return act()
    except Refused as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, ValidationError(str(refusal), code=refusal.code))
        return None
