"""What is a chart made of: marks, zones, events, and the scales that place them?

Widths are per cent of the place the chart gets and heights are pixels, so a chart fits every screen while its text
keeps its size. A gap in a series (None or NaN) stays a gap.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.formats import Number, is_missing

LEAST_SPAN = 15.0  # a line on a shorter range than this would make noise look like news
Formatter = Callable[[Number], str]


@dataclass(frozen=True)
class Zone:
    """A range of values that carries a tone: below 50 is risk, and so on."""

    low: float
    high: float
    tone: str
    label: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened at one point of a series; it is marked with its number and told below the chart."""

    at: int
    text: str
    tone: str = "none"
    href: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a bar or of a strip. `hatched` tells it apart without colour."""

    value: Number
    tone: str = "none"
    label: str = ""
    text: str = ""
    hatched: bool = False
    href: str = ""
    selected: bool = False


@dataclass(frozen=True)
class Item:
    """One bar, driver or stage: its name, its value and what is written at it."""

    label: str
    value: Number | None
    text: str = ""
    parts: tuple[Part, ...] = ()
    kind: str = "change"
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Mark:
    """A rectangle or point of a drawing: x and width in per cent, y and height in pixels."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    tone: str = "none"
    label: str = ""
    text: str = ""
    hatched: bool = False
    href: str = ""
    selected: bool = False
    minor: bool = False
    anchor: str = "middle"


@dataclass(frozen=True)
class Figures:
    """The table under a chart: heads and rows, all text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A drawing that is ready to be written down."""

    kind: str
    height: int
    paths: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    zones: tuple[Mark, ...] = ()
    grid: tuple[Mark, ...] = ()
    ticks: tuple[Mark, ...] = ()
    marks: tuple[Mark, ...] = ()
    dots: tuple[Mark, ...] = ()
    events: tuple[Mark, ...] = ()
    stories: tuple[Event, ...] = ()
    last: Mark | None = None
    zero: float | None = None
    rows: tuple[Any, ...] = ()
    figures: Figures | None = None
    is_empty: bool = False
    # Whether the drawing is a table that says its figures already.
    is_table: bool = False
    size: tuple[float, float] = field(default=(1000.0, 0.0))


def short(value: float) -> float:
    """Keep two decimals, and no negative zero."""
    return round(value, 2) + 0.0


def present(values: Iterable[Number | None]) -> list[float]:
    """List the values that are there.

    >>> present([1, None, float("nan"), 2.5])
    [1.0, 2.5]
    """
    return [float(value) for value in values if value is not None and not is_missing(value)]


def value_range(
    values: Iterable[Number | None],
    least: float = LEAST_SPAN,
    floor: float | None = None,
    ceiling: float | None = None,
) -> tuple[float, float]:
    """Choose the range of a scale: wide enough for the values, never narrower than `least` each way of the middle.

    >>> value_range([70, 72])
    (56.0, 86.0)
    >>> value_range([98], floor=0, ceiling=100)
    (70.0, 100.0)
    >>> value_range([])
    (0.0, 30.0)
    """
    there = present(values)
    low, high = (min(there), max(there)) if there else (least, least)
    middle = (low + high) / 2
    low, high = min(low, middle - least), max(high, middle + least)
    if ceiling is not None and high > ceiling:
        low, high = low - (high - ceiling), ceiling
    if floor is not None and low < floor:
        low, high = floor, high + (floor - low)
        high = min(high, ceiling) if ceiling is not None else high
    low, high = float(low), float(high)
    return (low, high) if high > low else (low, low + 2 * least or 1.0)


def round_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Choose round numbers for the lines of a scale that goes from low to high.

    >>> round_ticks(0, 100)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    >>> round_ticks(0, 0)
    [0.0]
    """
    span = high - low
    rough = span / about
    # Where numbers end there is no scale of ten to round to.
    if not rough > 1e-300 or not math.isfinite(span):
        return [float(low)]
    scale = 10.0 ** math.floor(math.log10(rough))
    unit = next((scale * nice for nice in (1, 2, 2.5, 5, 10) if scale * nice >= rough * 0.999), scale * 10)
    first = math.ceil(low / unit - 1e-9)
    count = math.floor(high / unit + 1e-9) - first + 1
    return [short((first + index) * unit) for index in range(min(count, 50))]


def scale_place(low: float, high: float, top: float, bottom: float) -> Callable[[float], float]:
    """Map a value to a height; a value outside the range stays at its edge."""
    span = high - low

    def place(value: float) -> float:
        share = (value - low) / span if span else 0.5
        return short(bottom - min(max(share, 0.0), 1.0) * (bottom - top))

    return place


def across_place(count: int, width: float) -> Callable[[int], float]:
    """Map the number of a point to its place; a single point stands at the right end, where the newest is."""

    def place(index: int) -> float:
        return short(width if count < 2 else index * width / (count - 1))

    return place


def runs(values: Sequence[Number | None]) -> list[list[tuple[int, float]]]:
    """Split a series at its gaps.

    >>> runs([1, 2, None, 3])
    [[(0, 1.0), (1, 2.0)], [(3, 3.0)]]
    """
    found: list[list[tuple[int, float]]] = []
    is_open = False
    for index, value in enumerate(values):
        if value is None or is_missing(value):
            is_open = False
        elif is_open:
            found[-1].append((index, float(value)))
        else:
            found.append([(index, float(value))])
            is_open = True
    return found


def zone_of(value: float, zones: Sequence[Zone]) -> str:
    """Name the tone of the zone that a value lies in; the upper edge belongs to the zone above.

    >>> zone_of(50, [Zone(0, 50, "risk"), Zone(50, 100, "watch")])
    'watch'
    """
    tone = "none"
    for zone in zones:
        if value >= zone.low:
            tone = zone.tone
    return tone
