"""What does a person fill in about whom a customer brought?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, day_field
from accounts.models import Account, Contact, User
from advocacy.forms.fields import AccountNameField
from advocacy.models import Referral


class ReferralForm(CleanText, forms.Form):
    """Whom a customer brought, and who there did it; save through `add_referral` and `change_referral`."""

    company = forms.CharField(label=_("Company"), max_length=200, help_text=_("Whom did they bring?"))
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Contact who brought them"), required=False, empty_label=_("Not known")
    )
    invited_on = day_field(label=_("Invited on"))
    account = AccountNameField(
        label=_("Account that they became"), required=False,
        help_text=_("Name or external id, once there is one. From then on use and contracts move the referral along."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, referrer: Account, person: User, referral: Referral | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.visible_to(person).filter(account=referrer)  # type: ignore[attr-defined]
        self.fields["account"].person = person  # type: ignore[attr-defined]
        brought = referral.account if referral else None
        if brought and not Account.objects.visible_to(person).filter(pk=brought.pk).exists():
            # Whoever may not see the account keeps it as it is.
            del self.fields["account"]

    @staticmethod
    def initial_of(referral: Referral) -> dict[str, Any]:
        """What the form shows of a referral that exists."""
        return {
            "company": referral.company, "contact": referral.contact_id, "invited_on": referral.invited_on,
            "account": referral.account.name if referral.account else "", "note": referral.note,
        }  # fmt: skip


class LoseReferralForm(CleanText, forms.Form):
    """Why and when somebody who was brought is not coming; save through `advance_referral`."""

    reason = forms.CharField(label=_("Why"), max_length=500)
    on = day_field(label=_("Lost on"))


class ThanksForm(CleanText, forms.Form):
    """How and when a customer was thanked; save through `thank_for_referral`."""

    thanks = forms.CharField(
        label=_("How they were thanked"), max_length=500, help_text=_("A call, a note by hand, a month for free …")
    )
    thanked_on = day_field(label=_("Thanked on"))
