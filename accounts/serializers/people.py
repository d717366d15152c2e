"""In which shape do people, teams, the organisation and the audit trail pass the API?"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.access import may
from accounts.forms.organisation import time_zones
from accounts.models import AuditEvent, Handoff, Organisation, Team, User
from accounts.rules.roles import Capability
from common import money
from common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictEmailField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictRelatedField,
)

# What a colleague sees of a colleague; the rest is for who manages people.
OF_COLLEAGUES = ("id", "name", "role", "team", "is_active")


class PersonSerializer(StrictModelSerializer):
    """One person who signs in."""

    email = StrictEmailField(max_length=254)
    team = StrictRelatedField(queryset=Team.objects.none(), required=False, allow_null=True)
    visibility = serializers.ChoiceField(choices=User.Visibility.choices, required=False)
    is_active = StrictBooleanField(read_only=True)

    class Meta:
        model = User
        fields = ("id", "name", "role", "team", "is_active", "email", "visibility", "joined_at", "last_login")
        read_only_fields = ("joined_at", "last_login")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Offer the teams that there are; an address stays what it was."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and not fields["team"].read_only:
            fields["team"].queryset = Team.objects.visible_to(request.user)  # type: ignore[attr-defined]
        if self.instance is not None:
            fields["email"].read_only = True
        return fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        """Show a colleague's address and what they see to who manages people, and one's own to oneself."""
        shown: dict[str, Any] = super().to_representation(instance)
        asking = self.context["request"].user
        if asking.pk == instance.pk or may(asking, Capability.MANAGE_PEOPLE):
            return shown
        return {name: value if name in OF_COLLEAGUES else None for name, value in shown.items()}


class TeamSerializer(StrictModelSerializer):
    """One team."""

    name = StrictCharField(max_length=100)

    class Meta:
        model = Team
        fields = ("id", "name")


class OrganisationSerializer(StrictModelSerializer):
    """What holds for everybody."""

    time_zone = serializers.ChoiceField(choices=time_zones())
    reporting_currency = serializers.ChoiceField(choices=[(code, code) for code in money.currencies()])
    working_days = serializers.ListField(child=StrictIntegerField(min_value=0, max_value=6), min_length=1, max_length=7)
    handoff_required_sections = serializers.ListField(
        child=serializers.ChoiceField(choices=[(name, name) for name in Handoff.SECTIONS]), max_length=9
    )

    class Meta:
        model = Organisation
        fields = (
            *("name", "time_zone", "reporting_currency", "renewal_gap_days"),
            *("elephant_label", "cheetah_label", "rabbit_label"),
            *("working_days", "workday_starts", "workday_ends"),
            *("handoff_target_hours", "handoff_required_sections"),
            *("override_days", "override_most_days", "override_notice_days", "digest_at"),
        )


class AuditEventSerializer(StrictModelSerializer):
    """One thing that was done."""

    class Meta:
        model = AuditEvent
        fields = ("id", "at", "actor", "verb", "object_type", "object_id", "changes", "address", "request_id")
        read_only_fields = fields
