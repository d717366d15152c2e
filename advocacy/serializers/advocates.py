"""Which shapes do advocates and asks have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers.fields import RecordSerializer
from advocacy.models import Advocate, Ask
from common.serializers import StrictDateField, StrictSerializer


class AdvocateSerializer(RecordSerializer):
    """One contact on the way to speaking for us; the stage changes by `advance`, and with asks and answers."""

    fixed = ("contact",)

    class Meta:
        model = Advocate
        fields = ["id", "account", "contact", "stage", "since", "note"]
        read_only_fields = ["account", "stage", "since"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"contact": {"validators": []}}


class AdvocateStageSerializer(StrictSerializer):
    """The stage that an advocate has reached."""

    stage = serializers.ChoiceField(choices=Advocate.Stage.choices, label=_("stage"))


class AskSerializer(RecordSerializer):
    """One favour asked; the answer is given by `answer`."""

    fixed = ("advocate",)

    class Meta:
        model = Ask
        fields = ["id", "advocate", "kind", "asked_on", "asked_by", "answer", "answered_on"]
        read_only_fields = ["asked_by", "answer", "answered_on"]
        extra_kwargs: dict[str, Any] = {"asked_on": {"required": False}}


class AnswerSerializer(StrictSerializer):
    """What an advocate answered, and when."""

    answer = serializers.ChoiceField(choices=Ask.Answer.choices, label=_("answer"))
    answered_on = StrictDateField(required=False, allow_null=True, label=_("answered on"))
