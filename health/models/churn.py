"""Who is likely to leave, by which model, and was it right before?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from health.models.scores import TONES, HealthScore
from health.rules import churn as rules
from health.rules.churn import Prior, parse_prior


class FigureName(models.TextChoices):
    """The words for what a churn model looks at."""

    USAGE_30 = "usage_30", _("Events in 30 days")
    USAGE_TREND = "usage_trend", _("Use against the month before")
    USAGE_OWN = "usage_own", _("Use against its own history")
    CORE_TREND = "core_trend", _("Use of core features against the month before")
    ACTIVE_DAYS = "active_days", _("Active days in 30")
    DAYS_SILENT = "days_silent", _("Days since the last use")
    PEOPLE_30 = "people_30", _("People using it, added up over 30 days")
    PEOPLE_TREND = "people_trend", _("People using it against the month before")
    TICKETS_30 = "tickets_30", _("Tickets in 30 days")
    TICKETS_90 = "tickets_90", _("Tickets in 90 days")
    COMPLAINTS_90 = "complaints_90", _("Complaints in 90 days")
    TICKETS_OPEN = "tickets_open", _("Open tickets")
    TICKETS_OVERDUE = "tickets_overdue", _("Overdue tickets")
    NPS_LAST = "nps_last", _("Last NPS answer")
    NPS_FALL = "nps_fall", _("Fall of the NPS answers")
    CSAT = "csat", _("Satisfaction (CSAT)")
    MILESTONE_RATE = "milestone_rate", _("Milestones reached")
    CORE_LATE = "core_late", _("Core process not configured in time")
    ARR = "arr", _("ARR")
    ARR_CHANGE_180 = "arr_change_180", _("ARR against half a year before")
    ARR_CHANGE_365 = "arr_change_365", _("ARR against a year before")
    SEATS = "seats", _("Seats")
    CONTRACT_LINES = "contract_lines", _("Contract lines")
    TENURE = "tenure", _("Days as a customer")
    DAYS_TO_ANNIVERSARY = "days_to_anniversary", _("Days to the contract’s anniversary")
    DAYS_TO_END = "days_to_end", _("Days to the agreed end of the contract")
    NOTICE = "notice", _("Notice was given")
    CHAMPIONS_LEFT = "champions_left", _("Champions who left in 180 days")
    TOUCHES_90 = "touches_90", _("Contacts with us in 90 days")
    DAYS_UNTOUCHED = "days_untouched", _("Days since the last contact with us")
    SCORE = "score", _("Health score")
    SCORE_CHANGE = "score_change", _("Health score against four weeks before")
    LEVEL_TEAM = "level_team", _("Buys as a team")
    LEVEL_INDIVIDUAL = "level_individual", _("Buys as an individual")


class ChurnSettings(models.Model):
    """The one row that says how churn is predicted: the prior’s figures, and when a fitted model may take over."""

    enterprise_rate = models.DecimalField(
        _("enterprise, yearly churn in %"), max_digits=4, decimal_places=1, default=Decimal("8.0"),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )  # fmt: skip
    team_rate = models.DecimalField(
        _("team, yearly churn in %"), max_digits=4, decimal_places=1, default=Decimal("20.0"),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )  # fmt: skip
    individual_rate = models.DecimalField(
        _("individual, yearly churn in %"), max_digits=4, decimal_places=1, default=Decimal("45.0"),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )  # fmt: skip
    # {sign: value}, beside the shipped ones of health.rules.churn, whose kinds do not change.
    effects = models.JSONField(_("effects"), default=dict, blank=True)
    cap = models.DecimalField(
        _("highest yearly risk in %"), max_digits=4, decimal_places=1, default=Decimal("95.0"),
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )  # fmt: skip
    least_churns = models.PositiveSmallIntegerField(
        _("losses before a model is used"), default=50, validators=[MinValueValidator(10), MaxValueValidator(10_000)],
        help_text=_("With fewer in your own history, the published figures stay in use."),
    )  # fmt: skip
    least_events = models.PositiveSmallIntegerField(
        _("losses before a figure is judged"), default=20, validators=[MinValueValidator(5), MaxValueValidator(10_000)],
        help_text=_("With fewer, the track record says that there are too few to tell."),
    )  # fmt: skip

    counts_records = models.BooleanField(
        _("count churn records instead of the ledger"), default=False,
        help_text=_("Tick this if people record losses that the contracts do not show."),
    )  # fmt: skip

    objects = ForColleaguesQuerySet["ChurnSettings"].as_manager()

    class Meta:
        verbose_name = _("churn prediction")
        verbose_name_plural = _("churn prediction")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="health_churnsettings_only_one")]

    def __str__(self) -> str:
        return str(_("Churn prediction"))

    @classmethod
    def load(cls) -> ChurnSettings:
        """The stored settings, or the shipped ones while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def effect_rows(self) -> list[dict[str, Any]]:
        """The shipped effects with the values that were set."""
        return [{**row, "value": self.effects.get(row["key"], row["value"])} for row in rules.DEFAULT_EFFECTS]

    @property
    def prior(self) -> Prior:
        """The prior that these settings describe."""
        rates = {
            Account.PurchaseLevel.ENTERPRISE: self.enterprise_rate,
            Account.PurchaseLevel.TEAM: self.team_rate,
            Account.PurchaseLevel.INDIVIDUAL: self.individual_rate,
        }
        percent = {str(level.value): float(rate) / 100 for level, rate in rates.items()}
        return parse_prior(percent, self.effect_rows, float(self.cap) / 100)


class ChurnModel(models.Model):
    """One training: what was learnt from which days, how it did on days held out, and whether it is used."""

    class Verdict(models.TextChoices):
        USED = "used", _("In use")
        REPLACED = "replaced", _("Replaced by a newer one")
        TOO_FEW_CHURNS = "too_few_churns", _("Not used: too few losses in the history")
        TOO_SHORT = "too_short", _("Not used: the history is too short to hold time out")
        ONE_CLASS = "one_class", _("Not used: nobody left, or everybody did")
        NO_FIGURES = "no_figures", _("Not used: no figure says anything")
        NOT_REPRODUCED = "not_reproduced", _("Not used: the stored form gave other figures")
        NOT_BETTER = "not_better", _("Not used: no better than the published figures")
        NO_SIGNAL = "no_signal", _("Not used: no better than chance")
        LEAK = "leak", _("Not used: a figure knew the future")

    number = models.PositiveIntegerField(_("version"), unique=True)
    on = models.DateField(_("as of"))
    made_at = models.DateTimeField(_("made"))
    verdict = models.CharField(_("outcome"), max_length=16, choices=Verdict)
    is_used = models.BooleanField(_("in use"), default=False)
    horizon_days = models.PositiveSmallIntegerField(_("days ahead"), default=rules.SOON)
    learnt_from = models.DateField(_("learnt from"), null=True, blank=True)
    learnt_until = models.DateField(_("learnt until"), null=True, blank=True)
    tested_from = models.DateField(_("tested from"), null=True, blank=True)
    tested_until = models.DateField(_("tested until"), null=True, blank=True)
    churns = models.PositiveIntegerField(_("losses in the history"), default=0)
    rows = models.PositiveIntegerField(_("looks at accounts"), default=0)
    base_rate = models.FloatField(_("share that left"), null=True, blank=True)
    features = models.JSONField(_("figures"), default=list, blank=True)
    # Plain numbers: see health.rules.model. Never a program.
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    # On the days held out: {"model": {…}, "prior": {…}, "tried": {…}}.
    measures = models.JSONField(_("measures"), default=dict, blank=True)

    objects = ForColleaguesQuerySet["ChurnModel"].as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("churn model")
        verbose_name_plural = _("churn models")
        constraints = [
            models.UniqueConstraint(fields=["is_used"], condition=Q(is_used=True), name="health_churnmodel_one_in_use"),
            models.CheckConstraint(
                condition=Q(is_used=False) | Q(verdict="used"), name="health_churnmodel_used_by_verdict"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.on}"

    @property
    def kind(self) -> str:
        """What kind of model it is; empty where none was fitted."""
        return str(self.parameters.get("kind", ""))


class ChurnRisk(models.Model):
    """How likely one account is to leave, as of one day, and why."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="churn_risks", db_index=False
    )
    on = models.DateField(_("day"))
    p90 = models.DecimalField(_("risk within 90 days"), max_digits=5, decimal_places=4)
    p365 = models.DecimalField(_("risk within a year"), max_digits=5, decimal_places=4)
    # [[figure or sign, share of all that pushes]], strongest first; a negative share holds the risk down.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    # None: the prior made of published figures.
    model = models.ForeignKey(
        ChurnModel, verbose_name=_("churn model"), on_delete=models.PROTECT, null=True, blank=True, related_name="risks"
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("churn risk")
        verbose_name_plural = _("churn risks")
        constraints = [
            models.UniqueConstraint(fields=["account", "on"], name="health_churnrisk_once_a_day"),
            models.CheckConstraint(
                condition=Q(p90__gte=0, p365__gte=F("p90"), p365__lte=1), name="health_churnrisk_year_not_below_quarter"
            ),
        ]
        indexes = [models.Index(fields=["on"], name="health_churnrisk_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.on}: {self.p90}"


class TrackRecord(models.Model):
    """What one score, warning or model said so many days ahead, against what came; as of one day."""

    class Subject(models.TextChoices):
        SCORE = "score", _("Health score")
        MODEL = "model", _("Churn model")
        PRIOR = "prior", _("Published figures")
        WARNING = "warning", _("Warning")
        INDICATORS = "indicators", _("Indicators, each alone")

    class Verdict(models.TextChoices):
        TOO_FEW = "too_few", _("Too few losses to tell")
        NEVER = "never", _("Never said anything")
        CHANCE = "chance", _("No better than chance")
        WORSE = "worse", _("Points the wrong way")
        WEAK = "weak", _("Predicts weakly")
        FAIR = "fair", _("Predicts fairly well")
        GOOD = "good", _("Predicts well")

    on = models.DateField(_("as of"))
    subject = models.CharField(_("what was judged"), max_length=10, choices=Subject)
    key = models.CharField(_("rule"), max_length=100, blank=True)
    horizon_days = models.PositiveSmallIntegerField(_("days ahead"))
    first_on = models.DateField(_("looked at from"), null=True, blank=True)
    last_on = models.DateField(_("looked at until"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("looks at accounts"), default=0)
    events = models.PositiveIntegerField(_("of them left"), default=0)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    # See health.queries.track_record: areas with intervals, calibration, precision, recall, lead.
    measures = models.JSONField(_("measures"), default=dict, blank=True)

    objects = ForColleaguesQuerySet["TrackRecord"].as_manager()

    class Meta:
        ordering = ["-on", "subject", "key", "horizon_days"]
        verbose_name = _("track record")
        verbose_name_plural = _("track records")
        constraints = [
            models.UniqueConstraint(
                fields=["on", "subject", "key", "horizon_days"], name="health_trackrecord_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.key} · {self.horizon_days} · {self.on}"


class LossReview(models.Model):
    """One loss of the last year, and the band in which the account stood so many days before."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="loss_reviews", db_index=False
    )
    on = models.DateField(_("left on"))
    arr_lost = models.DecimalField(_("ARR lost"), max_digits=14, decimal_places=2, null=True, blank=True)
    band_30 = models.CharField(_("30 days before"), max_length=10, choices=HealthScore.Band, blank=True)
    band_60 = models.CharField(_("60 days before"), max_length=10, choices=HealthScore.Band, blank=True)
    band_90 = models.CharField(_("90 days before"), max_length=10, choices=HealthScore.Band, blank=True)
    band_180 = models.CharField(_("180 days before"), max_length=10, choices=HealthScore.Band, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("loss")
        verbose_name_plural = _("losses")
        constraints = [models.UniqueConstraint(fields=["account", "on"], name="health_lossreview_once_a_day")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.on}"

    @property
    def bands(self) -> list[tuple[int, str, str]]:
        """Where it stood, the longest ago first: days before, tone, and the band's word; nothing where unscored."""
        found = [(days, getattr(self, f"band_{days}")) for days in (180, 90, 60, 30)]
        return [(days, TONES.get(band, ""), str(HealthScore.Band(band).label) if band else "") for days, band in found]
