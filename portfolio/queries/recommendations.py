"""Which accounts are recommended to a person today, by which rule, and how were recommendations answered?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common.formats import money, number
from portfolio.models import AccountRow, Recommendation, RecommendationPolicy, RecommendationRule
from portfolio.models.reasons import sentence
from portfolio.queries.recommended import Suggestion, recommended_playbooks
from portfolio.queries.rows import visible_rows
from portfolio.rules import next_action
from portfolio.rules.recommendations import AT_RISK, LOW, NEAR_DAYS, NEAR_END, RENEWAL_TALKS, held_back_until, rule_of
from revenue.models import Renewal

# UX.md §2.4: at most five recommendations a day.
RECOMMENDED = 5
# How many accounts are looked at for them at a time, and how often, where many are held back.
SLICE, SLICES = 30, 4
# So far back the record of a rule goes.
RECORD_DAYS = 365
Answer = Recommendation.Answer
RULE_LABELS = {
    RENEWAL_TALKS: gettext_lazy("Renewal near, talks not begun"),
    NEAR_END: gettext_lazy("Contract ends soon"),
    AT_RISK: gettext_lazy("Much money, little known"),
}
INDICATOR_LABELS = {
    "login_frequency": gettext_lazy("Seldom active"),
    "feature_coverage": gettext_lazy("Uses few of its features"),
    "core_intensity": gettext_lazy("Little core use"),
    "advanced_penetration": gettext_lazy("Few use advanced features"),
    "milestone_rate": gettext_lazy("Milestones not reached"),
    "scenario_coverage": gettext_lazy("Few business scenarios in use"),
    "nps": gettext_lazy("Low NPS"),
    "issue_resolution": gettext_lazy("Tickets not resolved in time"),
    "renewal_progress": gettext_lazy("Renewal talks behind plan"),
    "expansion_density": gettext_lazy("No expansion"),
}


@dataclass(frozen=True)
class Reason:
    """One reason in words, and the page that shows its evidence."""

    text: str
    href: str


@dataclass(frozen=True)
class Recommended:
    """One account to look at first: the rule, the reasons with their evidence, and one action."""

    row: AccountRow
    rule: str
    reasons: Sequence[Reason]
    action: str
    renewal: Renewal | None
    suggestion: Suggestion | None = None

    @property
    def start_url(self) -> str:
        """Where the suggested playbook is started: a sheet that is filled in."""
        if self.suggestion is None:
            return ""
        return f"{reverse('playbook_start')}?account={self.row.pk}&playbook={self.suggestion.playbook.pk}"


@dataclass(frozen=True)
class RuleRecord:
    """How often a rule recommended something, and what people said of it."""

    key: str
    label: str
    shown: int
    taken: int
    done: int
    wrong: int
    later: int
    is_enabled: bool
    by_itself: bool

    @property
    def wrong_share(self) -> float | None:
        """The share of what it showed that was called wrong."""
        return self.wrong / self.shown if self.shown else None


def rule_label(key: str) -> str:
    """What a rule is called."""
    if key in RULE_LABELS:
        return str(RULE_LABELS[key])
    indicator = key.removeprefix(LOW)
    return str(INDICATOR_LABELS.get(indicator, indicator.replace("_", " ")))


def rows_of_concern(user: User) -> QuerySet[AccountRow]:
    """A CSM's own accounts; for everybody else all they may see. Customers who left need nobody this morning."""
    rows = visible_rows(user).exclude(stage="churned")
    return rows.filter(owner=user) if user.role == User.Role.CSM else rows


def recommended(user: User, on: dt.date, *, currency: str = "", with_playbooks: bool = False) -> list[Recommended]:
    """At most five accounts, the most pressing first, without what the person said not to show and rules in disuse.

    with_playbooks: name for each the playbook that it asks for, to whoever may start one.
    """
    found = _found(user, on, currency)
    if not with_playbooks or not user.can(Capability.EDIT_ACCOUNTS):
        return found
    suggested = recommended_playbooks([one.row for one in found], user, on)
    return [replace(one, suggestion=suggested.get(one.row.pk)) for one in found]


def _found(user: User, on: dt.date, currency: str) -> list[Recommended]:
    currency = currency or Organisation.load().reporting_currency
    held, off = _held_back(user, on), disabled_rules()
    pressing = rows_of_concern(user).filter(priority__gt=0).order_by("-priority", "-pk")
    found: list[Recommended] = []
    for number_of_slice in range(SLICES):
        start = number_of_slice * SLICE
        rows = list(pressing[start : start + SLICE])
        for one in _recommend(rows, currency, on, with_money=user.can(Capability.SEE_MONEY)):
            if one.reasons and one.rule not in off and (one.row.pk, one.rule) not in held:
                found.append(one)
            if len(found) == RECOMMENDED:
                return found
        if len(rows) < SLICE:
            break
    return found


def disabled_rules() -> set[str]:
    """The rules that recommend nothing at present."""
    return set(RecommendationRule.objects.filter(is_enabled=False).values_list("key", flat=True))


def _held_back(user: User, on: dt.date) -> set[tuple[int, str]]:
    """What a person answered lately and shall not see again yet."""
    days = RecommendationPolicy.load().days
    since = on - dt.timedelta(days=max(days.values()))
    answers = Recommendation.objects.filter(user=user, on__gte=since).exclude(answer="")
    held = set()
    for account_id, rule, answer, day in answers.values_list("account_id", "rule", "answer", "on"):
        if held_back_until(answer, day, days) > on:
            held.add((account_id, rule))
    return held


def _recommend(rows: Sequence[AccountRow], currency: str, on: dt.date, *, with_money: bool) -> Iterable[Recommended]:
    open_renewals = Renewal.objects.filter(account__in=[row.pk for row in rows], stage__in=Renewal.OPEN)
    nearest = {renewal.account_id: renewal for renewal in open_renewals.order_by("-due_on", "-pk")}
    for row in rows:
        renewal = nearest.get(row.pk)
        left = (row.renewal_on - on).days if row.renewal_on else None
        begun = renewal is None or renewal.stage != Renewal.Stage.NOT_STARTED
        worst = row.drivers[0]["indicator"] if row.drivers else None
        action = next_action(worst, left, talks_begun=begun)
        amount = money(row.arr, currency) if with_money else ""
        reasons = reasons_of(row, left, amount, renewal if with_money else None)
        yield Recommended(row, rule_of(worst, left, action), reasons, action, renewal if action == "renewal" else None)


def reasons_of(row: AccountRow, days_left: int | None, amount: str, renewal: Renewal | None) -> list[Reason]:
    """Say why an account comes first: how the score moved, what pulls it down, when the contract ends, how much."""
    health = reverse("account_health", args=[row.pk])
    parts = []
    if row.score_change is not None and row.score_change <= -5:
        words = _("Health fell %(points)s points in 4 weeks") % {"points": number(-row.score_change)}
        parts.append(Reason(words, f"{health}#moved"))
    parts += [Reason(sentence(**driver), f"{health}#lines") for driver in row.drivers[:2]]
    if days_left is not None and days_left <= NEAR_DAYS:
        words = ngettext("Renewal in %(count)s day", "Renewal in %(count)s days", days_left) % {"count": days_left}
        place = reverse("renewal", args=[renewal.pk]) if renewal else row.url
        parts.append(Reason(words if days_left >= 0 else _("Renewal overdue"), place))
    if amount:
        parts.append(Reason(amount, reverse("account_revenue", args=[row.pk])))
    return parts


def rule_records(on: dt.date, *, told_to: User | None = None) -> list[RuleRecord]:
    """Every rule that recommended something within a year, since it was last switched on: the oftenest first.

    told_to: count only what was recommended about accounts that this person may see.
    """
    states = {rule.key: rule for rule in RecommendationRule.objects.order_by("key")}
    since = on - dt.timedelta(days=RECORD_DAYS)
    counted = {answer: Count("pk", filter=Q(answer=answer)) for answer in Answer.values if answer}
    old = Q(pk__in=[])
    for state in states.values():
        old |= Q(rule=state.key, on__lt=state.counted_from)
    shown = Recommendation.objects.filter(on__gte=since, on__lte=on).exclude(old).order_by()
    if told_to is not None:
        shown = shown.filter(account__in=Account.objects.visible_to(told_to))
    read: list[Any] = list(shown.values("rule").annotate(shown=Count("pk"), **counted))
    counts = {row["rule"]: {name: row[name] for name in ("shown", *counted)} for row in read}
    records = []
    for key in {*states, *counts}:
        of_rule = counts.get(key) or {"shown": 0, **dict.fromkeys(counted, 0)}
        known = states.get(key)
        enabled, by_itself = (known.is_enabled, known.by_itself) if known else (True, False)
        records.append(RuleRecord(key, rule_label(key), is_enabled=enabled, by_itself=by_itself, **of_rule))
    return sorted(records, key=lambda record: (-record.shown, record.key))
