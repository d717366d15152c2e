"""What does a person fill in about a contract line, a rate or a renewal?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import RecordForm, day_field, strict_field
from common.filters import NumberField
from common.forms import DraftForm
from common.money import currencies
from revenue.models import ContractLine, Renewal, RevenueSettings


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


class PercentField(NumberField):
    """A fraction that people read and type in per cent."""

    def prepare_value(self, value: Any) -> Any:
        """Show a stored fraction in per cent; what was typed stays as it was typed."""
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        """Read per cent, with or without the sign."""
        typed = super().clean((value or "").strip().removesuffix("%").removesuffix("\uff05"))
        return None if typed is None else typed / 100


def benchmark_field(field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """Read shares in per cent and numbers of accounts strictly."""
    if isinstance(field, models.DecimalField):
        return PercentField(label=capfirst(field.verbose_name), help_text=field.help_text)
    return strict_field(field, **kwargs)


class RevenueSettingsForm(DraftForm):
    """The marks that revenue figures are held against; save through `change_revenue_settings`."""

    class Meta:
        model = RevenueSettings
        fields = (*RevenueSettings.SHARES, *RevenueSettings.COUNTS)
        formfield_callback = benchmark_field
