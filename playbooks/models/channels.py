"""How is each tier served: by people, by a pool, or by the program?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, ImplementationRecord, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from playbooks.models.runs import Run
from playbooks.models.tasks import Task


class ServiceChannel(models.Model):
    """How the accounts of one tier are served; a tier without a row is served as the shipped rules say."""

    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier, unique=True)
    channel = models.CharField(_("served"), max_length=8, choices=Run.Channel, default=Run.Channel.PERSON)
    # Who gets what a pool has to do, until somebody else takes it; empty: nobody in particular.
    pool = models.ForeignKey(
        User, verbose_name=_("first in the pool"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ForColleaguesQuerySet["ServiceChannel"].as_manager()

    class Meta:
        ordering = ["tier"]
        verbose_name = _("service channel")
        verbose_name_plural = _("service channels")
        constraints = [models.CheckConstraint(condition=~Q(tier=""), name="playbooks_servicechannel_of_a_tier")]

    def __str__(self) -> str:
        return f"{self.get_tier_display()} · {self.get_channel_display()}"


class FiledStageQuerySet(OfAccountQuerySet["FiledStage"]):
    """What was filed, seen by whoever sees the account of the task."""

    path_to_account = "task__account"


class FiledStage(models.Model):
    """One task whose outcome was filed as a stage of the implementation in the handoff file: once."""

    task = models.OneToOneField(Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="filed_stage")
    record = models.ForeignKey(
        ImplementationRecord, verbose_name=_("implementation record"), on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    objects = FiledStageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("filed stage")
        verbose_name_plural = _("filed stages")

    def __str__(self) -> str:
        return f"{self.task} · {self.record}"
