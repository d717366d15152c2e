"""Which shape have the mails of playbooks in the API?"""

from __future__ import annotations

from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer
from playbooks.models import StepMail


class StepMailSerializer(RecordSerializer):
    """One mail of one step to one contact, and what became of it."""

    needs = {"address": Capability.SEE_CONTACT_DETAILS}

    class Meta:
        model = StepMail
        fields = [
            "id", "task", "account", "contact", "address", "subject", "body", "language", "state", "queued_at",
            "queued_by", "handed_at", "sent_at", "error",
        ]  # fmt: skip
        read_only_fields = fields
