"""Who got a playbook, who was like them and did not, and what came of both?"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from playbooks.models.runs import Run
from playbooks.models.templates import Playbook, PlaybookVersion


class EffectSubjectQuerySet(OfAccountQuerySet["EffectSubject"]):
    """Treated accounts and those beside them, seen by whoever sees the account."""


class EffectSubject(models.Model):
    """One account for which a playbook started, or one that was like it that day and did not get it.

    What was known on the day is written on it and never again: who is compared is settled before anybody can know what
    comes. What came is written once, when its day has come.
    """

    playbook = models.ForeignKey(Playbook, verbose_name=_("playbook"), on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.CASCADE, related_name="effect_subjects")
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+")
    is_treated = models.BooleanField(_("got the playbook"))
    started_on = models.DateField(_("day of the start"))
    # As known that day.
    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier)
    band = models.CharField(_("band"), max_length=10, blank=True)
    arr = models.DecimalField(_("ARR"), max_digits=14, decimal_places=2, default=0)
    tenure = models.PositiveIntegerField(_("days since signing"), default=0)
    score = models.FloatField(_("score"), null=True)
    trend = models.FloatField(_("trend, points a week"), null=True)
    active_days = models.FloatField(_("days of use in 30"), null=True)
    # When health and use are read: after the span, or on the day before a partner got the playbook itself.
    due_on = models.DateField(_("read on"))
    kept_due_on = models.DateField(_("retention read on"))
    score_after = models.FloatField(_("score afterwards"), null=True)
    active_days_after = models.FloatField(_("days of use afterwards"), null=True)
    is_read = models.BooleanField(_("read"), default=False)
    # None until its day has come.
    is_kept = models.BooleanField(_("still a customer"), null=True)

    objects = EffectSubjectQuerySet.as_manager()

    class Meta:
        ordering = ["run", "-is_treated", "pk"]
        verbose_name = _("compared account")
        verbose_name_plural = _("compared accounts")
        constraints = [
            # Nobody counts twice on a side: each account is treated once and stands beside another once.
            models.UniqueConstraint(
                fields=["playbook", "account", "is_treated"], name="playbooks_effectsubject_once_a_side"
            ),
            models.UniqueConstraint(
                fields=["run"], condition=Q(is_treated=True), name="playbooks_effectsubject_one_treated_a_run"
            ),
            models.CheckConstraint(
                condition=Q(due_on__lte=models.F("kept_due_on")), name="playbooks_effectsubject_read_before_kept"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="playbooks_effect_unread", condition=Q(is_read=False)),
            models.Index(fields=["kept_due_on"], name="playbooks_effect_unkept", condition=Q(is_kept=None)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.started_on}"


class EffectRecord(models.Model):
    """What was known on one night of one playbook, or of one version of it: how it ran and what it brought."""

    playbook = models.ForeignKey(
        Playbook, verbose_name=_("playbook"), on_delete=models.CASCADE, related_name="effect_records"
    )
    version = models.ForeignKey(
        PlaybookVersion, verbose_name=_("version"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    on = models.DateField(_("day"))
    started = models.PositiveIntegerField(_("started"), default=0)
    ended = models.PositiveIntegerField(_("ended"), default=0)
    reached = models.PositiveIntegerField(_("goal reached"), default=0)
    treated = models.PositiveIntegerField(_("treated accounts"), default=0)
    matched = models.PositiveIntegerField(_("with a partner"), default=0)
    tasks_due = models.PositiveIntegerField(_("tasks due"), default=0)
    tasks_on_time = models.PositiveIntegerField(_("tasks on time"), default=0)
    # From the day of the warning to the first touch: how many such there are, and the middle one.
    lead_count = models.PositiveIntegerField(_("warnings with a touch"), default=0)
    lead_days = models.FloatField(_("days from warning to first touch"), null=True)

    objects = ForColleaguesQuerySet["EffectRecord"].as_manager()

    class Meta:
        ordering = ["-on", "playbook", "pk"]
        verbose_name = _("effect of a playbook")
        verbose_name_plural = _("effects of playbooks")
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "version", "on"],
                condition=Q(version__isnull=False),
                name="playbooks_effectrecord_version_once",
            ),
            models.UniqueConstraint(
                fields=["playbook", "on"], condition=Q(version=None), name="playbooks_effectrecord_whole_once"
            ),
            models.CheckConstraint(
                condition=Q(tasks_on_time__lte=models.F("tasks_due")), name="playbooks_effectrecord_on_time_of_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.playbook} · {self.on}"

    @property
    def on_time_rate(self) -> float | None:
        """Tasks finished by their first day due / tasks due; None without any."""
        return self.tasks_on_time / self.tasks_due if self.tasks_due else None


class EffectEstimate(models.Model):
    """The difference that a playbook made by one measure, with its range."""

    class Measure(models.TextChoices):
        HEALTH = "health", _("Health")
        USAGE = "usage", _("Use")
        RETENTION = "retention", _("Retention")

    class Verdict(models.TextChoices):
        TOO_FEW = "too_few", _("Too few to say")
        NO_SIGN = "no_sign", _("Not certain")
        BETTER = "better", _("Better with it")
        WORSE = "worse", _("Worse with it")

    record = models.ForeignKey(
        EffectRecord, verbose_name=_("record"), on_delete=models.CASCADE, related_name="estimates"
    )
    measure = models.CharField(_("measure"), max_length=10, choices=Measure)
    pairs = models.PositiveIntegerField(_("pairs"), default=0)
    partners = models.PositiveIntegerField(_("partners"), default=0)
    # Change of score in points, of days of use in 30, or the share that stayed.
    treated = models.FloatField(_("treated"), null=True)
    untreated = models.FloatField(_("untreated"), null=True)
    effect = models.FloatField(_("difference"), null=True)
    low = models.FloatField(_("range from"), null=True)
    high = models.FloatField(_("range to"), null=True)
    # The score before and after, treated and untreated: what the picture shows.
    before = models.FloatField(_("before"), null=True)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict, default=Verdict.TOO_FEW)
    # What the published figure would predict.
    predicted = models.FloatField(_("predicted"), null=True)

    class OfRecordQuerySet(ForColleaguesQuerySet["EffectEstimate"]):
        """Estimates: what a play brings is no secret among colleagues."""

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        ordering = ["record", "pk"]
        verbose_name = _("estimate of an effect")
        verbose_name_plural = _("estimates of effects")
        constraints = [
            models.UniqueConstraint(fields=["record", "measure"], name="playbooks_effectestimate_once"),
            models.CheckConstraint(
                condition=Q(verdict="too_few", effect=None) | (~Q(verdict="too_few") & Q(effect__isnull=False)),
                name="playbooks_effectestimate_nothing_of_too_few",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} · {self.measure}"


class EffectPolicy(models.Model):
    """How the effect of playbooks is measured; there is one row at most."""

    health_days = models.PositiveSmallIntegerField(
        _("days after which health and use are read"),
        default=90,
        validators=[MinValueValidator(14), MaxValueValidator(365)],
    )
    kept_days = models.PositiveSmallIntegerField(
        _("days after which retention is read"), default=180, validators=[MinValueValidator(30), MaxValueValidator(730)]
    )
    fewest_pairs = models.PositiveSmallIntegerField(
        _("fewest pairs of which anything is said"),
        default=20,
        validators=[MinValueValidator(20), MaxValueValidator(1000)],
    )
    saved_percent = models.PositiveSmallIntegerField(
        _("published share that is saved, %"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("Of those who would leave, as many stay when help comes in time."),
    )

    objects = ForColleaguesQuerySet["EffectPolicy"].as_manager()

    class Meta:
        verbose_name = _("terms of effect")
        verbose_name_plural = _("terms of effect")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="playbooks_effectpolicy_only_one"),
            models.CheckConstraint(
                condition=Q(health_days__lte=models.F("kept_days")), name="playbooks_effectpolicy_health_first"
            ),
        ]

    def __str__(self) -> str:
        return str(_("Terms of effect"))

    @classmethod
    def load(cls) -> EffectPolicy:
        """The stored terms, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
