"""Which background work was asked for, and what became of it?"""

from __future__ import annotations

import datetime as dt

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, filtered by what has to happen to them."""

    def queued(self) -> JobQuerySet:
        """Jobs that nobody works on."""
        return self.filter(state=Job.State.QUEUED)

    def due(self, at: dt.datetime) -> JobQuerySet:
        """Queued jobs whose time has come, oldest first."""
        return self.queued().filter(Q(run_after=None) | Q(run_after__lte=at)).order_by("pk")

    def abandoned(self, at: dt.datetime) -> JobQuerySet:
        """Running jobs whose worker gave no sign of life in time."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=at)

    def unfinished(self) -> JobQuerySet:
        """Jobs that will still run."""
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def parked(self) -> JobQuerySet:
        """Jobs that were given up and wait for a person."""
        return self.filter(state=Job.State.PARKED)


class Job(models.Model):
    """One piece of background work: asked for in the transaction of its cause, its effect applied once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARKED = "parked", _("Parked")

    task = models.CharField(_("task"), max_length=100)
    kwargs = models.JSONField(_("arguments"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    key = models.CharField(
        _("same work"),
        max_length=200,
        blank=True,
        help_text=_("Waiting jobs with the same task and key are one piece of work."),
    )
    once = models.CharField(
        _("only once"),
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        help_text=_("An idempotency key, or job and period: there is never a second row with it."),
    )
    owner_id = models.BigIntegerField(_("asked for by"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.PositiveIntegerField(
        _("claim"), default=0, help_text=_("Counts the workers that took this job; only the last may finish it.")
    )
    last_error = models.TextField(_("last error"), blank=True)
    run_after = models.DateTimeField(_("not before"), null=True, blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    hinted_at = models.DateTimeField(_("sent to the broker again"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    lease_until = models.DateTimeField(_("sign of life expected until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    progress = models.PositiveBigIntegerField(_("progress"), default=0)
    total = models.PositiveBigIntegerField(_("total"), null=True, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "parked"]), name="common_job_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "parked"]) | Q(finished_at__isnull=False),
                name="common_job_end_is_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="common_job_running_has_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="common_job_queued", condition=Q(state="queued")),
            models.Index(fields=["key"], name="common_job_queued_key", condition=Q(state="queued") & ~Q(key="")),
            models.Index(fields=["lease_until"], name="common_job_running", condition=Q(state="running")),
            models.Index(fields=["task", "-finished_at"], name="common_job_task_finished"),
            models.Index(fields=["owner_id", "-id"], name="common_job_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.pk}"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will happen to this job by itself."""
        return self.state in {self.State.DONE, self.State.PARKED}

    @property
    def percent(self) -> int | None:
        """How far the work is, in whole percent; None while the total is unknown.

        >>> Job(progress=1, total=3).percent, Job(progress=1).percent, Job(total=0).percent
        (33, None, 100)
        """
        if self.total is None:
            return None
        return min(100, self.progress * 100 // self.total) if self.total else 100
