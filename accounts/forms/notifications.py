"""What does a person choose about being told?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User, Way
from accounts.queries.notifications import chosen_ways, kinds_for


class WaysForm(forms.Form):
    """One choice for each kind of thing that the person may be told of."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = chosen_ways(person)
        for kind in kinds_for(person):
            self.fields[kind.key] = forms.ChoiceField(label=kind.label, choices=Way.choices, initial=chosen[kind.key])
