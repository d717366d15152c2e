"""Which shapes do playbooks, their versions and what triggers did have in the API?"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.errors import Refused
from common.serializers import (
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictSerializer,
)
from playbooks.models import Playbook, PlaybookVersion, TriggerFiring
from playbooks.queries.simulation import MOST_DAYS


class PlaybookSerializer(StrictModelSerializer):
    """One playbook; what it says stands in its versions, names and purposes are one per language."""

    name = serializers.DictField(child=serializers.CharField(), read_only=True)
    purpose = serializers.DictField(child=serializers.CharField(), read_only=True)
    version = serializers.IntegerField(read_only=True, allow_null=True)
    key = serializers.SlugField(max_length=60, required=False)
    definition = serializers.DictField(write_only=True)

    class Meta:
        model = Playbook
        fields = [
            "id", "key", "name", "purpose", "category", "industry", "is_enabled", "is_archived", "position", "version",
            "held_count", "evaluated_on", "definition",
        ]  # fmt: skip
        read_only_fields = [
            "category",
            "industry",
            "is_enabled",
            "is_archived",
            "position",
            "held_count",
            "evaluated_on",
        ]


class PlaybookVersionSerializer(StrictModelSerializer):
    """What a playbook said from an instant on: the same JSON as in a file."""

    definition = serializers.DictField(read_only=True)

    class Meta:
        model = PlaybookVersion
        fields = ["id", "playbook", "number", "definition", "note", "published_at", "published_by"]
        read_only_fields = fields


class PlaybookDraftSerializer(StrictSerializer):
    """What the next version is going to say. Send the `draft_version` that you have read, 0 where there was none."""

    definition = serializers.DictField()
    draft_version = StrictIntegerField(min_value=0, max_value=2**31 - 1)


class PublishPlaybookSerializer(StrictSerializer):
    """Which draft was read, and what it changes."""

    draft_version = StrictIntegerField(min_value=0, max_value=2**31 - 1)
    note = StrictCharField(max_length=500, required=False, allow_blank=True)


class JudgedSerializer(StrictSerializer):
    """One cause of one account, and what becomes of it."""

    account = serializers.IntegerField(source="cause.account_id", read_only=True)
    cause = serializers.CharField(source="cause.kind", read_only=True)
    cause_key = serializers.CharField(source="cause.key", read_only=True)
    came_about_on = serializers.DateField(source="cause.on", read_only=True)
    verdict = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)


class DryRunSerializer(StrictSerializer):
    """Who would enter today, who would not, and why. Nothing is changed."""

    on = serializers.DateField(read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    judged = JudgedSerializer(many=True, read_only=True)


class SimulatedStartSerializer(StrictSerializer):
    """One run that there would have been."""

    account = serializers.IntegerField(source="account_id", read_only=True)
    on = serializers.DateField(read_only=True)
    until = serializers.DateField(read_only=True)
    cause = serializers.CharField(source="kind", read_only=True)
    cause_key = serializers.CharField(source="key", read_only=True)


class SimulationSerializer(StrictSerializer):
    """For which accounts a playbook would have started in a past period."""

    first = serializers.DateField(read_only=True)
    last = serializers.DateField(read_only=True)
    starts = SimulatedStartSerializer(many=True, read_only=True)
    skipped = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    untold = serializers.ListField(child=serializers.CharField(), read_only=True)


class PeriodSerializer(StrictSerializer):
    """A past period, both days included."""

    first = StrictDateField()
    last = StrictDateField()

    def checked(self, today: dt.date) -> dict[str, dt.date]:
        """Give the period, or refuse one that has not passed, ends before it begins, or is too long."""
        first, last = self.validated_data["first"], self.validated_data["last"]
        if last > today:
            raise Refused(_("Choose a day that has passed."), field="last")
        if last < first:
            raise Refused(_("The period must not end before it starts."), field="last")
        if (last - first).days > MOST_DAYS:
            raise Refused(_("Choose a period of at most %(days)s days.") % {"days": MOST_DAYS}, field="last")
        return {"first": first, "last": last}


class TriggerFiringSerializer(StrictModelSerializer):
    """One cause that met one playbook for one account, and what came of it."""

    class Meta:
        model = TriggerFiring
        fields = [
            "id", "playbook", "account", "cause", "cause_key", "result", "at", "on", "seen_on", "repeats",
            "snoozed_until", "snooze_reason", "run",
        ]  # fmt: skip
        read_only_fields = fields


class PutOffSerializer(StrictSerializer):
    """Until the end of which day something is put off, and why."""

    until = StrictDateField()
    reason = StrictCharField(max_length=500)
