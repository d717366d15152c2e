"""Which figures of the whole book are kept month by month, and since which day has the ledger changed under them?"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def _cents(label: Any) -> models.BigIntegerField[int, int]:
    """An amount in whole cents of the reporting currency."""
    return models.BigIntegerField(label)


class KeptMonth(models.Model):
    """The point-to-point figures of all customers over one calendar month, or over the twelve months up to its end."""

    class Window(models.IntegerChoices):
        MONTH = 1, _("One month")
        YEAR = 12, _("Twelve months")

    AMOUNTS = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "exchange", "closing")
    COUNTS = ("accounts", "accounts_lost", "accounts_closing")
    FIGURES = (*AMOUNTS, *COUNTS)

    month = models.DateField(_("month"))
    window = models.PositiveSmallIntegerField(_("months up to its end"), choices=Window)
    currency = models.CharField(_("currency"), max_length=3)
    opening = _cents(_("opening"))
    new = _cents(_("new"))
    reactivation = _cents(_("reactivation"))
    expansion = _cents(_("expansion"))
    contraction = _cents(_("contraction"))
    churn = _cents(_("churn"))
    exchange = _cents(_("exchange effect"))
    closing = _cents(_("closing"))
    accounts = models.PositiveIntegerField(_("accounts at the opening"))
    accounts_lost = models.PositiveIntegerField(_("accounts lost"))
    accounts_closing = models.PositiveIntegerField(_("accounts at the closing"))
    made_at = models.DateTimeField(_("worked out"))

    class Meta:
        ordering = ["-month", "window"]
        verbose_name = _("kept month")
        verbose_name_plural = _("kept months")
        constraints = [
            models.UniqueConstraint(fields=["month", "window"], name="revenue_keptmonth_once_a_window"),
            models.CheckConstraint(condition=Q(window__in=[1, 12]), name="revenue_keptmonth_window_is_month_or_year"),
            models.CheckConstraint(
                condition=Q(
                    closing=F("opening")
                    + F("new")
                    + F("reactivation")
                    + F("expansion")
                    - F("contraction")
                    - F("churn")
                    + F("exchange")
                ),
                name="revenue_keptmonth_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(accounts_lost__lte=F("accounts")), name="revenue_keptmonth_loses_only_who_was_there"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} · {self.get_window_display()}"


class LedgerChange(models.Model):
    """A change of movements or rates that the kept months do not hold yet: every month that ends later is stale."""

    since = models.DateField(_("from this day on"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change of the ledger")
        verbose_name_plural = _("changes of the ledger")

    def __str__(self) -> str:
        return str(self.since)
