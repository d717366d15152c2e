"""What holds for the whole organisation: its time zone, currency, labels and working days?"""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import ForColleaguesQuerySet

# What a request that only reads has read already: it asks for the organisation in many places.
OF_REQUEST: ContextVar[Organisation | None] = ContextVar("organisation_of_request", default=None)


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name like Europe/Berlin."),
            params={"name": name},
        ) from None


def default_working_days() -> list[int]:
    """Monday to Friday, as `date.weekday()` counts them."""
    return [0, 1, 2, 3, 4]


def default_required_sections() -> list[str]:
    """The handoff sections without which an acceptance is refused."""
    return [
        "business_situation",
        "why_bought",
        "promised",
        "price_terms",
        "stakeholders",
        "risks",
        "scope",
    ]


class Organisation(models.Model):
    """The one row of settings that every app may read."""

    name = models.CharField(_("name"), max_length=200, default="Our company")
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Decides what “a day” means in every figure."),
    )
    reporting_currency = models.CharField(_("reporting currency"), max_length=3, default="USD")
    renewal_gap_days = models.PositiveSmallIntegerField(
        _("renewal gap bridged, days"),
        default=0,
        validators=[MaxValueValidator(366)],
        help_text=_("A pause up to this long between two contract lines is not counted as churn."),
    )
    elephant_label = models.CharField(_("label of key accounts"), max_length=40, blank=True)
    cheetah_label = models.CharField(_("label of mid-size accounts"), max_length=40, blank=True)
    rabbit_label = models.CharField(_("label of small accounts"), max_length=40, blank=True)
    working_days = models.JSONField(_("working days"), default=default_working_days)
    workday_starts = models.TimeField(_("working day starts"), default=dt.time(9))
    workday_ends = models.TimeField(_("working day ends"), default=dt.time(18))
    handoff_target_hours = models.PositiveSmallIntegerField(
        _("hours to accept a handoff"), default=16, validators=[MinValueValidator(1)]
    )
    handoff_required_sections = models.JSONField(_("required handoff sections"), default=default_required_sections)

    override_days = models.PositiveSmallIntegerField(
        _("days for which a health band is overridden"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("What the form proposes."),
    )
    override_most_days = models.PositiveSmallIntegerField(
        _("longest override of a health band, days"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )
    override_notice_days = models.PositiveSmallIntegerField(
        _("days before its end on which the owner is told"), default=3, validators=[MaxValueValidator(60)]
    )
    # When the sample book was loaded; what was there by then can be removed with one button.
    sample_loaded_at = models.DateTimeField(_("sample data loaded"), null=True, blank=True, editable=False)
    digest_at = models.TimeField(
        _("daily mail from"),
        default=dt.time(7),
        help_text=_("In the organisation’s time zone; whoever wants their news once a day gets them then."),
    )

    objects = ForColleaguesQuerySet["Organisation"].as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="accounts_organisation_only_one")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> Organisation:
        """The stored settings, or the defaults while nothing is stored; within a reading request the same each time.

        Never writes.
        """
        return OF_REQUEST.get() or cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose midnight begins a day."""
        return ZoneInfo(self.time_zone)

    def day_of(self, at: dt.datetime) -> dt.date:
        """The local day on which an instant falls."""
        return at.astimezone(self.zone).date()

    def tier_labels(self) -> dict[str, str]:
        """The organisation's own words for the tiers; a tier without one is missing."""
        own = {
            "elephant": self.elephant_label,
            "cheetah": self.cheetah_label,
            "rabbit": self.rabbit_label,
        }
        return {tier: label for tier, label in own.items() if label}


class RegionCalendar(models.Model):
    """The working days of one region, where they are not those of the organisation."""

    region = models.CharField(_("region"), max_length=100, unique=True)
    working_days = models.JSONField(_("working days"), default=default_working_days)

    objects = ForColleaguesQuerySet["RegionCalendar"].as_manager()

    class Meta:
        ordering = ["region"]
        verbose_name = _("regional calendar")
        verbose_name_plural = _("regional calendars")

    def __str__(self) -> str:
        return self.region


class Holiday(models.Model):
    """One day on which nobody works, everywhere or in one region."""

    on = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=100)
    region = models.CharField(
        _("region"), max_length=100, blank=True, default="", help_text=_("Empty: a holiday everywhere.")
    )

    objects = ForColleaguesQuerySet["Holiday"].as_manager()

    class Meta:
        ordering = ["on", "region"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [models.UniqueConstraint(fields=["on", "region"], name="accounts_holiday_once_per_region")]

    def __str__(self) -> str:
        return f"{self.on}: {self.name}"
