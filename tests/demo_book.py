"""What do the tests of all pages read? A small demo book, told up to today."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from health.actions import score_accounts
from portfolio.actions import refresh_rows
from portfolio.demo.advocacy import add_advocacy
from portfolio.demo.derive import derive_all
from portfolio.demo.growth import add_growth
from portfolio.demo.load import Plan, load_facts
from portfolio.demo.playbook_effect import plant
from revenue.actions import derive_movements, sync_renewals
from usage.actions import rebuild_rollups

# Enough days for a line, a change over four weeks and one over a week.
SCORED_DAYS_AGO = (56, 28, 14, 7, 0)


def plan_of(accounts: int) -> Plan:
    """Plan a book whose last day is today."""
    at = timezone.now()
    return Plan(accounts=accounts, months=13, seed=11, on=Organisation.load().day_of(at), at=at)


def load_whole_book(accounts: int = 20) -> None:
    """Fill the database as the demo does: with all that follows from the facts."""
    plan = plan_of(accounts)
    load_facts(plan, plant=plant)
    derive_all(plan)


def load_book(accounts: int = 20) -> None:
    """Fill the database with a small book, with what most stories need."""
    plan = plan_of(accounts)
    load_facts(plan)
    derive_movements()
    sync_renewals(on=plan.on, at=plan.at)
    rebuild_rollups()
    for days in SCORED_DAYS_AGO:
        score_accounts(on=plan.on - dt.timedelta(days=days), at=plan.at)
    refresh_rows(on=plan.on)
    add_growth(plan)
    add_advocacy(plan)
