"""Is every event counted exactly once, whatever its sender repeats, splits or shuffles?"""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation
from common.models import Job
from tests.factories import AT, make_account, make_feature
from usage.actions import (
    rebuild_rollups,
    record_events,
    record_events_in_batches,
    refresh_days_of_feature,
    replay_waiting,
)
from usage.models import (
    AccountFeatureUse,
    AccountPersonUse,
    AccountUsageDay,
    Feature,
    FeatureUsageDay,
    UsageEvent,
    WaitingEvent,
)
from usage.rules.events import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def book():
    accounts = [make_account(external_id=name) for name in ("acme", "beta")]
    features = [make_feature("core", external_id="run"), make_feature("basic", external_id="look")]
    make_feature("advanced", external_id="script")
    return accounts, features


def event(message_id: str = "1", account: str = "acme", feature: str = "run", **fields) -> Event:
    fields.setdefault("at", AT)
    return Event(message_id, account, feature, **fields)


def take(*events: Event, **kwargs):
    return record_events(list(events), source="app", at=AT, **kwargs)


def rollups():
    return (
        sorted(FeatureUsageDay.objects.values_list("account", "day", "feature", "person", "events")),
        sorted(AccountUsageDay.objects.values_list("account", "day", "events", "core_events", "people")),
        sorted(AccountFeatureUse.objects.values_list("account", "feature", "first_on", "last_on")),
        list(AccountPersonUse.objects.values_list("account", "person", "last_on", "last_advanced_on")),
    )


def test_an_event_is_stored_and_counted(book):
    (acme, _), (run, _look) = book
    assert take(event(person="ann", quantity=3)).outcomes == ["accepted"]
    stored = UsageEvent.objects.get()
    assert (stored.account, stored.feature, stored.person, stored.at, stored.quantity) == (acme, run, "ann", AT, 3)
    day = AT.date()
    assert rollups() == (
        [(acme.pk, day, run.pk, "ann", 3)],
        [(acme.pk, day, 3, 3, 1)],
        [(acme.pk, run.pk, day, day)],
        [(acme.pk, "ann", day, None)],
    )


def test_the_same_event_again_changes_nothing(book):
    take(event())
    before = rollups()
    assert take(event()).outcomes == ["duplicate"]
    assert take(event(), event()).outcomes == ["duplicate", "duplicate"]
    assert rollups() == before


def test_another_event_under_the_same_id_is_a_conflict_and_not_stored(book):
    assert take(event(), event(quantity=2)).outcomes == ["accepted", "conflict"]
    assert take(event(feature="look")).outcomes == ["conflict"]
    assert take(event(account="beta")).outcomes == ["conflict"]
    assert UsageEvent.objects.get().quantity == 1


def test_an_id_counts_for_its_source_alone(book):
    take(event())
    assert record_events([event()], source="other", at=AT).outcomes == ["accepted"]
    assert AccountUsageDay.objects.get().events == 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"at": AT + dt.timedelta(minutes=11)}, "in_future"),
        ({"at": AT.replace(tzinfo=None)}, "no_offset"),
        ({"at": dt.datetime(1969, 1, 1, tzinfo=dt.UTC)}, "too_old"),
        ({"message_id": ""}, "bad_id"),
        ({"message_id": "x" * 129}, "bad_id"),
        ({"message_id": "a\x00"}, "unstorable"),
        ({"person": "p" * 129}, "bad_person"),
        ({"quantity": 0}, "bad_quantity"),
        ({"quantity": 2**31}, "bad_quantity"),
        ({"account": ""}, "bad_account"),
        ({"feature": "unheard-of"}, "unknown_feature"),
        ({"feature": "nul\x00"}, "unknown_feature"),
    ],
)
def test_a_wrong_event_is_refused_with_its_reason_and_harms_no_other(book, wrong, reason):
    found = take(event("a"), event(**({"message_id": "b"} | wrong)), event("c"))
    assert found.outcomes == ["accepted", reason, "accepted"]
    assert found.refused == [(1, reason)]
    assert UsageEvent.objects.count() == 2


def test_ten_minutes_ahead_are_forgiven(book):
    assert take(event(at=AT + dt.timedelta(minutes=10))).outcomes == ["accepted"]


def test_an_event_falls_on_the_local_day_of_the_organisation(book):
    Organisation.objects.create(pk=1, time_zone="Asia/Shanghai")
    take(event(at=dt.datetime(2026, 6, 14, 17, tzinfo=dt.UTC)))
    assert AccountUsageDay.objects.get().day == dt.date(2026, 6, 15)


def test_each_hour_of_400_days_falls_on_exactly_one_local_day_in_any_zone(book):
    start = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    organisation = Organisation.objects.create(pk=1)
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        Organisation.objects.filter(pk=organisation.pk).update(time_zone=zone)
        rows = [event(f"{zone}{hour}", person=zone, at=start + dt.timedelta(hours=hour)) for hour in range(0, 9600, 3)]
        assert set(take(*rows).outcomes) == {"accepted"}
        days = FeatureUsageDay.objects.filter(person=zone)
        assert sum(days.values_list("events", flat=True)) == len(rows)


def test_late_events_land_on_their_own_day(book):
    take(event("1"))
    take(event("2", at=AT - dt.timedelta(days=80)))
    assert [row[1:3] for row in rollups()[1]] == [((AT - dt.timedelta(days=80)).date(), 1), (AT.date(), 1)]
    use = AccountFeatureUse.objects.get()
    assert (use.first_on, use.last_on) == ((AT - dt.timedelta(days=80)).date(), AT.date())


def test_people_are_counted_once_a_day_and_nameless_use_counts_nobody(book):
    take(event("1", person="ann"), event("2", person="ann", feature="look"), event("3", person="bob"), event("4"))
    assert AccountUsageDay.objects.values_list("events", "core_events", "people").get() == (4, 3, 2)


def test_a_late_event_never_takes_the_last_day_of_a_person_back(book):
    (acme, _), _ = book
    take(event("1", person="ann"))
    take(event("2", person="ann", feature="script", at=AT - dt.timedelta(days=9)), event("3"))
    take(event("4", person="ann", feature="script", at=AT - dt.timedelta(days=20)))
    assert rollups()[3] == [(acme.pk, "ann", AT.date(), (AT - dt.timedelta(days=9)).date())]


def test_an_event_of_an_unknown_account_waits_and_is_counted_when_the_account_appears(book):
    assert take(event("1", account="late"), event("2", account="never")).outcomes == [
        "unknown_account",
        "unknown_account",
    ]
    assert take(event("1", account="late")).outcomes == ["duplicate"]
    assert take(event("1", account="late", quantity=9)).outcomes == ["conflict"]
    late = make_account(external_id="late")
    assert replay_waiting(["late"], at=AT) == {"accepted": 1}
    assert AccountUsageDay.objects.get().account == late
    assert list(WaitingEvent.objects.values_list("account_external_id", flat=True)) == ["never"]
    assert replay_waiting(at=AT) == {}
    assert take(event("1", account="late")).outcomes == ["duplicate"]


def test_an_id_cannot_wait_for_one_account_and_count_for_another(book):
    assert take(event("1"), event("1", account="late")).outcomes == ["accepted", "conflict"]
    assert take(event("1", account="late")).outcomes == ["conflict"]
    assert not WaitingEvent.objects.exists()


def test_a_few_accounts_are_scored_one_by_one_and_many_by_one_job(book):
    take(event("1"), event("2", account="beta"))
    assert Job.objects.filter(task="health.score_accounts").count() == 2
    for number in range(201):
        make_account(external_id=f"n{number}")
    take(*(event(f"n{number}", account=f"n{number}") for number in range(201)))
    assert Job.objects.filter(task="health.score_accounts").count() == 3


def test_a_change_of_kind_is_counted_back_into_the_days(book):
    _, (_run, look) = book
    take(event("1"), event("2", feature="look", person="ann"), event("3", account="beta", person="ann"))
    Feature.objects.filter(pk=look.pk).update(kind="core")
    assert refresh_days_of_feature(feature_id=look.pk) == 1
    assert sorted(AccountUsageDay.objects.values_list("events", "core_events")) == [(1, 1), (2, 2)]
    Feature.objects.filter(pk=look.pk).update(kind="advanced")
    refresh_days_of_feature(feature_id=look.pk)
    assert list(AccountPersonUse.objects.values_list("last_advanced_on", flat=True)) == [AT.date(), None]
    kept = rollups()
    rebuild_rollups()
    assert rollups() == kept


EVENTS = st.lists(
    st.builds(
        event,
        message_id=st.integers(0, 30).map(str),
        account=st.sampled_from(["acme", "beta"]),
        feature=st.sampled_from(["run", "look", "script"]),
        person=st.sampled_from(["", "ann", "bob"]),
        at=st.integers(0, 72).map(lambda hours: AT - dt.timedelta(hours=hours)),
        quantity=st.integers(1, 3),
    ),
    max_size=25,
    unique_by=lambda row: row.message_id,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=EVENTS, seed=st.integers(0, 10**6))
def test_any_shuffle_split_and_repetition_gives_the_same_days(book, rows, seed):
    UsageEvent.objects.all().delete()
    rebuild_rollups()
    shuffled = rows + random.Random(seed).sample(rows, len(rows) // 2)
    random.Random(seed).shuffle(shuffled)
    accepted = 0
    for recorded in record_events_in_batches(shuffled, source="app", at=AT, batch=1 + seed % 7):
        accepted += recorded.counts.get("accepted", 0)
        assert set(recorded.outcomes) <= {"accepted", "duplicate"}
    assert accepted == UsageEvent.objects.count() == len(rows)
    came = rollups()
    rebuild_rollups()
    assert rollups() == came


def test_some_accounts_and_days_are_rebuilt_without_touching_the_others(book):
    (acme, beta), _ = book
    take(event("1"), event("2", account="beta"), event("3", at=AT - dt.timedelta(days=3)))
    whole = rollups()
    FeatureUsageDay.objects.update(events=99)
    AccountUsageDay.objects.update(events=99)
    rebuild_rollups(account_ids=[acme.pk], days=(AT.date(), AT.date()))
    assert sorted(FeatureUsageDay.objects.values_list("account", "events")) == [
        (acme.pk, 1),
        (acme.pk, 99),
        (beta.pk, 99),
    ]
    rebuild_rollups(account_ids=[acme.pk, beta.pk])
    assert rollups() == whole
