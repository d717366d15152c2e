"""Which ARR may be lost, why, and who says more of it when?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from revenue.models.renewals import Renewal


class RiskQuerySet(OfAccountQuerySet["Risk"]):
    """Risks, filtered by whether they stand and whether somebody has to look at them."""

    def open(self) -> RiskQuerySet:
        """Risks that stand."""
        return self.filter(state=Risk.State.OPEN)

    def overdue(self, on: dt.date) -> RiskQuerySet:
        """Risks whose update is late."""
        return self.open().filter(update_due_on__lt=on)


class Risk(models.Model):
    """One reason why an account's ARR may be lost, with who looks after it and when they say more."""

    class Kind(models.TextChoices):
        VALUE = "value", _("Value not seen")
        EXPECTATIONS = "expectations", _("Expectations not met")
        PRICE = "price", _("Price")
        DEFECTS = "defects", _("Defects or performance")
        EXPERIENCE = "experience", _("Poor experience")
        COMPETITION = "competition", _("Competition")
        SPONSOR = "sponsor", _("Sponsor left")
        USAGE = "usage", _("Use falls")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        SAVED = "saved", _("Saved")
        REDUCED = "reduced", _("Kept in part")
        LOST = "lost", pgettext_lazy("risk", "Lost")
        MISTAKEN = "mistaken", _("Was no risk")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="risks",
    )
    renewal = models.ForeignKey(
        Renewal,
        verbose_name=_("renewal"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="risks",
    )
    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500)
    # In the reporting currency; at most what the account pays on the day on which it is said.
    arr_at_risk = models.DecimalField(_("ARR at risk"), max_digits=14, decimal_places=2)
    owner = models.ForeignKey(
        User,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    opened_on = models.DateField(_("opened"))
    update_due_on = models.DateField(_("next update due"))
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    objects = RiskQuerySet.as_manager()

    class Meta:
        ordering = ["update_due_on", "pk"]
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        constraints = [
            models.CheckConstraint(condition=Q(arr_at_risk__gt=0), name="revenue_risk_arr_above_0"),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", closed_on=None)
                | (Q(state="closed", closed_on__isnull=False) & ~Q(outcome="")),
                name="revenue_risk_closed_with_outcome",
            ),
        ]
        indexes = [models.Index(fields=["state", "update_due_on", "id"], name="revenue_risk_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.opened_on}"

    @property
    def is_open(self) -> bool:
        """Whether it stands."""
        return self.state == self.State.OPEN


class RiskUpdate(models.Model):
    """What was said of a risk on one day."""

    risk = models.ForeignKey(Risk, verbose_name=_("risk"), on_delete=models.CASCADE, related_name="updates")
    on = models.DateField(_("day"))
    by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.TextField(_("note"), max_length=5000)
    arr_at_risk = models.DecimalField(_("ARR at risk"), max_digits=14, decimal_places=2, null=True, blank=True)

    class UpdateQuerySet(OfAccountQuerySet["RiskUpdate"]):
        """Updates, seen by whoever sees the account."""

        path_to_account = "risk__account"

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("update of a risk")
        verbose_name_plural = _("updates of risks")

    def __str__(self) -> str:
        return f"{self.risk} · {self.on}"
