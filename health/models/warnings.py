"""Of which customers should somebody be warned, by which rule, and what became of it?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from health.models.evidence import sentence
from health.rules.shipped_warnings import SHIPPED_EFFECTS, SHIPPED_NAMES

# On which page of an account the rows behind a measure stand.
PAGE_OF_MEASURE = {
    **dict.fromkeys(
        ["silence", "active_days", "use_change", "core_change", "only_basic", "modules_used", "modules_lost"],
        "account_usage",
    ),
    **dict.fromkeys(
        ["core_process_late", "milestones_reached", "tickets", "complaints", "open_tickets", "critical_tickets"],
        "account_usage",
    ),
    **dict.fromkeys(["nps", "nps_change"], "account_usage"),
    **dict.fromkeys(["renewal_quiet", "renewal_talks", "expansions", "contractions"], "account_revenue"),
    **dict.fromkeys(["open_gaps", "overdue_promises"], "account_handoff"),
    **dict.fromkeys(["health_score", "health_band", "score_change"], "account_health"),
    "people_left": "account_people",
    "days_since_touch": "account_timeline",
}


class Severity(models.IntegerChoices):
    """How much a warning weighs beside the money at risk."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")


class RuleName(models.TextChoices):
    """The names of the rules that come with Mainstay, in the reader's language."""

    SILENT_7D = "silent_7d", _("Silent for a week")
    CORE_DROP_30 = "core_drop_30", _("Core use fell by 30%")
    COMPLAINTS_5 = "complaints_5", _("Many complaints")
    MILESTONE_30D = "milestone_30d", _("Core process not configured")
    SHALLOW_USE = "shallow_use", _("Shallow use")
    RENEWAL_QUIET_90D = "renewal_quiet_90d", _("Renewal near, no talks")
    KA_NO_EXPANSION = "ka_no_expansion", _("Key account without expansion")
    NPS_FALLING = "nps_falling", _("NPS falling")
    MODULE_LOSS = "module_loss", _("Fewer modules in use")
    DOWNGRADED = "downgraded", _("Downgraded")
    CHAMPION_LEFT = "champion_left", _("Champion or decision maker left")
    EXPECTATION_GAP = "expectation_gap", _("Open expectation gap")


class RuleEffect(models.TextChoices):
    """What published practice says that each shipped rule means."""

    SILENT_7D = "silent_7d", _("churn × 3")
    CORE_DROP_30 = "core_drop_30", _("renewal −40%")
    COMPLAINTS_5 = "complaints_5", _("churn 65%")
    MILESTONE_30D = "milestone_30d", _("90-day churn +70%")
    SHALLOW_USE = "shallow_use", _("GRR lower by 21%")
    RENEWAL_QUIET_90D = "renewal_quiet_90d", _("churn × 4")
    KA_NO_EXPANSION = "ka_no_expansion", _("next year’s churn 35%")
    NPS_FALLING = "nps_falling", _("churn risk +10% per point")
    MODULE_LOSS = "module_loss", _("a customer about to leave shows it first here")
    DOWNGRADED = "downgraded", _("a downgrade often comes before churn")


class WarningRule(models.Model):
    """One rule by which accounts are warned of: what is measured, how much it matters, how many it may open."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    # Tests, match, conditions, days after signing: see health.rules.warnings.
    definition = models.JSONField(_("definition"))
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.MEDIUM)
    effect = models.CharField(_("published effect"), max_length=200, blank=True)
    is_enabled = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    reopen_days = models.PositiveSmallIntegerField(
        _("reopens within, days"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("A cause that returns within so many days opens the same warning again; later it is a new one."),
    )
    hold_percent = models.PositiveSmallIntegerField(
        _("held back above this share of the book, %"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    hold_count = models.PositiveIntegerField(
        _("held back above, warnings at once"),
        default=500,
        validators=[MinValueValidator(1)],
        help_text=_("Above the lower of both limits nothing opens until somebody says so; 20 always open."),
    )
    evaluated_on = models.DateField(_("evaluated for"), null=True, blank=True, editable=False)
    # How many warnings wait for somebody to say that all should open; 0 for none.
    held_count = models.PositiveIntegerField(_("held back"), default=0, editable=False)

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("warning rule")
        verbose_name_plural = _("warning rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(hold_percent__range=(1, 100)), name="health_warningrule_percent_1_to_100"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="health_warningrule_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language, as long as nobody gave a shipped rule another one."""
        return _shown(RuleName, self.key, self.name, SHIPPED_NAMES.get(self.key))

    @property
    def shown_effect(self) -> str:
        """The published effect in the reader's language, as long as nobody wrote another."""
        return _shown(RuleEffect, self.key, self.effect, SHIPPED_EFFECTS.get(self.key))


def _shown(names: Any, key: str, stored: str, shipped: str | None) -> str:
    return str(names(key).label) if stored and stored == shipped else stored


class EarlyWarningQuerySet(OfAccountQuerySet["EarlyWarning"]):
    """Warnings, filtered by whether somebody has to look at them."""

    def unresolved(self) -> EarlyWarningQuerySet:
        """Warnings whose cause still stands."""
        return self.exclude(state=EarlyWarning.State.RESOLVED)

    def asking(self, on: dt.date) -> EarlyWarningQuerySet:
        """Warnings that ask for somebody on a day: open, or snoozed until a day that is over."""
        over = Q(state=EarlyWarning.State.SNOOZED, snoozed_until__lt=on)
        return self.filter(Q(state=EarlyWarning.State.OPEN) | over)


class EarlyWarning(models.Model):
    """One account of which one rule warns, from the day on which its cause was seen until it is gone."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")

    class Cause(models.TextChoices):
        GONE = "gone", _("The cause is gone")
        PERSON = "person", _("By a person")
        LEFT = "left", _("The customer left")
        OFF = "off", _("The rule was switched off")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="early_warnings",
        db_index=False,
    )
    rule = models.ForeignKey(
        WarningRule,
        verbose_name=_("rule"),
        on_delete=models.PROTECT,
        related_name="early_warnings",
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.MEDIUM)
    # The account's CSM when it was last seen.
    owner = models.ForeignKey(
        User,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    opened_on = models.DateField(_("opened"))
    last_seen_on = models.DateField(_("last seen"))
    # One line per test: {measure, value, comparison, threshold, days, and what the value was made of}.
    evidence = models.JSONField(_("evidence"), default=list)
    # In the reporting currency, and that times the severity: what the list is sorted by.
    arr_at_risk = models.DecimalField(_("ARR at risk"), max_digits=14, decimal_places=2, default=0)
    rank = models.BigIntegerField(_("order"), default=0)
    reopened = models.PositiveIntegerField(_("reopened, times"), default=0)
    snoozed_until = models.DateField(_("snoozed until"), null=True, blank=True)
    snooze_reason = models.CharField(_("why snoozed"), max_length=500, blank=True)
    changed_by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    resolved_on = models.DateField(_("resolved"), null=True, blank=True)
    resolved_cause = models.CharField(_("resolved by"), max_length=8, choices=Cause, blank=True, default="")
    resolved_reason = models.CharField(_("why resolved"), max_length=500, blank=True)
    # After the resolution the cause was seen to be gone: if it returns, the warning opens again.
    is_gone = models.BooleanField(_("cause gone since"), default=False)

    objects = EarlyWarningQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "-pk"]
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "rule"],
                condition=~Q(state="resolved"),
                name="health_earlywarning_one_unresolved",
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False),
                name="health_earlywarning_snooze_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_on__isnull=False)
                | (~Q(state="resolved") & Q(resolved_on__isnull=True)),
                name="health_earlywarning_resolution_is_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "rule"], name="health_warning_by_account"),
            models.Index(fields=["rank", "id"], name="health_warning_by_rank"),
            models.Index(fields=["severity", "id"], name="health_warning_by_severity"),
            models.Index(fields=["opened_on", "id"], name="health_warning_by_opened"),
            models.Index(fields=["owner", "state"], name="health_warning_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.opened_on}"

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The evidence in words, each with the name of the account's page on which its rows stand."""
        rows = self.evidence if isinstance(self.evidence, list) else []
        return [(sentence(row), PAGE_OF_MEASURE.get(str(row.get("measure")), "account_overview")) for row in rows]

    @property
    def reason(self) -> str:
        """The evidence in one line."""
        return " · ".join(text for text, _page in self.lines)

    @property
    def tone(self) -> str:
        """The colour and shape of its severity."""
        return {Severity.HIGH: "risk", Severity.MEDIUM: "watch"}.get(Severity(self.severity), "none")
