"""Which contracts end when, how far are the talks, and what is expected of each?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet


class Call(models.TextChoices):
    """What somebody, or the rule, expects of a renewal."""

    RENEW = "renew", _("Renews")
    DOWNGRADE = "downgrade", _("Downgrades")
    CHURN = "churn", _("Churns")


class RenewalQuerySet(OfAccountQuerySet["Renewal"]):
    """Renewals, filtered by when they are due and by what is expected of them."""

    def open(self) -> RenewalQuerySet:
        """Renewals that are still talked about."""
        return self.filter(stage__in=Renewal.OPEN)

    def due_between(self, start: dt.date, end: dt.date) -> RenewalQuerySet:
        """Renewals due in a period (start ≤ day < end), however late they were settled."""
        return self.filter(due_on__gte=start, due_on__lt=end)

    def with_call(self) -> RenewalQuerySet:
        """Add `call`, the one that counts: the final one, else the CSM's, else the computed one."""
        return self.annotate(
            call=Case(
                When(~Q(final_call=""), then=F("final_call")),
                When(~Q(csm_call=""), then=F("csm_call")),
                default=F("computed_call"),
            )
        )

    def disagreeing(self) -> RenewalQuerySet:
        """Open renewals whose CSM says otherwise than the rule, and for which nobody has decided yet."""
        said = self.open().filter(final_call="").exclude(csm_call="").exclude(computed_call="")
        return said.exclude(csm_call=F("computed_call"))


class Renewal(models.Model):
    """One end of contract that has to be talked about.

    `arr` is what is up for renewal and `expected_arr` what of it is expected to go on, both in the reporting currency;
    they and the computed call are kept up by `revenue.actions.call_renewals`.
    """

    class Stage(models.TextChoices):
        NOT_STARTED = "not_started", _("Not started")
        IN_TALKS = "in_talks", _("In talks")
        COMMITTED = "committed", _("Committed")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    OPEN = (Stage.NOT_STARTED, Stage.IN_TALKS, Stage.COMMITTED)

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="renewals",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    due_on = models.DateField(_("due"))
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.NOT_STARTED)
    stage_changed_on = models.DateField(_("in this stage since"), null=True, blank=True)
    changed_by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    arr = models.DecimalField(_("ARR due"), max_digits=14, decimal_places=2, default=0)
    expected_arr = models.DecimalField(_("forecast"), max_digits=14, decimal_places=2, default=0)
    computed_call = models.CharField(_("computed call"), max_length=9, choices=Call, blank=True)
    # Why the rule says so: keys of `revenue.rules.calls`.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    # The account's health as those above last told it; empty while nobody has.
    band = models.CharField(_("health"), max_length=10, blank=True)
    csm_call = models.CharField(_("CSM’s call"), max_length=9, choices=Call, blank=True)
    csm_amount = models.DecimalField(_("expected by the CSM"), max_digits=14, decimal_places=2, null=True, blank=True)
    final_call = models.CharField(_("final call"), max_length=9, choices=Call, blank=True)
    final_amount = models.DecimalField(_("expected finally"), max_digits=14, decimal_places=2, null=True, blank=True)
    called_on = models.DateField(_("as of"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    objects = RenewalQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        constraints = [
            models.UniqueConstraint(fields=["account", "due_on"], name="revenue_renewal_once_a_day"),
            models.CheckConstraint(condition=Q(expected_arr__gte=0), name="revenue_renewal_forecast_not_negative"),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="revenue_renewal_due"),
            models.Index(fields=["arr", "id"], name="revenue_renewal_arr"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} · {self.get_stage_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it is still talked about."""
        return self.stage in self.OPEN

    @property
    def decided(self) -> str:
        """The call that counts: the final one, else the CSM's, else the computed one."""
        return self.final_call or self.csm_call or self.computed_call

    @property
    def is_disputed(self) -> bool:
        """Whether the CSM says otherwise than the rule and nobody has decided yet."""
        return bool(
            self.is_open
            and not self.final_call
            and self.csm_call
            and self.computed_call
            and self.csm_call != self.computed_call
        )


class RenewalCall(models.Model):
    """One call on a renewal, by the rule or a person, from a day on until the next of its kind; never changed."""

    class Kind(models.TextChoices):
        COMPUTED = "computed", _("Computed")
        CSM = "csm", _("CSM")
        FINAL = "final", _("Final")

    renewal = models.ForeignKey(
        Renewal,
        verbose_name=_("renewal"),
        on_delete=models.CASCADE,
        related_name="calls",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    on = models.DateField(_("day"))
    # Empty where a call was taken back.
    call = models.CharField(_("call"), max_length=9, choices=Call, blank=True)
    amount = models.DecimalField(_("expected ARR"), max_digits=14, decimal_places=2, null=True, blank=True)
    by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)

    class CallQuerySet(OfAccountQuerySet["RenewalCall"]):
        """Calls, seen by whoever sees the account."""

        path_to_account = "renewal__account"

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("call on a renewal")
        verbose_name_plural = _("calls on renewals")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="revenue_renewalcall_amount_not_negative"
            )
        ]
        indexes = [models.Index(fields=["renewal", "kind", "on"], name="revenue_renewalcall_stood")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_call_display()} · {self.on}"


def _days(label: Any, default: int, most: int = 366) -> Any:
    """A number of days that is a setting."""
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(1), MaxValueValidator(most)]
    )


def _percent(label: Any, default: int) -> Any:
    """A share of ARR that is a setting."""
    return models.PositiveSmallIntegerField(label, default=default, validators=[MaxValueValidator(100)])


class RenewalPolicy(models.Model):
    """The one row of settings for renewals, risks and downgrades."""

    quiet_days = _days(_("talks should have begun, days before the end"), 90)
    downgrade_days = _days(_("a downgrade counts for days"), 180, 1098)
    renew_percent = _percent(_("of ARR, when the rule says it renews"), 95)
    downgrade_percent = _percent(_("of ARR, when it downgrades"), 70)
    churn_percent = _percent(_("of ARR, when the rule says it churns"), 15)
    near_days = _days(_("a renewal is near, days before the end"), 90)
    near_update_days = _days(_("days to a risk’s next update, renewal near"), 7)
    far_update_days = _days(_("days to a risk’s next update, otherwise"), 30)
    first_look_days = _days(_("first look at past calls, days before"), 90)
    last_look_days = _days(_("last look at past calls, days before"), 30)
    least_cases = models.PositiveSmallIntegerField(
        _("too few below so many cases"), default=10, validators=[MinValueValidator(1)]
    )

    objects = ForColleaguesQuerySet["RenewalPolicy"].as_manager()

    class Meta:
        verbose_name = _("terms of renewals")
        verbose_name_plural = _("terms of renewals")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="revenue_renewalpolicy_only_one")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> RenewalPolicy:
        """The stored settings, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
