"""Are amounts read exactly, and do the parts of a split add up to the cent?"""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.errors import Refused
from common.money import check_currency, currencies, parse_decimal, places_of, quantise
from common.shares import split

cents = st.decimals(min_value=-(10**10), max_value=10**10, places=2, allow_nan=False, allow_infinity=False)
weight_lists = st.lists(st.integers(0, 10**6) | st.decimals(0, 1000, places=4), min_size=1, max_size=30).filter(any)


@given(cents, weight_lists)
@example(Decimal("0.01"), [1, 1, 1])
@example(Decimal("-100.00"), [Decimal("0.0001"), 10**6])
def test_the_parts_of_a_split_add_up_and_each_is_within_a_cent_of_its_share(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    total = sum(map(Decimal, weights))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * total - amount * Decimal(weight)) < Decimal("0.01") * total
        assert part == part.quantize(Decimal("0.01"))


@given(cents, weight_lists)
def test_a_heavier_weight_never_gets_less(amount, weights):
    parts = split(abs(amount), weights)
    pairs = sorted(zip(map(Decimal, weights), parts, strict=True))
    for (light, less), (heavy, more) in pairwise(pairs):
        assert light == heavy or less <= more


@given(cents, weight_lists)
def test_a_split_of_whole_units_has_no_decimals(amount, weights):
    yen = quantise(amount, 0)
    assert sum(split(yen, weights, places=0)) == yen


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_a_split_needs_weights(weights):
    with pytest.raises(ValueError, match="weights"):
        split(Decimal(1), weights)


def test_a_split_refuses_what_cannot_be_divided_exactly():
    with pytest.raises(ValueError, match="more than 2 decimals"):
        split(Decimal("0.001"), [1])


def test_currencies_are_those_in_use_today():
    assert {"USD", "EUR", "CNY", "JPY", "CHF"} <= set(currencies())
    assert not {"XXX", "DEM", "XAU", "usd", ""} & set(currencies())
    assert check_currency("CNY") == "CNY"
    with pytest.raises(Refused, match=r"Currency must be one of AED, AFN, .*ZWG\."):
        check_currency("usd")
    assert (places_of("JPY"), places_of("USD")) == (0, 2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12000", "12000"),
        (" 12000.50 ", "12000.50"),
        ("１２３．５", "123.5"),
        ("-7", "-7"),
        ("1e3", "1000"),
        ("0.100000", "0.1"),
        (".5", "0.5"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_numbers_are_read_exactly(written, read):
    assert parse_decimal(written, "ARR") == Decimal(read)


NOT_A_NUMBER = "ARR must be a number, like 12000 or 12000.50."
TOO_LARGE = "ARR must be below 1,000,000,000,000."
TOO_FINE = "ARR: at most 2 decimals."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        *[
            (word, NOT_A_NUMBER)
            for word in ("abc", "", "NaN", "Infinity", "-inf", "1,000", "1_000", "0x1", "١٢٣", "1 2")
        ],
        *[(word, NOT_A_NUMBER) for word in ("１２²", "--1", "1e", ".", "\x00", "1e" + "9" * 500)],
        *[(word, TOO_LARGE) for word in ("1e400", "1e99999999", "1e" + "9" * 300, "9" * 5000, "1000000000000")],
        *[(word, TOO_FINE) for word in ("0.30000000000000004", "1e-400", "1e-99999999", "0.001")],
        ("-1e400", "ARR must be above -1,000,000,000,000."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(written, said):
    with pytest.raises(Refused) as refusal:
        parse_decimal(written, "ARR")
    assert str(refusal.value) == said


def test_a_minimum_is_named():
    with pytest.raises(Refused, match=r"^ARR cannot be below 0\.$"):
        parse_decimal("-1", "ARR", minimum=0)
