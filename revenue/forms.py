"""What does a person fill in about a contract line, a rate or a renewal?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, day_field, strict_field
from accounts.models import User
from accounts.queries.accounts import people_who_serve
from common.filters import NumberField
from common.forms import DraftForm
from common.money import currencies
from revenue.models import ContractLine, ExpansionSettings, Opportunity, Renewal, RenewalPolicy, RevenueSettings


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
        fields = (*RevenueSettings.SHARES, *RevenueSettings.COUNTS, *RevenueSettings.DAYS)
        formfield_callback = benchmark_field


class OpportunityForm(RecordForm):
    """What an account may buy more of; save through `create_opportunity` or `change_opportunity`."""

    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)

    class Meta(RecordForm.Meta):
        model = Opportunity
        fields = ["kind", "product", "arr", "currency", "expected_on", "probability", "owner", "note"]
        formfield_callback = strict_field
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"arr": _("What it would add in a year.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who owned it stays a choice for who corrects the rest, even after they have left.
        known = self.instance.owner_id
        serving = people_who_serve().order_by("name", "pk")
        self.fields["owner"].queryset = (  # type: ignore[attr-defined]
            User.objects.filter(Q(pk__in=serving.values("pk")) | Q(pk=known)).order_by("name", "pk")
            if known
            else serving
        )


class NewOpportunityForm(OpportunityForm):
    """The same with the stage in which it begins; save through `create_opportunity`."""

    class Meta(OpportunityForm.Meta):
        fields = ["kind", "product", "arr", "currency", "expected_on", "stage", "probability", "owner", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = [(stage.value, stage.label) for stage in Opportunity.OPEN]
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]


class WinForm(forms.Form):
    """On which day it was won; save through `win_opportunity`."""

    won_on = day_field(label=_("Won on"))


class LoseForm(CleanText, forms.Form):
    """Why it was lost; save through `lose_opportunity`."""

    reason = forms.ChoiceField(label=_("Why lost"), choices=[("", "—"), *Opportunity.LostReason.choices])
    note = forms.CharField(
        label=_("What they said"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class TargetsForm(forms.Form):
    """What each person is to bring in; save through `set_targets`."""

    def __init__(self, *args: Any, people: Iterable[User], amounts: Mapping[int, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {f"target_{user.pk}": user for user in people}
        for name, user in self.people.items():
            amount = amounts.get(user.pk)
            initial = None if amount is None else f"{amount.normalize():f}"
            self.fields[name] = NumberField(label=user.name, required=False, initial=initial)

    def amounts(self) -> dict[User, Decimal | None]:
        """What was filled in, by person."""
        return {user: self.cleaned_data[name] for name, user in self.people.items()}


class ExpansionSettingsForm(DraftForm):
    """How likely stages are, and from when on a trait counts; save through `change_expansion_settings`."""

    class Meta:
        model = ExpansionSettings
        fields = [
            "identified_percent", "qualified_percent", "proposed_percent", "seats_full_percent",
            "features_full_percent", "tenure_days", "horizon_days", "windows", "least_accounts",
        ]  # fmt: skip


class RenewalPolicyForm(DraftForm):
    """The terms of renewals, risks and downgrades; save through `change_policy`."""

    class Meta:
        model = RenewalPolicy
        fields = (
            *("quiet_days", "downgrade_days", "renew_percent", "downgrade_percent", "churn_percent"),
            *("near_days", "near_update_days", "far_update_days", "first_look_days", "last_look_days", "least_cases"),
        )
