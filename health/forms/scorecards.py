"""What does a person fill in about a scorecard as a whole: names, weights, limits, knock-outs, conditions?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from accounts.forms.base import CleanText, WholeField, day_field
from common.errors import Refused
from common.filters import NumberField
from common.money import parse_decimal
from health.models import HealthScore
from health.queries.vocabulary import OPERATOR_NAMES, field_choices
from health.rules.conditions import (
    CUSTOM,
    LISTS,
    NUMBER_FIELDS,
    NUMBERS,
    OPERATORS,
    PRESENCE,
)
from health.rules.drafts import Definition, plain_number


class NameForm(CleanText, forms.Form):
    """The name of a scorecard or of a group."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100)


class WeightsForm(forms.Form):
    """The weight of every indicator, and which draft was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: Any = None, *, rows: list[tuple[str, str, float]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for key, name, weight in rows:
            self.fields[f"weight-{key}"] = NumberField(label=name, places=2, initial=f"{weight:g}")
            self.fields[f"weight-{key}"].widget.attrs.update({"inputmode": "decimal", "size": "6", "maxlength": "8"})

    def clean(self) -> dict[str, Any]:
        """Refuse weights below 0."""
        for name, value in list(self.cleaned_data.items()):
            if name.startswith("weight-") and value is not None and not 0 <= value <= 100:
                self.add_error(name, ValidationError(_("A weight lies between 0 and 100."), code="out_of_range"))
        return self.cleaned_data

    @property
    def weights(self) -> dict[str, float]:
        """What was filled in, by indicator."""
        marked = ((name.removeprefix("weight-"), value) for name, value in self.cleaned_data.items())
        return {key: float(value) for key, value in marked if isinstance(value, Decimal)}


class LimitsForm(forms.Form):
    """How a score becomes a band."""

    green = NumberField(label=_lazy("Healthy from"))
    yellow = NumberField(label=_lazy("Watch from"), help_text=_lazy("Below is at risk."))
    clear_points = NumberField(
        label=_lazy("Points past an edge"),
        help_text=_lazy("So far beyond an edge the band changes at once; nearer it waits for the second reading."),
    )
    readings = forms.ChoiceField(
        label=_lazy("The band changes"),
        choices=[("2", _lazy("after two readings in a row")), ("1", _lazy("at once"))],
    )
    coverage_floor = WholeField(
        label=_lazy("Least share measured, %"),
        min_value=0,
        max_value=100,
        help_text=_lazy("With less of the weight measured an account reads “No data”."),
    )
    grace_days = WholeField(
        label=_lazy("Days of grace"),
        min_value=0,
        max_value=3650,
        help_text=_lazy("New customers read “onboarding” for so long after signing."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    @staticmethod
    def initial_of(definition: Mapping[str, Any]) -> dict[str, Any]:
        """What the form shows of a definition."""
        bands, hysteresis = definition.get("bands", {}), definition.get("hysteresis", {})
        return {
            "green": f"{bands.get('green', 75):g}",
            "yellow": f"{bands.get('yellow', 50):g}",
            "clear_points": f"{hysteresis.get('points', 3):g}",
            "readings": str(int(hysteresis.get("readings", 2))),
            "coverage_floor": round(definition.get("coverage_floor", 0.6) * 100),
            "grace_days": int(definition.get("grace_days", 30)),
        }

    def applied_to(self, definition: Definition) -> Definition:
        """The definition with what was filled in."""
        said = self.cleaned_data
        return {
            **definition,
            "bands": {"green": plain_number(float(said["green"])), "yellow": plain_number(float(said["yellow"]))},
            "hysteresis": {
                "points": plain_number(float(said["clear_points"])),
                "readings": int(said["readings"]),
            },
            "coverage_floor": said["coverage_floor"] / 100,
            "grace_days": said["grace_days"],
        }


class KnockOutForm(forms.Form):
    """An indicator that keeps the band down."""

    indicator = forms.ChoiceField(label=_lazy("When"))
    below = NumberField(label=_lazy("scores below"), help_text=_lazy("Of 100."), initial="50")
    band = forms.ChoiceField(
        label=_lazy("the account is at best"),
        choices=[(band.value, band.label) for band in (HealthScore.Band.RED, HealthScore.Band.YELLOW)],
    )

    def __init__(self, *args: Any, indicators: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].choices = indicators  # type: ignore[attr-defined]

    @property
    def rule(self) -> dict[str, Any]:
        """What was filled in, as a definition keeps it."""
        said = self.cleaned_data
        return {"indicator": said["indicator"], "below": plain_number(float(said["below"])), "band": said["band"]}


class ConditionForm(CleanText, forms.Form):
    """One claim about an account."""

    field = forms.ChoiceField(label=_lazy("Field"), choices=field_choices)
    operator = forms.ChoiceField(
        label=_lazy("Comparison"), choices=[(name, OPERATOR_NAMES[name]) for name in OPERATORS]
    )
    value = forms.CharField(
        label=_lazy("Value"), required=False, max_length=2000,
        help_text=_lazy("Several are separated by commas. Sizes: elephant, cheetah, rabbit."),
    )  # fmt: skip

    @property
    def condition(self) -> dict[str, Any]:
        """What was filled in, as a scorecard keeps it."""
        said = self.cleaned_data
        found = {"field": said["field"], "operator": said["operator"]}
        if said["operator"] in PRESENCE:
            return found
        values = [_typed(word.strip(), said) for word in said["value"].replace("，", ",").split(",")]
        return {**found, "value": values if said["operator"] in LISTS else _typed(said["value"], said)}


def _typed(value: str, said: Mapping[str, Any]) -> Any:
    """A number where the field or the comparison wants one."""
    own = said["field"].startswith(CUSTOM)
    if said["field"] in NUMBER_FIELDS or said["operator"] in NUMBERS or own:
        try:
            return plain_number(float(parse_decimal(value, _("Value"), places=6)))
        except Refused:
            return value
    return value


class PublishForm(forms.Form):
    """From which day a draft is in force."""

    effective_on = day_field(label=_lazy("In force from"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
