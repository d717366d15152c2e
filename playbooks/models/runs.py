"""Which playbook runs for which account, why did it start, and how did it end?"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from playbooks.models.templates import Playbook, PlaybookVersion
from playbooks.rules.definition import TriggerKind
from playbooks.rules.steps import Channel


class RunQuerySet(OfAccountQuerySet["Run"]):
    """Runs, filtered by whether they still go on."""

    def unfinished(self) -> RunQuerySet:
        """Runs that have not ended: those that go on and those that are paused."""
        return self.filter(state__in=Run.UNFINISHED)


class Run(models.Model):
    """One playbook at work for one account, from one cause, by the version that held when it started."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Outcome(models.TextChoices):
        GOAL = "goal", _("Goal reached")
        COMPLETED = "completed", _("All done")
        EXITED = "exited", _("No longer applies")
        STOPPED = "stopped", _("Stopped by hand")
        CHURNED = "churned", _("The customer left")

    class Cause(models.TextChoices):
        BY_HAND = "by_hand", _("By hand")
        WARNING = TriggerKind.WARNING.value, _("Warning")
        STAGE = TriggerKind.STAGE.value, _("Stage")
        HANDOFF_ACCEPTED = TriggerKind.HANDOFF_ACCEPTED.value, _("Handoff accepted")
        SIGNING = TriggerKind.SIGNING.value, _("Signing")
        RENEWAL_AHEAD = TriggerKind.RENEWAL_AHEAD.value, _("Renewal ahead")
        BAND_ENTERED = TriggerKind.BAND_ENTERED.value, _("Health band entered")
        BAND_LEFT = TriggerKind.BAND_LEFT.value, _("Health band left")
        SAVED_VIEW = TriggerKind.SAVED_VIEW.value, _("Saved view")
        DATE = TriggerKind.DATE.value, _("Date")

    class Channel(models.TextChoices):
        PERSON = Channel.PERSON.value, _("By a person")
        POOLED = Channel.POOLED.value, _("Pooled")
        DIGITAL = Channel.DIGITAL.value, _("Digital")

    UNFINISHED = (State.RUNNING, State.PAUSED)

    playbook = models.ForeignKey(Playbook, verbose_name=_("playbook"), on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(
        PlaybookVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="runs"
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="playbook_runs"
    )
    # Who answers for the run: the account's CSM at its start, until it is handed over.
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.SET_NULL, null=True, blank=True, related_name="playbook_runs"
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    channel = models.CharField(_("served"), max_length=8, choices=Channel, default=Channel.PERSON)
    cause = models.CharField(_("started by"), max_length=20, choices=Cause, default=Cause.BY_HAND)
    # Names the very thing that started it, like "warning:412" or "renewal:77"; see TriggerFiring.
    cause_key = models.CharField(_("cause"), max_length=100, blank=True)
    started_on = models.DateField(_("started"))
    started_by = models.ForeignKey(
        User, verbose_name=_("started by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What the account was like at the start: score, band, ARR, tier, tenure, trend. The effect is measured from here.
    baseline = models.JSONField(_("at the start"), default=dict)
    paused_on = models.DateField(_("paused"), null=True, blank=True)
    pause_reason = models.CharField(_("why paused"), max_length=500, blank=True)
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, default="")
    outcome_note = models.CharField(_("what came of it"), max_length=500, blank=True)
    edit_version = models.PositiveIntegerField(_("version"), default=1)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        verbose_name = _("playbook run")
        verbose_name_plural = _("playbook runs")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "playbook"],
                condition=Q(state__in=["running", "paused"]),
                name="playbooks_run_one_unfinished_per_account",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) & ~Q(outcome="")
                | (~Q(state="ended") & Q(ended_on__isnull=True, outcome="")),
                name="playbooks_run_end_has_day_and_outcome",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="playbooks_run_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(paused_on__isnull=False), name="playbooks_run_pause_is_dated"
            ),
        ]
        indexes = [
            models.Index(fields=["playbook", "started_on"], name="playbooks_run_by_playbook"),
            models.Index(fields=["owner", "state"], name="playbooks_run_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.playbook} · {self.started_on}"


class FiringQuerySet(OfAccountQuerySet["TriggerFiring"]):
    """What triggers did, seen by whoever sees the account."""


class TriggerFiring(models.Model):
    """One cause that met one playbook for one account, and what came of it: never judged twice."""

    class Result(models.TextChoices):
        STARTED = "started", _("Started")
        REPEAT = "repeat", _("Runs already")
        TOO_SOON = "too_soon", _("Ran not long ago")
        NOT_MEANT = "not_meant", _("Does not meet the entry rule")
        HELD = "held", _("Held back: too many at once")
        LIMITED = "limited", _("Waits: enough have started")
        SNOOZED = "snoozed", _("Put off")
        LOOP = "loop", _("Refused: would start itself")

    # Results that are looked at again at the next evaluation; all others are final for their cause.
    WAITING = (Result.HELD, Result.LIMITED, Result.SNOOZED)

    playbook = models.ForeignKey(Playbook, verbose_name=_("playbook"), on_delete=models.CASCADE, related_name="firings")
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="playbook_firings"
    )
    cause = models.CharField(_("cause"), max_length=20, choices=Run.Cause)
    cause_key = models.CharField(_("cause"), max_length=100)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    at = models.DateTimeField(_("when"))
    on = models.DateField(_("day"))
    # The last day on which the cause was there: an account that left a saved view and came back is a new cause.
    seen_on = models.DateField(_("last seen"), null=True, blank=True)
    # How often another cause came while its run went on.
    repeats = models.PositiveIntegerField(_("seen again, times"), default=0)
    snoozed_until = models.DateField(_("put off until"), null=True, blank=True)
    snooze_reason = models.CharField(_("why put off"), max_length=500, blank=True)
    run = models.ForeignKey(
        Run, verbose_name=_("run"), on_delete=models.SET_NULL, null=True, blank=True, related_name="firings"
    )

    objects = FiringQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("trigger firing")
        verbose_name_plural = _("trigger firings")
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "account", "cause_key"], name="playbooks_triggerfiring_once_per_cause"
            ),
            models.CheckConstraint(
                condition=~Q(result="snoozed") | (Q(snoozed_until__isnull=False) & ~Q(snooze_reason="")),
                name="playbooks_triggerfiring_snooze_has_end_and_reason",
            ),
        ]
        indexes = [models.Index(fields=["playbook", "-on"], name="playbooks_firing_by_day")]

    def __str__(self) -> str:
        return f"{self.playbook} · {self.cause_key}"
