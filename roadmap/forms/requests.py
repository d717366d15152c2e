"""What does a person fill in when a customer asks for something?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, strict_field
from accounts.models import Contact, User
from roadmap.models import FeatureRequest, RequestEvidence

Importance = RequestEvidence.Importance


class AskForForm(CleanText, forms.Form):
    """What is wanted, in whose words, and how much it matters; save through `ask_for`.

    `request` is the known need that a button below the title chooses.
    """

    title = forms.CharField(label=_("What do they want?"), max_length=200, help_text=_("One need, in a few words."))
    verbatim = forms.CharField(
        label=_("In their words"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    importance = forms.TypedChoiceField(
        label=_("How much does it matter to them?"), choices=Importance.choices, coerce=int, initial=Importance.USEFUL
    )
    request = forms.ModelChoiceField(FeatureRequest.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request"].queryset = FeatureRequest.objects.visible_to(person)  # type: ignore[attr-defined]


class EvidenceForm(RecordForm):
    """What a customer said; save through `change_evidence`."""

    class Meta(RecordForm.Meta):
        model = RequestEvidence
        fields = ["verbatim", "importance", "asked_on", "contact"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = Contact.objects.filter(account=self.instance.account_id).order_by("name", "pk")
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]
        self.fields["verbatim"].widget.attrs["rows"] = 4
