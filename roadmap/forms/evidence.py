"""What does a person fill in when a customer asks for something?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, strict_field
from accounts.models import Account, Contact, User
from roadmap.models import FeatureRequest, RequestEvidence

Importance = RequestEvidence.Importance
# A wish that blocks is critical besides; the form asks both in one question.
BLOCKS = "blocks"
HOW_MUCH = [
    *((str(value), label) for value, label in Importance.choices),
    (BLOCKS, _("Critical: they cannot go on without it")),
]


class AskForForm(CleanText, forms.Form):
    """What is wanted, in whose words, and how much it matters; save through `ask_for`.

    `request` is the known need that a button below the title chooses.
    """

    title = forms.CharField(label=_("What do they want?"), max_length=200, help_text=_("One need, in a few words."))
    verbatim = forms.CharField(
        label=_("In their words"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    importance = forms.ChoiceField(
        label=_("How much does it matter to them?"), choices=HOW_MUCH, initial=str(Importance.USEFUL.value)
    )
    request = forms.ModelChoiceField(FeatureRequest.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request"].queryset = FeatureRequest.objects.visible_to(person)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Give the one answer as the two facts that it holds."""
        values = super().clean()
        if "importance" in values:
            values["is_blocker"] = values["importance"] == BLOCKS
            values["importance"] = Importance.CRITICAL if values["is_blocker"] else int(values["importance"])
        return values


class EvidenceForm(RecordForm):
    """What a customer said; save through `change_evidence`."""

    class Meta(RecordForm.Meta):
        model = RequestEvidence
        fields = ["verbatim", "importance", "is_blocker", "asked_on", "contact", "source"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = Contact.objects.filter(account=self.instance.account_id).order_by("name", "pk")
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]
        self.fields["verbatim"].widget.attrs["rows"] = 4


class LinkAccountsForm(CleanText, forms.Form):
    """Which accounts ask for a request; save through `link_accounts`."""

    accounts = forms.ModelMultipleChoiceField(
        Account.objects.none(), label=_("Accounts"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one account.")},
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = Account.objects.visible_to(person)  # type: ignore[attr-defined]
