"""What does a person fill in about one step of a playbook?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.forms.base import WholeField
from accounts.models import Contact, ImplementationRecord
from playbooks.forms.texts import TextsForm, initial_texts
from playbooks.models import Task
from playbooks.queries.words import CHANNEL_NAMES, DATE_NAMES, LANDING_NAMES, UNIT_NAMES, say
from playbooks.rules.drafts import free_step_key
from playbooks.rules.steps import ACCOUNT_DATES, MOST_OFFSET, START, STEP

BEFORE, AFTER = "before", "after"


class StepForm(TextsForm):
    """One step: what, by whom, when, for whom."""

    texts = {
        "title": (_lazy("What is to be done"), 200, 1, True),
        "instructions": (_lazy("Instructions"), 10_000, 8, False),
        "done_means": (_lazy("Done means"), 1_000, 2, False),
        "mail_subject": (_lazy("Subject of the e-mail"), 200, 1, False),
        "mail_body": (_lazy("Text of the e-mail"), 10_000, 8, False),
    }
    kind = forms.ChoiceField(label=_lazy("Kind"), choices=Task.Kind.choices)
    role = forms.ChoiceField(label=_lazy("Who"), choices=Task.Role.choices)
    offset = WholeField(label=_lazy("Distance"), min_value=0, max_value=MOST_OFFSET, initial=0)
    unit = forms.ChoiceField(label=_lazy("Counted in"), choices=list(UNIT_NAMES.items()), initial="working")
    direction = forms.ChoiceField(
        label=_lazy("Before or after"), choices=[(AFTER, _lazy("after")), (BEFORE, _lazy("before"))], initial=AFTER
    )
    anchor = forms.ChoiceField(label=_lazy("Counted from"))
    landing = forms.ChoiceField(
        label=_lazy("If it lands on a day off"), choices=list(LANDING_NAMES.items()), initial="next"
    )
    depends_on = forms.MultipleChoiceField(
        label=_lazy("Begins only when these are done"), required=False, widget=forms.CheckboxSelectMultiple
    )
    channels = forms.MultipleChoiceField(
        label=_lazy("Only for accounts that are served"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=list(CHANNEL_NAMES.items()), help_text=_lazy("None chosen: for all."),
    )  # fmt: skip
    mail_to = forms.MultipleChoiceField(
        label=_lazy("The e-mail goes to"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=Contact.Role.choices, help_text=_lazy("None chosen: to everybody who has an address."),
    )  # fmt: skip
    files_as = forms.ChoiceField(
        label=_lazy("Files a stage into the handoff file"), required=False,
        choices=[("", _lazy("None")), *ImplementationRecord.Stage.choices],
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)

    def __init__(self, *args: Any, body: Mapping[str, Any], key: str = "", **kwargs: Any) -> None:
        self.body, self.key = body, key
        step = next((one for one in body["steps"] if one["key"] == key), None)
        super().__init__(*args, initial={**(_initial(step) if step else {}), **kwargs.pop("initial", {})}, **kwargs)
        others = [(one["key"], say(one["title"])) for one in body["steps"] if one["key"] != key]
        dates = [(name, capfirst(str(DATE_NAMES[name]))) for name in ACCOUNT_DATES]
        counted = [(f"{STEP}{other}", _("“%(step)s”") % {"step": title}) for other, title in others]
        self.fields["anchor"].choices = [(START, _("The start")), *dates, *counted]  # type: ignore[attr-defined]
        self.fields["depends_on"].choices = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for subject and text where there is a mail, and keep a subject to one line."""
        values = super().clean()
        if values.get("kind") == Task.Kind.EMAIL:
            for name in ("mail_subject", "mail_body"):
                if not self.words(name):
                    label = self.texts[name][0]
                    message = _("%(label)s is required.") % {"label": label}
                    self.add_error(self.own_texts[name].name, ValidationError(message, code="required"))
        return values

    @property
    def step(self) -> dict[str, Any]:
        """What was filled in, as a definition keeps it; what the form does not show stays as it was."""
        said = self.cleaned_data
        title = self.words("title")
        before: Mapping[str, Any] = next((one for one in self.body["steps"] if one["key"] == self.key), {})
        made = {
            **before,
            "key": self.key or free_step_key(self.body, title.get("en") or say(title)),
            "title": title,
            "instructions": self.words("instructions"),
            "done_means": self.words("done_means"),
            "offset": -said["offset"] if said["direction"] == BEFORE else said["offset"],
            **{name: said[name] for name in ("kind", "role", "unit", "anchor", "landing", "depends_on", "channels")},
            "files_as": said["files_as"],
        }
        made.pop("mail", None)
        if said["kind"] == Task.Kind.EMAIL:
            made["mail"] = {
                "subject": self.words("mail_subject"), "body": self.words("mail_body"), "to": said["mail_to"],
            }  # fmt: skip
        return made


def _initial(step: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows of a step."""
    mail, offset = step.get("mail") or {}, step.get("offset", 0)
    names = ("kind", "role", "unit", "anchor", "landing", "depends_on", "channels", "files_as")
    return {
        **{name: step[name] for name in names if name in step},
        **initial_texts("title", step["title"]),
        **initial_texts("instructions", step.get("instructions")),
        **initial_texts("done_means", step.get("done_means")),
        **initial_texts("mail_subject", mail.get("subject")),
        **initial_texts("mail_body", mail.get("body")),
        "mail_to": mail.get("to", []),
        "offset": abs(offset),
        "direction": BEFORE if offset < 0 else AFTER,
    }
