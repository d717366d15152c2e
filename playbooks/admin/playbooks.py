"""How does an admin look at playbooks, runs, tasks and triggers? They are changed on their pages."""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnlyAdmin
from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion, Run, Task, TaskNote, TriggerFiring


@admin.register(Playbook)
class PlaybookAdmin(ReadOnlyAdmin):
    """Playbooks in their order."""

    list_display = ["key", "category", "industry", "is_enabled", "is_archived", "held_count", "evaluated_on"]
    list_filter = ["category", "is_enabled", "is_archived"]
    search_fields = ["key"]


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(ReadOnlyAdmin):
    """What playbooks said."""

    list_display = ["playbook", "number", "note", "published_at", "published_by"]
    list_select_related = ["playbook", "published_by"]
    search_fields = ["playbook__key", "note"]


@admin.register(PlaybookDraft)
class PlaybookDraftAdmin(ReadOnlyAdmin):
    """What playbooks are going to say."""

    search_fields = ["playbook__key"]
    list_display = ["playbook", "version", "changed_at", "changed_by"]
    list_select_related = ["playbook", "changed_by"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Where playbooks run."""

    list_display = ["playbook", "account", "state", "outcome", "cause", "owner", "started_on", "ended_on"]
    list_filter = ["state", "outcome", "cause"]
    list_select_related = ["playbook", "account", "owner"]
    search_fields = ["account__name", "account__external_id", "playbook__key"]
    show_full_result_count = False


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """What is to be done."""

    list_display = ["__str__", "account", "state", "kind", "role", "assignee", "due_on", "done_on"]
    list_filter = ["state", "kind", "role"]
    list_select_related = ["account", "assignee"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(TaskNote)
class TaskNoteAdmin(ReadOnlyAdmin):
    """What was written about tasks."""

    search_fields = ["text", "name", "task__account__name"]
    list_display = ["__str__", "task", "author", "at", "size"]
    list_select_related = ["task", "author"]
    show_full_result_count = False


@admin.register(TriggerFiring)
class TriggerFiringAdmin(ReadOnlyAdmin):
    """What triggers did."""

    list_display = ["playbook", "account", "cause", "cause_key", "result", "on", "repeats", "run"]
    list_filter = ["result", "cause"]
    list_select_related = ["playbook", "account", "run__playbook"]
    search_fields = ["account__name", "account__external_id", "playbook__key", "cause_key"]
    show_full_result_count = False
