"""Which shape do referrals have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Account
from accounts.serializers.fields import RecordSerializer, VisibleField
from advocacy.models import Referral
from common.serializers import StrictCharField, StrictDateField, StrictSerializer


class ReferralSerializer(RecordSerializer):
    """One company that a customer brought; the state changes by `advance`, and with the facts of its account."""

    fixed = ("referrer",)
    account = VisibleField(queryset=Account.objects, required=False, allow_null=True, label=_("account"))

    class Meta:
        model = Referral
        fields = [
            *("id", "referrer", "contact", "company", "account", "state"),
            *(f"{state}_on" for state in Referral.State.values),
            *("lost_reason", "note", "thanked_on", "thanked_by", "thanks"),
        ]
        read_only_fields = [
            *("state", "trial_on", "using_on", "shared_on", "signed_on", "lost_on", "lost_reason"),
            *("thanked_on", "thanked_by", "thanks"),
        ]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"invited_on": {"required": False}}


class ReferralStepSerializer(StrictSerializer):
    """The state that a referral has reached, since when, and why if it is lost."""

    state = serializers.ChoiceField(choices=Referral.State.choices, label=_("state"))
    on = StrictDateField(required=False, label=_("day"))
    reason = StrictCharField(required=False, max_length=500, allow_blank=True, label=_("why lost"))


class ThanksSerializer(StrictSerializer):
    """How and when a customer was thanked."""

    thanks = StrictCharField(max_length=500, label=_("how they were thanked"))
    thanked_on = StrictDateField(required=False, label=_("thanked on"))
