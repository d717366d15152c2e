"""Two people ask the same advocate at the same moment: is one of them refused, however often one tries?"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections

from advocacy import actions
from advocacy.models import Advocate, Ask
from common.errors import Refused
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_user

ROUNDS = int(os.environ.get("RACE_ROUNDS", "12"))
ASKERS = 4

pytestmark = [
    pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite in memory has no writers side by side"),
    pytest.mark.django_db(transaction=True),
]


def at_once(act):
    """Let several people do something at the same moment; answers with how many were let and how many refused."""
    start = threading.Barrier(ASKERS)

    def run(number: int) -> bool:
        try:
            start.wait(30)
            act(number)
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(ASKERS) as threads:
        passed = list(threads.map(run, range(ASKERS)))
    return passed.count(True), passed.count(False)


def test_of_those_who_ask_an_advocate_at_once_one_is_let():
    people = [make_user() for _ in range(ASKERS)]
    for _ in range(ROUNDS):
        advocate = make_advocate(make_account(people[0]))
        make_consent(advocate.contact)

        def ask(number: int, advocate=advocate) -> None:
            actions.record_ask(advocate=advocate, kind="review", by=people[number], at=AT)

        assert at_once(ask) == (1, ASKERS - 1)
        assert Ask.objects.filter(advocate=advocate).count() == 1


def test_of_those_who_ask_a_contact_nobody_asked_before_one_is_let():
    people = [make_user() for _ in range(ASKERS)]
    for _ in range(ROUNDS):
        contact = make_contact(make_account(people[0]))
        make_consent(contact)

        def ask(number: int, contact=contact) -> None:
            actions.ask_person(contact=contact, kind="review", by=people[number], at=AT)

        assert at_once(ask) == (1, ASKERS - 1)
        assert Advocate.objects.filter(contact=contact).count() == 1
        assert Ask.objects.filter(advocate__contact=contact).count() == 1


def test_a_consent_taken_back_meanwhile_leaves_no_open_ask():
    people = [make_user() for _ in range(ASKERS)]
    for _ in range(ROUNDS):
        advocate = make_advocate(make_account(people[0]))
        consent = make_consent(advocate.contact)

        def act(number: int, advocate=advocate, consent=consent) -> None:
            if number:
                actions.record_ask(advocate=advocate, kind="review", by=people[number], at=AT)
            else:
                actions.revoke_consent(consent=consent, by=people[0], at=AT)

        at_once(act)
        assert not Ask.objects.filter(advocate=advocate).open().exists()
