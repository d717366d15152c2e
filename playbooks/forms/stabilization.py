"""What does a person fill in about a plan to stabilize a customer?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.base import CleanText, WholeField
from accounts.models import User
from accounts.queries.accounts import people_who_serve
from common.filters import NumberField
from health.models import ComparisonName, MeasureName
from playbooks.models import Checkpoint, Run, StabilizationPlan
from playbooks.queries.stabilization import indicator_choices
from playbooks.rules.stabilization import MOST_CRITERIA, MOST_DRIVERS, checkpoint_days

MOST_DAYS = 365
# Rows that wait for one more criterion.
SPARE_ROWS = 1


class PersonField(forms.ModelChoiceField):
    """Somebody who serves customers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """The name alone."""
        return str(obj.name)


class PlanForm(CleanText, forms.Form):
    """How long a plan is, who answers for it, and what is planned by each checkpoint."""

    length = forms.TypedChoiceField(
        label=_("Length"), choices=StabilizationPlan.Length.choices, coerce=int, widget=forms.RadioSelect, initial=30
    )
    owner = PersonField(label=_("Who answers for the plan"))
    run = forms.ModelChoiceField(
        label=_("Belongs to the run"), queryset=Run.objects.none(), required=False, empty_label=_("No run")
    )

    def __init__(self, *args: Any, runs: Any = None, plan: StabilizationPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_who_serve().order_by("name", "pk")  # type: ignore[attr-defined]
        if runs is None or not runs.exists():
            del self.fields["run"]
        else:
            self.fields["run"].queryset = runs  # type: ignore[attr-defined]
        if plan is not None:
            del self.fields["length"]
        days = [one.day for one in plan.checkpoints.filter(verdict="")] if plan else checkpoint_days(90)
        for day in days:
            self.fields[f"planned_{day}"] = forms.CharField(
                label=_("Planned by day %(day)s") % {"day": day}, max_length=500, required=False
            )
        self.days = tuple(days)

    def planned(self) -> dict[int, str]:
        """What is planned, by day."""
        return {day: self.cleaned_data.get(f"planned_{day}", "") for day in self.days}


class DriverForm(CleanText, forms.Form):
    """One driver; one without words is none."""

    text = forms.CharField(label=_("What drives it"), max_length=200, required=False)
    action = forms.CharField(label=_("What is done about it"), max_length=500, required=False)
    owner = PersonField(label=_("Owner"), required=False)
    warning = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_who_serve().order_by("name", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the one owner where there is a driver."""
        values = super().clean()
        if values.get("text") and not values.get("owner") and "owner" not in self.errors:
            self.add_error("owner", forms.ValidationError(_("Every driver needs one owner."), code="required"))
        return values


class CriterionForm(forms.Form):
    """One exit criterion; one without a measure is none."""

    measure = forms.ChoiceField(label=pgettext_lazy("figure", "Measure"), required=False)
    comparison = forms.ChoiceField(label=_("Is"), choices=ComparisonName.choices, required=False)
    threshold = NumberField(label=_("Threshold"), required=False)
    days = WholeField(label=_("Window, days"), min_value=1, max_value=MOST_DAYS, required=False)

    def __init__(self, *args: Any, measures: Sequence[tuple[Any, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = measures  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a threshold where a measure is chosen."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("measure") and values.get("threshold") is None and "threshold" not in self.errors:
            self.add_error("threshold", forms.ValidationError(_("Give a threshold."), code="required"))
        return values


class Rows(forms.BaseFormSet):
    """Rows of a plan, of which those that say something count."""

    def filled(self, name: str) -> list[dict[str, Any]]:
        """The rows in which a field was filled in."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get(name)]


def driver_rows(data: Any, initial: Sequence[dict[str, Any]]) -> Rows:
    """Three rows for drivers, the first ones filled in."""
    made: Any = forms.formset_factory(
        DriverForm, formset=Rows, extra=max(MOST_DRIVERS - len(initial), 0), max_num=MOST_DRIVERS,
        absolute_max=MOST_DRIVERS,
    )  # fmt: skip
    shown: Rows = made(data, initial=list(initial), prefix="driver")
    return shown


def criterion_rows(data: Any, initial: Sequence[dict[str, Any]], on: dt.date) -> Rows:
    """Rows for exit criteria, the first ones filled in."""
    made: Any = forms.formset_factory(
        CriterionForm, formset=Rows, extra=SPARE_ROWS, max_num=MOST_CRITERIA, absolute_max=MOST_CRITERIA
    )
    shown = [{**line, "threshold": f"{line['threshold']:g}"} for line in initial]
    rows: Rows = made(data, initial=shown, prefix="criterion", form_kwargs={"measures": measure_choices(on)})
    return rows


def measure_choices(on: dt.date) -> list[tuple[Any, Any]]:
    """What can be measured: what warnings know, and the indicators of the scorecards."""
    return [("", "–"), (_("Measures"), list(MeasureName.choices)), (_("Indicators"), indicator_choices(on))]


class VerdictForm(CleanText, forms.Form):
    """What is decided at a checkpoint; only a manager is asked for a reason to overrule the data."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=Checkpoint.Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        help_text=_("Needed to extend, to escalate and to say that it failed."),
    )
    override_reason = forms.CharField(
        label=_("Why stabilized in spite of unmet criteria"),
        max_length=500,
        required=False,
        help_text=_("Kept in the audit log with your name."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, verdicts: Sequence[tuple[str, Any]] = (), may_override: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verdicts:
            self.fields["verdict"].choices = list(verdicts)  # type: ignore[attr-defined]
        if not may_override:
            del self.fields["override_reason"]
