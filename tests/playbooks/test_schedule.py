"""Does each step land on the right day, in every region, whatever the calendar does?"""

import datetime as dt

import pytest

from playbooks.rules.schedule import Calendar, count_from, counted_from_step, held_by, land, plan, shifted
from playbooks.rules.steps import Kind, Step, parse_step

D = dt.date.fromisoformat
GERMANY = Calendar(holidays=frozenset({D("2026-04-03"), D("2026-04-06"), D("2026-05-01"), D("2026-12-25")}))
# Sunday to Thursday, as in the Gulf.
GULF = Calendar(working_days=frozenset({6, 0, 1, 2, 3}), holidays=frozenset({D("2026-03-20"), D("2026-12-02")}))

COUNTED = [
    # anchor, offset, unit, landing, calendar, due
    ("2026-01-02", 1, "calendar", "keep", Calendar(), "2026-01-03"),
    ("2026-01-02", 1, "calendar", "next", Calendar(), "2026-01-05"),
    ("2026-01-02", 1, "calendar", "previous", Calendar(), "2026-01-02"),
    ("2026-01-02", 1, "working", "next", Calendar(), "2026-01-05"),
    ("2026-01-05", -1, "working", "next", Calendar(), "2026-01-02"),
    ("2026-01-03", 1, "working", "next", Calendar(), "2026-01-05"),  # a Saturday, and the first working day after it
    ("2026-01-03", 0, "working", "keep", Calendar(), "2026-01-03"),
    ("2026-01-03", 0, "working", "next", Calendar(), "2026-01-05"),
    ("2026-01-03", 0, "working", "previous", Calendar(), "2026-01-02"),
    ("2026-04-02", 1, "working", "next", GERMANY, "2026-04-07"),  # Good Friday to Easter Monday are off
    ("2026-04-02", 1, "working", "next", Calendar(), "2026-04-03"),  # elsewhere they are not
    ("2026-04-02", 1, "calendar", "next", GERMANY, "2026-04-07"),
    ("2026-04-07", -1, "calendar", "previous", GERMANY, "2026-04-02"),
    ("2026-12-01", 1, "working", "next", GULF, "2026-12-03"),
    ("2026-12-03", 1, "working", "next", GULF, "2026-12-06"),  # after a Thursday comes Sunday
    ("2026-12-04", 0, "calendar", "next", GULF, "2026-12-06"),  # Friday is off there
    ("2026-12-04", 0, "calendar", "next", GERMANY, "2026-12-04"),  # and not here
    ("2026-01-31", 1, "months", "keep", Calendar(), "2026-02-28"),
    ("2028-01-31", 1, "months", "keep", Calendar(), "2028-02-29"),
    ("2026-01-31", 1, "months", "next", Calendar(), "2026-03-02"),  # 28 February is a Saturday
    ("2026-03-31", -1, "months", "keep", Calendar(), "2026-02-28"),
    ("2026-10-31", 4, "months", "previous", Calendar(), "2027-02-26"),
    ("2026-03-28", 1, "calendar", "keep", Calendar(), "2026-03-29"),  # 23 hours in Berlin
    ("2026-03-28", 2, "calendar", "keep", Calendar(), "2026-03-30"),
    ("2026-10-24", 1, "calendar", "keep", Calendar(), "2026-10-25"),  # 25 hours in Berlin
    ("2026-10-24", 2, "calendar", "keep", Calendar(), "2026-10-26"),
    ("2026-09-30", -120, "calendar", "next", Calendar(), "2026-06-02"),
]


@pytest.mark.parametrize(("anchor", "offset", "unit", "landing", "calendar", "due"), COUNTED)
def test_a_date_is_counted_and_landed(
    anchor: str, offset: int, unit: str, landing: str, calendar: Calendar, due: str
) -> None:
    assert count_from(D(anchor), offset, unit, landing, calendar) == D(due)


def test_a_region_without_a_working_day_leaves_dates_where_they_are() -> None:
    assert land(D("2026-01-03"), "next", Calendar(working_days=frozenset())) == D("2026-01-03")


def step(key: str, **values: object) -> Step:
    return parse_step({"key": key, "title": key, **values}, key)


def test_a_step_counts_from_the_planned_date_of_another() -> None:
    steps = [step("b", anchor="step:a", offset=2, unit="working"), step("a", offset=3, unit="working")]
    planned = plan(steps, D("2026-04-01"), {}, GERMANY)
    assert planned["a"].due_on == D("2026-04-08")
    assert planned["b"].due_on == D("2026-04-10")
    assert planned["b"].counted_from == D("2026-04-08")


@pytest.mark.parametrize("offset", [-120, 0, 14])
def test_a_missing_anchor_leaves_a_step_and_all_after_it_without_a_date(offset: int) -> None:
    steps = [step("a", anchor="live_on", offset=offset), step("b", anchor="step:a"), step("c")]
    planned = plan(steps, D("2026-04-01"), {"live_on": None}, not_before=D("2026-04-01"))
    assert [planned[key].due_on for key in "abc"] == [None, None, D("2026-04-01")]


def test_what_would_have_been_due_before_the_start_is_due_at_the_start() -> None:
    steps = [step("talk", anchor="renewal_on", offset=-120), step("offer", anchor="renewal_on", offset=-30)]
    saturday = D("2026-07-04")
    planned = plan(steps, saturday, {"renewal_on": D("2026-09-01")}, not_before=saturday)
    assert planned["talk"].due_on == D("2026-07-06")
    assert planned["offer"].due_on == D("2026-08-03")


def test_a_date_beyond_all_calendars_is_no_date() -> None:
    assert plan([step("a", anchor="live_on", offset=30)], D("2026-01-01"), {"live_on": dt.date.max})["a"].due_on is None


def test_steps_after_a_late_one_count_from_its_end_and_after_an_early_one_from_its_date() -> None:
    due = D("2026-03-10")
    assert counted_from_step(due, None) == due
    assert counted_from_step(due, D("2026-03-02")) == due
    assert counted_from_step(due, D("2026-03-16")) == D("2026-03-16")
    assert counted_from_step(None, None) is None


def test_a_shift_lands_by_the_rule_of_the_step() -> None:
    assert shifted(D("2026-04-01"), 2, "next", GERMANY) == D("2026-04-07")
    assert shifted(D("2026-04-01"), 2, "previous", GERMANY) == D("2026-04-02")
    assert shifted(D("2026-04-08"), -2, "keep", GERMANY) == D("2026-04-06")


def test_a_gate_holds_back_what_stands_below_it_and_not_what_it_waits_for() -> None:
    gate = Step("gate", {}, kind=Kind.GATE, depends_on=("late",))
    held = held_by([step("first"), gate, step("late"), step("last")])
    assert held == {"first": (), "gate": ("late",), "late": (), "last": ("gate",)}


def test_a_step_of_another_channel_holds_nobody_back() -> None:
    assert held_by([step("b", depends_on=["only_digital"])]) == {"b": ()}
