"""Is each instant in one day of its zone, and is working time counted as people work?"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refused
from common.periods import (
    add_months,
    add_working_days,
    bounds_of_day,
    day_of,
    days,
    is_in_gap,
    is_working_day,
    last_day_of_month,
    parse_day,
    parse_instant,
    start_of_day,
    working_days_between,
    working_time_between,
)

# Both changes of the clock, none, +14, -11, a half hour, a gap at midnight, and a day that never was.
ZONES = [
    *("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
    *("Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "UTC"),
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
day_values = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
instants = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 12, 31), timezones=st.just(dt.UTC))


@pytest.mark.parametrize("name", ZONES)
def test_400_days_follow_each_other_without_gap_or_overlap(name):
    zone = ZoneInfo(name)
    end = start_of_day(dt.date(2026, 1, 1), zone)
    for day in days(dt.date(2026, 1, 1), dt.date(2027, 2, 5)):
        start, next_end = bounds_of_day(day, zone)
        assert start == end
        assert dt.timedelta(hours=22) < next_end - start < dt.timedelta(hours=26)
        assert day_of(start, zone) == day
        assert day_of(next_end - dt.timedelta(microseconds=1), zone) == day
        end = next_end


@given(instants, zones)
def test_each_instant_lies_in_exactly_one_day(at, zone):
    day = day_of(at, zone)
    start, end = bounds_of_day(day, zone)
    assert start <= at < end


def test_days_of_23_and_25_hours_are_real():
    berlin = ZoneInfo("Europe/Berlin")
    lengths = [bounds_of_day(day, berlin) for day in (dt.date(2026, 3, 29), dt.date(2026, 10, 25))]
    assert [end - start for start, end in lengths] == [dt.timedelta(hours=23), dt.timedelta(hours=25)]
    assert is_in_gap(dt.datetime(2026, 3, 29, 2, 30), berlin)
    assert not is_in_gap(dt.datetime(2026, 10, 25, 2, 30), berlin)


def test_a_day_without_midnight_begins_after_the_gap():
    """Chile sets its clock from 00:00 to 01:00 on 6 September 2026."""
    zone = ZoneInfo("America/Santiago")
    assert start_of_day(dt.date(2026, 9, 6), zone) == dt.datetime(2026, 9, 6, 4, tzinfo=dt.UTC)


@given(day_values, st.integers(-600, 600))
def test_adding_months_lands_in_that_month(day, count):
    found = add_months(day, count)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == count
    assert found.day == min(day.day, last_day_of_month(found).day)


weeks = st.sets(st.integers(0, 6), min_size=1)
holiday_sets = st.sets(st.dates(dt.date(2025, 12, 1), dt.date(2026, 3, 1)), max_size=10)
winter = st.dates(dt.date(2025, 12, 1), dt.date(2026, 3, 1))


@given(winter, winter, weeks, holiday_sets)
def test_working_days_are_counted_as_one_by_one(start, end, week, holidays):
    counted = sum(is_working_day(day, week, holidays) for day in days(min(start, end), max(start, end)))
    assert working_days_between(start, end, week, holidays) == (counted if start <= end else -counted)


@given(winter, st.integers(0, 30), weeks, holiday_sets)
def test_adding_working_days_and_counting_them_agree(day, count, week, holidays):
    first = add_working_days(day, 0, week, holidays)
    later = add_working_days(first, count, week, holidays)
    assert is_working_day(later, week, holidays)
    assert working_days_between(first, later, week, holidays) == count
    assert add_working_days(later, -count, week, holidays) == first


@given(instants, st.integers(0, 20 * 24 * 60), st.integers(0, 20 * 24 * 60), zones, holiday_sets)
def test_working_time_adds_up_over_any_cut(start, first, second, zone, holidays):
    middle = start + dt.timedelta(minutes=first)
    end = middle + dt.timedelta(minutes=second)
    whole = working_time_between(start, end, zone, holidays=holidays)
    parts = working_time_between(start, middle, zone, holidays=holidays)
    parts += working_time_between(middle, end, zone, holidays=holidays)
    assert whole == parts
    assert dt.timedelta() <= whole


def test_working_time_leaves_out_nights_weekends_and_holidays():
    """Thursday 17:00 to Tuesday 10:00 with Monday off: 1 h + 9 h on Friday + 1 h on Tuesday."""
    zone = ZoneInfo("Asia/Shanghai")
    start = dt.datetime(2026, 4, 30, 17, tzinfo=zone)
    end = dt.datetime(2026, 5, 5, 10, tzinfo=zone)
    assert working_time_between(start, end, zone, holidays=[dt.date(2026, 5, 4)]) == dt.timedelta(hours=11)
    assert working_time_between(end, start, zone) == dt.timedelta()


def test_a_week_without_working_days_is_refused():
    with pytest.raises(ValueError, match="at least one working day"):
        add_working_days(dt.date(2026, 1, 1), 1, working_days=[])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-02-31", "31 February 2026 is not a date."),
        ("abc", "Since must be a date like 2026-03-31."),
        ("31/12/2026", "Since must be a date like 2026-03-31."),
        ("2026-13-01", "Since must be a date like 2026-03-31."),
        ("２０２６-01-01", "Since must be a date like 2026-03-31."),
        ("0000-00-00", "Since must be between 2000 and 2100."),
        ("9999-12-31", "Since must be between 2000 and 2100."),
    ],
)
def test_a_wrong_day_is_refused_in_words(written, said):
    with pytest.raises(Refused) as refusal:
        parse_day(written, "Since")
    assert str(refusal.value) == said


NO_OFFSET = "Give the time with an offset, like 2026-03-29T02:30:00+01:00."
NO_TIME = "At must be a time like 2026-03-29T02:30:00+01:00."
OUT_OF_RANGE = "At must be between 2000 and 2100."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-03-29T02:30", NO_OFFSET),
        ("2026-03-29T02:30:00", NO_OFFSET),
        ("1711676400", NO_TIME),
        ("1711676400000", NO_TIME),
        ("2026-03-29", NO_TIME),
        ("2026-02-31T00:00:00Z", NO_TIME),
        ("2026-03-29T25:00:00Z", NO_TIME),
        ("2026-03-29T02:30:00+99:00", NO_TIME),
        ("9999-12-31T23:59:59-14:00", OUT_OF_RANGE),
        ("0001-01-01T00:00:00+14:00", OUT_OF_RANGE),
        ("1969-12-31T23:59:59Z", OUT_OF_RANGE),
    ],
)
def test_a_wrong_time_is_refused_in_words(written, said):
    with pytest.raises(Refused) as refusal:
        parse_instant(written, "At")
    assert str(refusal.value) == said


@pytest.mark.parametrize("written", ["2026-03-29T01:30:00Z", "2026-03-29 03:30:00.000+02:00", "2026-03-29t03:30+0200"])
def test_a_time_with_an_offset_is_one_instant(written):
    assert parse_instant(written, "At") == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
