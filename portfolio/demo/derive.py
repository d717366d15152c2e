"""What follows from the demo book's facts: movements, renewals, rollups, scores, list rows?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from health.actions import follow_overrides, score_accounts
from health.queries.snapshots import month_ends
from portfolio.actions import profile_expansion, refresh_rows
from portfolio.demo.advocacy import add_advocacy
from portfolio.demo.calls import add_calls
from portfolio.demo.daily import tell_people
from portfolio.demo.expansion import add_expansion
from portfolio.demo.foresight import foresee
from portfolio.demo.growth import add_growth
from portfolio.demo.load import Plan
from portfolio.demo.overrides import set_bands_by_hand
from portfolio.demo.playbook_effect import judge_playbooks, start_past_runs
from portfolio.demo.plays import play
from portfolio.demo.ranking import rank
from portfolio.demo.requests import decide_requests
from portfolio.demo.risks import add_risks
from portfolio.demo.scorecards import draft_scorecards
from portfolio.demo.stabilization import stabilize
from portfolio.demo.step_mails import send_mails
from portfolio.demo.story import add_months
from portfolio.demo.triggers import pull_triggers
from portfolio.demo.warnings import warn
from revenue.actions import derive_movements, keep_months, remember_renewals, sync_renewals
from revenue.models import Renewal
from usage.actions import rebuild_rollups

# Scores go back half a year by weeks, so that trends and churns of the past can be looked at.
WEEKS_OF_SCORES = 26
# Before that, the ends of months are enough for the track record.
MONTHS_OF_SCORES = 13


def derive_all(plan: Plan, *, progress: Callable[[str, int, int], None] = lambda *_: None) -> None:
    """Derive everything that an import would derive, then score the past weeks and today."""
    derive_movements()
    sync_renewals(on=plan.on, at=plan.at)
    remember_renewals(on=plan.on)
    _advance_talks(plan)
    if plan.with_usage:
        rebuild_rollups()
    days = _days_to_score(plan)
    for number, day in enumerate(days):
        score_accounts(on=day, at=plan.at)
        progress("days scored", number + 1, len(days))
    set_bands_by_hand(plan)
    follow_overrides(on=plan.on, at=plan.at)
    warn(plan)
    draft_scorecards(plan)
    foresee(plan)
    refresh_rows(on=plan.on)
    add_expansion(plan)
    profile_expansion(on=plan.on)
    keep_months(on=plan.on, at=plan.at)
    add_calls(plan)
    decide_requests(plan)
    add_risks(plan)
    send_mails(plan)
    stabilize(plan)
    start_past_runs(plan)
    play(plan)
    pull_triggers(plan)
    judge_playbooks(plan)
    add_growth(plan)
    add_advocacy(plan)
    rank(plan)
    tell_people(plan)


def _days_to_score(plan: Plan) -> list[dt.date]:
    """At the ends of months, weekly for half a year, then day by day; a book without usage gets today alone."""
    if not plan.with_usage:
        return [plan.on]
    first = max(plan.on - dt.timedelta(weeks=WEEKS_OF_SCORES), add_months(plan.on, -plan.months))
    weekly = [plan.on - dt.timedelta(weeks=back) for back in range(WEEKS_OF_SCORES, 1, -1)]
    daily = [plan.on - dt.timedelta(days=back) for back in range(7, -1, -1)]
    monthly = month_ends(plan.on - dt.timedelta(days=MONTHS_OF_SCORES * 30), weekly[0])
    return [day for day in monthly if day >= add_months(plan.on, -plan.months)] + [
        day for day in weekly + daily if day >= first
    ]


def _advance_talks(plan: Plan) -> None:
    """Move the open renewals along: the nearer the day, the further the talks, with some left lying."""
    rng = np.random.default_rng([plan.seed, 10**9])
    renewals = list(Renewal.objects.filter(stage__in=Renewal.OPEN, due_on__gte=plan.on).order_by("account_id", "pk"))
    for renewal in renewals:
        days = (renewal.due_on - plan.on).days
        chance = 0.0 if days > 180 else 0.15 + 0.75 * (1 - days / 180)
        if rng.random() < chance:
            committed = days < 75 and rng.random() < 0.4
            renewal.stage = Renewal.Stage.COMMITTED if committed else Renewal.Stage.IN_TALKS
            renewal.stage_changed_on = plan.on - dt.timedelta(days=int(rng.integers(1, 30)))
    Renewal.objects.bulk_update(renewals, ["stage", "stage_changed_on"], batch_size=1000)
