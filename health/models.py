"""How does each customer fare, by which scorecard, and what was it made of?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet


class Scorecard(models.Model):
    """One way of scoring, for the accounts that meet its conditions; the first that matches applies."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # A list of {field, operator, value}; empty matches every account, so the default stands last.
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")

    def __str__(self) -> str:
        return self.name


class ScorecardVersion(models.Model):
    """A scorecard as it stood from a day on; never edited, so every past score can be reproduced."""

    scorecard = models.ForeignKey(
        Scorecard,
        verbose_name=_("scorecard"),
        on_delete=models.PROTECT,
        related_name="versions",
    )
    number = models.PositiveIntegerField(_("number"))
    effective_on = models.DateField(_("in force from"))
    # Groups, indicators, weights, thresholds, bands, grace period: see health.rules.scorecard.
    definition = models.JSONField(_("definition"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["scorecard", "-number"]
        verbose_name = _("scorecard version")
        verbose_name_plural = _("scorecard versions")
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard", "number"],
                name="health_scorecardversion_number_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} · {self.number}"


class HealthScore(models.Model):
    """The score of one account on one day, with everything it was made of."""

    class Band(models.TextChoices):
        GREEN = "green", _("Healthy")
        YELLOW = "yellow", _("Watch")
        RED = "red", _("At risk")
        UNKNOWN = "unknown", _("No data")
        ONBOARDING = "onboarding", _("Onboarding")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="health_scores",
        db_index=False,
    )
    on = models.DateField(_("day"))
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True)
    band = models.CharField(_("band"), max_length=10, choices=Band)
    coverage = models.DecimalField(_("coverage"), max_digits=5, decimal_places=4)
    version = models.ForeignKey(
        ScorecardVersion,
        verbose_name=_("scorecard"),
        on_delete=models.PROTECT,
        related_name="scores",
        db_index=False,
    )
    # {indicator: {value, score, weight, contribution, missing}}: the stored inputs from which the score follows.
    components = models.JSONField(_("components"), default=dict)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("health score")
        verbose_name_plural = _("health scores")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "on"], name="health_healthscore_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 100)),
                name="health_healthscore_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=False)
                | Q(band__in=["unknown", "onboarding"]),
                name="health_healthscore_no_colour_without_score",
            ),
        ]
        indexes = [
            models.Index(fields=["on", "band"], name="health_healthscore_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.on}: {self.score}"
