"""Do several senders of the same events, and of events of the same day, miss nothing and count nothing twice?"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from tests.factories import AT, make_account, make_feature
from usage.actions import rebuild_rollups, record_events
from usage.models import AccountUsageDay, FeatureUsageDay, UsageEvent
from usage.rules.events import Event

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS = 4


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time, by its own lock")
def test_senders_of_the_same_events_store_each_once_and_count_every_person():
    make_feature("core", external_id="run")
    for name in ("acme", "beta"):
        make_account(external_id=name)
    shared = [
        Event(str(number), random.choice(["acme", "beta"]), "run", AT, f"p{number % 50}") for number in range(500)
    ]

    def send(sender: int) -> int:
        own = [Event(f"{sender}-{number}", "acme", "run", AT, f"s{sender}-{number}") for number in range(100)]
        events = random.Random(sender).sample(shared + own, 600)
        try:
            parts = [events[start : start + 50] for start in range(0, 600, 50)]
            recorded = [record_events(part, source="app", at=AT) for part in parts]
            return sum(part.counts.get("accepted", 0) for part in recorded)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS) as pool:
        accepted = sum(pool.map(send, range(SENDERS)))
    assert accepted == UsageEvent.objects.count() == 500 + SENDERS * 100
    came = sorted(AccountUsageDay.objects.values_list("account", "events", "core_events", "people"))
    days = sorted(FeatureUsageDay.objects.values_list("account", "person", "events"))
    rebuild_rollups()
    assert sorted(AccountUsageDay.objects.values_list("account", "events", "core_events", "people")) == came
    assert sorted(FeatureUsageDay.objects.values_list("account", "person", "events")) == days
