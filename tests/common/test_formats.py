"""Are numbers, money and days written as the reader's language writes them?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from common import formats
from common.filters import NumberField

NOW = dt.datetime(2026, 11, 6, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("language", "value", "currency", "style", "text"),
    [
        ("en", 1_234_567, "USD", "compact", "$1.2M"),
        ("en", 999_950, "USD", "compact", "$1M"),
        ("en", Decimal("-60000"), "USD", "compact", "−$60K"),
        ("en", Decimal("999.5"), "USD", "compact", "$1K"),
        ("en", 0, "EUR", "compact", "€0"),
        ("en", Decimal("1234.5"), "USD", "full", "$1,234.50"),
        ("en", Decimal("1234.5"), "USD", "whole", "$1,235"),
        ("en", Decimal("-1234.5"), "USD", "whole", "−$1,235"),
        ("zh-hans", 1_235_000, "CNY", "compact", "¥123.5万"),
        ("zh-hans", 9_999, "CNY", "compact", "¥9999"),
        ("zh-hans", Decimal("99999999"), "CNY", "compact", "¥1亿"),
        ("en", None, "USD", "compact", "–"),
        ("en", float("nan"), "USD", "full", "–"),
    ],
)
def test_money_is_written_by_language_and_style(
    language: str, value: formats.Number | None, currency: str, style: str, text: str
) -> None:
    with translation.override(language):
        assert formats.money(value, currency, style) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (formats.number(-1234567), "−1,234,567"),
        (formats.number("-0.4"), "0"),
        (formats.number("word"), "–"),
        (formats.percent(0.125, 1), "12.5%"),
        (formats.percent(-0.31), "−31%"),
        (formats.percent(None), "–"),
        (formats.signed(-0.2), "±0"),
        (formats.signed(Decimal("2.50"), 1), "+2.5"),
        (formats.signed(None), "–"),
        (formats.points(1), "+1 point"),
        (formats.points(0), "±0 points"),
        (formats.points(None), "–"),
        (formats.compact(12_345), "12.3K"),
        (formats.compact(None), "–"),
    ],
)
def test_numbers_are_rounded_and_signed_for_people(written: str, text: str) -> None:
    assert written == text


def test_days_follow_the_language() -> None:
    day = dt.date(2026, 11, 3)

    assert [formats.date(day, style) for style in ("medium", "month", "day", "weekday")] == [
        "Nov 3, 2026",
        "Nov 2026",
        "Nov 3",
        "Tue, Nov 3",
    ]
    with translation.override("zh-hans"):
        assert formats.date(day) == "2026年11月3日"
        assert formats.date(day, "month") == "2026年11月"
        assert formats.instant(NOW) == "2026年11月6日 12:00"
    assert formats.date(None) == formats.instant(None) == formats.clock(None) == "–"


def test_instants_are_written_in_the_active_zone() -> None:
    late = dt.datetime(2026, 11, 3, 22, 30, tzinfo=dt.UTC)

    with timezone.override("Asia/Shanghai"):
        assert formats.date(late) == "Nov 4, 2026"
        assert formats.clock(late).startswith("6:30")
        assert formats.instant(late).startswith("Nov 4, 2026, 6:30")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2026, 11, 6), "today"),
        (dt.date(2026, 11, 7), "tomorrow"),
        (dt.date(2026, 11, 5), "yesterday"),
        (dt.date(2026, 11, 29), "in 23 days"),
        (dt.date(2027, 2, 4), "in 90 days"),
        (dt.date(2024, 11, 6), "2 years ago"),
        (NOW - dt.timedelta(minutes=5), "5 minutes ago"),
        (NOW - dt.timedelta(hours=3), "3 hours ago"),
        (None, "–"),
    ],
)
def test_distances_are_exact_near_and_round_far(value: dt.date | None, text: str) -> None:
    assert formats.ago(value, NOW) == text


@given(st.decimals(min_value="-1e14", max_value="1e14", places=2))
def test_compact_money_never_writes_a_thousand_thousands(amount: Decimal) -> None:
    text = formats.money(amount, "USD")

    digits = text.strip("−$KMBT").split(".")[0].replace(",", "")
    assert int(digits) < 1000


@pytest.mark.parametrize(
    ("places", "stored", "shown"),
    [(4, "12.0000", "12"), (4, "1200.0000", "1200"), (4, "0.2500", "0.25"), (4, "0.0000", "0"), (2, "12.50", "12.50")],
)
def test_a_form_shows_a_stored_number_as_people_write_it(places: int, stored: str, shown: str) -> None:
    assert str(NumberField(places=places).prepare_value(Decimal(stored))) == shown
