"""To what has a contact agreed, until when, and was it taken back?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from accounts.models.of_account import OfAccountQuerySet
from advocacy.models.kinds import AskKind, Channel


class ConsentQuerySet(OfAccountQuerySet["Consent"]):
    """Consents, filtered by what they cover on a day."""

    def in_force_on(self, on: dt.date) -> ConsentQuerySet:
        """Those that hold on a day: given by then, not expired (end exclusive), not revoked."""
        return self.filter(Q(revoked_on__isnull=True) | Q(revoked_on__gt=on), given_on__lte=on, expires_on__gt=on)

    def covering(self, scope: str, channel: str) -> ConsentQuerySet:
        """Those that reach as far as a scope on a channel; the rule is `advocacy.rules.limits.covers`."""
        return self.filter(scope__in=("any", scope), channel__in=("any", channel))


class Consent(models.Model):
    """One consent of a contact to be asked for something and named with it, on a channel and until a day."""

    class Scope(models.TextChoices):
        REFERENCE_CALL = AskKind.REFERENCE_CALL.value, _("Reference call")
        CASE_STUDY = AskKind.CASE_STUDY.value, _("Case study")
        REVIEW = AskKind.REVIEW.value, _("Review")
        TALK = AskKind.TALK.value, _("Talk in a sharing session")
        REFERRAL = AskKind.REFERRAL.value, _("Referral")
        CO_CREATION = AskKind.CO_CREATION.value, _("Co-creation")
        ANY = "any", _("Everything")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="advocacy_consents",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.CASCADE,
        related_name="advocacy_consents",
    )
    scope = models.CharField(_("scope"), max_length=16, choices=Scope)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.PRIVATE)
    given_on = models.DateField(_("given on"))
    expires_on = models.DateField(_("expires on"), help_text=_("From this day on it no longer holds."))
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    evidence = models.CharField(
        _("how it was given"), max_length=300, help_text=_("Where can somebody look it up: a mail, a call, a form?")
    )
    recorded_by = models.ForeignKey(
        User,
        verbose_name=_("recorded by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gt=F("given_on")), name="advocacy_consent_ends_after_start"),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("given_on")),
                name="advocacy_consent_revoked_after_given",
            ),
        ]
        indexes = [models.Index(fields=["contact", "scope"], name="advocacy_consent_by_contact")]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} · {self.expires_on}"

    def holds_on(self, on: dt.date) -> bool:
        """Whether it holds on a day."""
        return self.given_on <= on < self.expires_on and (self.revoked_on is None or on < self.revoked_on)
