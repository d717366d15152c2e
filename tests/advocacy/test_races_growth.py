"""Do two people at the same moment bring nobody in a circle, note one attendance, and publish to one address?"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.conf import settings
from django.db import connections

from accounts.models import Account
from advocacy.actions import case_studies, referrals, sessions
from advocacy.models import CaseStudy, Referral, SessionInvitation
from common.errors import Refused
from tests.factories import AT, make_account, make_case, make_consent, make_contact, make_goal, make_session
from usage.models import Attendance

pytestmark = [
    pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite in memory has no writers side by side"),
    pytest.mark.django_db(transaction=True),
]
ROUNDS = 8


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment, each over its own connection; gives what came of each, or the refusal."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=20)
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def bring(referrer: Account, account: Account) -> Callable[[], Referral]:
    return partial(referrals.add_referral, referrer=referrer, company="x", account=account, by=None, at=AT)


def test_a_circle_closed_from_all_sides_at_once_stays_open() -> None:
    for _round in range(ROUNDS):
        one, two, three = make_account(), make_account(), make_account()
        came = at_once(bring(one, two), bring(two, three), bring(three, one))
        assert sum(isinstance(result, Refused) for result in came) == 1
        assert Referral.objects.filter(referrer__in=[one, two, three]).count() == 2


def test_two_who_claim_the_same_customer_get_one_yes() -> None:
    for _round in range(ROUNDS):
        became = make_account()
        came = at_once(bring(make_account(), became), bring(make_account(), became))
        assert sum(isinstance(result, Refused) for result in came) == 1


def test_who_came_is_noted_once_by_two_at_once() -> None:
    for _round in range(ROUNDS):
        session, account = make_session(on=AT.date() - dt.timedelta(days=1)), make_account()
        SessionInvitation.objects.create(session=session, account=account, invited_on=session.on)
        note = partial(sessions.record_attendance, session=session, accounts=[account], by=None, at=AT)
        at_once(note, note)
        assert Attendance.objects.filter(account=account).count() == 1


def test_one_of_two_publications_at_once_is_refused() -> None:
    account = make_account()
    contact = make_contact(account)
    make_consent(contact)
    case = make_case(account)
    case.goals.add(make_goal(account, 4))
    case_studies.send_case(case=case, by=None, at=AT)
    case_studies.approve_case(case=case, approved_by=contact, approval_note="Mail", by=None, at=AT)
    publish = partial(case_studies.publish_case, case=case, by=None, at=AT)
    came = at_once(publish, publish)
    assert sum(isinstance(result, Refused) for result in came) == 1
    assert CaseStudy.objects.get().state == "published"
