"""How does each customer stand as an advocate, month by month, and whom of them could one ask?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact
from accounts.models.of_account import OfAccountQuerySet
from advocacy.models.advocates import Advocate
from advocacy.rules.limits import Hard, limits_in


class HardLimit(models.TextChoices):
    """What forbids an ask, in short."""

    RED = Hard.RED, _("Health is red")
    NPS = Hard.NPS, _("Low NPS")
    ASKS = Hard.ASKS, _("Asked often")
    REST = Hard.REST, _("Asked lately")
    TICKET = Hard.TICKET, _("Critical ticket open")
    RENEWAL = Hard.RENEWAL, _("Renewal near")
    LEFT = Hard.LEFT, _("Has left")
    GONE = Hard.GONE, _("No longer a customer")
    WITHDRAWN = Hard.WITHDRAWN, _("Withdrawn")
    CONSENT = Hard.CONSENT, _("No consent")


def _points(label: Any, *, null: bool = True) -> Any:
    return models.DecimalField(label, max_digits=5, decimal_places=2, null=null)


def _count(label: Any) -> Any:
    return models.PositiveIntegerField(label, default=0)


class AdvocateScoreQuerySet(OfAccountQuerySet["AdvocateScore"]):
    """Scores per account and month."""

    def current(self) -> AdvocateScoreQuerySet:
        """Those of the last month that was ranked: every customer of that day has one."""
        newest = AdvocateScore.objects.order_by("-month").values("month")[:1]
        return self.filter(month__in=newest)


class AdvocateScore(models.Model):
    """One customer's standing in one month: advocate score, its parts with their numbers, and the four criteria.

    Written each night for the month of that night by `advocacy.actions.rank_advocates`; past months stay as they were.
    """

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="advocate_scores",
        db_index=False,
    )
    # The first day of the month, and the day of the ranking within it.
    month = models.DateField(_("month"))
    on = models.DateField(_("as of"))
    score = _points(_("advocate score"))
    spread = _points(_("spread"))
    dependence = _points(_("dependence"))
    feedback = _points(_("feedback"))
    rank = models.PositiveIntegerField(_("rank"))
    of = models.PositiveIntegerField(_("of how many"))
    referred = _count(_("customers referred"))
    mentions = _count(_("public mentions"))
    core_days = _count(_("days in core features"))
    integrations = _count(_("connected systems"))
    requests = _count(_("requests"))
    adopted = _count(_("requests adopted"))
    answers = _count(_("survey answers"))
    active_days = _count(_("days with a login"))
    # People added up over those days.
    logins = _count(_("logins"))
    modules_used = _count(_("modules in use"))
    modules_entitled = _count(_("modules entitled"))
    goals_attained = _count(_("goals attained"))
    expansions = _count(_("expansions in a year"))
    meets_login = models.BooleanField(_("top by login frequency"), default=False)
    meets_modules = models.BooleanField(_("uses most modules"), default=False)
    meets_result = models.BooleanField(_("proven result"), default=False)
    meets_expansion = models.BooleanField(_("expanded"), default=False)
    criteria_met = models.PositiveSmallIntegerField(_("criteria met"), default=0)
    is_technology_partner = models.BooleanField(_("technology partner"), default=False)
    is_channel_partner = models.BooleanField(_("channel partner"), default=False)
    promoters = _count(_("promoters"))
    never_asked = _count(_("promoters never asked"))
    # The hard limits that stand in the way at the account: bits, see `advocacy.rules.limits`.
    excluded = models.PositiveSmallIntegerField(_("excluded for"), default=0)

    objects = AdvocateScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "rank", "pk"]
        verbose_name = _("advocate score")
        verbose_name_plural = _("advocate scores")
        constraints = [
            models.UniqueConstraint(fields=["account", "month"], name="advocacy_advocatescore_once_a_month"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 100)), name="advocacy_advocatescore_0_to_100"
            ),
        ]
        indexes = [
            models.Index(fields=["month", "rank", "id"], name="advocacy_score_by_rank"),
            models.Index(fields=["month", "criteria_met", "id"], name="advocacy_score_by_criteria"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.month}: {self.score}"

    @property
    def limits(self) -> list[str]:
        """Why nobody there is asked now, as keys."""
        return [limit.value for limit in limits_in(self.excluded)]

    @property
    def reasons(self) -> list[str]:
        """Why nobody there is asked now, in words."""
        return [str(HardLimit(limit.value).label) for limit in limits_in(self.excluded)]

    @property
    def adopted_share(self) -> Decimal | None:
        """Requests built / requests; None without any."""
        return Decimal(self.adopted) / self.requests if self.requests else None

    @property
    def modules_rate(self) -> Decimal | None:
        """Modules used / modules that the contract gives; None without any."""
        return Decimal(self.modules_used) / self.modules_entitled if self.modules_entitled else None


class AdvocateRow(models.Model):
    """One person who speaks for us or could, as the list shows them: everything sorted or filtered by, kept together.

    Written by `advocacy.actions.refresh_people` each night and after every ask, answer and consent; the facts stay the
    authority, and every ask is judged anew by them.
    """

    contact = models.OneToOneField(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="advocate_row",
    )
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    account_name = models.CharField(_("account"), max_length=200)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier)
    # Empty for a promoter who is no advocate yet.
    stage = models.CharField(_("stage"), max_length=12, choices=Advocate.Stage, blank=True)
    # The account's advocate score; people without one stand last in either direction.
    score = _points(_("advocate score"))
    unscored = models.BooleanField(default=True)
    nps = models.PositiveSmallIntegerField(_("NPS answer"), null=True)
    is_promoter = models.BooleanField(_("promoter"), default=False)
    last_asked_on = models.DateField(_("last asked"), null=True)
    never_asked = models.BooleanField(_("never asked"), default=True)
    asks = models.PositiveSmallIntegerField(_("asks lately"), default=0)
    has_consent = models.BooleanField(_("consent"), default=False)
    excluded = models.PositiveSmallIntegerField(_("excluded for"), default=0)
    is_free = models.BooleanField(_("may be asked"), default=True)
    on = models.DateField(_("as of"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("person to ask")
        verbose_name_plural = _("people to ask")
        constraints = [
            models.CheckConstraint(
                condition=Q(excluded=0, is_free=True) | (Q(excluded__gt=0) & Q(is_free=False)),
                name="advocacy_advocaterow_free_or_excluded",
            )
        ]
        indexes = [
            models.Index(fields=["unscored", "score", "contact"], name="advocacy_row_score"),
            models.Index(fields=["unscored", "-score", "-contact"], name="advocacy_row_score_down"),
            models.Index(fields=["name", "contact"], name="advocacy_row_name"),
            models.Index(fields=["never_asked", "last_asked_on", "contact"], name="advocacy_row_asked"),
            models.Index(fields=["industry", "is_promoter"], name="advocacy_row_industry"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def limits(self) -> list[str]:
        """Why they are not asked now, as keys."""
        return [limit.value for limit in limits_in(self.excluded)]

    @property
    def reasons(self) -> list[str]:
        """Why they are not asked now, in words."""
        return [str(HardLimit(limit.value).label) for limit in limits_in(self.excluded)]
