"""What was done to many rows at once, by whom, and how far is it?"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from common.models import Job


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    """What was done to many rows, each person their own."""

    def visible_to(self, user: User | AnonymousUser) -> BulkRunQuerySet:
        """What this person had done."""
        return self.filter(by=user) if isinstance(user, User) and user.is_active else self.none()


class BulkRun(models.Model):
    """One act on many rows: which rows, what came of each, and what is needed to take the whole back."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        STOPPED = "stopped", _("Stopped")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    # Random, so that nobody finds another person's by counting.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(User, verbose_name=_("who"), on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("when"))
    act = models.CharField(_("act"), max_length=60)
    # What the act was told besides the rows: a tag, an owner, a playbook.
    given = models.JSONField(_("details"), default=dict, blank=True)
    # The rows in their order, and how many of them have been dealt with: a worker that dies goes on from there.
    ids = models.JSONField(_("rows"), default=list)
    position = models.PositiveIntegerField(_("dealt with"), default=0)
    # By row, as text: what taking back needs, or why it was passed over.
    changed = models.JSONField(_("changed"), default=dict, blank=True)
    skipped = models.JSONField(_("passed over"), default=dict, blank=True)
    refusal = models.TextField(_("refusal"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # The list it was asked for on, and the address that takes it back.
    back = models.CharField(_("list"), max_length=2000, blank=True)
    undo = models.CharField(_("undo"), max_length=200, blank=True)
    job = models.ForeignKey(
        Job, verbose_name=_("job"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    undo_asked_at = models.DateTimeField(_("taking back since"), null=True, blank=True)
    undo_position = models.PositiveIntegerField(_("taken back so far"), default=0)
    # By row: why it stayed as it is when the whole was taken back.
    kept = models.JSONField(_("not taken back"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        constraints = [
            models.CheckConstraint(condition=~Q(act=""), name="accounts_bulkrun_act_not_empty"),
            models.CheckConstraint(
                condition=Q(undo_asked_at=None) | Q(finished_at__isnull=False),
                name="accounts_bulkrun_done_before_undone",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undo_asked_at__isnull=False), name="accounts_bulkrun_undone_when_asked"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="accounts_bulkrun_at")]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """How far it is."""
        if self.undone_at:
            return self.State.UNDONE
        over = self.job is None or self.job.is_over
        if self.undo_asked_at:
            return self.State.STOPPED if over else self.State.UNDOING
        if self.refusal:
            return self.State.REFUSED
        if self.finished_at:
            return self.State.DONE
        if over:
            return self.State.STOPPED
        return self.State.RUNNING if self.job.state == Job.State.RUNNING else self.State.WAITING  # type: ignore[union-attr]

    @property
    def is_under_way(self) -> bool:
        """Say whether a worker has it in hand, or will."""
        return self.state in {self.State.WAITING, self.State.RUNNING, self.State.UNDOING}

    @property
    def fraction(self) -> float:
        """How much of it is done, or taken back."""
        if self.undo_asked_at:
            return self.undo_position / len(self.changed) if self.changed else 1.0
        return self.position / len(self.ids) if self.ids else 1.0
