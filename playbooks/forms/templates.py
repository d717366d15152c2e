"""What does a person fill in about a playbook as a whole?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from accounts.forms.base import CleanText, WholeField, day_field
from accounts.models import Account, CustomField, SavedView, User
from health.models import HealthScore, WarningRule
from playbooks.forms.texts import TextsForm, initial_texts
from playbooks.models import Playbook, Run
from playbooks.queries.simulation import MOST_DAYS as MOST_SIMULATED
from playbooks.queries.words import DATE_NAMES
from playbooks.rules.definition import CUSTOM, MOST_DAYS, TRIGGER_SETTINGS, TriggerKind
from playbooks.rules.steps import MOST_OFFSET

LIMITS = ("most_starts", "within_days", "again_after_days", "hold_above")


class AboutForm(CleanText, TextsForm):
    """What a playbook is called, what for, for which industry, and how often it may start."""

    texts = {
        "name": (pgettext_lazy("of a thing", "Name"), 100, 1, True),
        "purpose": (_lazy("Purpose"), 2_000, 4, False),
    }
    category = forms.ChoiceField(label=_lazy("What it is for"), choices=Playbook.Category.choices)
    industry = forms.CharField(
        label=_lazy("Industry"), max_length=100, required=False,
        help_text=_lazy("Where it adapts another playbook. Whom it starts for is said by its entry rule."),
    )  # fmt: skip
    most_starts = WholeField(
        label=_lazy("At most so many starts"), min_value=1, max_value=1_000_000, required=False,
        help_text=_lazy("Empty: as many as there are."),
    )  # fmt: skip
    within_days = WholeField(label=_lazy("in so many days"), min_value=1, max_value=MOST_DAYS)
    again_after_days = WholeField(
        label=_lazy("Days before it starts again for one account"), min_value=0, max_value=MOST_DAYS
    )
    hold_above = WholeField(
        label=_lazy("Hold back more than so many at once"), min_value=1, max_value=1_000_000,
        help_text=_lazy("Then nothing starts until somebody has looked and says that all shall."),
    )  # fmt: skip
    with_churned = forms.BooleanField(label=_lazy("Also for customers who left"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)

    @staticmethod
    def initial_of(body: Mapping[str, Any]) -> dict[str, Any]:
        """What the form shows of a definition."""
        limits = {"within_days": 7, "again_after_days": 0, "hold_above": 100, **body.get("limits", {})}
        return {
            **initial_texts("name", body.get("name")),
            **initial_texts("purpose", body.get("purpose")),
            **{name: body.get(name) for name in ("category", "industry", "with_churned")},
            **{name: limits.get(name) for name in LIMITS},
        }

    def applied_to(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The definition with what was filled in."""
        said = self.cleaned_data
        return {
            **body,
            "name": self.words("name"),
            "purpose": self.words("purpose"),
            "category": said["category"],
            "industry": said["industry"],
            "with_churned": said["with_churned"],
            "limits": {name: said[name] for name in LIMITS},
        }


class NewPlaybookForm(CleanText, forms.Form):
    """The name of a new playbook, what it is for, and its first step."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100)
    category = forms.ChoiceField(label=_lazy("What it is for"), choices=Playbook.Category.choices, initial="other")
    step = forms.CharField(label=_lazy("Its first step"), max_length=200)


class TriggerForm(forms.Form):
    """One cause that starts a playbook; only what its kind takes is asked for."""

    days = WholeField(label=_lazy("Days"), min_value=0, max_value=min(MOST_DAYS, MOST_OFFSET))
    direction = forms.ChoiceField(
        label=_lazy("Before or after"), choices=[("before", _lazy("before")), ("after", _lazy("after"))]
    )
    view = forms.TypedChoiceField(
        label=_lazy("Saved view"), coerce=int,
        help_text=_lazy("It starts for an account that comes into the view. The view is read as its owner sees it."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: TriggerKind, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        takes = TRIGGER_SETTINGS[kind]
        if "keys" in takes:
            label, choices, required = _keys_of(kind)
            self.fields["keys"] = forms.MultipleChoiceField(
                label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple,
                help_text="" if required else _("None chosen: any."),
            )  # fmt: skip
        if "view" in takes:
            views = SavedView.objects.visible_to(person).filter(page="account_list").order_by("name", "pk")
            self.fields["view"].choices = list(views.values_list("pk", "name"))  # type: ignore[attr-defined]
        for name, need in (("days", "days"), ("direction", "days"), ("view", "view")):
            if need not in takes:
                del self.fields[name]
        if kind == TriggerKind.RENEWAL_AHEAD:
            del self.fields["direction"]
        self.order_fields(["keys", "days", "direction", "view"])

    @property
    def trigger(self) -> dict[str, Any]:
        """What was filled in, as a definition keeps it."""
        said = self.cleaned_data
        made: dict[str, Any] = {"kind": str(self.kind)}
        if "keys" in self.fields:
            made["keys"] = said["keys"]
        if "days" in self.fields:
            is_before = self.kind == TriggerKind.RENEWAL_AHEAD or said["direction"] == "before"
            made["days"] = -said["days"] if is_before else said["days"]
        if "view" in self.fields:
            made["view"] = said["view"]
        return made


class PublishForm(CleanText, forms.Form):
    """What changed with a new version."""

    note = forms.CharField(label=_lazy("What changed"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class PeriodForm(forms.Form):
    """A past period on which a playbook is tried."""

    since = day_field(label=_lazy("From"))
    until = day_field(label=_lazy("To"))

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", ValidationError(_("The period ends before it begins."), code="order"))
        elif since and until and (until - since).days >= MOST_SIMULATED:
            words = _("Choose a period of at most %(most)s days.") % {"most": MOST_SIMULATED}
            self.add_error("until", ValidationError(words, code="too_long"))
        return values


class FileForm(forms.Form):
    """A playbook as a file."""

    file = forms.FileField(
        label=_lazy("Playbook file"), help_text=_lazy("A .json file that was exported here or in another Mainstay.")
    )


def _keys_of(kind: TriggerKind) -> tuple[Any, list[tuple[str, Any]], bool]:
    """What can be chosen for a kind of trigger: its label, the choices, and whether one has to be."""
    if kind == TriggerKind.WARNING:
        rules = WarningRule.objects.order_by("position", "pk")
        return _("Warnings"), [(rule.key, rule.shown_name) for rule in rules], False
    if kind == TriggerKind.STAGE:
        return _("Stages"), list(Account.Stage.choices), True
    if kind == TriggerKind.DATE:
        own = CustomField.objects.filter(kind=CustomField.Kind.DATE).order_by("label")
        dates = [(name, str(label)) for name, label in DATE_NAMES.items()]
        return _("Dates"), [*dates, *((f"{CUSTOM}{one.key}", one.label) for one in own)], True
    bands = [band for band in HealthScore.Band.choices if band[0] in ("green", "yellow", "red")]
    return _("Health"), bands, True


KIND_CHOICES = [(kind, Run.Cause(kind.value).label) for kind in TriggerKind]
