"""What did each segment pay before and now, and what did it do to the whole?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formats import number
from revenue.queries.guards import PARTS
from revenue.rules.guards import Effect, Split, overall
from revenue.rules.retention import Retention, Segment

# A field of an organisation's own may hold thousands of values: those beyond the largest are told as one.
MOST_ROWS = 60
Link = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    """One segment: what it paid and pays, each rate before and now, and what it did to the whole."""

    label: str
    href: str
    accounts: int
    opening: Decimal
    closing: Decimal
    # Each rate by its name: in the period before, and now.
    rates: Mapping[str, tuple[Fraction | None, Fraction | None]]
    change: Fraction | None
    share_before: Fraction | None
    share_now: Fraction | None
    rate_effect: Fraction | None
    mix_effect: Fraction | None
    is_small: bool = False


@dataclass(frozen=True)
class Pair:
    """One segment in both periods; in one of them it may not be there."""

    value: str
    label: str
    now: Retention | None
    before: Retention | None

    @property
    def accounts(self) -> int:
        """Its customers at the opening."""
        return self.now.accounts if self.now else 0

    @property
    def opening(self) -> Decimal:
        """What they paid."""
        return self.now.opening if self.now else Decimal(0)


def pairs_of(found: Retention, before: Retention | None) -> list[Pair]:
    """Every segment of either period, in the order of the later one."""
    now = {one.value: one for one in found.segments}
    was: dict[str, Segment] = {one.value: one for one in before.segments} if before else {}
    return [
        Pair(
            value,
            (now.get(value) or was[value]).label,
            now[value].retention if value in now else None,
            was[value].retention if value in was else None,
        )
        for value in dict.fromkeys([*now, *was])
    ]


def rows_of(pairs: Sequence[Pair], split: Split | None, measure: str, link: Link, too_few: int) -> list[Row]:
    """A row a segment; beyond the largest ones, a single row for all the others."""
    effects = {effect.segment: effect for effect in split.effects} if split else {}
    largest = sorted(pairs, key=lambda pair: -pair.opening)[:MOST_ROWS]
    kept = {pair.value for pair in (largest if len(pairs) > MOST_ROWS else pairs)}
    rows = [
        _row([pair], [effects.get(pair.value)], measure, pair.label, link(pair.value), too_few)
        for pair in pairs
        if pair.value in kept
    ]
    others = [pair for pair in pairs if pair.value not in kept]
    if others:
        text = ngettext("%(num)s other segment", "%(num)s other segments", len(others)) % {"num": number(len(others))}
        rows.append(_row(others, [effects.get(pair.value) for pair in others], measure, text, "", 0))
    return rows


def _row(
    pairs: Sequence[Pair], effects: Sequence[Effect | None], measure: str, label: str, href: str, too_few: int
) -> Row:
    """Tell one segment, or several as one."""
    known = [effect for effect in effects if effect is not None]
    rates = {
        rate: (
            _together(rate, (pair.before for pair in pairs)),
            _together(rate, (pair.now for pair in pairs)),
        )
        for rate in PARTS
    }
    accounts = sum(pair.accounts for pair in pairs)

    def summed(name: str) -> Fraction | None:
        return sum((getattr(effect, name) for effect in known), Fraction(0)) if known else None

    return Row(
        label=label,
        href=href,
        accounts=accounts,
        opening=sum((pair.opening for pair in pairs), Decimal(0)),
        closing=sum((pair.now.closing for pair in pairs if pair.now), Decimal(0)),
        rates=rates,
        change=change_of(rates[measure]),
        share_before=summed("share_before"),
        share_now=summed("share_after"),
        rate_effect=summed("rate_effect"),
        mix_effect=summed("mix_effect"),
        is_small=0 < accounts < too_few,
    )


def _together(rate: str, found: Iterable[Retention | None]) -> Fraction | None:
    """A rate of several segments as one."""
    return overall({str(index): PARTS[rate](one) for index, one in enumerate(found) if one is not None}).rate


def change_of(rates: tuple[Fraction | None, Fraction | None]) -> Fraction | None:
    """How a rate moved; no value where there is only one."""
    return None if rates[0] is None or rates[1] is None else rates[1] - rates[0]


def foot_of(found: Retention, before: Retention | None, split: Split | None, measure: str) -> Row:
    """All segments together: the effects are the sums of the rows, and add up to the change."""
    rates = {rate: (getattr(before, rate) if before else None, getattr(found, rate)) for rate in PARTS}
    whole = Fraction(1) if split else None
    return Row(
        label=_("All"),
        href="",
        accounts=found.accounts,
        opening=found.opening,
        closing=found.closing,
        rates=rates,
        change=change_of(rates[measure]),
        share_before=whole,
        share_now=whole,
        rate_effect=split.rate_effect if split else None,
        mix_effect=split.mix_effect if split else None,
    )
