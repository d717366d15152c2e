"""Who are the people on the customer's side, and how close are they to us?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.of_account import OfAccountQuerySet


class ContactQuerySet(OfAccountQuerySet["Contact"]):
    """Contacts, filtered by whether they are still there."""

    def present_on(self, on: dt.date) -> ContactQuerySet:
        """Contacts who had not left by a day."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))


class Contact(models.Model):
    """One person at a customer."""

    class Role(models.TextChoices):
        CHAMPION = "champion", _("Champion")
        ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
        DECISION_MAKER = "decision_maker", _("Decision maker")
        END_USER = "end_user", _("End user")
        BLOCKER = "blocker", _("Blocker")

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", _("Positive")
        NEUTRAL = "neutral", _("Neutral")
        NEGATIVE = "negative", _("Negative")
        UNKNOWN = "unknown", _("Unknown")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="contacts",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("job title"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.END_USER)
    sentiment = models.CharField(_("sentiment"), max_length=8, choices=Sentiment, default=Sentiment.UNKNOWN)
    touched_on = models.DateField(_("last touched"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    # Set by the contact itself: no mail that nobody wrote for them alone goes out from then on.
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="accounts_contact_name_not_empty")]

    def __str__(self) -> str:
        return self.name
