"""Can an overall rate be believed, or do its segments tell another story?

A segment comes as a `Part`: what stood at the opening and what was left of it, in cents or in customers. The overall
rate is that of all parts together, so a table of parts has to hold every account once. All of it is exact: rates are
fractions, and effects add up to the change without a remainder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Number = Fraction | Decimal


@dataclass(frozen=True)
class Part:
    """One segment in one period: its opening and what was left of it (or grew out of it) at the closing."""

    base: int
    kept: int

    @property
    def rate(self) -> Fraction | None:
        """Kept by opening; no value for an empty segment."""
        return Fraction(self.kept, self.base) if self.base else None


Parts = Mapping[str, Part]
NOBODY = Part(0, 0)


@dataclass(frozen=True)
class Effect:
    """What one segment did to the overall rate between two periods."""

    segment: str
    before: Fraction | None
    after: Fraction | None
    share_before: Fraction
    share_after: Fraction
    rate_effect: Fraction
    mix_effect: Fraction

    @property
    def is_comparable(self) -> bool:
        """Say whether the segment had accounts in both periods, so that its rate can have moved."""
        return self.before is not None and self.after is not None

    @property
    def change(self) -> Fraction:
        """How its own rate moved; nothing where there is only one."""
        return Fraction(0) if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Split:
    """The change of an overall rate, taken apart: rate effect + mix effect = after − before, exactly."""

    before: Fraction
    after: Fraction
    # The later rates at the earlier period's mix: what the overall rate would be, had only the rates moved.
    at_former_mix: Fraction
    effects: tuple[Effect, ...]

    @property
    def change(self) -> Fraction:
        """How the overall rate moved."""
        return self.after - self.before

    @property
    def rate_effect(self) -> Fraction:
        """The part of it that comes of segments doing better or worse."""
        return sum((effect.rate_effect for effect in self.effects), Fraction(0))

    @property
    def mix_effect(self) -> Fraction:
        """The part of it that comes of segments growing or shrinking."""
        return sum((effect.mix_effect for effect in self.effects), Fraction(0))


def overall(parts: Parts) -> Part:
    """All segments as one.

    >>> overall({"elephant": Part(100, 95), "rabbit": Part(100, 65)}).rate
    Fraction(4, 5)
    """
    return Part(sum(part.base for part in parts.values()), sum(part.kept for part in parts.values()))


def mix_and_rate(before: Parts, after: Parts) -> Split | None:
    """Split the change of an overall rate between two periods into rate effect and mix effect; none if one is empty.

    The symmetric (midpoint) decomposition, which favours neither period and leaves no cross term. With share w and rate
    r of a segment, and R the overall rate, bars for the mean of both periods:
    rate effect = w̄ · (r₁ − r₀), mix effect = (r̄ − R̄) · (w₁ − w₀). Taking R̄ off changes no total, as shares add up to
    1, and makes a segment's mix effect readable: negative where a segment worse than the average grew.
    A segment that is absent or empty in one period has one rate only, and no rate that moved: it counts with that rate
    in both, so that all it does is mix. `at_former_mix` treats it in the same way.

    >>> split = mix_and_rate({"big": Part(70, 63), "small": Part(30, 15)}, {"big": Part(45, 42), "small": Part(55, 33)})
    >>> split.before, split.after, split.at_former_mix
    (Fraction(39, 50), Fraction(3, 4), Fraction(5, 6))
    >>> split.rate_effect, split.mix_effect, split.rate_effect + split.mix_effect == split.change
    (Fraction(37, 600), Fraction(-11, 120), True)
    """
    whole = overall(before), overall(after)
    first, last = whole[0].rate, whole[1].rate
    if first is None or last is None:
        return None
    middle = (first + last) / 2
    effects, held = [], Fraction(0)
    for segment in dict.fromkeys([*before, *after]):
        parts = before.get(segment, NOBODY), after.get(segment, NOBODY)
        rates = parts[0].rate, parts[1].rate
        shares = Fraction(parts[0].base, whole[0].base), Fraction(parts[1].base, whole[1].base)
        was, now = _both(*rates)
        effects.append(
            Effect(
                segment,
                *rates,
                *shares,
                rate_effect=(shares[0] + shares[1]) / 2 * (now - was),
                mix_effect=((was + now) / 2 - middle) * (shares[1] - shares[0]),
            )
        )
        held += shares[0] * now
    return Split(first, last, held, tuple(effects))


def _both(before: Fraction | None, after: Fraction | None) -> tuple[Fraction, Fraction]:
    """A segment's two rates; a missing one is taken to be the other."""
    known = before if before is not None else after
    if known is None:
        return Fraction(0), Fraction(0)
    return (before if before is not None else known), (after if after is not None else known)


@dataclass(frozen=True)
class Reversal:
    """An overall rate that moved against its segments, with what is needed to say so."""

    split: Split
    # The segments with accounts in both periods, and those that appeared or vanished and can't be compared.
    compared: tuple[Effect, ...]
    set_aside: tuple[Effect, ...]
    # The segment whose growth (failing that, whose shrinking) turned the overall rate round.
    cause: Effect

    @property
    def rose(self) -> bool:
        """Say whether the overall rate rose (and the segments' fell)."""
        return self.split.change > 0


def reversal(before: Parts, after: Parts) -> Reversal | None:
    """Simpson's paradox: the overall rate moved one way and the rate of every segment the other way.

    Compared are the segments with accounts in both periods, of which there have to be two; one that appears, vanishes
    or is empty in either period has no rate that could have moved and is set aside (and named). A segment whose rate
    stands still did not move the other way: then it's no reversal, though `mix_reversal` may still speak.

    >>> found = reversal({"big": Part(70, 63), "small": Part(30, 15)}, {"big": Part(45, 42), "small": Part(55, 33)})
    >>> found.rose, found.cause.segment, found.cause.share_before, found.cause.share_after
    (False, 'small', Fraction(3, 10), Fraction(11, 20))
    >>> reversal({"big": Part(70, 63), "small": Part(30, 15)}, {"big": Part(45, 42), "small": Part(55, 27)}) is None
    True
    """
    one_way = _moved(overall(before), overall(after))
    own = [
        _moved(part, after[name]) for name, part in before.items() if part.base and name in after and after[name].base
    ]
    if len(own) < 2 or not all(move * one_way < 0 for move in own):
        return None
    return mix_reversal(before, after)


def _moved(before: Part, after: Part) -> int:
    """Above 0 where the rate rose, below where it fell: both rates over one denominator, in whole numbers."""
    return after.kept * before.base - before.kept * after.base


def mix_reversal(before: Parts, after: Parts) -> Reversal | None:
    """The weaker finding: at the former period's mix, the overall rate would have moved the other way.

    Every `reversal` is one of these as well, so whoever tells people tells of the stronger one only. No finding where
    either change is exactly nothing.

    >>> table = {"a": Part(50, 45), "b": Part(50, 20)}, {"a": Part(20, 19), "b": Part(80, 32)}
    >>> mix_reversal(*table).split.at_former_mix, reversal(*table)
    (Fraction(27, 40), None)
    """
    split = mix_and_rate(before, after)
    if split is None or split.change * (split.at_former_mix - split.before) >= 0:
        return None
    compared = tuple(effect for effect in split.effects if effect.is_comparable)
    aside = tuple(
        effect for effect in split.effects if not effect.is_comparable and (effect.share_before or effect.share_after)
    )
    return Reversal(split, compared, aside, _cause(split))


def _cause(split: Split) -> Effect:
    """The segment whose mix effect pushed most in the direction that the overall rate took; growing ones first."""
    up = 1 if split.change > 0 else -1

    def push(effect: Effect) -> tuple[bool, Fraction]:
        pushed = effect.mix_effect * up
        return pushed > 0 and effect.share_after > effect.share_before, pushed

    return max(split.effects, key=push)


@dataclass(frozen=True)
class Masked:
    """A segment that does badly behind an overall rate that looks well."""

    segment: str
    rate: Fraction
    benchmark: Fraction
    accounts: int

    @property
    def below(self) -> Fraction:
        """By how much it misses its benchmark."""
        return self.benchmark - self.rate


def masking(
    overall: Number | None,
    segments: Mapping[str, tuple[Number | None, int]],
    *,
    healthy: Number,
    benchmarks: Mapping[str, Number],
    min_accounts: int,
    points: Number,
) -> list[Masked]:
    """The segments that a healthy overall rate hides, the worst miss first.

    overall: the rate of all; it is in the healthy band from `healthy` on, and outside of it nothing is hidden.
    segments: rate and number of accounts; benchmarks: each segment's own, `healthy` where it has none. A segment counts
    from `min_accounts` accounts on and `points` below its benchmark (0.05 = 5 points; exactly that much counts).

    >>> rates = {"elephant": (Fraction(95, 100), 40), "rabbit": (Fraction(65, 100), 40), "cheetah": (Fraction(0), 1)}
    >>> found = masking(Fraction(4, 5), rates, healthy=Fraction(3, 4), benchmarks={"rabbit": Fraction(4, 5)},
    ...     min_accounts=5, points=Fraction(5, 100))
    >>> [(masked.segment, masked.below) for masked in found]
    [('rabbit', Fraction(3, 20))]
    """
    if overall is None or overall < healthy:
        return []
    found = [
        Masked(segment, Fraction(rate), Fraction(benchmarks.get(segment, healthy)), accounts)
        for segment, (rate, accounts) in segments.items()
        if rate is not None and accounts >= min_accounts
    ]
    return sorted((one for one in found if one.below >= Fraction(points)), key=lambda one: (-one.below, one.segment))


class Ground(StrEnum):
    """Where a group of accounts stands: does it stay, does it grow?"""

    EXPANSION = "expansion"  # stays and grows
    STEADY = "steady"  # stays, grows little
    LEAKING = "leaking"  # grows, but loses much on the way
    AT_RISK = "at_risk"  # neither


@dataclass(frozen=True)
class Placed:
    """One group of accounts in the quadrant."""

    segment: str
    grr: Fraction
    nrr: Fraction
    ground: Ground


def quadrant(
    groups: Iterable[tuple[str, Number | None, Number | None]],
    grr: Number = Fraction(90, 100),
    nrr: Number = Fraction(120, 100),
) -> list[Placed]:
    """Place groups (name, GRR, NRR) by whether they are above both lines; expansion ground first, best NRR first.

    Exactly on a line is not above it. A group without a rate has no place.

    >>> placed = quadrant([("a", Fraction(95, 100), Fraction(130, 100)), ("b", Fraction(9, 10), Fraction(3, 2)),
    ...     ("c", None, None)])
    >>> [(one.segment, one.ground.value) for one in placed]
    [('a', 'expansion'), ('b', 'leaking')]
    """
    grounds = {(True, True): Ground.EXPANSION, (True, False): Ground.STEADY, (False, True): Ground.LEAKING}
    placed = [
        Placed(name, Fraction(kept), Fraction(net), grounds.get((kept > grr, net > nrr), Ground.AT_RISK))
        for name, kept, net in groups
        if kept is not None and net is not None
    ]
    return sorted(placed, key=lambda one: (list(Ground).index(one.ground), -one.nrr, one.segment))
