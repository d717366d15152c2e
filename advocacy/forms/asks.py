"""What does a person fill in to ask for a favour, and when it is done?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, day_field
from advocacy.actions import GivenConsent
from advocacy.models import AskKind, ReferenceRequest


class AskForm(CleanText, forms.Form):
    """What somebody is asked for, for whom, and on which consent; save through `ask_person`."""

    kind = forms.ChoiceField(label=_("Ask for"), choices=AskKind.choices)
    request = forms.ModelChoiceField(
        ReferenceRequest.objects.none(), label=_("For the request of sales"), required=False, empty_label="–"
    )
    reason = forms.CharField(label=_("Why all the same"), required=False, max_length=500)
    evidence = forms.CharField(
        label=_("How did they agree to be asked?"), required=False, max_length=300,
        help_text=_("Only where no consent holds yet: a mail, a call, the box that they ticked in a survey."),
    )  # fmt: skip
    expires_on = day_field(label=_("Their consent holds until"), required=False)

    def __init__(self, *args: Any, requests: Any, with_doubts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request"].queryset = requests  # type: ignore[attr-defined]
        self.fields["reason"].required = with_doubts
        if not with_doubts:
            self.fields["reason"].widget = forms.HiddenInput()

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        consent = GivenConsent(given["evidence"], given["expires_on"]) if given["evidence"] else None
        return {"kind": given["kind"], "request": given["request"], "reason": given["reason"], "consent": consent}

    def clean(self) -> dict[str, Any]:
        """Ask until when a new consent holds."""
        values = super().clean()
        if values.get("evidence") and not values.get("expires_on") and "expires_on" not in self.errors:
            self.add_error("expires_on", forms.ValidationError(_("Say until when it holds."), code="required"))
        return values


class BulkAskForm(CleanText, forms.Form):
    """What several people are asked for."""

    kind = forms.ChoiceField(label=_("Ask for"), choices=AskKind.choices)
    reason = forms.CharField(label=_("Why all the same"), required=False, max_length=500)


class DoneForm(CleanText, forms.Form):
    """When a favour was done, and what came of it."""

    done_on = day_field(label=_("Done on"))
    outcome = forms.CharField(label=_("What came of it"), required=False, max_length=500)
