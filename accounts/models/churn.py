"""Why did a customer leave, and what would have kept it?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.of_account import OfAccountQuerySet


class ChurnRecord(models.Model):
    """One time that a customer left, as people recorded it; the ledger's churn comes from contract lines."""

    class Reason(models.TextChoices):
        VALUE_NOT_SEEN = "value_not_seen", _("Value not seen")
        EXPECTATIONS_NOT_MET = "expectations_not_met", _("Expectations not met")
        PRICE = "price", _("Price")
        DEFECTS = "defects", _("Defects or performance")
        POOR_EXPERIENCE = "poor_experience", _("Poor experience")
        COMPETITION = "competition", _("Strong competition, low switching cost")
        PLATFORM_VENDOR = "platform_vendor", _("A platform vendor moved in")
        OTHER = "other", _("Other")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="churn_records",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    on = models.DateField(_("left on"))
    notice_on = models.DateField(_("notice given on"), null=True, blank=True)
    arr_lost = models.DecimalField(_("ARR lost"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    reason = models.CharField(_("reason"), max_length=24, choices=Reason, default=Reason.OTHER)
    is_failed_payment = models.BooleanField(_("payment failed"), default=False)
    study = models.TextField(_("root cause"), blank=True, max_length=10_000)
    would_have_saved = models.TextField(_("what would have saved it"), blank=True, max_length=4_000)
    fix = models.TextField(_("fix"), blank=True, max_length=4_000)
    fix_done_on = models.DateField(_("fixed on"), null=True, blank=True)
    won_back_on = models.DateField(_("won back on"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("churn record")
        verbose_name_plural = _("churn records")
        constraints = [
            models.CheckConstraint(
                condition=Q(arr_lost__isnull=True) | Q(arr_lost__gte=0),
                name="accounts_churnrecord_loss_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(won_back_on__isnull=True) | Q(won_back_on__gte=models.F("on")),
                name="accounts_churnrecord_won_back_after_loss",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.on}"
