"""How did one demo customer fare, month by month, and what did it pay?

Everything here is drawn from the account's own generator, so account 17 of a seed is the same company whether the
book has 200 accounts or 100,000.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.random import Generator

from portfolio.demo import words

TIERS = {
    # tier: share of accounts, ARR in thousands (median), seats from and to
    "elephant": (0.12, 150, (24, 60)),
    "cheetah": (0.33, 36, (9, 24)),
    "rabbit": (0.55, 6, (2, 9)),
}
LEVELS = {
    "elephant": (["enterprise", "team"], [0.9, 0.1]),
    "cheetah": (["enterprise", "team", "individual"], [0.25, 0.7, 0.05]),
    "rabbit": (["team", "individual"], [0.55, 0.45]),
}
# Small customers came in droves in the book's first year and leave more easily, while all tiers stay longer since: so
# retention rises in every tier and falls overall, which is what the comparison by segment is there to find.
SIGNED = {"elephant": (0.85, 1.0), "cheetah": (0.85, 1.0), "rabbit": (0.2, 2.0)}  # share before the book, rush
PATIENCE = {"elephant": (0.44, 0.36), "cheetah": (0.52, 0.36), "rabbit": (0.68, 0.52)}  # in the first year, else
RATE_GUESS = {"USD": 1.0, "EUR": 1.08, "CNY": 0.14}
REASONS = list(words.CHURN_STUDIES)


@dataclass(frozen=True)
class Line:
    """One contract line of a demo account (end exclusive)."""

    product: str
    seats: int
    arr: Decimal
    starts_on: dt.date
    ends_on: dt.date


@dataclass
class Story:
    """One demo customer: who it is, its hidden state per month of the book, and its contracts."""

    number: int
    name: str
    industry: str
    region: str
    currency: str
    is_chinese: bool
    tier: str
    level: str
    employees: int
    seats: int
    signed_on: dt.date
    months: list[dt.date]
    # 0 (about to leave) to 1 (thriving), one per month of the book; what nobody sees in life.
    state: np.ndarray
    rng: Generator
    lines: list[Line] = field(default_factory=list)
    churned_on: dt.date | None = None
    expanded_on: list[dt.date] = field(default_factory=list)
    is_payment_failed: bool = False

    def state_on(self, day: dt.date) -> float:
        """The hidden state in the month of a day."""
        index = (day.year - self.months[0].year) * 12 + day.month - self.months[0].month
        return float(self.state[min(max(index, 0), len(self.months) - 1)])

    def pays_on(self, day: dt.date) -> bool:
        """Whether the customer is one on a day."""
        return self.signed_on <= day and (self.churned_on is None or day < self.churned_on)

    @property
    def external_id(self) -> str:
        """The id by which the (imaginary) billing system knows the customer."""
        return f"C-{self.number + 1001}"


def months_before(on: dt.date, count: int) -> list[dt.date]:
    """The first days of the last `count` months, the month of `on` included, oldest first."""
    last = on.year * 12 + on.month - 1
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day `count` months later, or the month's 28th where the day might not exist."""
    number = day.year * 12 + day.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, min(day.day, 28))


def tell(number: int, *, seed: int, months: list[dt.date], on: dt.date, names: dict[str, int]) -> Story:
    """Draw one customer and live through its months."""
    rng = np.random.default_rng([seed, number])
    region = str(rng.choice(list(words.REGIONS), p=[share for share, *_ in words.REGIONS.values()]))
    _, currency, is_chinese = words.REGIONS[region]
    tier = str(rng.choice(list(TIERS), p=[share for share, *_ in TIERS.values()]))
    levels, weights = LEVELS[tier]
    industry = str(rng.choice(list(words.INDUSTRIES)))
    low, high = TIERS[tier][2]
    seats = int(rng.integers(low, high))
    story = Story(
        number=number,
        name=_name(rng, industry, is_chinese, names),
        industry=industry,
        region=region,
        currency=currency,
        is_chinese=is_chinese,
        tier=tier,
        level=str(rng.choice(levels, p=weights)),
        employees=int(seats * rng.uniform(2, 14)) + 3,
        seats=seats,
        signed_on=_signed_on(rng, tier, months, on),
        months=months,
        state=_state(rng, len(months)),
        rng=rng,
    )
    _live(story, on)
    return story


def _name(rng: Generator, industry: str, is_chinese: bool, taken: dict[str, int]) -> str:
    english, chinese = words.INDUSTRIES[industry]
    if is_chinese:
        name = str(rng.choice(words.CHINESE_FIRST)) + str(rng.choice(chinese))
    else:
        name = f"{rng.choice(words.ENGLISH_FIRST)} {rng.choice(english)}"
    taken[name] = taken.get(name, 0) + 1
    if taken[name] == 1:
        return name
    return f"{name}（{taken[name]}）" if is_chinese else f"{name} {taken[name]}"


def _signed_on(rng: Generator, tier: str, months: list[dt.date], on: dt.date) -> dt.date:
    """Most large customers were there before the book begins; most small ones came since, at first in droves."""
    before, rush = SIGNED[tier]
    if rng.random() < before:
        return months[0] - dt.timedelta(days=int(rng.integers(1, 900)))
    span = max((on - months[0]).days - 2, 1)
    return months[0] + dt.timedelta(days=int(span * (int(rng.integers(0, span)) / span) ** rush))


def _state(rng: Generator, count: int) -> np.ndarray:
    """A state that wanders around a level of its own; one in four customers goes into decline one day."""
    level = rng.beta(5, 2.2)
    state = np.empty(count)
    value = float(np.clip(level + rng.normal(0, 0.08), 0.05, 1))
    decline_from = int(rng.integers(3, count + 1)) if rng.random() < 0.27 else count + 1
    recovers = rng.random() < 0.3
    for month in range(count):
        value += 0.25 * (level - value) + rng.normal(0, 0.045)
        if month >= decline_from:
            level = max(level - 0.13, 0.06) if not recovers or month < decline_from + 4 else min(level + 0.1, 0.85)
        value = float(np.clip(value, 0.03, 1))
        state[month] = value
    return state


def _live(story: Story, on: dt.date) -> None:
    """Sign, renew year by year, expand, shrink and perhaps leave, as the state suggests and chance decides."""
    rng = story.rng
    factor = rng.lognormal(0, 0.45) * TIERS[story.tier][1] * 1000 / RATE_GUESS[story.currency]
    base = max(round(factor / 120) * 120, 480)
    owned = {"flow": _money(base)}
    seats = story.seats
    start = story.signed_on
    while start <= on + dt.timedelta(days=20):
        end = add_months(start, 12)
        extra = _expansions(story, owned, start, min(end, on), base)
        story.lines += [Line(product, seats, arr, start, end) for product, arr in owned.items()]
        for product, day, arr in extra:
            story.lines.append(Line(product, seats, arr, day, end))
            story.expanded_on.append(day)
            owned[product] = owned.get(product, Decimal(0)) + arr
        if end > on:
            return
        mood = story.state_on(end) + rng.normal(0, 0.1)
        if mood < _patience(story, end) or rng.random() < 0.015:
            story.churned_on = end
            story.is_payment_failed = story.tier == "rabbit" and rng.random() < 0.2
            return
        if mood < 0.5 and rng.random() < 0.6:
            owned, seats = _shrink(owned, seats, rng)
        elif mood > 0.8 and rng.random() < 0.4:
            owned["flow"] = _money(owned["flow"] * Decimal("1.05"))
        start = end


def _patience(story: Story, day: dt.date) -> float:
    """Below which mood a customer leaves: small ones sooner, and all of them sooner in the book's first year."""
    first, since = PATIENCE[story.tier]
    return first if 0 <= (day - story.months[0]).days < 365 else since


def _expansions(
    story: Story, owned: dict[str, Decimal], start: dt.date, until: dt.date, base: int
) -> list[tuple[str, dt.date, Decimal]]:
    """What a thriving customer buys more of during a contract year."""
    rng = story.rng
    bought: list[tuple[str, dt.date, Decimal]] = []
    for month in range(1, 11):
        day = add_months(start, month)
        if day >= until or story.state_on(day) < 0.66 or rng.random() > 0.085:
            continue
        has = {*owned, *(product for product, _, _ in bought)}
        left = [product for product in ("insight", "connect") if product not in has]
        product = left[0] if left and rng.random() < 0.6 else "flow"
        bought.append((product, day, _money(base * rng.uniform(0.12, 0.4))))
    return bought


def _shrink(owned: dict[str, Decimal], seats: int, rng: Generator) -> tuple[dict[str, Decimal], int]:
    """A downgrade: an added product goes, or seats do."""
    added = [product for product in owned if product != "flow"]
    if added and rng.random() < 0.5:
        return {product: arr for product, arr in owned.items() if product != added[-1]}, seats
    return owned | {"flow": _money(owned["flow"] * Decimal("0.78"))}, max(int(seats * 0.78), 1)


def _money(drawn: float | Decimal) -> Decimal:
    """A price in whole tens, as price lists have them."""
    return Decimal(max(round(drawn / 10), 1) * 10).quantize(Decimal("0.01"))
