"""Does a cell mean one thing only, or else nothing?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.importing.values import (
    COMMA,
    POINT,
    Unreadable,
    as_text,
    read_amount,
    read_moment,
    read_number,
    read_yes_no,
    style_of,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,000.00", "1000"), ("1.000,00", "1000"), ("1.000.000", "1000000"), ("1,000,000", "1000000"),
        ("1,00,000.00", "100000"), ("1 000,50", "1000.5"), ("1'000.50", "1000.5"), ("(500)", "-500"),
        ("-5", "-5"), ("5-", "-5"), ("−5", "-5"), ("￥1000", "1000"), ("$ -5", "-5"), ("USD 1,000.50", "1000.5"),
        ("１，０００．５", "1000.5"), ("0.125", "0.125"), ("0,125", "0.125"), (".5", "0.5"), ("12,5", "12.5"),
        ("1e5", "100000"), (27.0, "27"), (0.1 + 0.2, "0.3"), (7, "7"),
    ],
)  # fmt: skip
def test_a_number_that_can_mean_only_one_is_read(written: str | float, number: str) -> None:
    assert read_number(written) == Decimal(number)


@pytest.mark.parametrize("written", ["1,000", "1.000", "12,345", "1,0000"])
def test_a_number_that_can_mean_two_is_asked_about(written: str) -> None:
    with pytest.raises(Unreadable, match="say how numbers are written") as problem:
        read_number(written)
    assert problem.value.code == "number_style"


@pytest.mark.parametrize(
    "written",
    ["", "abc", "NaN", "Infinity", "1.2.3", "12%", "(-5)", "--5", "1,000.5,0", "١٢", "9" * 20, True, "$5€", "1,00,0.5"],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        read_number(written)


def test_the_style_of_a_table_decides() -> None:
    assert (read_number("1,000", POINT), read_number("1,000", COMMA)) == (Decimal(1000), Decimal(1))
    with pytest.raises(Unreadable):
        read_number("1.000,00", POINT)
    with pytest.raises(Unreadable):
        read_number("12,5", POINT)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([POINT, COMMA]))
def test_a_number_is_never_read_as_another(number: Decimal, style: str) -> None:
    written = f"{number:,.2f}"
    if style == COMMA:
        written = written.translate(str.maketrans(",.", ".,"))
    assert read_number(written) == number
    assert read_number(written, style) == number
    other = COMMA if style == POINT else POINT
    try:
        assert read_number(written, other) == number
    except Unreadable:
        pass


def test_a_currency_mark_must_fit_the_currency() -> None:
    assert read_amount("￥1000").fits("CNY")
    assert not read_amount("￥1000").fits("USD")
    assert read_amount("1000").fits("USD")


def test_a_table_tells_how_it_writes_numbers() -> None:
    assert style_of(["12,5", "1.000"], ";") == COMMA
    assert style_of(["1.5", "1,5"], ";") == ""
    assert style_of(["7", "x", "2026-01-02"], ",") == POINT


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01", dt.date(2026, 3, 1)), ("2026/3/1", dt.date(2026, 3, 1)), ("20260301", dt.date(2026, 3, 1)),
        ("2026年3月1日", dt.date(2026, 3, 1)), ("31/12/2026", dt.date(2026, 12, 31)),
        ("12/31/2026", dt.date(2026, 12, 31)), ("03.03.2026", dt.date(2026, 3, 3)),
        ("2023-07-28 3:00", dt.datetime(2023, 7, 28, 3)), ("2023-07-28 03:00:00", dt.datetime(2023, 7, 28, 3)),
        ("28.07.2023 3:05 PM", dt.datetime(2023, 7, 28, 15, 5)),
        ("2024-07-09T03:00:00Z", dt.datetime(2024, 7, 9, 3, tzinfo=dt.UTC)),
        (dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 1)),
    ],
)  # fmt: skip
def test_a_date_that_can_mean_only_one_is_read(written: str | dt.date, moment: dt.date) -> None:
    assert read_moment(written) == moment


def test_day_and_month_are_asked_for_where_both_could_be() -> None:
    with pytest.raises(Unreadable, match="3 April 2026 or 4 March 2026") as problem:
        read_moment("03/04/2026")
    assert problem.value.code == "date_order"
    assert read_moment("03/04/2026", "DMY") == dt.date(2026, 4, 3)
    assert read_moment("03/04/2026", "MDY") == dt.date(2026, 3, 4)


@pytest.mark.parametrize("written", ["31/02/2026", "2026-02-31"])
def test_a_date_that_is_not_in_the_calendar_is_named(written: str) -> None:
    with pytest.raises(Unreadable, match=r"31 February 2026 is not a date\."):
        read_moment(written)


@pytest.mark.parametrize("written", ["", "abc", "13/14/2026", "3/4/26", "2026-03-31 25:00", "2026-W10-1", 45123, "1.2"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        read_moment(written)


def test_a_mapping_may_give_the_way_a_date_is_written() -> None:
    assert read_moment("Jul 28, 2023", formats=["%b %d, %Y"]) == dt.date(2023, 7, 28)


@pytest.mark.parametrize("word", ["TRUE", "False", "yes", "NO", "1", "0", "是", "否", True, 0.0])
def test_a_yes_or_no_is_read_in_every_form(word: str | bool) -> None:
    assert read_yes_no(word) is (word in {"TRUE", "yes", "1", "是", True})


def test_a_word_that_is_neither_is_refused() -> None:
    with pytest.raises(Unreadable, match="neither yes nor no"):
        read_yes_no("maybe")


def test_a_cell_is_written_as_people_write_it() -> None:
    assert [as_text(cell) for cell in (27.0, 27.5, Decimal("1E+3"), None, True)] == ["27", "27.5", "1000", "", "true"]
