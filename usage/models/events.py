"""Who did what in the product, when, and how much of it in a day?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.models.of_account import OfAccountQuerySet
from usage.models.catalogue import Feature


class UsageEvent(models.Model):
    """One product event as it was accepted; (source, message id) is kept once for the whole retention time."""

    source = models.CharField(_("source"), max_length=40, default="import")
    message_id = models.CharField(_("message id"), max_length=128)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="usage_events",
        db_index=False,
    )
    # Whoever did it, as the product calls them; empty where the product does not say.
    person = models.CharField(_("person"), max_length=128, blank=True)
    feature = models.ForeignKey(
        Feature,
        verbose_name=_("feature"),
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
    )
    at = models.DateTimeField(_("when"))
    # The local day of the organisation on which the event falls.
    day = models.DateField(_("day"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("product event")
        verbose_name_plural = _("product events")
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="usage_usageevent_message_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="usage_usageevent_quantity_positive"),
        ]
        indexes = [models.Index(fields=["account", "day"], name="usage_usageevent_account_day")]

    def __str__(self) -> str:
        return f"{self.message_id} · {self.day}"


class WaitingEvent(models.Model):
    """One event whose account is not known yet: kept aside, replayed when the account appears."""

    source = models.CharField(_("source"), max_length=40)
    message_id = models.CharField(_("message id"), max_length=128)
    account_external_id = models.CharField(_("account, as sent"), max_length=128, db_index=True)
    payload = models.JSONField(_("event"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ["received_at", "pk"]
        verbose_name = _("waiting event")
        verbose_name_plural = _("waiting events")
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="usage_waitingevent_message_once")]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.account_external_id}"


class FeatureUsageDay(models.Model):
    """How often one person of an account used one feature on one day."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="usage_days",
        db_index=False,
    )
    day = models.DateField(_("day"))
    feature = models.ForeignKey(
        Feature,
        verbose_name=_("feature"),
        on_delete=models.PROTECT,
        related_name="usage_days",
        db_index=False,
    )
    person = models.CharField(_("person"), max_length=128, blank=True)
    events = models.PositiveIntegerField(_("events"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "account_id", "pk"]
        verbose_name = _("daily use")
        verbose_name_plural = _("daily use")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "feature", "person"],
                name="usage_featureusageday_once",
            ),
            models.CheckConstraint(condition=Q(events__gte=1), name="usage_featureusageday_has_events"),
        ]
        # The window of a scoring reads days over all accounts.
        indexes = [models.Index(fields=["day", "account"], name="usage_featureusageday_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.day}"


class AccountUsageDay(models.Model):
    """How an account used the product on one day, over all its people and features."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="active_days",
        db_index=False,
    )
    day = models.DateField(_("day"))
    events = models.PositiveIntegerField(_("events"))
    core_events = models.PositiveIntegerField(_("core events"), default=0)
    # Named people only; 0 where the product does not say who acts.
    people = models.PositiveIntegerField(_("active people"), default=0)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "pk"]
        verbose_name = _("account’s day")
        verbose_name_plural = _("account’s days")
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="usage_accountusageday_once"),
        ]
        indexes = [
            models.Index(fields=["day", "account"], name="usage_accountusageday_by_day"),
            # The sums of a window are read from this index alone.
            models.Index(
                fields=["account", "day", "events", "core_events", "people"], name="usage_accountusageday_sums"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.day}"


class AccountFeatureUse(models.Model):
    """When an account first and last used a feature."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="feature_use",
        db_index=False,
    )
    feature = models.ForeignKey(
        Feature,
        verbose_name=_("feature"),
        on_delete=models.CASCADE,
        related_name="account_use",
    )
    first_on = models.DateField(_("first used"))
    last_on = models.DateField(_("last used"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "feature_id"]
        verbose_name = _("feature in use")
        verbose_name_plural = _("features in use")
        constraints = [
            models.UniqueConstraint(fields=["account", "feature"], name="usage_accountfeatureuse_once"),
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")),
                name="usage_accountfeatureuse_last_after_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.feature_id}"


class AccountPersonUse(models.Model):
    """When a named person of an account last used the product, and last used an advanced feature of it."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="people_in_use",
        db_index=False,
    )
    person = models.CharField(_("person"), max_length=128)
    last_on = models.DateField(_("last used"))
    last_advanced_on = models.DateField(_("last used an advanced feature"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "person"]
        verbose_name = _("person in use")
        verbose_name_plural = _("people in use")
        constraints = [
            models.UniqueConstraint(fields=["account", "person"], name="usage_accountpersonuse_once"),
            models.CheckConstraint(condition=~Q(person=""), name="usage_accountpersonuse_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.person}"
