"""Does each cause start a playbook once, for the accounts that it is meant for, and say why it starts for no other?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import (
    Account,
    AuditEvent,
    Handoff,
    Notification,
    Organisation,
    SavedView,
    TimelineEntry,
)
from common import jobs
from common.errors import Refused
from common.models import Job
from health.models import EarlyWarning, WarningRule
from playbooks import actions
from playbooks.models import Playbook, Run, TriggerFiring
from playbooks.queries.judging import dry_run
from portfolio.actions.rows import refresh_rows
from revenue.models import Renewal
from tests.factories import AT, make_account, make_handoff, make_playbook, make_user

pytestmark = pytest.mark.django_db
ON = AT.date()
D = dt.date.fromisoformat
DAY = dt.timedelta(days=1)
SIGNING = [{"kind": "signing"}]


def on_warning(**says: Any) -> Playbook:
    return make_playbook(triggers=[{"kind": "warning", "keys": ["silent_7d"]}], **says)


def warn(account: Account, key: str = "silent_7d", on: dt.date = ON, **fields: Any) -> EarlyWarning:
    rule = WarningRule.objects.get(key=key)
    return EarlyWarning.objects.create(account=account, rule=rule, opened_on=on, last_seen_on=on, **fields)


def evaluate(on: dt.date = ON, **values: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in actions.evaluate_triggers(on=on, at=AT + (on - ON), **values):
        counts |= one.counts
    return {str(name): count for name, count in counts.items() if count}


def results(**where: Any) -> list[str]:
    return list(TriggerFiring.objects.filter(**where).order_by("pk").values_list("result", flat=True))


def test_a_warning_starts_a_playbook_once_however_often_it_is_judged() -> None:
    playbook, account = on_warning(), make_account()
    warning = warn(account)
    assert evaluate() == {"started": 1}
    assert evaluate() == {}
    assert evaluate(ON + DAY) == {}
    run = Run.objects.get()
    assert (run.playbook, run.account, run.cause) == (playbook, account, "warning")
    firing = TriggerFiring.objects.get()
    assert (firing.result, firing.run, firing.cause_key) == ("started", run, f"warning:silent_7d:{warning.pk}:0")
    assert AuditEvent.objects.filter(verb="playbook.started_runs").count() == 1


def test_a_second_cause_is_logged_as_a_repeat_while_the_run_goes_on() -> None:
    on_warning()
    account = make_account()
    first = warn(account)
    evaluate()
    EarlyWarning.objects.filter(pk=first.pk).update(reopened=1)
    assert evaluate(ON + DAY) == {"repeat": 1}
    assert results() == ["started", "repeat"]
    assert TriggerFiring.objects.get(result="started").repeats == 1
    assert Run.objects.count() == 1


def test_two_causes_at_once_start_one_run() -> None:
    make_playbook(triggers=[{"kind": "warning"}])
    account = make_account()
    warn(account)
    warn(account, "complaints_5")
    assert evaluate() == {"started": 1, "repeat": 1}


@pytest.mark.parametrize(
    "change",
    [{"is_enabled": False}, {"is_archived": True, "is_enabled": False}],
)
def test_a_playbook_that_is_off_starts_nothing(change: dict[str, Any]) -> None:
    playbook = on_warning()
    Playbook.objects.filter(pk=playbook.pk).update(**change)
    warn(make_account())
    assert evaluate() == {}


def test_what_is_resolved_or_put_off_starts_nothing() -> None:
    on_warning()
    warn(make_account(), state="resolved", resolved_on=ON - DAY)
    warn(make_account(), state="snoozed", snoozed_until=ON, snooze_reason="Holiday")
    warn(make_account(), "complaints_5")
    assert evaluate() == {}
    assert evaluate(ON + DAY) == {"started": 1}


def test_every_kind_of_trigger_finds_its_accounts() -> None:
    day = ON - 2 * DAY
    kinds: dict[str, Any] = {
        "stage": {"kind": "stage", "keys": ["mature"]},
        "handoff": {"kind": "handoff_accepted"},
        "signing": {"kind": "signing"},
        "renewal": {"kind": "renewal_ahead", "days": -120},
        "entered": {"kind": "band_entered", "keys": ["red"]},
        "left": {"kind": "band_left", "keys": ["green"]},
        "date": {"kind": "date", "keys": ["live_on"], "days": 30},
        "custom": {"kind": "date", "keys": ["custom.review_on"], "days": -7},
    }
    for name, trigger in kinds.items():
        make_playbook(triggers=[trigger], name={"en": name})
    accounts = {name: make_account() for name in kinds}
    entry = {"at": AT - 2 * DAY, "title": "Told"}
    TimelineEntry.objects.create(
        account=accounts["stage"], kind="stage", details={"old": "adoption", "new": "mature"}, **entry
    )
    make_handoff(accounts["handoff"], state=Handoff.State.ACCEPTED, submitted_at=AT - 3 * DAY, decided_at=AT - 2 * DAY)
    Account.objects.filter(pk=accounts["signing"].pk).update(signed_on=day)
    Renewal.objects.create(account=accounts["renewal"], due_on=ON + 100 * DAY)
    for name, before, after in (("entered", "yellow", "red"), ("left", "green", "yellow")):
        TimelineEntry.objects.create(
            account=accounts[name], kind="health", external_id=f"health:{day}:{accounts[name].pk}",
            details={"before": before, "after": after}, **entry,
        )  # fmt: skip
    Account.objects.filter(pk=accounts["date"].pk).update(live_on=ON - 31 * DAY)
    Account.objects.filter(pk=accounts["custom"].pk).update(custom={"review_on": str(ON + 5 * DAY)})
    # An account with none of it, and causes that are too old or too far off.
    other = make_account(signed_on=ON - 8 * DAY, live_on=ON - 60 * DAY, custom={"review_on": str(ON + 60 * DAY)})
    Renewal.objects.create(account=other, due_on=ON + 121 * DAY)
    evaluate()
    assert {run.playbook.shown_name: run.account for run in Run.objects.select_related("playbook")} == accounts
    evaluate(ON + DAY)
    assert Run.objects.filter(account=other).count() == 1  # its renewal is 120 days ahead now
    assert Run.objects.count() == len(kinds) + 1


def test_a_band_that_was_left_again_starts_nothing() -> None:
    make_playbook(triggers=[{"kind": "band_entered", "keys": ["red"]}])
    account = make_account()
    for days, before, after in ((3, "yellow", "red"), (1, "red", "yellow")):
        day = ON - days * DAY
        TimelineEntry.objects.create(
            account=account, kind="health", external_id=f"health:{day}:{account.pk}", at=AT - days * DAY, title="Told",
            details={"before": before, "after": after},
        )  # fmt: skip
    assert evaluate() == {}


def test_a_saved_view_starts_for_who_is_in_it_as_its_owner_sees_it_and_again_for_who_comes_back() -> None:
    owner = make_user()
    view = SavedView.objects.create(owner=owner, name="Rescue", query="industry=Retail", created_at=AT)
    make_playbook(triggers=[{"kind": "saved_view", "view": view.pk}])
    mine, other, foreign = make_account(owner, industry="Retail"), make_account(owner), make_account(industry="Retail")
    refresh_rows(on=ON)
    assert evaluate() == {"started": 1}
    assert Run.objects.get().account == mine
    assert evaluate(ON + DAY) == {}
    actions.stop_run(run=Run.objects.get(), note="Done", by=owner, at=AT + DAY)
    # Still in the view: that is the same cause. Out of it and in again is a new one.
    assert evaluate(ON + 2 * DAY) == {}
    Account.objects.filter(pk=mine.pk).update(industry="Finance")
    refresh_rows(on=ON)
    assert evaluate(ON + 3 * DAY) == {}
    Account.objects.filter(pk=mine.pk).update(industry="Retail")
    refresh_rows(on=ON)
    assert evaluate(ON + 4 * DAY) == {"started": 1}
    assert not Run.objects.filter(account__in=[other, foreign]).exists()
    view.delete()
    assert evaluate(ON + 5 * DAY) == {}


def test_customers_who_left_are_out_unless_the_playbook_is_for_them() -> None:
    make_playbook(triggers=SIGNING, name={"en": "Welcome"})
    make_playbook(triggers=SIGNING, name={"en": "Win back"}, with_churned=True)
    make_account(signed_on=ON, stage="churned")
    evaluate()
    assert [run.playbook.shown_name for run in Run.objects.all()] == ["Win back"]
    assert results() == ["not_meant", "started"]


def test_the_entry_rule_and_the_goal_are_judged_by_the_measures_of_warnings() -> None:
    contracts = {"tests": [{"measure": "open_tickets", "comparison": "at_least", "threshold": 1}]}
    playbook = make_playbook(
        triggers=SIGNING, entry={"conditions": [{"field": "tier", "operator": "is", "value": "elephant"}]},
        goal=contracts,
    )  # fmt: skip
    big, small = make_account(tier="elephant", signed_on=ON), make_account(tier="rabbit", signed_on=ON)
    run = dry_run(playbook.versions.get(), ON)
    assert {one.cause.account_id: str(one.verdict) for one in run.judged} == {big.pk: "start", small.pk: "not_meant"}
    assert evaluate() == {"started": 1, "not_meant": 1}
    # What was judged once is not judged again.
    Account.objects.filter(pk=small.pk).update(tier="elephant")
    assert evaluate(ON + DAY) == {}


def test_a_playbook_starts_again_only_after_so_many_days() -> None:
    on_warning(limits={"again_after_days": 30})
    account, csm = make_account(), make_user()
    warning = warn(account)
    evaluate()
    actions.stop_run(run=Run.objects.get(), note="Done", by=csm, at=AT)
    EarlyWarning.objects.filter(pk=warning.pk).update(reopened=1)
    assert evaluate(ON + 29 * DAY) == {"too_soon": 1}
    EarlyWarning.objects.filter(pk=warning.pk).update(reopened=2)
    assert evaluate(ON + 30 * DAY) == {"started": 1}


def test_no_more_start_in_so_many_days_and_the_others_wait_their_turn() -> None:
    on_warning(limits={"most_starts": 3, "within_days": 7})
    for number in range(8):
        warn(make_account(), on=ON - number * DAY)
    assert evaluate() == {"started": 3, "limited": 5}
    assert evaluate(ON + DAY) == {"limited": 5}
    # Who waits longest is first.
    oldest = [D("2026-06-08"), D("2026-06-09"), D("2026-06-10")]
    opened = sorted(run.account.early_warnings.get().opened_on for run in Run.objects.all())
    assert opened == oldest
    assert evaluate(ON + 7 * DAY) == {"started": 3, "limited": 2}
    assert evaluate(ON + 14 * DAY) == {"started": 2}


def test_too_many_at_once_are_held_back_until_somebody_lets_them_go() -> None:
    playbook, manager = on_warning(limits={"hold_above": 4}), make_user("cs_manager")
    warnings = [warn(make_account()) for _ in range(5)]
    assert evaluate() == {"held": 5}
    playbook.refresh_from_db()
    assert playbook.held_count == 5
    # Also one that comes by itself is held, as long as the others are.
    extra = warn(make_account())
    assert evaluate(account_ids=[extra.account_id]) == {"held": 1}
    assert actions.release_held(playbook=playbook, by=manager, at=AT) == 5
    assert evaluate(release=True) == {"started": 6}
    playbook.refresh_from_db()
    assert playbook.held_count == 0
    with pytest.raises(Refused, match="holds nobody back"):
        actions.release_held(playbook=playbook, by=manager, at=AT)
    assert set(results()) == {"started"}
    assert Run.objects.count() == len(warnings) + 1


def test_what_is_held_back_goes_when_its_cause_is_gone() -> None:
    on_warning(limits={"hold_above": 1})
    first, second = warn(make_account()), warn(make_account())
    assert evaluate() == {"held": 2}
    EarlyWarning.objects.filter(pk=first.pk).update(state="resolved", resolved_on=ON)
    assert evaluate(ON + DAY) == {"started": 1}
    assert TriggerFiring.objects.get().account_id == second.account_id


def test_an_event_that_is_held_back_still_counts_when_its_week_is_over() -> None:
    playbook = make_playbook(triggers=SIGNING, limits={"hold_above": 1})
    for _ in range(2):
        make_account(signed_on=ON)
    assert evaluate() == {"held": 2}
    assert evaluate(ON + 20 * DAY) == {"held": 2}
    assert evaluate(ON + 21 * DAY, release=True, playbook=playbook) == {"started": 2}


def test_a_cause_that_is_put_off_starts_on_the_day_after() -> None:
    playbook, account, csm = on_warning(), make_account(), make_user()
    warning = warn(account)
    values = {"playbook": playbook, "account": account, "cause": "warning", "by": csm, "at": AT}
    key = f"warning:silent_7d:{warning.pk}:0"
    for until, reason, said in (
        (ON, " ", "Say why"),
        (ON - DAY, "Holiday", "later day"),
        (ON + 400 * DAY, "X", "year"),
    ):
        with pytest.raises(Refused, match=said):
            actions.snooze_cause(cause_key=key, until=until, reason=reason, **values)
    actions.snooze_cause(cause_key=key, until=ON + 2 * DAY, reason="They are on holiday.", **values)
    assert evaluate(ON + 2 * DAY) == {"snoozed": 1}
    # The warning came back meanwhile: to whoever put it off that is the same.
    EarlyWarning.objects.filter(pk=warning.pk).update(reopened=1)
    assert evaluate(ON + 2 * DAY) == {"snoozed": 1}
    assert evaluate(ON + 3 * DAY) == {"started": 1}


def test_the_day_of_a_snooze_ends_at_midnight_of_the_organisation() -> None:
    Organisation.objects.create(pk=1, time_zone="Pacific/Auckland")
    playbook, account, csm = on_warning(), make_account(), make_user()
    warn(account)
    late = dt.datetime(2026, 6, 15, 13, tzinfo=dt.UTC)  # the 16th in Auckland
    with pytest.raises(Refused, match="today or a later day"):
        actions.snooze_cause(
            playbook=playbook, account=account, cause="warning", cause_key="warning:silent_7d:1:0", until=ON,
            reason="Holiday", by=csm, at=late,
        )  # fmt: skip


def test_a_playbook_does_not_start_again_by_its_own_effect_on_the_same_day() -> None:
    playbook = make_playbook(triggers=[{"kind": "stage", "keys": ["adoption", "mature"]}])
    account, csm = make_account(), make_user()
    entry = {"account": account, "kind": "stage", "title": "Told", "at": AT}
    TimelineEntry.objects.create(details={"old": "onboarding", "new": "adoption"}, **entry)
    evaluate()
    actions.stop_run(run=Run.objects.get(), note="Done", by=csm, at=AT)
    TimelineEntry.objects.create(details={"old": "adoption", "new": "mature"}, **entry)
    assert evaluate(playbook=playbook) == {"loop": 1}


def test_a_chain_of_playbooks_ends() -> None:
    for _ in range(7):
        make_playbook(triggers=SIGNING)
    make_account(signed_on=ON)
    evaluate()
    assert results() == ["started"] * 5 + ["loop"] * 2


def test_an_earlier_day_is_judged_and_not_written() -> None:
    on_warning()
    warn(make_account(), on=ON - 3 * DAY)
    Playbook.objects.update(evaluated_on=ON)
    outcome = actions.evaluate_triggers(on=ON - DAY, at=AT)[0]
    assert (outcome.is_written, outcome.started) == (False, 1)
    assert not Run.objects.exists()


def test_a_dry_run_writes_nothing_and_needs_no_switch(django_assert_max_num_queries: Any) -> None:
    playbook = on_warning(is_enabled=False)
    for _ in range(3):
        warn(make_account())
    with django_assert_max_num_queries(20):
        assert dry_run(playbook.versions.get(), ON).count("start") == 3
    assert not TriggerFiring.objects.exists()
    assert not Run.objects.exists()


def test_an_evaluation_takes_as_many_queries_for_many_as_for_one() -> None:
    on_warning()
    counts = []
    for number in (1, 40):
        for _ in range(number):
            warn(make_account(owner=make_user()), on=ON)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            evaluate()
        counts.append(len(seen))
    assert Run.objects.count() == 41
    assert counts[1] <= counts[0] + 2


def test_people_are_told_once_of_all_that_came_to_them() -> None:
    on_warning()
    csm, other = make_user(), make_user()
    for owner in (csm, csm, csm, other):
        warn(make_account(owner=owner))
    evaluate()
    job = Job.objects.get(task="playbooks.tell_starts")
    assert not Notification.objects.exists()
    assert jobs.run(job.pk, AT + DAY)
    told = {one.user: (one.body, one.account is None) for one in Notification.objects.all()}
    assert told == {csm: ("3 tasks for you · at 3 accounts", True), other: ("1 task for you", False)}
