"""What does a person fill in about a contract line, a rate or a renewal?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import RecordForm, day_field, strict_field
from common.filters import NumberField
from common.money import currencies
from revenue.models import ContractLine, Renewal


def currency_choices() -> list[tuple[str, str]]:
    """All currencies by code."""
    return [(code, code) for code in currencies()]


class ContractLineForm(RecordForm):
    """What an account pays for; save through `add_line` or `change_line`."""

    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)

    class Meta(RecordForm.Meta):
        model = ContractLine
        fields = ["product", "arr", "currency", "seats", "starts_on", "ends_on", "notice_on", "is_payment_failed"]
        formfield_callback = strict_field
        help_texts = {"ends_on": _("The first day that is not paid for.")}


class EndLineForm(forms.Form):
    """When and why a contract line ends; save through `end_line`."""

    ends_on = day_field(label=_("Ends"), help_text=_("The first day that is not paid for."))
    notice_on = day_field(label=_("Notice given on"), required=False)
    is_payment_failed = forms.BooleanField(label=_("Ended by a failed payment"), required=False)


class ExchangeRateForm(forms.Form):
    """What one unit of a currency is worth; save through `set_rate`."""

    base = forms.ChoiceField(label=_("One unit of"), choices=currency_choices)
    quote = forms.ChoiceField(label=_("Is worth in"), choices=currency_choices)
    rate = NumberField(label=_("Rate"), places=8)
    on = day_field(label=_("From"))


class RenewalStageForm(forms.Form):
    """How far the talks are; save through `advance_renewal`."""

    stage = forms.ChoiceField(label=_("Stage"), choices=Renewal.Stage.choices)


class RenewalForm(RecordForm):
    """An end of contract to talk about; save through `create_renewal`."""

    class Meta(RecordForm.Meta):
        model = Renewal
        fields = ["due_on", "stage"]
        formfield_callback = strict_field
