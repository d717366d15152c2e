"""What becomes of a warning from day to day, and at the hands of people?"""

from __future__ import annotations

import datetime as dt
import io
import json
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.actions import bulk_runs
from accounts.models import Account, AuditEvent, ExpectationGap, TimelineEntry, User
from common.errors import Refused
from common.models import Job
from health import actions
from health.models import EarlyWarning, WarningRule
from tests.factories import make_user
from tests.health.book import AT, ON, ago, make_account, make_line

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _rules(shipped_rules: None) -> None:
    """Have the shipped rules."""


def customer(name: str = "Ada", gap: bool = True) -> Account:
    """A paying account, with an expectation gap unless told otherwise."""
    account = make_account(name)
    make_line(account)
    if gap:
        ExpectationGap.objects.create(account=account, text="Gap", found_on=ago(50))
    return account


def evaluate(day: int = 0, **how: object) -> actions.Outcome:
    """Evaluate the gap's rule so many days after the day of the tests."""
    rule = WarningRule.objects.get(key="expectation_gap")
    (outcome,) = actions.evaluate_warnings(on=ON + day * DAY, at=AT + day * DAY, rule=rule, **how)
    return outcome


def close_gap(day: int) -> None:
    ExpectationGap.objects.update(closed_on=ON + day * DAY)


def only() -> EarlyWarning:
    return EarlyWarning.objects.get()


def csm() -> User:
    return make_user("csm")


def test_a_cause_opens_one_warning_however_often_it_is_looked_at() -> None:
    account = customer()
    first = evaluate()
    again, later = evaluate(), evaluate(3)

    assert (first.opened, again.opened, later.opened) == (1, 0, 0)
    warning = only()
    assert (warning.account, warning.state, warning.opened_on, warning.last_seen_on) == (
        *(account, "open", ON),
        ON + 3 * DAY,
    )
    assert warning.reason.startswith("1 open expectation gap, since ")
    assert TimelineEntry.objects.filter(account=account, title__startswith="Warning:").count() == 1


def test_money_at_risk_times_severity_is_the_order() -> None:
    make_line(customer(), arr=3600)
    evaluate()

    assert only().rank >= 0
    assert str(only()).startswith("Open expectation gap")


def test_it_closes_when_its_cause_is_gone_and_opens_again_when_that_returns() -> None:
    customer()
    evaluate()
    close_gap(1)
    assert evaluate(1).closed == 1
    gone = only()
    assert (gone.state, gone.resolved_cause, gone.resolved_on) == ("resolved", "gone", ON + DAY)

    ExpectationGap.objects.update(closed_on=None)
    assert evaluate(10).reopened == 1
    back = only()
    assert (back.state, back.reopened, back.opened_on, back.resolved_on) == ("open", 1, ON + 10 * DAY, None)


def test_a_cause_that_returns_after_long_is_a_new_warning() -> None:
    customer()
    evaluate()
    close_gap(1)
    evaluate(1)
    ExpectationGap.objects.update(closed_on=None)

    assert evaluate(40).opened == 1
    assert EarlyWarning.objects.count() == 2


def test_what_a_person_resolved_stays_so_while_the_cause_lasts() -> None:
    customer()
    evaluate()
    actions.resolve_warning(warning=only(), reason="Agreed to live with it.", by=csm(), at=AT)
    assert (evaluate(1).opened, evaluate(2).reopened) == (0, 0)
    close_gap(3)
    evaluate(3)
    ExpectationGap.objects.update(closed_on=None)

    assert evaluate(4).reopened == 1
    assert only().state == "open"


def test_a_snooze_lasts_to_the_end_of_its_day() -> None:
    customer()
    evaluate()
    actions.snooze_warning(warning=only(), until=ON + 2 * DAY, reason="On holiday.", by=csm(), at=AT)
    assert (evaluate(2).woken, actions.wake_warnings(on=ON + 2 * DAY), only().state) == (0, 0, "snoozed")
    assert not EarlyWarning.objects.asking(ON + 2 * DAY).exists()
    assert EarlyWarning.objects.asking(ON + 3 * DAY).exists()

    assert evaluate(3).woken == 1
    assert (only().state, only().snoozed_until, only().snooze_reason) == ("open", None, "")


def test_a_snooze_ends_without_an_evaluation_too_and_a_cause_that_goes_ends_it() -> None:
    customer()
    evaluate()
    actions.snooze_warning(warning=only(), until=ON, reason="Later.", by=csm(), at=AT)
    assert actions.wake_warnings(on=ON + DAY) == 1
    actions.snooze_warning(warning=only(), until=ON + 9 * DAY, reason="Later.", by=csm(), at=AT)
    close_gap(1)
    evaluate(1)

    assert only().state == "resolved"


def test_an_acknowledged_warning_stays_acknowledged_until_its_cause_is_gone() -> None:
    customer()
    evaluate()
    person = csm()
    actions.acknowledge_warning(warning=only(), by=person, at=AT)
    evaluate(1)
    assert (only().state, only().changed_by) == ("acknowledged", person)
    close_gap(2)

    assert evaluate(2).closed == 1
    verbs = AuditEvent.objects.filter(verb__startswith="early_warning").values_list("verb", flat=True)
    assert list(verbs) == ["early_warning.acknowledged"]


def test_a_customer_who_left_is_warned_of_no_more() -> None:
    account = customer()
    evaluate()
    account.contract_lines.update(ends_on=ON + DAY)

    assert evaluate(1).closed == 1
    assert only().resolved_cause == "left"


def test_a_day_before_the_last_evaluation_is_judged_and_not_written() -> None:
    customer()
    evaluate(5)
    close_gap(3)

    assert not evaluate(4).is_written
    assert only().state == "open"


def test_some_accounts_can_be_looked_at_alone() -> None:
    near, far = customer(), customer("Ben")
    assert evaluate(account_ids=[near.pk]).opened == 1
    assert evaluate(1).opened == 1
    ExpectationGap.objects.update(closed_on=ON)
    assert evaluate(2, account_ids=[far.pk]).closed == 1

    assert EarlyWarning.objects.get(state="resolved").account == far


def test_too_many_at_once_are_held_back_until_somebody_says_so() -> None:
    for number in range(22):
        customer(f"Customer {number}")
    held = evaluate()
    assert (held.opened, held.held, EarlyWarning.objects.count()) == (0, 22, 0)
    rule = WarningRule.objects.get(key="expectation_gap")
    assert rule.held_count == 22

    assert actions.open_held_warnings(rule=rule, by=csm(), at=AT) == 22
    assert Job.objects.filter(task="health.evaluate_warnings", kwargs__release=True).exists()
    assert evaluate(release=True).opened == 22
    rule.refresh_from_db()
    assert (rule.held_count, evaluate(1).held) == (0, 0)
    with pytest.raises(Refused):
        actions.open_held_warnings(rule=rule, by=csm(), at=AT)


def test_a_rule_that_is_switched_off_closes_its_warnings() -> None:
    customer()
    evaluate()
    rule = WarningRule.objects.get(key="expectation_gap")
    actions.change_rule(rule=rule, by=csm(), at=AT, is_enabled=False)

    assert only().resolved_cause == "off"
    assert not evaluate(1).is_written
    assert AuditEvent.objects.filter(verb="warning_rule.changed").exists()


@pytest.mark.parametrize(
    ("until", "reason"), [(-1, "Later."), (400, "Later."), (3, "  ")], ids=["yesterday", "too late", "no reason"]
)
def test_a_snooze_needs_a_day_ahead_and_a_reason(until: int, reason: str) -> None:
    customer()
    evaluate()

    with pytest.raises(Refused):
        actions.snooze_warning(warning=only(), until=ON + until * DAY, reason=reason, by=csm(), at=AT)


def test_a_resolution_needs_a_reason_can_be_taken_back_and_is_not_made_twice() -> None:
    customer()
    evaluate()
    with pytest.raises(Refused):
        actions.resolve_warning(warning=only(), reason=" ", by=csm(), at=AT)
    actions.resolve_warning(warning=only(), reason="A mistake.", by=csm(), at=AT)
    for act in (actions.acknowledge_warning, actions.resolve_warning):
        more = {"reason": "Again."} if act is actions.resolve_warning else {}
        with pytest.raises(Refused):
            act(warning=only(), by=csm(), at=AT, **more)

    actions.reopen_warning(warning=only(), by=csm(), at=AT)
    assert (only().state, only().resolved_on, only().resolved_reason) == ("open", None, "")


def test_several_are_acknowledged_or_put_off_at_once_and_brought_back() -> None:
    for name in ("Ada", "Ben", "Cy"):
        customer(name)
    evaluate()
    first, second, third = EarlyWarning.objects.order_by("pk")
    actions.resolve_warning(warning=first, reason="Done.", by=csm(), at=AT)
    ids, who = [first.pk, second.pk, third.pk], make_user("admin")

    noted = bulk_runs.ask_for_bulk(act="health.acknowledge", ids=ids, given={}, by=who, at=AT)
    assert bulk_runs.outcome_words(noted) == "2 warnings changed, 1 skipped: This warning is resolved already"
    given = {"until": (ON + DAY).isoformat(), "reason": "Later."}
    asleep = bulk_runs.ask_for_bulk(act="health.snooze", ids=ids[1:], given=given, by=who, at=AT)
    assert set(EarlyWarning.objects.filter(pk__in=ids[1:]).values_list("state", "snooze_reason")) == {
        ("snoozed", "Later.")
    }
    actions.acknowledge_warning(warning=third, by=csm(), at=AT)
    bulk_runs.take_back_bulk(run=asleep, by=who, at=AT)
    second.refresh_from_db()
    assert (second.state, second.snoozed_until, second.snooze_reason) == ("acknowledged", None, "")
    asleep.refresh_from_db()
    assert bulk_runs.outcome_words(asleep) == "1 taken back, 1 skipped: was changed since"


def test_a_rule_that_makes_no_sense_is_refused() -> None:
    for definition in ({"tests": []}, {"tests": [{"measure": "moon", "comparison": "at_least", "threshold": 1}]}, 7):
        with pytest.raises(Refused):
            actions.add_rule(by=csm(), at=AT, name="Odd", definition=definition)


def test_a_rule_of_ones_own_warns_like_the_others() -> None:
    account = customer(gap=False)
    definition = {"tests": [{"measure": "open_gaps", "comparison": "less_than", "threshold": 1}]}
    rule = actions.add_rule(by=csm(), at=AT, name="No gap at all", definition=definition, severity=3)
    (outcome,) = actions.evaluate_warnings(on=ON, at=AT, rule=rule)

    assert (rule.key, outcome.opened, only().account, only().severity) == ("no_gap_at_all", 1, account, 3)


def test_the_command_says_what_came_out() -> None:
    customer()
    said = io.StringIO()
    call_command("evaluate_warnings", format="json", stdout=said)
    rules = {row["rule"]: row for row in json.loads(said.getvalue())["rules"]}
    assert rules["expectation_gap"]["opened"] == 1

    said = io.StringIO()
    call_command("evaluate_warnings", on=str(timezone.now().date() - 9 * DAY), stdout=said)
    assert "not written" in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_open_one() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    actions.ensure_shipped_rules()
    customer()
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        evaluate()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert EarlyWarning.objects.count() == 1
