"""What would a new plan for an account say, going by its warnings and the drivers of its score?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.queries.accounts import owner_of
from common.formats import number
from health.models import EarlyWarning, HealthScore, MeasureName
from health.queries.open_warnings import warnings_of
from health.queries.scores import drivers_by_account, latest_scores
from health.rules.warnings import parse_definition
from playbooks.rules.stabilization import MOST_DRIVERS, checkpoint_days, opposite

# A plan begins with so many criteria at most besides the one on health; the person may add or take away.
MOST_FROM_WARNINGS = 2
# So many points of health are asked for at least.
POINTS_UP = 10
# Between the edges of the watch band of the shipped scorecard; the lower one where nothing else is known.
LEAST_SCORE, MOST_SCORE = 50, 75
# What is known only while its cause stands cannot be seen to be over: another measure says it.
INSTEAD: Mapping[str, tuple[str, str, float]] = {
    MeasureName.RENEWAL_QUIET: (MeasureName.RENEWAL_TALKS, "at_least", 1),
    MeasureName.CORE_PROCESS_LATE: (MeasureName.MILESTONES_REACHED, "at_least", 1),
    MeasureName.CORE_CHANGE: (MeasureName.CORE_CHANGE, "at_least", 0),
    MeasureName.USE_CHANGE: (MeasureName.USE_CHANGE, "at_least", 0),
}
# And what lies in the past cannot be mended within a plan.
PAST = frozenset(
    {
        MeasureName.CONTRACTIONS, MeasureName.PEOPLE_LEFT, MeasureName.EXPANSIONS, MeasureName.NPS_CHANGE,
        MeasureName.MODULES_USED, MeasureName.MODULES_LOST,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """The first words of a plan."""

    owner: User | None
    drivers: list[dict[str, Any]] = field(default_factory=list)
    criteria: list[dict[str, Any]] = field(default_factory=list)
    planned: dict[int, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def draft_plan(account: Account, on: dt.date, by: User, *, length: int = 30) -> Draft:
    """Fill a plan in as far as the data go: a driver for each strong cause, a test that says that it is gone."""
    warnings = warnings_of(account)
    owner = owner_of(account, on) or by
    score = latest_scores(on, [account.pk]).first()
    return Draft(
        owner=owner,
        drivers=list(_drivers(account, on, warnings, owner))[:MOST_DRIVERS],
        criteria=_criteria(warnings, score),
        planned=planned_words(length),
        reasons=[f"{one.rule.shown_name}: {one.reason}" for one in warnings],
    )


def _drivers(account: Account, on: dt.date, warnings: list[EarlyWarning], owner: User) -> Iterator[dict[str, Any]]:
    for warning in warnings:
        text = f"{warning.rule.shown_name}: {warning.reason}"[:200]
        yield {"text": text, "owner": owner, "warning": warning.pk, "action": ""}
    for driver in drivers_by_account(on, [account.pk]).get(account.pk, []):
        words = _("%(name)s costs %(points)s points of health")
        text = words % {"name": driver.name, "points": number(driver.lost, 1)}
        yield {"text": text[:200], "owner": owner, "warning": None, "action": ""}


def _criteria(warnings: list[EarlyWarning], score: HealthScore | None) -> list[dict[str, Any]]:
    """Health above where it is now, and the tests of the severest warnings turned round."""
    found: dict[str, dict[str, Any]] = {}
    known = None if score is None else score.shown_score
    least = LEAST_SCORE if known is None else min(max(LEAST_SCORE, round(float(known)) + POINTS_UP), MOST_SCORE)
    found[MeasureName.HEALTH_SCORE] = _line(MeasureName.HEALTH_SCORE, "at_least", least)
    for warning in warnings:
        test = parse_definition(warning.rule.definition).tests[0]
        if test.measure in PAST or len(found) > MOST_FROM_WARNINGS:
            continue
        turned = (test.measure, opposite(test.comparison), test.threshold)
        measure, comparison, threshold = INSTEAD.get(test.measure, turned)
        found.setdefault(measure, _line(measure, comparison, threshold, test.days))
    return list(found.values())


def _line(measure: str, comparison: str, threshold: float, days: int | None = None) -> dict[str, Any]:
    return {"measure": str(measure), "comparison": comparison, "threshold": threshold, "days": days}


def planned_words(length: int) -> dict[int, str]:
    """What is usually planned by each checkpoint."""
    words: Mapping[int, str] = {
        7: _("All owners have spoken with the customer; the causes are agreed."),
        14: _("The first measures work; nothing has got worse."),
        30: _("All exit criteria hold."),
        60: _("What was done is part of the customer’s routine."),
        90: _("All exit criteria hold without extra help."),
    }
    words = dict(words) | ({30: _("Half of the exit criteria hold.")} if length == 90 else {})
    return {day: words.get(day, "") for day in checkpoint_days(length)}
