"""In which order do requests stand, what made it so, and how was it on earlier days?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from roadmap.models.requests import FeatureRequest
from roadmap.rules.ranking import DEFAULT_WEIGHTS, PARTS, Weighing
from usage.models import Module


class RankingSettings(models.Model):
    """The one row that says how requests are ranked: weights, the common band, the cap, windows."""

    class SpreadBy(models.TextChoices):
        INDUSTRY = "industry", _("Industry")
        REGION = "region", _("Region")
        TIER = "tier", _("Tier")
        PURCHASE_LEVEL = "purchase_level", _("Purchase level")

    asks_weight = models.PositiveSmallIntegerField(
        _("weight of frequency"), default=DEFAULT_WEIGHTS["asks"], validators=[MaxValueValidator(100)]
    )
    accounts_weight = models.PositiveSmallIntegerField(
        _("weight of how many customers ask"), default=DEFAULT_WEIGHTS["accounts"], validators=[MaxValueValidator(100)]
    )
    spread_weight = models.PositiveSmallIntegerField(
        _("weight of spread"), default=DEFAULT_WEIGHTS["spread"], validators=[MaxValueValidator(100)]
    )
    users_weight = models.PositiveSmallIntegerField(
        _("weight of active users"), default=DEFAULT_WEIGHTS["users"], validators=[MaxValueValidator(100)]
    )
    weighted_weight = models.PositiveSmallIntegerField(
        _("weight of value"), default=DEFAULT_WEIGHTS["weighted"], validators=[MaxValueValidator(100)]
    )
    threshold = models.PositiveSmallIntegerField(
        _("customers that make a need common"), default=10,
        validators=[MinValueValidator(2), MaxValueValidator(10_000)],
        help_text=_("What at least so many customers ask for comes before everything else."),
    )  # fmt: skip
    cap_percentile = models.PositiveSmallIntegerField(
        _("ARR capped at the percentile"), default=90, validators=[MinValueValidator(50), MaxValueValidator(100)],
        help_text=_("No account counts for more than this account of the portfolio does; 100 caps nothing."),
    )  # fmt: skip
    renewal_days = models.PositiveSmallIntegerField(
        _("days ahead in which a renewal counts twice"), default=180, validators=[MaxValueValidator(1_000)]
    )
    usage_days = models.PositiveSmallIntegerField(
        _("days of use looked at"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("Who used nothing in these days is not active; who did not use the module does not validate."),
    )  # fmt: skip
    guard_percent = models.PositiveSmallIntegerField(
        _("share of one supporter from which the guard acts, in %"), default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("The score falls by what the largest supporter holds of the value beyond this share."),
    )  # fmt: skip
    swing_percent = models.PositiveSmallIntegerField(
        _("swing of the weights in the sensitivity, in %"), default=20,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )  # fmt: skip
    spread_by = models.CharField(
        _("segments of the spread"), max_length=16, choices=SpreadBy, default=SpreadBy.INDUSTRY
    )

    objects = ForColleaguesQuerySet["RankingSettings"].as_manager()

    class Meta:
        verbose_name = _("ranking of requests")
        verbose_name_plural = _("ranking of requests")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="roadmap_rankingsettings_only_one")]

    def __str__(self) -> str:
        return str(_("Ranking of requests"))

    @classmethod
    def load(cls) -> RankingSettings:
        """The stored settings, or the shipped ones while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def clean(self) -> None:
        """Refuse weights that weigh nothing."""
        if not any(self.weights.values()):
            raise ValidationError({"accounts_weight": _("Give at least one weight.")})

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each part."""
        return {name: float(getattr(self, f"{name}_weight")) for name in PARTS}

    @property
    def weighing(self) -> Weighing:
        """What the rules take."""
        return Weighing(self.weights, self.threshold, self.guard_percent / 100)

    @property
    def swing(self) -> float:
        """The swing of the weights as a share."""
        return self.swing_percent / 100


class AccountWeight(models.Model):
    """What one paying account counts for in the ranking, as of the last night."""

    account = models.OneToOneField(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, primary_key=True, related_name="roadmap_weight"
    )
    arr = models.DecimalField(_("ARR"), max_digits=14, decimal_places=2)
    renewing_arr = models.DecimalField(_("ARR in renewal"), max_digits=14, decimal_places=2)
    # ARR up to the cap, and what of it is up for renewal once more.
    weighted_arr = models.DecimalField(_("value"), max_digits=15, decimal_places=2)
    users = models.PositiveIntegerField(_("active users"))
    is_active = models.BooleanField(_("active"))
    segment = models.CharField(_("segment"), max_length=100, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("weight of an account")
        verbose_name_plural = _("weights of accounts")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.weighted_arr}"


class ModuleUse(models.Model):
    """One account that asks for something about a module, and really uses that module, as of the last night."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    module = models.ForeignKey(Module, verbose_name=_("module"), on_delete=models.CASCADE, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a module")
        verbose_name_plural = _("use of modules")
        constraints = [models.UniqueConstraint(fields=["account", "module"], name="roadmap_moduleuse_once")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.module_id}"


class OfTheWholeBookQuerySet(models.QuerySet[Any]):
    """Rows that add up over all accounts: seen by whoever sees all accounts."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """Who sees a part of the book gets the sums of that part, worked out when they look."""
        sees_all = isinstance(user, User) and user.is_active and user.visibility == User.Visibility.ALL
        return self if sees_all else self.none()


class RankParts(models.Model):
    """What a request's rank is made of."""

    rank = models.PositiveIntegerField(_("rank"))
    is_common = models.BooleanField(_("common need"))
    score = models.DecimalField(_("score"), max_digits=7, decimal_places=4)
    asks = models.PositiveIntegerField(_("asks"))
    accounts = models.PositiveIntegerField(_("customers"))
    segments = models.PositiveIntegerField(_("segments with two or more"))
    spread = models.FloatField(_("spread"))
    users = models.PositiveIntegerField(_("active users"))
    weighted_arr = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    validation = models.FloatField(_("validation"))
    guard = models.FloatField(_("concentration guard"))
    asks_percentile = models.FloatField(_("percentile of asks"))
    accounts_percentile = models.FloatField(_("percentile of customers"))
    spread_percentile = models.FloatField(_("percentile of spread"))
    users_percentile = models.FloatField(_("percentile of users"))
    weighted_percentile = models.FloatField(_("percentile of value"))
    # The weight of each part on the day, for a comparison with another day.
    weights = models.JSONField(_("weights"), default=dict)

    class Meta:
        abstract = True

    @property
    def percentiles(self) -> dict[str, float]:
        """The percentile rank of each part."""
        return {name: float(getattr(self, f"{name}_percentile")) for name in PARTS}


class RequestRank(RankParts):
    """Where one open request stands, by which numbers, and where it would stand in other orders."""

    request = models.OneToOneField(
        FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, primary_key=True, related_name="ranking"
    )
    on = models.DateField(_("as of"))
    best_rank = models.PositiveIntegerField(_("best rank with other weights"))
    worst_rank = models.PositiveIntegerField(_("worst rank with other weights"))
    arr = models.DecimalField(_("ARR"), max_digits=16, decimal_places=2)
    renewing_arr = models.DecimalField(_("ARR in renewal"), max_digits=16, decimal_places=2)
    validated = models.PositiveIntegerField(_("customers who use the module"))
    blockers = models.PositiveIntegerField(_("customers for whom it is a blocker"))
    largest = models.ForeignKey(
        Account, verbose_name=_("largest supporter"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    largest_share = models.FloatField(_("largest supporter’s share"))
    importance = models.FloatField(_("mean importance"))
    # 0 where the request has no place in that order.
    arr_rank = models.PositiveIntegerField(_("rank by ARR"), default=0)
    rice = models.FloatField(_("RICE"), null=True, blank=True)
    rice_rank = models.PositiveIntegerField(_("rank by RICE"), default=0)
    wsjf = models.FloatField(_("WSJF"), null=True, blank=True)
    wsjf_rank = models.PositiveIntegerField(_("rank by WSJF"), default=0)
    # Empty where it was not ranked then.
    last_rank = models.PositiveIntegerField(_("rank four weeks before"), null=True, blank=True)

    objects = OfTheWholeBookQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "pk"]
        verbose_name = _("rank of a request")
        verbose_name_plural = _("ranks of requests")
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="roadmap_requestrank_score_in_range")
        ]
        indexes = [
            models.Index(fields=["rank", "request"], name="roadmap_requestrank_by_rank"),
            models.Index(fields=["accounts", "request"], name="roadmap_requestrank_accounts"),
            models.Index(fields=["weighted_arr", "request"], name="roadmap_requestrank_value"),
        ]

    def __str__(self) -> str:
        return f"{self.rank} · {self.request_id}"

    @property
    def moved(self) -> int:
        """Places won (above 0) or lost in four weeks; 0 where it was not ranked then."""
        return self.last_rank - self.rank if self.last_rank else 0


class RankDay(RankParts):
    """Where one request stood from one day on, until its next row."""

    request = models.ForeignKey(
        FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, related_name="rank_days", db_index=False
    )
    on = models.DateField(_("day"))

    objects = OfTheWholeBookQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("rank on a day")
        verbose_name_plural = _("ranks by day")
        constraints = [models.UniqueConstraint(fields=["request", "on"], name="roadmap_rankday_once_a_day")]
        indexes = [models.Index(fields=["on"], name="roadmap_rankday_by_day")]

    def __str__(self) -> str:
        return f"{self.request_id} · {self.on}: {self.rank}"
