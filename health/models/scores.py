"""How does each customer fare, by which scorecard, and what was it made of?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from health.rules.components import read_components
from health.rules.score import Component


class IndicatorName(models.TextChoices):
    """The names of the measures that come with Mainstay, where a scorecard gives no name of its own."""

    LOGIN_FREQUENCY = "login_frequency", _("Login frequency")
    FEATURE_COVERAGE = "feature_coverage", _("Functional coverage")
    CORE_INTENSITY = "core_intensity", _("Intensity of core use")
    ADVANCED_PENETRATION = "advanced_penetration", _("Reach of advanced features")
    MILESTONE_RATE = "milestone_rate", _("Milestones reached")
    SCENARIO_COVERAGE = "scenario_coverage", _("Business scenarios covered")
    NPS = "nps", _("NPS")
    ISSUE_RESOLUTION = "issue_resolution", _("Issues resolved")
    RENEWAL_PROGRESS = "renewal_progress", _("Renewal talks")
    EXPANSION_DENSITY = "expansion_density", _("Expansion")
    READING = "reading", _("Reading")
    CUSTOM_FIELD = "custom_field", _("Own field")


class GroupName(models.TextChoices):
    """The names of the groups of the scorecard that comes with Mainstay."""

    ADOPTION = "adoption", _("Adoption")
    OUTCOMES = "outcomes", _("Outcomes")
    VOICE = "voice", _("Voice")
    COMMERCIAL = "commercial", _("Commercial")


class ScorecardQuerySet(models.QuerySet[Any]):
    """Scorecards and their versions: how scores are made is no secret among colleagues."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """All of them to whoever may sign in."""
        return self if isinstance(user, User) and user.is_active else self.none()


class Scorecard(models.Model):
    """One way of scoring, for the accounts that meet its conditions; the first that matches applies."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name; of the scorecard that came with the product, as long as it keeps it, in the reader's language."""
        return gettext("Default") if self.name == "Default" else self.name


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
    # A list of {field, operator, value}; empty matches every account, so the default stands last.
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ScorecardQuerySet.as_manager()

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


class ScorecardDraft(models.Model):
    """What the next version of a scorecard is going to say; the weights need not add up before it is published."""

    scorecard = models.OneToOneField(
        Scorecard,
        verbose_name=_("scorecard"),
        on_delete=models.CASCADE,
        related_name="draft",
    )
    definition = models.JSONField(_("definition"))
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("scorecard draft")
        verbose_name_plural = _("scorecard drafts")

    def __str__(self) -> str:
        return str(self.scorecard)


# How a band is shown: the design system's tones (static/css) know no bands.
TONES = {"green": "healthy", "yellow": "watch", "red": "risk", "unknown": "none", "onboarding": "info"}


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
    # {indicator: [value, score, weight, contribution]}: the inputs from which the score follows; see
    # health.rules.components.
    components = models.JSONField(_("components"), default=dict)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("health score")
        verbose_name_plural = _("health scores")
        constraints = [
            models.UniqueConstraint(fields=["account", "on"], name="health_healthscore_once_a_day"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 100)),
                name="health_healthscore_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=False) | Q(band__in=["unknown", "onboarding"]),
                name="health_healthscore_no_colour_without_score",
            ),
        ]
        indexes = [models.Index(fields=["on", "band"], name="health_healthscore_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.on}: {self.score}"

    @property
    def shown_score(self) -> Decimal | None:
        """The score to show: what too little was measured for is no score, though its figure is kept."""
        return None if self.band == self.Band.UNKNOWN else self.score

    @property
    def parts(self) -> tuple[Component, ...]:
        """The parts of the score in the scorecard's order, which PostgreSQL's JSON does not keep."""
        keys = [row["key"] for group in self.version.definition["groups"] for row in group["indicators"]]
        return read_components({key: self.components[key] for key in keys if key in self.components})


class HealthOverrideQuerySet(OfAccountQuerySet["HealthOverride"]):
    """Overrides, one after the other for each account."""

    def active_on(self, on: dt.date) -> HealthOverrideQuerySet:
        """Those that hold on a day (start ≤ day < end)."""
        return self.filter(starts_on__lte=on, ends_on__gt=on)


class HealthOverride(models.Model):
    """The band that a person gave an account for a while, beside the computed one, with the reason."""

    # A person can know more than the figures, but "no data" and "onboarding" are facts.
    BANDS = (HealthScore.Band.GREEN, HealthScore.Band.YELLOW, HealthScore.Band.RED)
    CHOICES = [(band.value, band.label) for band in BANDS]

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="health_overrides",
        db_index=False,
    )
    band = models.CharField(_("band"), max_length=10, choices=CHOICES, default=HealthScore.Band.YELLOW)
    # What was computed when it was set, so that the two can be compared afterwards; empty without a score.
    computed_band = models.CharField(_("computed band"), max_length=10, choices=HealthScore.Band, blank=True)
    reason = models.TextField(_("reason"), max_length=2_000)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("ends on"), help_text=_("From this day on the computed band shows again."))
    author = models.ForeignKey(
        User,
        verbose_name=_("author"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made"))
    # When the owner was told that it ends soon, and when its end was noted: each happens once.
    told_at = models.DateTimeField(_("end announced"), null=True, blank=True)
    closed_at = models.DateTimeField(_("end noted"), null=True, blank=True)

    objects = HealthOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("override of health")
        verbose_name_plural = _("overrides of health")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="health_healthoverride_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(band__in=["green", "yellow", "red"]), name="health_healthoverride_band_is_a_colour"
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(closed_at=None), name="health_healthoverride_one_open"
            ),
        ]
        indexes = [models.Index(fields=["account", "ends_on"], name="health_healthoverride_ends")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.band} · {self.ends_on}"
