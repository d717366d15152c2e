"""Whom does sales need to hear from, for which deal, and what came of it?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Product, User
from accounts.models.people import ForColleaguesQuerySet
from advocacy.models.kinds import AskKind
from usage.models import Scenario


class ReferenceRequest(models.Model):
    """One request of sales for somebody who speaks for us, with the prospect that is to hear it."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        CANCELLED = "cancelled", _("Cancelled")

    prospect = models.CharField(_("prospect"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=AskKind, default=AskKind.REFERENCE_CALL)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier, blank=True, default="")
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    use_case = models.ForeignKey(
        Scenario, verbose_name=_("use case"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("what they want to hear"), blank=True, max_length=4_000)
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    requested_by = models.ForeignKey(
        User, verbose_name=_("requested by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_on = models.DateField(_("requested on"))
    # What the deal would bring in a year.
    arr = models.DecimalField(_("deal, ARR"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, default=Outcome.OPEN)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    # A prospect belongs to no account yet; who of the customers fits is judged by whoever looks.
    objects = ForColleaguesQuerySet["ReferenceRequest"].as_manager()

    class Meta:
        ordering = ["-requested_on", "-pk"]
        verbose_name = _("reference request")
        verbose_name_plural = _("reference requests")
        constraints = [
            models.CheckConstraint(condition=~Q(prospect=""), name="advocacy_referencerequest_has_a_prospect"),
            models.CheckConstraint(
                condition=Q(arr__isnull=True) | Q(arr__gt=0), name="advocacy_referencerequest_arr_positive"
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", decided_on__isnull=True)
                | (~Q(outcome="open") & Q(decided_on__isnull=False)),
                name="advocacy_referencerequest_decided_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.prospect

    @property
    def is_open(self) -> bool:
        """Whether the deal is still undecided."""
        return self.outcome == self.Outcome.OPEN
