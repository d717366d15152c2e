"""What does a person fill in about one indicator?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from accounts.forms.base import CleanText, WholeField
from common.errors import Refused
from common.filters import NumberField
from common.money import parse_decimal
from health.queries.vocabulary import AS_HELP, FILTER_NAMES, HOW_NAMES, WHAT_HELP, choices_of
from health.rules.drafts import plain_number
from health.rules.formulas import CHANGE, OF_TWO, USUAL, USUAL_WINDOWS, VALUE
from health.rules.vocabulary import WHATS

MOST_STEPS = 20


class IndicatorForm(CleanText, forms.Form):
    """One indicator: what it measures, how the value is read, what it weighs, how long it holds.

    `formula` says which measures it is put together from, None for a measure that comes with Mainstay.
    """

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100, required=False)
    group = forms.ChoiceField(label=_lazy("Group"))
    days = WholeField(label=_lazy("Window, days"), min_value=1, max_value=3650, initial=30)
    weight = NumberField(label=_lazy("Weight"), help_text=_lazy("Of 100 in all."), initial="0")
    scale = forms.ChoiceField(
        label=_lazy("How the value is read"),
        choices=[("line", _lazy("Straight between two points")), ("steps", _lazy("In steps"))],
        widget=forms.RadioSelect,
        initial="line",
    )
    red = NumberField(label=_lazy("Scores 0 at"), places=6, required=False)
    green = NumberField(
        label=_lazy("Scores 100 at"),
        places=6,
        required=False,
        help_text=_lazy("May be below the other: less is better."),
    )
    steps = forms.CharField(
        label=_lazy("Steps"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_lazy("One a line: a value, a colon, and the score from there on, such as 0.5: 60."),
        max_length=1000,
    )
    stale_days = WholeField(
        label=_lazy("Marked as old after, days"), min_value=1, max_value=3650, required=False,
        help_text=_lazy("It still counts. Empty: never marked."),
    )  # fmt: skip
    shelf_days = WholeField(
        label=_lazy("Missing after, days"), min_value=1, max_value=3650, required=False,
        help_text=_lazy("An older value counts no more. Empty: it never goes missing by age."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(
        self,
        data: Any = None,
        *,
        groups: list[tuple[str, str]],
        formula: Mapping[str, Any] | None,
        row: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.formula, self.row = formula, row or {}
        initial = {**_initial_of(self.row, formula), **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)
        self.fields["group"].choices = groups  # type: ignore[attr-defined]
        self.measures: list[str] = []
        if formula:
            self.fields["name"].required = True
            self._add_term("of", formula["of"]["what"])
            if formula.get("as") in OF_TWO:
                self._add_term("over", formula["over"]["what"])
            if formula.get("as") == USUAL:
                self.fields["windows"] = WholeField(
                    label=_("How many windows before are usual"), min_value=1, max_value=12,
                    initial=formula.get("windows", USUAL_WINDOWS),
                )  # fmt: skip
                self.measures.append("windows")
            if not self._asks_for_days():
                del self.fields["days"]

    def _asks_for_days(self) -> bool:
        formula = self.formula or {}
        terms = [formula[name]["what"] for name in ("of", "over") if name in formula]
        return formula.get("as") in (CHANGE, USUAL) or any(WHATS[name].has_window for name in terms)

    def _add_term(self, term: str, what: str) -> None:
        kind, asked = WHATS[what], (self.formula or {}).get(term, {})
        if len(kind.hows) > 1:
            hows = [(how, HOW_NAMES[how]) for how in kind.hows]
            self._add(f"{term}-how", forms.ChoiceField(label=_("Taken"), choices=hows), asked.get("how", kind.hows[0]))
        for name in kind.filters:
            wanted = asked.get(name, "")
            choices = choices_of(name)
            if wanted and wanted not in dict(choices):
                choices.append((wanted, _("%(name)s (gone)") % {"name": wanted}))
            needed = name in kind.needs
            if not needed:
                choices.insert(0, ("", _("Any")))
            if needed and not choices:
                choices.insert(0, ("", _("There is none yet")))
            field = forms.ChoiceField(label=str(FILTER_NAMES[name]), choices=choices, required=needed)
            self._add(f"{term}-{name}", field, wanted)

    def _add(self, name: str, field: forms.Field, initial: Any) -> None:
        self.fields[name] = field
        self.initial.setdefault(name, initial)
        self.measures.append(name)

    @property
    def measure_fields(self) -> list[forms.BoundField]:
        """The fields that say what is measured."""
        return [self[name] for name in [*self.measures, *(["days"] if "days" in self.fields else [])]]

    @property
    def meaning(self) -> str:
        """What the value of a formula means."""
        formula = self.formula or {}
        if formula.get("as", VALUE) in AS_HELP:
            return str(AS_HELP[formula["as"]])
        return str(WHAT_HELP.get(formula["of"]["what"], "")) if formula and formula.get("as", VALUE) == VALUE else ""

    def clean(self) -> dict[str, Any]:
        """Check that the points make a scale, at the field that has to change."""
        said = super().clean()
        if said.get("scale") == "steps":
            try:
                said["steps"] = _read_steps(said.get("steps") or "")
            except ValueError:
                self.add_error(
                    "steps", ValidationError(_("Write each step as a value, a colon and a score."), code="invalid")
                )
        elif said.get("scale") == "line":
            for name in ("red", "green"):
                if said.get(name) is None and name not in self.errors:
                    self.add_error(name, ValidationError(_("Say at which value."), code="required"))
            if said.get("red") is not None and said.get("red") == said.get("green"):
                self.add_error("green", ValidationError(_("The two points must differ."), code="equal"))
        shelf, stale = said.get("shelf_days"), said.get("stale_days")
        if shelf is not None and stale is not None and stale >= shelf:
            self.add_error("stale_days", ValidationError(_("Must come before it goes missing."), code="too_late"))
        weight = said.get("weight")
        if weight is not None and not 0 <= weight <= 100:
            self.add_error("weight", ValidationError(_("A weight lies between 0 and 100."), code="out_of_range"))
        return said

    def indicator(self, key: str, source: str) -> dict[str, Any]:
        """What was filled in, as a definition keeps it."""
        said = self.cleaned_data
        found: dict[str, Any] = {"key": key, "source": source, "weight": plain_number(float(said["weight"]))}
        if said["name"]:
            found["name"] = said["name"]
        if "days" in self.fields:
            found["days"] = said["days"]
        if said["scale"] == "steps":
            found["steps"] = [[plain_number(value), plain_number(score)] for value, score in said["steps"]]
        else:
            found |= {name: plain_number(float(said[name])) for name in ("red", "green")}
        found |= {name: said[name] for name in ("shelf_days", "stale_days") if said[name] is not None}
        params = self._params() if self.formula else self.row.get("params")
        return {**found, "params": params} if params else found

    def _params(self) -> dict[str, Any]:
        formula = self.formula or {}
        found: dict[str, Any] = {"of": self._term("of")}
        if formula.get("as", VALUE) != VALUE:
            found["as"] = formula["as"]
        if "over" in formula:
            found["over"] = self._term("over")
        if "windows" in self.fields:
            found["windows"] = self.cleaned_data["windows"]
        return found

    def _term(self, term: str) -> dict[str, Any]:
        said = {
            name.removeprefix(f"{term}-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{term}-") and value
        }
        return {"what": (self.formula or {})[term]["what"], **said}


def _initial_of(row: Mapping[str, Any], formula: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the form shows of an indicator."""
    if not row:
        return {}
    shown = {name: row[name] for name in ("name", "days", "shelf_days", "stale_days") if name in row}
    shown |= {name: f"{row[name]:.10g}" for name in ("weight", "red", "green") if name in row}
    if "steps" in row:
        shown["scale"] = "steps"
        shown["steps"] = "\n".join(f"{value:g}: {score:g}" for value, score in row["steps"])
    return shown


def _read_steps(text: str) -> list[tuple[float, float]]:
    lines = [line for line in text.replace("：", ":").splitlines() if line.strip()]
    if not lines or len(lines) > MOST_STEPS:
        raise ValueError
    pairs = []
    for line in lines:
        value, score = line.split(":")
        try:
            pairs.append(tuple(float(parse_decimal(part, "step", places=6)) for part in (value, score)))
        except Refused:
            raise ValueError from None
    return pairs  # type: ignore[return-value]
