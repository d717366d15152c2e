"""Which shape do case studies have in the API?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import BusinessGoal, Contact
from accounts.serializers.fields import RecordSerializer, VisibleField
from advocacy.models import CaseStudy
from common.serializers import StrictCharField, StrictDateField, StrictSerializer


class CaseStudySerializer(RecordSerializer):
    """One case study; `frozen` is the proof as it was sent to the customer, `public_url` where it can be read now."""

    goals = VisibleField(queryset=BusinessGoal.objects, many=True, required=False)
    frozen = serializers.JSONField(read_only=True)
    public_url = serializers.SerializerMethodField()

    class Meta:
        model = CaseStudy
        fields = [
            *("id", "account", *CaseStudy.TEXTS, "goals", "frozen", "state", "public_url"),
            *("sent_on", "approved_on", "approved_by", "approval_note", "published_on", "published_by", "expires_on"),
            *("withdrawn_on", "withdrawn_reason", "created_by"),
        ]
        read_only_fields = [
            *("state", "sent_on", "approved_on", "approved_by", "approval_note", "published_on", "published_by"),
            *("expires_on", "withdrawn_on", "withdrawn_reason", "created_by"),
        ]
        # The action says in words what the database would refuse.
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"shown_as": {"required": False}}

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_public_url(self, case: Any) -> str | None:
        """Give the public address while it may be read."""
        on = self.context["on"]
        if case.hindrance(on, has_consent=getattr(case, "has_consent", False)) is not None:
            return None
        return settings.SITE_URL.rstrip("/") + reverse("case_study_public", args=[case.token])


class ApprovalSerializer(StrictSerializer):
    """Who at the customer approved it, when and how."""

    approved_by = VisibleField(queryset=Contact.objects, label=_("approved by"))
    approved_on = StrictDateField(required=False, label=_("approved on"))
    approval_note = StrictCharField(max_length=300, label=_("how it was approved"))


class PublicationSerializer(StrictSerializer):
    """From which day on the public cannot read it any more; two years from today if it is left out."""

    expires_on = StrictDateField(required=False, label=_("expires on"))


class WithdrawalSerializer(StrictSerializer):
    """Why a case study is taken back."""

    reason = StrictCharField(max_length=500, label=_("why"))
