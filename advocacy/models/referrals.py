"""Who brought whom, and how far have they come?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from accounts.models.of_account import OfAccountQuerySet
from advocacy.rules.referrals import LOOP, ReferralState, furthest_state


class ReferralQuerySet(OfAccountQuerySet["Referral"]):
    """Referrals, seen by whoever sees the customer that brought somebody."""

    path_to_account = "referrer"

    def open(self) -> ReferralQuerySet:
        """Those that may still sign."""
        return self.exclude(state__in=[Referral.State.SIGNED, Referral.State.LOST])


class Referral(models.Model):
    """One company that a customer brought, with the day on which it reached each stage of the loop."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        TRIAL = "trial", _("On trial")
        USING = "using", _("Using it")
        SHARED = "shared", _("Shared it")
        SIGNED = "signed", _("Signed")
        LOST = "lost", _("Lost")

    # In which column the day of each state stands.
    DAYS = {state: f"{state}_on" for state in State.values}

    referrer = models.ForeignKey(
        Account, verbose_name=_("brought by"), on_delete=models.CASCADE, related_name="referrals_made"
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact who brought them"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    company = models.CharField(_("company"), max_length=200)
    # The customer that the company became; known once it has signed, often before.
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="referrals",
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.INVITED)
    invited_on = models.DateField(_("invited on"))
    trial_on = models.DateField(_("on trial since"), null=True, blank=True)
    using_on = models.DateField(_("using it since"), null=True, blank=True)
    shared_on = models.DateField(_("shared it on"), null=True, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    lost_on = models.DateField(_("lost on"), null=True, blank=True)
    lost_reason = models.CharField(_("why lost"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4_000)
    thanked_on = models.DateField(_("thanked on"), null=True, blank=True)
    thanked_by = models.ForeignKey(
        User, verbose_name=_("thanked by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    thanks = models.CharField(_("how they were thanked"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_on", "-pk"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=True) | ~Q(account=F("referrer")),
                name="advocacy_referral_nobody_brings_itself",
                violation_error_message=_("A customer cannot bring itself."),
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=~Q(state="lost"),
                name="advocacy_referral_brought_once",
                violation_error_message=_("This account was brought by somebody already."),
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_on__isnull=False),
                name="advocacy_referral_signing_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="lost", lost_on__isnull=False) | (~Q(state="lost") & Q(lost_on__isnull=True)),
                name="advocacy_referral_loss_is_dated",
            ),
            models.CheckConstraint(condition=~Q(company=""), name="advocacy_referral_company_not_empty"),
        ]
        indexes = [
            models.Index(fields=["-invited_on", "-id"], name="advocacy_referral_newest"),
            models.Index(fields=["state"], name="advocacy_referral_by_state"),
        ]

    def __str__(self) -> str:
        return self.company

    @property
    def furthest(self) -> ReferralState:
        """How far it came at its best, lost or not."""
        return furthest_state({state: self.day_of(state) for state in LOOP})

    def day_of(self, state: str) -> dt.date | None:
        """The day on which it reached a state."""
        day: dt.date | None = getattr(self, self.DAYS[state])
        return day
