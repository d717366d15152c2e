"""Which shapes do advocates and asks have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Contact
from accounts.serializers.fields import RecordSerializer, VisibleField
from advocacy.actions import GivenConsent
from advocacy.models import Advocate, Ask
from common.serializers import StrictCharField, StrictDateField, StrictSerializer


class AdvocateSerializer(RecordSerializer):
    """One contact on the way to speaking for us; the stage changes by `advance`, and with asks and answers."""

    fixed = ("contact",)

    class Meta:
        model = Advocate
        fields = ["id", "account", "contact", "stage", "since", "note", "withdrawn_cause"]
        read_only_fields = ["account", "stage", "since", "withdrawn_cause"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"contact": {"validators": []}}


class AdvocateStageSerializer(StrictSerializer):
    """The stage that an advocate has reached."""

    stage = serializers.ChoiceField(choices=Advocate.Stage.choices, label=_("stage"))


class AskSerializer(RecordSerializer):
    """One favour asked; what follows is said by `answer`, `done` and `thank`.

    Name an advocate, or a contact, who then becomes one. What the limits forbid is refused whoever asks.
    """

    fixed = ("advocate", "contact")
    advocate = VisibleField(queryset=Advocate.objects, required=False, label=_("advocate"))
    contact = VisibleField(queryset=Contact.objects, required=False, write_only=True, label=_("contact"))
    consent_evidence = StrictCharField(required=False, write_only=True, max_length=300, label=_("how it was given"))
    consent_until = StrictDateField(required=False, write_only=True, label=_("expires on"))
    state = serializers.ChoiceField(choices=Ask.State.choices, read_only=True)

    class Meta:
        model = Ask
        fields = [
            *("id", "advocate", "contact", "kind", "asked_on", "asked_by", "request", "soft_limits", "reason", "state"),
            *("answer", "answered_on", "done_on", "outcome", "thanked_on", "withdrawn_on", "withdrawn_cause"),
            *("consent_evidence", "consent_until"),
        ]
        read_only_fields = [
            *("asked_by", "soft_limits", "answer", "answered_on", "done_on", "outcome", "thanked_on"),
            *("withdrawn_on", "withdrawn_cause"),
        ]
        extra_kwargs: dict[str, Any] = {"asked_on": {"required": False}, "reason": {"required": False}}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of advocate and contact, and read a consent that was given with the ask."""
        if ("advocate" in values) == ("contact" in values):
            raise serializers.ValidationError({"advocate": _("Name either an advocate or a contact.")})
        evidence, until = values.pop("consent_evidence", ""), values.pop("consent_until", None)
        if evidence and until is None:
            raise serializers.ValidationError({"consent_until": _("Say until when it holds.")})
        values["consent"] = GivenConsent(evidence, until) if evidence and until else None
        return values


class AnswerSerializer(StrictSerializer):
    """What an advocate answered, and when."""

    answer = serializers.ChoiceField(choices=Ask.Answer.choices, label=_("answer"))
    answered_on = StrictDateField(required=False, allow_null=True, label=_("answered on"))


class DoneSerializer(StrictSerializer):
    """When a favour was done, and what came of it."""

    done_on = StrictDateField(required=False, allow_null=True, label=_("done on"))
    outcome = StrictCharField(required=False, allow_blank=True, max_length=500, label=_("what came of it"))


class AskThanksSerializer(StrictSerializer):
    """When somebody said thank you."""

    thanked_on = StrictDateField(required=False, allow_null=True, label=_("thanked on"))
