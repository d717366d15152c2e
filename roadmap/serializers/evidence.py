"""Which shapes do the voices behind requests, and what hangs on them, have in the API?"""

from __future__ import annotations

from typing import Any

from accounts.serializers.fields import RecordSerializer, account_field
from roadmap.models import RequestEvidence, RequestLink


class RequestEvidenceSerializer(RecordSerializer):
    """One voice: an account that asked, in its own words. For a merged request it counts where that went."""

    fixed = ("account", "request", "entry", "ticket")
    account = account_field()

    class Meta:
        model = RequestEvidence
        fields = [
            "id", "external_id", "request", "asked_as", "account", "contact", "verbatim", "importance", "is_blocker",
            "asked_on", "source", "entry", "ticket",
        ]  # fmt: skip
        read_only_fields = ["asked_as"]
        validators: list[Any] = []
        extra_kwargs: dict[str, Any] = {"external_id": {"validators": []}, "asked_on": {"required": False}}


class RequestLinkSerializer(RecordSerializer):
    """One thing that hangs on a request: an expectation gap, a promise, a churn record or a renewal; name one."""

    fixed = ("request", "gap", "promise", "churn_record", "renewal")

    class Meta:
        model = RequestLink
        fields = ["id", "request", "account", "gap", "promise", "churn_record", "renewal", "added_at", "added_by"]
        read_only_fields = ["account", "added_at", "added_by"]
        validators: list[Any] = []
