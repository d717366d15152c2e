"""What has to be done for an account, by whom, until when?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from playbooks.models.runs import Run
from playbooks.rules import steps as rules
from playbooks.rules.words import in_language


class TaskQuerySet(OfAccountQuerySet["Task"]):
    """Tasks, filtered by whether somebody can or has to do them."""

    def unfinished(self) -> TaskQuerySet:
        """Tasks that are still to be done, whether they can begin or wait."""
        return self.filter(state__in=Task.UNFINISHED)

    def asking(self, on: dt.date) -> TaskQuerySet:
        """Tasks that somebody can do on a day: open, not put off beyond it, and of no paused run."""
        asleep = Q(snoozed_until__gte=on)
        return self.filter(state=Task.State.OPEN).exclude(asleep).exclude(run__state=Run.State.PAUSED)

    def overdue(self, on: dt.date) -> TaskQuerySet:
        """Tasks that should have been done before a day."""
        return self.asking(on).filter(due_on__lt=on)


class Task(models.Model):
    """One thing to do for one account: a step of a run as it stood when the run started, or a task by itself."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        TASK = rules.Kind.TASK.value, _("Task")
        EMAIL = rules.Kind.EMAIL.value, pgettext_lazy("task", "E-mail")
        MEETING = rules.Kind.MEETING.value, _("Meeting")
        GATE = rules.Kind.GATE.value, _("Gate")
        UPDATE = rules.Kind.UPDATE.value, pgettext_lazy("task", "Update")

    class Role(models.TextChoices):
        CSM = rules.Role.CSM.value, _("CSM")
        SOLUTION_EXPERT = rules.Role.SOLUTION_EXPERT.value, _("Solution expert")
        DELIVERY_MANAGER = rules.Role.DELIVERY_MANAGER.value, _("Delivery manager")
        MANAGER = rules.Role.MANAGER.value, _("CS manager")
        POOLED = rules.Role.POOLED.value, _("Whoever takes it")
        AUTOMATIC = rules.Role.AUTOMATIC.value, _("Mainstay itself")

    UNFINISHED = (State.WAITING, State.OPEN)

    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="tasks")
    run = models.ForeignKey(
        Run, verbose_name=_("run"), on_delete=models.CASCADE, null=True, blank=True, related_name="tasks"
    )
    # The step of the run's version; empty for a task by itself.
    step_key = models.CharField(_("step"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # The step as it stood at the start (playbooks.rules.steps): texts per language, anchor, offset, dependencies, mail.
    step = models.JSONField(_("step"), default=dict)
    title = models.JSONField(_("title"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TASK)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.CSM)
    assignee = models.ForeignKey(
        User, verbose_name=_("assigned to"), on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # Empty while the date that it is counted from is not known: such a task waits and is never due "today".
    due_on = models.DateField(_("due"), null=True, blank=True)
    # The day from which that is counted; when it moves, so does a due date that nobody set by hand.
    anchor_on = models.DateField(_("counted from"), null=True, blank=True)
    # What it was due before anybody moved it: the on-time rate is measured by this.
    first_due_on = models.DateField(_("first due"), null=True, blank=True)
    snoozed_until = models.DateField(_("put off until"), null=True, blank=True)
    snooze_reason = models.CharField(_("why put off"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("finished"), null=True, blank=True)
    done_on = models.DateField(_("finished on"), null=True, blank=True)
    done_by = models.ForeignKey(
        User, verbose_name=_("finished by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    result = models.TextField(_("result"), blank=True, max_length=4_000)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "position", "pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "step_key"], condition=Q(run__isnull=False), name="playbooks_task_once_per_step"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "skipped", "cancelled"], done_on__isnull=False)
                | Q(state__in=["waiting", "open"], done_on__isnull=True),
                name="playbooks_task_end_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True) | ~Q(snooze_reason=""),
                name="playbooks_task_snooze_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "state", "due_on"], name="playbooks_task_by_assignee"),
            models.Index(fields=["account", "state"], name="playbooks_task_by_account"),
            models.Index(fields=["due_on", "id"], name="playbooks_task_by_due"),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """What is to be done, in the reader's language."""
        return in_language(self.title, translation.get_language())


class TaskNoteQuerySet(OfAccountQuerySet["TaskNote"]):
    """Comments and files, seen by whoever sees the account of the task."""

    path_to_account = "task__account"


class TaskNote(models.Model):
    """One comment on a task, with or without a file, or a file alone."""

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("comment"), blank=True, max_length=4_000)
    file = models.FileField(_("file"), upload_to="tasks/%Y/%m/", blank=True)
    name = models.CharField(_("name of the file"), max_length=200, blank=True)
    content_type = models.CharField(_("type"), max_length=100, blank=True)
    size = models.PositiveIntegerField(_("size, bytes"), default=0)
    author = models.ForeignKey(
        User, verbose_name=_("author"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    objects = TaskNoteQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("task note")
        verbose_name_plural = _("task notes")
        constraints = [models.CheckConstraint(condition=~Q(text="", file=""), name="playbooks_tasknote_says_something")]

    def __str__(self) -> str:
        return self.text[:80] or self.name
