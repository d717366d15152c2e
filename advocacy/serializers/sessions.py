"""Which shapes do sharing sessions, invitations and talks have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Account, Contact, Product, Tag
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field
from advocacy.forms.sessions import BANDS
from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.sessions import Segment
from common.serializers import StrictCharField, StrictSerializer


class SharingSessionSerializer(RecordSerializer):
    """One session; it is called off by `cancel`, and held once somebody came."""

    fixed = ()

    class Meta:
        model = SharingSession
        fields = [
            *("id", "name", "on", "starts_at", "place", "topic", "product", "host", "seats", "state", "cancel_reason"),
        ]
        read_only_fields = ["state", "cancel_reason"]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"seats": {"min_value": 1}}


class CancelSerializer(StrictSerializer):
    """Why a session is called off."""

    reason = StrictCharField(max_length=500, label=_("why"))


class SessionInvitationSerializer(RecordSerializer):
    """One customer of a session; `attendance` is the fact that it came, `follow_up` an entry of its timeline."""

    fixed = ("session", "account")

    class Meta:
        model = SessionInvitation
        fields = [
            *("id", "session", "account", "contact", "invited_on", "invited_by", "answer", "answered_on"),
            *("attendance", "follow_up"),
        ]
        read_only_fields = ["invited_on", "invited_by", "answer", "answered_on", "attendance", "follow_up"]
        validators: list[Any] = []


class SegmentSerializer(StrictSerializer):
    """Which customers to invite to a session; every choice narrows, none means all that one may see."""

    session = VisibleField(queryset=SharingSession.objects, label=_("session"))
    tier = serializers.MultipleChoiceField(choices=Account.Tier.choices, required=False)
    band = serializers.MultipleChoiceField(choices=BANDS, required=False)
    industry = StrictCharField(required=False, allow_blank=True, max_length=200)
    product = VisibleField(queryset=Product.objects, required=False, allow_null=True)
    tag = VisibleField(queryset=Tag.objects, many=True, required=False)

    def segment(self) -> Segment:
        """What was chosen."""
        chosen = self.validated_data
        product = chosen.get("product")
        return Segment(
            tiers=tuple(sorted(chosen.get("tier", ()))), industry=chosen.get("industry", ""),
            bands=tuple(sorted(chosen.get("band", ()))), product_id=product.pk if product else None,
            tag_ids=tuple(tag.pk for tag in chosen.get("tag", ())),
        )  # fmt: skip


class CameSerializer(StrictSerializer):
    """Which customers came to a session, invited or not."""

    session = VisibleField(queryset=SharingSession.objects, label=_("session"))
    accounts = account_field(many=True)


class SessionAnswerSerializer(StrictSerializer):
    """Whether they come."""

    answer = serializers.ChoiceField(choices=SessionInvitation.Answer.choices, label=_("answer"))


class InvitationContactSerializer(StrictSerializer):
    """Which contact is invited, or came."""

    contact = VisibleField(queryset=Contact.objects, allow_null=True, label=_("contact"))


class CountSerializer(StrictSerializer):
    """How many customers that was."""

    count = serializers.IntegerField()


class SessionTalkSerializer(RecordSerializer):
    """One talk of an advocate in a session."""

    fixed = ("session", "advocate", "title")

    class Meta:
        model = SessionTalk
        fields = ["id", "session", "advocate", "title"]
        validators: list[Any] = []
