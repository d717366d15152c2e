"""Which customers are being stabilized, from where, by whom, and how is it seen that it worked?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from health.models import ComparisonName, EarlyWarning, HealthScore
from playbooks.models.runs import Run
from playbooks.rules.stabilization import was_right
from revenue.models import Renewal


class StabilizationPlanQuerySet(OfAccountQuerySet["StabilizationPlan"]):
    """Plans, filtered by whether they go on."""

    def open(self) -> StabilizationPlanQuerySet:
        """Plans without a final verdict."""
        return self.filter(state__in=StabilizationPlan.OPEN)


class StabilizationPlan(models.Model):
    """One attempt to stabilize one customer, with its frozen baseline and, in the end, its verdict."""

    class Length(models.IntegerChoices):
        DAYS_30 = 30, _("30 days")
        DAYS_90 = 90, _("90 days")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ESCALATED = "escalated", _("Escalated")
        STABILIZED = "stabilized", _("Stabilized")
        FAILED = "failed", pgettext_lazy("stabilization", "Failed")

    class Result(models.TextChoices):
        KEPT = "kept", _("Renewed in full")
        SHRUNK = "shrunk", _("Renewed for less")
        LOST = "lost", pgettext_lazy("renewal", "Lost")

    OPEN = (State.ACTIVE, State.ESCALATED)

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="stabilization_plans"
    )
    run = models.ForeignKey(
        Run, verbose_name=_("run"), on_delete=models.SET_NULL, null=True, blank=True, related_name="stabilization_plans"
    )
    length = models.PositiveSmallIntegerField(_("length"), choices=Length, default=Length.DAYS_30)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_by = models.ForeignKey(
        User, verbose_name=_("started by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_on = models.DateField(_("started"))
    # What was so on the first day; never written again.
    baseline_score = models.DecimalField(_("score at the start"), max_digits=5, decimal_places=2, null=True)
    baseline_band = models.CharField(_("band at the start"), max_length=10, choices=HealthScore.Band, blank=True)
    # In the reporting currency.
    baseline_arr = models.DecimalField(_("ARR at the start"), max_digits=14, decimal_places=2, default=0)
    # Lines of evidence of the warnings that stood, and the strongest drivers of the score.
    baseline_reasons = models.JSONField(_("reasons at the start"), default=list)
    # As measured last, for the list; the page measures anew.
    criteria_met = models.PositiveSmallIntegerField(_("criteria met"), default=0)
    criteria_count = models.PositiveSmallIntegerField(_("criteria"), default=0)
    measured_on = models.DateField(_("measured"), null=True, blank=True)
    # The day of the next checkpoint without a verdict; of a plan that is over, the day of its end.
    due_on = models.DateField(_("next verdict due"))
    extended_on = models.DateField(_("extended"), null=True, blank=True)
    escalated_on = models.DateField(_("escalated"), null=True, blank=True)
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    # Why "stabilized" was said although a criterion was unmet; only a manager may.
    override_reason = models.CharField(_("why in spite of unmet criteria"), max_length=500, blank=True)
    renewal = models.ForeignKey(
        Renewal, verbose_name=_("renewal"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    renewal_result = models.CharField(_("what the renewal brought"), max_length=6, choices=Result, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    objects = StabilizationPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        verbose_name = _("stabilization plan")
        verbose_name_plural = _("stabilization plans")
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=["active", "escalated"]),
                name="playbooks_stabilizationplan_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "escalated"], ended_on=None)
                | Q(state__in=["stabilized", "failed"], ended_on__isnull=False),
                name="playbooks_stabilizationplan_end_is_dated",
            ),
            models.CheckConstraint(condition=Q(length__in=[30, 90]), name="playbooks_stabilizationplan_30_or_90"),
            models.CheckConstraint(
                condition=Q(override_reason="") | Q(state="stabilized"),
                name="playbooks_stabilizationplan_override_is_of_a_verdict",
            ),
        ]
        indexes = [
            models.Index(fields=["started_on", "id"], name="playbooks_stabilization_start"),
            models.Index(fields=["due_on", "id"], name="playbooks_stabilization_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_length_display()} · {self.started_on}"

    @property
    def is_open(self) -> bool:
        """Whether no final verdict was given."""
        return self.state in self.OPEN

    @property
    def was_right(self) -> bool | None:
        """Whether the renewal bore the verdict out; None where nobody knows yet."""
        return was_right(self.state, self.renewal_result)


class OfPlanQuerySet(OfAccountQuerySet[Any]):
    """Parts of a plan, seen by whoever sees the account."""

    path_to_account = "plan__account"


class StabilizationDriver(models.Model):
    """One cause that a plan works on, with the one person who answers for it."""

    plan = models.ForeignKey(
        StabilizationPlan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="drivers"
    )
    position = models.PositiveSmallIntegerField(_("order"))
    text = models.CharField(_("what drives it"), max_length=200)
    action = models.CharField(_("what is done about it"), max_length=500, blank=True)
    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="+")
    warning = models.ForeignKey(
        EarlyWarning, verbose_name=_("warning"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "position"]
        verbose_name = _("driver of a plan")
        verbose_name_plural = _("drivers of plans")
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="playbooks_stabilizationdriver_place_once"),
            models.CheckConstraint(
                condition=Q(position__range=(1, 3)), name="playbooks_stabilizationdriver_one_to_three"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="playbooks_stabilizationdriver_text_not_empty"),
        ]

    def __str__(self) -> str:
        return self.text


class ExitCriterion(models.Model):
    """One test on data that must hold before a plan may be called stabilized."""

    plan = models.ForeignKey(
        StabilizationPlan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="criteria"
    )
    # A measure of health.queries.measures, or "indicator:" and the key of an indicator.
    measure = models.CharField(_("measure"), max_length=80)
    comparison = models.CharField(_("is"), max_length=9, choices=ComparisonName)
    threshold = models.FloatField(_("threshold"))
    days = models.PositiveSmallIntegerField(_("window, days"), null=True, blank=True)
    # The value on the first day, where it was known.
    baseline = models.FloatField(_("at the start"), null=True, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "pk"]
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        constraints = [models.CheckConstraint(condition=~Q(measure=""), name="playbooks_exitcriterion_measures")]

    def __str__(self) -> str:
        return f"{self.measure} {self.comparison} {self.threshold:g}"


class Checkpoint(models.Model):
    """One day on which a plan is looked at: what was planned, what was measured, what was decided."""

    class Verdict(models.TextChoices):
        CONTINUE = "continue", _("Goes on")
        STABILIZED = "stabilized", _("Stabilized")
        EXTENDED = "extended", _("Extended once")
        ESCALATED = "escalated", _("Escalated")
        FAILED = "failed", pgettext_lazy("stabilization", "Failed")

    plan = models.ForeignKey(
        StabilizationPlan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="checkpoints"
    )
    day = models.PositiveSmallIntegerField(_("day"))
    due_on = models.DateField(_("due"))
    planned = models.CharField(_("what is planned by then"), max_length=500, blank=True)
    measured_on = models.DateField(_("measured"), null=True, blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    band = models.CharField(_("band"), max_length=10, choices=HealthScore.Band, blank=True)
    # One line per criterion: {criterion, value, is_met}.
    measured = models.JSONField(_("measured values"), default=list, blank=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "day"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.UniqueConstraint(fields=["plan", "day"], name="playbooks_checkpoint_day_once"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at=None) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="playbooks_checkpoint_verdict_is_dated",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="playbooks_checkpoint_due", condition=Q(verdict=""))]

    def __str__(self) -> str:
        return f"{self.plan} · {self.day}"

    def is_due(self, on: dt.date) -> bool:
        """Whether a verdict should have been given by a day."""
        return not self.verdict and self.due_on <= on
