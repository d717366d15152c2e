"""Is the score right when eight people change one account at the same moment, and workers score it meanwhile?"""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings
from django.db import connections

from accounts.models import Account
from common.jobs import run_due
from common.models import Job
from health.actions import score_accounts
from health.models import HealthScore
from health.rules.default import DEFAULT_DEFINITION
from revenue.actions import add_line
from revenue.models import ContractLine
from tests.health import reference
from tests.health.book import AT, ON, ago, make_account, make_feature, make_milestone, make_product
from usage.actions import add_answer, add_ticket, change_answer, delete_fact, reach_milestone, record_events
from usage.models import Milestone, SurveyAnswer
from usage.rules.events import Event

# A few in every run; all by RACE_ROUNDS=300.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "16"))
WRITERS = 8

Change = Callable[[Account], object]


def answered(account: Account, score: int) -> SurveyAnswer:
    return add_answer(account=account, kind="nps", score=score, answered_on=ago(score), by=None, at=AT)


def used(account: Account, name: str, days: int) -> object:
    event = Event(f"{account.pk}-{name}-{days}", account.external_id, name, AT - dt.timedelta(days=days), f"p{days}")
    return record_events([event], source="app", at=AT)


def asked_for_help(account: Account) -> object:
    """A ticket that is past its target."""
    return add_ticket(account=account, opened_at=AT - dt.timedelta(days=9), by=None, at=AT)


def corrected(account: Account) -> object:
    return change_answer(answer=answered(account, 3), score=10, by=None, at=AT)


def taken_back(account: Account) -> None:
    delete_fact(row=answered(account, 0), by=None, at=AT)


def grown(account: Account) -> object:
    line = ContractLine.objects.filter(account=account).first()
    assert line is not None
    return add_line(account=account, product=line.product, arr=Decimal(500), currency="USD", starts_on=ago(20),
                    by=None, at=AT)  # fmt: skip


def reached(account: Account) -> object:
    return reach_milestone(account=account, milestone=Milestone.objects.get(), on=ago(5), by=None, at=AT)


CHANGES: list[Change] = [
    asked_for_help,
    corrected,
    taken_back,
    grown,
    reached,
    lambda account: answered(account, 9),
    lambda account: used(account, "run", 1),
    lambda account: used(account, "extra", 3),
]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Eight threads with connections of their own, closed at the end in the threads that opened them."""
    together = threading.Barrier(WRITERS)

    def leave(_number: int) -> None:
        together.wait(30)
        connections.close_all()

    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads
        list(threads.map(leave, range(WRITERS)))


def new_account(number: int) -> Account:
    account = make_account(f"R{number}", external_id=f"R{number}")
    product = make_product() if number == 0 else ContractLine.objects.all()[0].product
    ContractLine.objects.create(
        account=account, product=product, arr=1200, currency="USD", starts_on=dt.date(2025, 1, 1)
    )
    return account


@pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite in memory has no writers side by side; a file has one at a time")
@pytest.mark.django_db(transaction=True)
def test_no_round_of_simultaneous_changes_ends_with_a_wrong_score(pool: ThreadPoolExecutor):
    """Each writer commits a change of another kind; all start together.

    In one round each then works off the queue as a worker does; in the next each scores at once, as eight workers would
    that were all behind: only the lock on the account keeps the one who read first from writing last.
    """
    start = threading.Barrier(WRITERS)
    wrong = []

    def change(account: Account, number: int) -> None:
        start.wait(30)
        CHANGES[number](account)
        run_due(AT, limit=4)

    def change_and_score(account: Account, number: int) -> None:
        start.wait(30)
        CHANGES[number](account)
        score_accounts(on=ON, at=AT, account_ids=[account.pk], refresh=False)

    with time_machine.travel(AT, tick=False):
        for round_ in range(ROUNDS):
            account = new_account(round_)
            if round_ == 0:
                make_feature("run", "core")
                make_feature("extra", "advanced")
                make_milestone("live", 30)
            by_queue = round_ % 2 == 0
            list(pool.map(change if by_queue else change_and_score, [account] * WRITERS, range(WRITERS)))
            while by_queue and run_due(AT):
                pass
            stored = HealthScore.objects.get(account=account, on=ON)
            right = reference.score_of(DEFAULT_DEFINITION, reference.values_of(account, ON))
            if (stored.score, stored.coverage) != right:
                wrong.append((round_, stored.score, right))
        while run_due(AT):
            pass
    assert wrong == []
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
