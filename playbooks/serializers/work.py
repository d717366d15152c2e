"""Which shapes do runs and tasks have in the API?"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.queries.accounts import people_who_serve
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field
from common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictRelatedField,
    StrictSerializer,
)
from playbooks.models import Playbook, Run, Task, TaskNote


def colleague(**kwargs: Any) -> StrictRelatedField:
    """Choose one of those who serve customers."""
    return StrictRelatedField(queryset=people_who_serve(), **kwargs)


class RunSerializer(RecordSerializer):
    """One playbook at work for one account; send the account and the playbook to start it by hand."""

    account = account_field()
    playbook = VisibleField(queryset=Playbook.objects)
    version_number = serializers.IntegerField(source="version.number", read_only=True)
    tasks = serializers.IntegerField(source="task_count", read_only=True)
    tasks_over = serializers.IntegerField(source="over_count", read_only=True)

    class Meta:
        model = Run
        fields = [
            "id", "playbook", "version", "version_number", "account", "owner", "state", "channel", "cause", "cause_key",
            "started_on", "started_by", "paused_on", "pause_reason", "ended_on", "outcome", "outcome_note",
            "edit_version", "tasks", "tasks_over",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in ("playbook", "account")]
        # The action says in words that one runs already.
        validators: list[Any] = []


class TaskNoteSerializer(StrictModelSerializer):
    """One comment, or one file, with a task."""

    class Meta:
        model = TaskNote
        fields = ["id", "text", "name", "size", "author", "at"]
        read_only_fields = ["id", "name", "size", "author", "at"]


class TaskSerializer(RecordSerializer):
    """One thing to do; title and instructions are one per language. Send a title to add a task by itself."""

    account = account_field()
    run = VisibleField(queryset=Run.objects, required=False, allow_null=True)
    title = serializers.SerializerMethodField()
    instructions = serializers.SerializerMethodField()
    assignee = colleague(required=False, allow_null=True)
    playbook = serializers.IntegerField(source="run.playbook_id", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Task
        fields = [
            "id", "account", "run", "playbook", "step_key", "position", "title", "instructions", "kind", "role",
            "assignee", "state", "due_on", "anchor_on", "first_due_on", "snoozed_until", "snooze_reason", "done_at",
            "done_on", "done_by", "result", "created_at", "created_by", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, task: Task) -> dict[str, str]:
        """What is to be done, by language."""
        return dict(task.title)

    def get_instructions(self, task: Task) -> dict[str, str]:
        """How, by language, in Markdown."""
        return dict(task.step.get("instructions", {}))


class NewTaskSerializer(StrictSerializer):
    """One thing to do for an account."""

    account = account_field()
    title = StrictCharField(max_length=200)
    due_on = StrictDateField(required=False, allow_null=True)
    assignee = colleague(required=False, allow_null=True)
    run = VisibleField(queryset=Run.objects, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=Task.Kind.choices, required=False)
    instructions = StrictCharField(max_length=10_000, required=False, allow_blank=True)


class VersionedSerializer(StrictSerializer):
    """Send the version that you have read, so that nobody's change is overwritten."""

    version = StrictIntegerField(min_value=1, max_value=2**31 - 1, required=False)

    def _check_version(self, values: dict[str, Any]) -> None:
        """Leave that to the action, which looks at the row under its lock."""


class CompleteSerializer(VersionedSerializer):
    """What came of it."""

    result = StrictCharField(max_length=4_000, required=False, allow_blank=True)


class ReasonGivenSerializer(VersionedSerializer):
    """Why."""

    reason = StrictCharField(max_length=500)


class StopSerializer(VersionedSerializer):
    """What came of it."""

    note = StrictCharField(max_length=500)


class GiveSerializer(VersionedSerializer):
    """To whom; null for nobody."""

    to = colleague(allow_null=True)


class HandOverSerializer(VersionedSerializer):
    """To whom, and whether with what the owner had still to do."""

    to = colleague()
    with_tasks = StrictBooleanField(required=False, default=True)


class RescheduleSerializer(VersionedSerializer):
    """The new day; `shift_later` moves the later open tasks of the run by as many days."""

    due_on = StrictDateField(allow_null=True)
    shift_later = StrictBooleanField(required=False, default=False)


class MoveSerializer(StrictSerializer):
    """One task that got another day. Send them back to undo_moves to take it back."""

    task = StrictIntegerField(min_value=1, max_value=2**62)
    before = StrictDateField(allow_null=True)
    after = StrictDateField(allow_null=True)


class MovesSerializer(StrictSerializer):
    """What a reschedule moved."""

    moves = MoveSerializer(many=True)


class PutOffTaskSerializer(VersionedSerializer):
    """Until the end of which day a task is put off, and why."""

    until = StrictDateField()
    reason = StrictCharField(max_length=500)


class ManyTasksSerializer(StrictSerializer):
    """Up to 500 tasks, and what came of them."""

    tasks = serializers.ListField(child=StrictIntegerField(min_value=1, max_value=2**62), min_length=1, max_length=500)
    result = StrictCharField(max_length=4_000, required=False, allow_blank=True)


class ManyDoneSerializer(StrictSerializer):
    """Which of them were finished; the others wait for something, are over, or are not there."""

    done = serializers.ListField(child=serializers.IntegerField(), read_only=True)


def moves_told(moves: Any) -> dict[str, Any]:
    """Say what moved, as the API does."""
    return {"moves": [{"task": pk, "before": before, "after": after} for pk, before, after in moves]}
