"""What does a customer want to reach, and how far has it come?"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.of_account import OfAccountQuerySet


class BusinessGoal(models.Model):
    """One result that a customer wants, with where it started and where it should end."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="goals",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    name = models.CharField(_("goal"), max_length=200)
    metric = models.CharField(_("metric"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=18, decimal_places=4)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4)
    due_on = models.DateField(_("due"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("business goal")
        verbose_name_plural = _("business goals")
        constraints = [
            models.CheckConstraint(
                condition=~Q(baseline=F("target")),
                name="accounts_businessgoal_target_differs_from_baseline",
            )
        ]

    def __str__(self) -> str:
        return self.name


class GoalMeasurementQuerySet(OfAccountQuerySet["GoalMeasurement"]):
    """Measurements, seen by whoever sees the account of their goal."""

    path_to_account = "goal__account"


class GoalMeasurement(models.Model):
    """Where a goal's metric stood on one day."""

    goal = models.ForeignKey(
        BusinessGoal,
        verbose_name=_("goal"),
        on_delete=models.CASCADE,
        related_name="measurements",
    )
    on = models.DateField(_("measured on"))
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = GoalMeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("goal measurement")
        verbose_name_plural = _("goal measurements")
        constraints = [models.UniqueConstraint(fields=["goal", "on"], name="accounts_goalmeasurement_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on}: {self.value}"
