"""What does each customer pay, since when, and how did it change?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Product
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in another from a day on, until the next rate."""

    base = models.CharField(_("currency"), max_length=3)
    quote = models.CharField(_("in"), max_length=3)
    on = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["base", "quote", "-on"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "on"], name="revenue_exchangerate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="revenue_exchangerate_positive"),
            models.CheckConstraint(
                condition=~Q(base=F("quote")),
                name="revenue_exchangerate_two_currencies",
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} · {self.on}"


class ContractLineQuerySet(OfAccountQuerySet["ContractLine"]):
    """Contract lines, filtered by the days on which they pay."""

    def active_on(self, on: dt.date) -> ContractLineQuerySet:
        """Lines in force on a day (start ≤ day < end)."""
        return self.filter(Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class ContractLine(models.Model):
    """One product that an account pays for over a span of days (end exclusive, or open)."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="contract_lines",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="contract_lines",
    )
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    arr = models.DecimalField(_("ARR"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    notice_on = models.DateField(_("notice given on"), null=True, blank=True)
    is_payment_failed = models.BooleanField(_("ended by a failed payment"), default=False)

    objects = ContractLineQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        verbose_name = _("contract line")
        verbose_name_plural = _("contract lines")
        constraints = [
            models.CheckConstraint(condition=Q(arr__gte=0), name="revenue_contractline_arr_not_negative"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="revenue_contractline_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "starts_on"], name="revenue_contractline_account"),
            models.Index(fields=["ends_on"], name="revenue_contractline_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.starts_on}"


class MovementQuerySet(OfAccountQuerySet["Movement"]):
    """Movements, filtered by the period in which they fall."""

    def between(self, start: dt.date, end: dt.date) -> MovementQuerySet:
        """Movements of a period (start ≤ day < end)."""
        return self.filter(on__gte=start, on__lt=end)


class Movement(models.Model):
    """One change of an account's ARR in one currency on one day: derived from contract lines, never typed in.

    `amount` is signed and in the line's currency, so each currency balances by itself; `kind` is decided for the
    whole account on that day, so a change of currency or product is not mistaken for a churn.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("New")
        REACTIVATION = "reactivation", _("Reactivation")
        EXPANSION = "expansion", _("Expansion")
        CONTRACTION = "contraction", _("Contraction")
        CHURN = "churn", _("Churn")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="movements",
    )
    on = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("change of ARR"), max_digits=14, decimal_places=2)
    arr_after = models.DecimalField(_("ARR after"), max_digits=14, decimal_places=2)

    objects = MovementQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "on", "currency"],
                name="revenue_movement_once_a_day_and_currency",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="revenue_movement_not_zero"),
            models.CheckConstraint(condition=Q(arr_after__gte=0), name="revenue_movement_arr_not_negative"),
        ]
        indexes = [models.Index(fields=["on", "account"], name="revenue_movement_by_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency} · {self.on}"


def _share(label: Any, default: str, most: int = 1) -> models.DecimalField[Decimal, Decimal]:
    """A fraction (0.92 = 92 %), from nothing to so many times the whole."""
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=4,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(most)],
    )


def _count(label: Any, default: int, help_text: Any) -> models.PositiveIntegerField[int, int]:
    """A number of accounts, at least one."""
    return models.PositiveIntegerField(
        label, default=default, help_text=help_text, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )


def _days(label: Any, default: int) -> models.PositiveSmallIntegerField[int, int]:
    """A number of days, at least one."""
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )


class RevenueSettings(models.Model):
    """The one row of marks that revenue figures are held against."""

    SHARES = (
        *("nrr_healthy", "nrr_good", "nrr_excellent"),
        *("logo_grr_healthy", "logo_grr_enterprise", "logo_grr_team", "logo_grr_individual", "logo_churn_good"),
        *("quadrant_grr", "quadrant_nrr", "masking_points"),
        *("keep_green", "keep_yellow", "keep_red", "keep_unknown"),
    )
    COUNTS = ("masking_min_accounts", "small_cohort", "too_few")
    DAYS = ("touch_days_elephant", "touch_days_cheetah", "touch_days_rabbit")

    nrr_healthy = _share(_("NRR is healthy from"), "1.00", 5)
    nrr_good = _share(_("NRR is good from"), "1.10", 5)
    nrr_excellent = _share(_("NRR is excellent from"), "1.20", 5)
    logo_grr_healthy = _share(_("customers kept in a year: healthy from"), "0.80")
    logo_grr_enterprise = _share(_("customers kept in a year, enterprise"), "0.92")
    logo_grr_team = _share(_("customers kept in a year, team"), "0.80")
    logo_grr_individual = _share(_("customers kept in a year, individual"), "0.55")
    logo_churn_good = _share(_("customers lost in a year: good below"), "0.10")
    quadrant_grr = _share(_("GRR of expansion ground above"), "0.90")
    quadrant_nrr = _share(_("NRR of expansion ground above"), "1.20", 5)
    masking_points = _share(_("hidden segment: points below its own mark"), "0.05")
    masking_min_accounts = _count(_("hidden segment: accounts at least"), 5, _("Smaller segments set off no warning."))
    small_cohort = _count(
        _("small cohort: accounts below"), 10, _("Small cohorts are marked: one customer more or less moves them.")
    )
    too_few = _count(
        _("too few to judge: accounts below"), 5, _("A rate over fewer accounts is shown, but ranks nobody.")
    )
    keep_green = _share(_("ARR kept in a year, healthy band"), "0.95")
    keep_yellow = _share(_("ARR kept in a year, band to watch"), "0.85")
    keep_red = _share(_("ARR kept in a year, band at risk"), "0.60")
    keep_unknown = _share(_("ARR kept in a year, without a band"), "0.85")
    touch_days_elephant = _days(_("days between touches, key accounts"), 30)
    touch_days_cheetah = _days(_("days between touches, mid-size accounts"), 60)
    touch_days_rabbit = _days(_("days between touches, small accounts"), 90)

    objects = ForColleaguesQuerySet["RevenueSettings"].as_manager()

    class Meta:
        verbose_name = _("revenue benchmarks")
        verbose_name_plural = _("revenue benchmarks")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="revenue_revenuesettings_only_one"),
            models.CheckConstraint(
                condition=Q(nrr_healthy__lte=F("nrr_good"), nrr_good__lte=F("nrr_excellent")),
                name="revenue_revenuesettings_nrr_marks_rise",
            ),
            models.CheckConstraint(
                condition=Q(nrr_healthy__gte=0, nrr_excellent__lte=5, quadrant_nrr__gte=0, quadrant_nrr__lte=5),
                name="revenue_revenuesettings_nrr_marks_in_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    **{
                        f"{name}__{end}": limit
                        for name in (
                            *("logo_grr_healthy", "logo_grr_enterprise", "logo_grr_team", "logo_grr_individual"),
                            *("logo_churn_good", "quadrant_grr", "masking_points"),
                        )
                        for end, limit in (("gte", 0), ("lte", 1))
                    }
                ),
                name="revenue_revenuesettings_shares_in_range",
            ),
            models.CheckConstraint(
                condition=Q(masking_min_accounts__gte=1, small_cohort__gte=1, too_few__gte=1),
                name="revenue_revenuesettings_counts_positive",
            ),
            models.CheckConstraint(
                condition=Q(
                    **{f"{name}__range": (0, 1) for name in ("keep_green", "keep_yellow", "keep_red", "keep_unknown")},
                    touch_days_elephant__gte=1,
                    touch_days_cheetah__gte=1,
                    touch_days_rabbit__gte=1,
                ),
                name="revenue_revenuesettings_keeping_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> RevenueSettings:
        """The stored marks, or the published ones while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def clean(self) -> None:
        """The marks of NRR rise."""
        if self.nrr_good < self.nrr_healthy:
            raise ValidationError({"nrr_good": _("“Good” cannot begin below “healthy”.")})
        if self.nrr_excellent < self.nrr_good:
            raise ValidationError({"nrr_excellent": _("“Excellent” cannot begin below “good”.")})

    def keep_rates(self) -> dict[str, Decimal]:
        """What share of its ARR each band keeps in a year, where the company's own past is too short to say."""
        return {name: getattr(self, f"keep_{name}") for name in ("green", "yellow", "red", "unknown")}

    def touch_days(self) -> dict[str, int]:
        """Within how many days each tier is to be spoken with."""
        return {tier.value: getattr(self, f"touch_days_{tier.value}") for tier in Account.Tier}

    def logo_benchmarks(self) -> dict[str, Decimal]:
        """What share of its accounts each purchase level should keep in a year."""
        return {
            Account.PurchaseLevel.ENTERPRISE.value: self.logo_grr_enterprise,
            Account.PurchaseLevel.TEAM.value: self.logo_grr_team,
            Account.PurchaseLevel.INDIVIDUAL.value: self.logo_grr_individual,
        }
