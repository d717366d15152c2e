"""What does a person fill in about handoffs, promises, goals and touches?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, day_field, moment_field, strict_field
from accounts.models import (
    Account,
    BusinessGoal,
    Contact,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    ImplementationRecord,
    Promise,
    TimelineEntry,
)
from accounts.rules import timeline as timeline_rules

# The words of each ready-made entry: its name, its title, and what to write about.
LOG_WORDS = {
    "check_in": (_("Check-in"), _("Check-in call"), _("How is it going?\nWhat changed since last time?\nNext step:")),
    "kick_off": (_("Kick-off"), _("Kick-off meeting"), _("Goals agreed:\nWho does what:\nDates:\nRisks:")),
    "qbr": (
        _("QBR"),
        _("Quarterly business review"),
        _("Value reached:\nUsage:\nOpen promises:\nPlans for next quarter:\nNext step:"),
    ),
    "training": (_("Training"), _("Training"), _("Topics:\nWho took part:\nWhat needs another round:")),
    "escalation": (_("Escalation"), _("Escalation call"), _("What happened:\nImpact:\nWho mends it, until when:")),
    "exec_call": (_("Executive call"), _("Executive call"), _("What matters to them now:\nAsked of us:\nNext step:")),
}

SECTION_HELP = {
    "business_situation": _("What is going on in their business, and why now?"),
    "size_and_industry": _("How large are they, and what do they do?"),
    "why_bought": _("Which problem did they buy to solve?"),
    "promised": _("What were they told that they will get?"),
    "price_terms": _("Price, discounts, terms of payment and renewal."),
    "stakeholders": _("Who decides, who pays, who uses it, who is against it?"),
    "competitor": _("Who else was or is in play?"),
    "risks": _("What could make this fail?"),
    "scope": _("What is in, and what is not?"),
}


class HandoffForm(RecordForm):
    """The sections of a handoff file."""

    class Meta(RecordForm.Meta):
        model = Handoff
        fields = list(Handoff.SECTIONS)
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in Handoff.SECTIONS:
            self.fields[name].help_text = SECTION_HELP[name]
            self.fields[name].widget.attrs["rows"] = 3


class ReturnForm(CleanText, forms.Form):
    """Why a handoff goes back."""

    return_reasons = forms.CharField(
        label=_("What is missing or wrong?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say why you return the handoff, so that it can be mended.")},
    )  # fmt: skip


class PromiseForm(RecordForm):
    """A promise to a customer."""

    class Meta(RecordForm.Meta):
        model = Promise
        fields = ["text", "made_by", "made_to", "made_on", "due_on", "evidence"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["made_to"].queryset = Contact.objects.filter(account=account)  # type: ignore[attr-defined]
        self.fields["evidence"].widget.attrs["rows"] = 2


class SettleForm(CleanText, forms.Form):
    """How a promise ended."""

    state = forms.ChoiceField(
        label=_("What became of it?"), widget=forms.RadioSelect,
        choices=[choice for choice in Promise.State.choices if choice[0] != Promise.State.OPEN],
    )  # fmt: skip
    evidence = forms.CharField(
        label=_("Evidence"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = day_field(label=_("New due day"), required=False, help_text=_("Only for a renegotiated promise."))


class GapForm(RecordForm):
    """An expectation that the product does not meet today."""

    class Meta(RecordForm.Meta):
        model = ExpectationGap
        fields = ["text", "found_on"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["found_on"].required = False


class ImplementationForm(RecordForm):
    """What happened at one stage of putting the product to work."""

    file = forms.FileField(
        label=_("File"), required=False,
        help_text=_("PDF, pictures, Office documents or plain text, at most 10 MB."),
    )  # fmt: skip

    class Meta(RecordForm.Meta):
        model = ImplementationRecord
        fields = ["stage", "on", "people", "outcome"]
        formfield_callback = strict_field


class UploadForm(forms.Form):
    """One more file for an archive record."""

    file = forms.FileField(
        label=_("File"), allow_empty_file=True,
        help_text=_("PDF, pictures, Office documents or plain text, at most 10 MB."),
    )  # fmt: skip


class GoalForm(RecordForm):
    """A result that the customer wants."""

    class Meta(RecordForm.Meta):
        model = BusinessGoal
        fields = ["name", "metric", "unit", "baseline", "target", "due_on"]
        formfield_callback = strict_field
        help_texts = {"metric": _("What is measured, for example minutes per order.")}


class MeasurementForm(RecordForm):
    """Where a goal stands on a day."""

    class Meta(RecordForm.Meta):
        model = GoalMeasurement
        fields = ["on", "value", "note"]
        formfield_callback = strict_field


class EntryForm(RecordForm):
    """A note or a touch."""

    at = moment_field(label=_("When"), required=False)

    class Meta(RecordForm.Meta):
        model = TimelineEntry
        fields = ["title", "body", "contacts", "kind", "at", "follow_up_on", "is_private"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, account: Account, at: dt.datetime, template: str = "", **kwargs: Any) -> None:
        local = at.astimezone(timezone.get_current_timezone())
        on = local.date()
        if template in LOG_WORDS:
            known, (_name, title, body) = timeline_rules.LOG_TEMPLATES[template], LOG_WORDS[template]
            kwargs["initial"] = {
                "kind": known.kind,
                "title": str(title),
                "body": str(body),
                "follow_up_on": timeline_rules.follow_up_on(template, on),
            } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in TimelineEntry.BY_HAND
        ]
        self.fields["body"].widget.attrs["autofocus"] = True
        self.fields["body"].widget.attrs["rows"] = 6
        self.fields["is_private"].help_text = _("Only you and managers see it.")
        people = Contact.objects.filter(account=account).present_on(on)
        if self.instance.pk:
            people = people | Contact.objects.filter(pk__in=self.instance.contacts.values("pk"))
        with_whom = forms.ModelMultipleChoiceField(
            queryset=people.distinct(), required=False, widget=forms.CheckboxSelectMultiple, label=_("Spoke with")
        )
        self.fields["contacts"] = with_whom
        if not self.instance.pk:
            self.initial.setdefault("at", local.replace(second=0, microsecond=0))
