"""What does a person fill in about whom sales needs to hear from?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, WholeField, day_field
from accounts.models import Account, Product
from advocacy.models import AskKind, ReferenceRequest
from common import money
from common.filters import NumberField
from usage.models import Scenario

NO_CHOICE = [("", "–")]


class RequestForm(CleanText, forms.Form):
    """The prospect and what it is like; save through `add_request` or `change_request`."""

    prospect = forms.CharField(label=_("Prospect"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=AskKind.choices)
    industry = forms.CharField(label=_("Industry"), required=False, max_length=100)
    region = forms.CharField(label=_("Region"), required=False, max_length=100)
    employees = WholeField(label=_("Employees"), required=False, min_value=1, max_value=2**31 - 1)
    tier = forms.ChoiceField(label=_("Tier"), choices=[*NO_CHOICE, *Account.Tier.choices], required=False)
    product = forms.ModelChoiceField(Product.objects.none(), label=_("Product"), required=False, empty_label="–")
    use_case = forms.ModelChoiceField(Scenario.objects.none(), label=_("Use case"), required=False, empty_label="–")
    needed_by = day_field(label=_("Needed by"), required=False)
    note = forms.CharField(
        label=_("What they want to hear"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    arr = NumberField(label=_("Deal, ARR"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[])

    def __init__(self, *args: Any, person: Any, with_money: bool, industries: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.visible_to(person)  # type: ignore[attr-defined]
        self.fields["use_case"].queryset = Scenario.objects.visible_to(person)  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(code, code) for code in money.currencies()]  # type: ignore[attr-defined]
        for name, known in (("industry", industries), ("region", regions)):
            value = self.initial.get(name) or ""
            chosen = [value] if value and value not in known else []
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, required=False,
                choices=[*NO_CHOICE, *((one, one) for one in [*known, *chosen])],
            )  # fmt: skip
        if not with_money:
            del self.fields["arr"], self.fields["currency"]


class DecideForm(forms.Form):
    """How a deal ended."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ReferenceRequest.Outcome.choices)
    decided_on = day_field(label=_("Decided on"), required=False)
