"""Do the guards find every rate that moved against its segments, and nothing else?"""

from __future__ import annotations

import random
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.rules.guards import Ground, Part, masking, mix_and_rate, mix_reversal, overall, quadrant, reversal

F = Fraction
Table = tuple[dict[str, Part], dict[str, Part]]

parts = st.integers(0, 1000).flatmap(lambda base: st.builds(Part, st.just(base), st.integers(0, 2 * base)))
periods = st.dictionaries(st.sampled_from("abcdef"), parts, max_size=6)


def constructed(rnd: random.Random) -> Table:
    """A table with a reversal, by construction: the base moves from a rate far on one side to one on the other, while
    each segment's rate creeps the other way; mirrored half of the time.
    """
    count = rnd.randint(2, 6)
    low, high = rnd.randint(20, 50), rnd.randint(70, 95)
    steps = [low + (high - low) * number // (count - 1) for number in range(count)]
    small, large = rnd.randint(1, 9) * 100, rnd.randint(60, 90) * 100
    bases = [large, *[small] * (count - 2), rnd.randint(1, 9) * 100]
    worse = {
        f"s{number}": Part(base, base * rate // 100)
        for number, (base, rate) in enumerate(zip(bases, steps, strict=True))
    }
    better = {
        f"s{number}": Part(base, base * (rate - 1) // 100)
        for number, (base, rate) in enumerate(zip(reversed(bases), steps, strict=True))
    }
    return (worse, better) if rnd.random() < 0.5 else (better, worse)


def without(rnd: random.Random) -> Table:
    """A table in which at least one segment moves the way the whole does, or none moves at all."""
    names = [f"s{number}" for number in range(rnd.randint(1, 6))]

    def period() -> dict[str, Part]:
        bases = {name: rnd.randint(1, 1000) for name in names}
        return {name: Part(base, rnd.randint(0, base)) for name, base in bases.items()}

    before, after = period(), period()
    moved = sum(p.kept for p in after.values()) * sum(p.base for p in before.values()) - (
        sum(p.kept for p in before.values()) * sum(p.base for p in after.values())
    )
    chosen = rnd.choice(names)
    base = before[chosen].base
    share = 0 if moved > 0 else base
    # The chosen segment goes the way of the whole: from its worst to its best, or the other way round.
    before[chosen] = Part(base, share)
    after[chosen] = Part(after[chosen].base, after[chosen].base - (0 if moved > 0 else after[chosen].base))
    return before, after


def test_a_thousand_constructed_reversals_are_found_and_none_in_a_thousand_tables_without() -> None:
    rnd = random.Random(20261123)
    with_one = [constructed(rnd) for _ in range(1000)]
    free = [without(rnd) for _ in range(1000)]
    began = time.process_time()
    assert [index for index, table in enumerate(with_one) if reversal(*table) is None] == []
    assert [index for index, table in enumerate(free) if reversal(*table) is not None] == []
    assert time.process_time() - began < 1


def test_a_reversal_comes_with_both_numbers_and_the_segment_that_grew() -> None:
    found = reversal(
        {"key": Part(40, 38), "mid": Part(30, 24), "small": Part(30, 15)},
        {"key": Part(25, 24), "mid": Part(20, 17), "small": Part(55, 31)},
    )
    assert found is not None
    assert not found.rose
    assert (found.split.before, found.split.after) == (F(77, 100), F(72, 100))
    assert found.split.at_former_mix == F(40, 100) * F(24, 25) + F(30, 100) * F(17, 20) + F(30, 100) * F(31, 55)
    assert (found.cause.segment, found.cause.share_before, found.cause.share_after) == ("small", F(3, 10), F(55, 100))


@given(before=periods, after=periods)
@settings(max_examples=60)
def test_rate_and_mix_effect_add_up_to_the_change_exactly(before: dict[str, Part], after: dict[str, Part]) -> None:
    split = mix_and_rate(before, after)
    if split is None:
        assert not (overall(before).base and overall(after).base)
        return
    assert split.rate_effect + split.mix_effect == split.change
    assert sum(effect.share_before for effect in split.effects) == 1
    assert sum(effect.share_after for effect in split.effects) == 1
    back = mix_and_rate(after, before)
    assert back is not None
    assert (back.rate_effect, back.mix_effect) == (-split.rate_effect, -split.mix_effect)


@given(before=periods, after=periods)
@settings(max_examples=60)
def test_a_reversal_is_what_its_definition_says_and_always_one_of_the_mix_too(
    before: dict[str, Part], after: dict[str, Part]
) -> None:
    def rate(table: dict[str, Part]) -> Fraction:
        return F(sum(p.kept for p in table.values()), sum(p.base for p in table.values()))

    if not (overall(before).base and overall(after).base):
        assert mix_reversal(before, after) is None
        return
    change = rate(after) - rate(before)
    own = [
        F(after[name].kept, after[name].base) - F(before[name].kept, before[name].base)
        for name in before
        if name in after and before[name].base and after[name].base
    ]
    assert (reversal(before, after) is not None) == (len(own) > 1 and all(one * change < 0 for one in own))
    if reversal(before, after) is not None:
        assert mix_reversal(before, after) is not None


def test_a_segment_that_stands_still_makes_it_a_matter_of_mix_only() -> None:
    table = {"a": Part(50, 45), "b": Part(50, 20)}, {"a": Part(20, 19), "b": Part(80, 32)}
    assert reversal(*table) is None
    found = mix_reversal(*table)
    assert found is not None
    assert found.cause.segment == "b"


def test_segments_that_appear_vanish_or_are_empty_are_set_aside_and_named() -> None:
    found = reversal(
        {"a": Part(50, 45), "b": Part(50, 40), "gone": Part(10, 10), "empty": Part(0, 0)},
        {"a": Part(50, 46), "b": Part(50, 41), "come": Part(100, 10)},
    )
    assert found is not None
    assert [effect.segment for effect in found.compared] == ["a", "b"]
    assert [effect.segment for effect in found.set_aside] == ["gone", "come"]
    assert (found.cause.segment, found.cause.rate_effect) == ("come", 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"a": Part(1, 1)}),
        ({"a": Part(1, 1)}, {}),
        ({"a": Part(0, 0)}, {"a": Part(1, 1)}),
        ({"a": Part(2, 1)}, {"a": Part(2, 2)}),
        ({"a": Part(2, 1), "b": Part(2, 1)}, {"a": Part(2, 1), "b": Part(2, 1)}),
    ],
)
def test_an_empty_period_one_segment_and_no_change_are_no_finding(
    before: dict[str, Part], after: dict[str, Part]
) -> None:
    assert reversal(before, after) is None
    assert mix_reversal(before, after) is None


SEGMENTS = {"key": (F(95, 100), 40), "small": (F(65, 100), 40), "one": (F(0), 4), "empty": (None, 0)}


@pytest.mark.parametrize(
    ("overall_rate", "benchmarks", "points", "expected"),
    [
        (F(80, 100), {"small": F(80, 100)}, Decimal("0.05"), ["small"]),
        (F(80, 100), {"small": F(70, 100)}, Decimal("0.05"), ["small"]),
        (F(80, 100), {"small": F(69, 100)}, Decimal("0.05"), []),
        (F(80, 100), {"small": F(80, 100), "key": F(1)}, Decimal("0.05"), ["small", "key"]),
        (F(80, 100), {}, Decimal("0.05"), ["small"]),
        (F(74, 100), {"small": F(80, 100)}, Decimal("0.05"), []),
        (None, {"small": F(80, 100)}, Decimal("0.05"), []),
    ],
)
def test_masking_needs_a_healthy_whole_and_a_segment_well_below_its_own_benchmark(
    overall_rate: Fraction | None, benchmarks: dict[str, Fraction], points: Decimal, expected: list[str]
) -> None:
    found = masking(overall_rate, SEGMENTS, healthy=F(75, 100), benchmarks=benchmarks, min_accounts=5, points=points)
    assert [one.segment for one in found] == expected


def test_the_quadrant_has_four_fields_and_a_line_is_not_above_itself() -> None:
    groups = [
        ("steady", F(91, 100), F(12, 10)),
        ("leaking", F(90, 100), F(13, 10)),
        ("neither", F(50, 100), F(1)),
        ("ground", Decimal("0.91"), Decimal("1.21")),
        ("nobody", None, None),
    ]
    assert [(one.segment, one.ground) for one in quadrant(groups)] == [
        ("ground", Ground.EXPANSION),
        ("steady", Ground.STEADY),
        ("leaking", Ground.LEAKING),
        ("neither", Ground.AT_RISK),
    ]
