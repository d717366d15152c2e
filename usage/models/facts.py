"""What else is known of how customers fare: readings, tickets, answers, milestones, integrations?"""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from usage.models.catalogue import Milestone


class Metric(models.Model):
    """One named number that arrives per account and period, such as API calls or active users."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, blank=True)

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")

    def __str__(self) -> str:
        return self.name


class Reading(models.Model):
    """The value of a metric for an account over the day, week or month that starts on a day."""

    class Period(models.TextChoices):
        DAY = "day", _("Day")
        WEEK = "week", _("Week")
        MONTH = "month", _("Month")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="readings",
        db_index=False,
    )
    metric = models.ForeignKey(
        Metric,
        verbose_name=_("metric"),
        on_delete=models.CASCADE,
        related_name="readings",
    )
    period = models.CharField(_("period"), max_length=5, choices=Period, default=Period.DAY)
    on = models.DateField(_("starting on"))
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["account", "metric", "period", "on"], name="usage_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} · {self.on}: {self.value}"


class MilestoneReached(models.Model):
    """The day on which an account reached a milestone."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="milestones_reached",
    )
    milestone = models.ForeignKey(
        Milestone,
        verbose_name=_("milestone"),
        on_delete=models.CASCADE,
        related_name="reached",
    )
    on = models.DateField(_("reached on"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("milestone reached")
        verbose_name_plural = _("milestones reached")
        constraints = [
            models.UniqueConstraint(fields=["account", "milestone"], name="usage_milestonereached_once"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone} · {self.on}"


class Ticket(models.Model):
    """One call for help."""

    class Severity(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    # Hours within which a ticket should be resolved where its own target is not given.
    TARGET_HOURS = {
        Severity.LOW: 120,
        Severity.NORMAL: 72,
        Severity.HIGH: 24,
        Severity.CRITICAL: 8,
    }

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="tickets",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.NORMAL)
    is_complaint = models.BooleanField(_("complaint"), default=False)
    is_escalated = models.BooleanField(_("escalated"), default=False)
    opened_at = models.DateTimeField(_("opened"))
    target_at = models.DateTimeField(_("to be resolved by"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    first_response_minutes = models.PositiveIntegerField(_("first answer, minutes"), null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction, 1 to 5"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(5)],
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("opened_at")),
                name="usage_ticket_resolved_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="usage_ticket_satisfaction_1_to_5",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], name="usage_ticket_opened"),
            models.Index(
                fields=["account"],
                name="usage_ticket_open",
                condition=Q(resolved_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(self.get_severity_display())


class SurveyAnswer(models.Model):
    """One answer of a contact to a survey."""

    class Kind(models.TextChoices):
        NPS = "nps", _("NPS")
        CSAT = "csat", _("Satisfaction")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="survey_answers",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="survey_answers",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    kind = models.CharField(_("survey"), max_length=4, choices=Kind, default=Kind.NPS)
    score = models.PositiveSmallIntegerField(_("score"))
    comment = models.TextField(_("comment"), blank=True, max_length=4_000)
    answered_on = models.DateField(_("answered on"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-answered_on", "-pk"]
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="nps", score__range=(0, 10)) | Q(kind="csat", score__range=(1, 5)),
                name="usage_surveyanswer_score_in_range",
                violation_error_message=_("NPS runs from 0 to 10, satisfaction from 1 to 5."),
            )
        ]
        indexes = [models.Index(fields=["answered_on"], name="usage_surveyanswer_answered")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.score} · {self.answered_on}"


class Integration(models.Model):
    """One system of the customer that is connected to the product."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="integrations",
    )
    name = models.CharField(_("name"), max_length=100)
    connected_on = models.DateField(_("connected on"))
    disconnected_on = models.DateField(_("disconnected on"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="usage_integration_once"),
            models.CheckConstraint(
                condition=Q(disconnected_on__isnull=True) | Q(disconnected_on__gt=F("connected_on")),
                name="usage_integration_disconnected_after",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Attendance(models.Model):
    """One time that a customer took part in a campaign or a sharing session."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaign")
        SHARING_SESSION = "sharing_session", _("Sharing session")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="attendances",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.SHARING_SESSION)
    name = models.CharField(_("name"), max_length=200)
    on = models.DateField(_("date"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")

    def __str__(self) -> str:
        return f"{self.name} · {self.on}"
