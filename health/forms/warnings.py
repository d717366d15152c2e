"""What does a person fill in about warnings and the rules that make them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.base import CleanText, WholeField, day_field
from accounts.models import Account
from common.filters import NumberField
from common.forms import DraftForm
from health.models import ComparisonName, MeasureName, WarningRule
from health.rules.warnings import MOST_DAYS, MOST_TESTS

# The conditions that the form shows; others, set by the API, are kept as they are.
CHOSEN_FIELDS = {
    "tier": Account.Tier.choices,
    "stage": [choice for choice in Account.Stage.choices if choice[0] != Account.Stage.CHURNED],
    "purchase_level": Account.PurchaseLevel.choices,
}


class SnoozeForm(CleanText, forms.Form):
    """Until when a warning is put off, and why."""

    until = day_field(label=_("Until the end of"))
    reason = forms.CharField(label=_("Why"), max_length=500)


class ResolveForm(CleanText, forms.Form):
    """Why a warning is resolved."""

    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("It stays resolved while the cause lasts, and opens if it returns.")
    )


class RuleForm(CleanText, DraftForm):
    """What a rule is called, how much it matters, for which accounts it is, and how many it may open."""

    match = forms.ChoiceField(
        label=_("It warns when"), choices=[("all", _("all tests are true")), ("any", _("any test is true"))]
    )
    after_days = WholeField(
        label=_("Not in the first days after signing"), min_value=0, max_value=MOST_DAYS, required=False, initial=0
    )
    tier = forms.MultipleChoiceField(
        label=_("Only these tiers"), choices=Account.Tier.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    stage = forms.MultipleChoiceField(
        label=_("Only these stages"),
        choices=CHOSEN_FIELDS["stage"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purchase_level = forms.MultipleChoiceField(
        label=_("Only these purchase levels"),
        choices=Account.PurchaseLevel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = WarningRule
        fields = ("name", "severity", "effect", "is_enabled", "position", "reopen_days", "hold_percent", "hold_count")

    def __init__(self, data: Any = None, *, instance: WarningRule | None = None, **kwargs: Any) -> None:
        definition = instance.definition if instance is not None else {}
        super().__init__(data, instance=instance, initial=_initial(definition), **kwargs)
        self.others = [row for row in definition.get("conditions", []) if not _is_shown(row)]

    def definition(self, tests: list[dict[str, Any]]) -> dict[str, Any]:
        """What the rule warns of, with these tests."""
        values = self.cleaned_data
        chosen = [
            {"field": name, "operator": "in", "value": values[name]} for name in CHOSEN_FIELDS if values.get(name)
        ]
        return {
            "tests": tests,
            "match": values["match"],
            "conditions": [*chosen, *self.others],
            "after_days": values.get("after_days") or 0,
        }

    def row_values(self) -> dict[str, Any]:
        """The values of the rule's own columns."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class TestForm(forms.Form):
    """One test of a rule; one without a measure is none."""

    __test__ = False  # no test of pytest's

    measure = forms.ChoiceField(
        label=pgettext_lazy("figure", "Measure"), choices=[("", "–"), *MeasureName.choices], required=False
    )
    comparison = forms.ChoiceField(label=_("Is"), choices=ComparisonName.choices, required=False)
    threshold = NumberField(label=_("Threshold"), required=False)
    days = WholeField(label=_("Window, days"), min_value=1, max_value=MOST_DAYS, required=False)
    minimum = NumberField(label=_("Least to compare with"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for a threshold where a measure is chosen."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("measure") and values.get("threshold") is None and "threshold" not in self.errors:
            self.add_error("threshold", forms.ValidationError(_("Give a threshold."), code="required"))
        return values


class BaseTestFormSet(forms.BaseFormSet):
    """The tests of a rule."""

    def tests(self) -> list[dict[str, Any]]:
        """Give the tests that were filled in, as they are stored."""
        return [_stored(form.cleaned_data) for form in self.forms if form.cleaned_data.get("measure")]


def rule_tests(data: Any, definition: Mapping[str, Any]) -> BaseTestFormSet:
    """Make the tests' forms: those that there are, and room for more."""
    tests = list(definition.get("tests", []))
    made: Any = forms.formset_factory(
        TestForm,
        formset=BaseTestFormSet,
        extra=max(1, min(3, MOST_TESTS) - len(tests)) if len(tests) < MOST_TESTS else 0,
        max_num=MOST_TESTS,
        absolute_max=MOST_TESTS,
    )
    shown: BaseTestFormSet = made(data, initial=[_shown(test) for test in tests], prefix="test")
    return shown


def _initial(definition: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {}
    for row in definition.get("conditions", []):
        if _is_shown(row):
            value = row.get("value")
            chosen[row["field"]] = value if isinstance(value, list) else [value]
    return {"match": definition.get("match", "all"), "after_days": definition.get("after_days", 0), **chosen}


def _is_shown(row: Any) -> bool:
    """Say whether a condition can be shown as boxes to tick."""
    return isinstance(row, Mapping) and row.get("field") in CHOSEN_FIELDS and row.get("operator", "is") in ("is", "in")


def _shown(test: Mapping[str, Any]) -> dict[str, Any]:
    """A stored test as its form shows it: 7, not 7.0."""
    return {name: f"{value:g}" if isinstance(value, float) else value for name, value in test.items()}


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    test: dict[str, Any] = {
        "measure": values["measure"],
        "comparison": values.get("comparison") or ComparisonName.AT_LEAST.value,
        "threshold": float(values["threshold"]),
    }
    if values.get("days"):
        test["days"] = values["days"]
    if values.get("minimum") is not None:
        test["minimum"] = float(values["minimum"])
    return test
