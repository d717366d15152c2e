"""How is each tier served: by people, by a pool, or by the program?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.models.people import ForColleaguesQuerySet
from playbooks.models.runs import Run


class ServiceChannel(models.Model):
    """How the accounts of one tier are served; a tier without a row is served as the shipped rules say."""

    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier, unique=True)
    channel = models.CharField(_("served"), max_length=8, choices=Run.Channel, default=Run.Channel.PERSON)

    objects = ForColleaguesQuerySet["ServiceChannel"].as_manager()

    class Meta:
        ordering = ["tier"]
        verbose_name = _("service channel")
        verbose_name_plural = _("service channels")
        constraints = [models.CheckConstraint(condition=~Q(tier=""), name="playbooks_servicechannel_of_a_tier")]

    def __str__(self) -> str:
        return f"{self.get_tier_display()} · {self.get_channel_display()}"
