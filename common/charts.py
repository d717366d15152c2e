"""Where does each mark of a chart stand? Pure geometry; templates/components/charts.html draws it.

Widths are per cent of the place the chart gets and heights are pixels, so a chart fits every screen while its text
keeps its size. A gap in a series (None or NaN) stays a gap.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.formats import Number, is_missing, number

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

    value: float
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
    value: float | None
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
    size: tuple[float, float] = field(default=(1000.0, 0.0))


def _short(value: float) -> float:
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
    return (low, high) if high > low else (low, low + 2 * least or 1.0)


def round_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Choose round numbers for the lines of a scale that goes from low to high.

    >>> round_ticks(0, 100)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    >>> round_ticks(0, 0)
    [0.0]
    """
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [float(low)]
    rough = span / about
    scale = 10.0 ** math.floor(math.log10(rough))
    unit = next((scale * nice for nice in (1, 2, 2.5, 5, 10) if scale * nice >= rough * 0.999), scale * 10)
    first = math.ceil(low / unit - 1e-9)
    count = math.floor(high / unit + 1e-9) - first + 1
    return [_short((first + index) * unit) for index in range(min(count, 50))]


def _scale(low: float, high: float, top: float, bottom: float) -> Callable[[float], float]:
    """Map a value to a height; a value outside the range stays at its edge."""
    span = high - low

    def place(value: float) -> float:
        share = (value - low) / span if span else 0.5
        return _short(bottom - min(max(share, 0.0), 1.0) * (bottom - top))

    return place


def _across(count: int, width: float) -> Callable[[int], float]:
    """Map the number of a point to its place; a single point stands at the right end, where the newest is."""

    def place(index: int) -> float:
        return _short(width if count < 2 else index * width / (count - 1))

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


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _step_path(points: Sequence[tuple[float, float]], end: float) -> str:
    """Draw a level until the next change, and the last one to the end."""
    text = f"M{points[0][0]:g} {points[0][1]:g}"
    for x, y in points[1:]:
        text += f"H{x:g}V{y:g}"
    return f"{text}H{end:g}"


def _zone_marks(
    zones: Sequence[Zone], place: Callable[[float], float], low: float, high: float
) -> tuple[Mark, ...]:
    marks = []
    for zone in zones:
        bottom, top = max(zone.low, low), min(zone.high, high)
        if top > bottom:
            y = place(top)
            marks.append(Mark(0, y, 100, _short(place(bottom) - y), tone=zone.tone, label=zone.label))
    return tuple(marks)


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


def sparkline(
    values: Sequence[Number | None],
    zones: Sequence[Zone] = (),
    *,
    width: int = 96,
    height: int = 24,
    bounds: tuple[float, float] | None = None,
    floor: float | None = 0,
    ceiling: float | None = 100,
) -> Chart:
    """Draw a small line for a table row. Rows of one column pass the same `bounds` to be comparable."""
    low, high = bounds or value_range(values, floor=floor, ceiling=ceiling)
    place, pad = _scale(low, high, 3, height - 3), 3
    across = _across(len(values), width - 2 * pad)
    paths, dots = [], []
    for run in runs(values):
        spots = [(across(index) + pad, place(value)) for index, value in run]
        if len(spots) > 1:
            paths.append(_path(spots))
        else:
            dots.append(Mark(*spots[0]))
    there = present(values)
    last = None
    if values and not is_missing(values[-1]):
        last = Mark(across(len(values) - 1) + pad, place(there[-1]), tone=zone_of(there[-1], zones))
    shaded = tuple(
        Mark(0, mark.y, width, mark.height, tone=mark.tone) for mark in _zone_marks(zones, place, low, high)
    )
    return Chart(
        "sparkline",
        height,
        tuple(paths),
        zones=shaded,
        dots=tuple(dots),
        last=last,
        is_empty=not there,
        size=(float(width), float(height)),
    )


@dataclass(frozen=True)
class _Frame:
    """The place of a line or step chart: a plot in thousandths of the width, labels in per cent."""

    count: int
    low: float
    high: float
    height: int = 200
    top: int = 14
    foot: int = 24
    width: float = 100.0  # the value at the end stands in the padding beside it

    @property
    def bottom(self) -> int:
        return self.height - self.foot

    def place(self) -> Callable[[float], float]:
        return _scale(self.low, self.high, self.top, self.bottom)

    def grid(self, ticks: Sequence[float], formatted: Formatter) -> tuple[Mark, ...]:
        place = self.place()
        return tuple(Mark(0, place(tick), self.width, text=formatted(tick)) for tick in ticks)

    def labels(self, labels: Sequence[str]) -> tuple[Mark, ...]:
        """Write about six labels under the plot, every second of them only where there is room."""
        every = max(1, math.ceil(len(labels) / 6))
        chosen = [index for index in range(len(labels)) if (len(labels) - 1 - index) % every == 0]
        across = _across(len(labels), self.width)
        return tuple(
            Mark(
                across(index),
                self.height - 6,
                label=labels[index],
                minor=(len(chosen) - 1 - position) % 2 == 1,
                anchor="start" if across(index) < 4 else "end" if index == len(labels) - 1 else "middle",
            )
            for position, index in enumerate(chosen)
        )


def _series(
    labels: Sequence[str],
    values: Sequence[Number | None],
    frame: _Frame,
    zones: Sequence[Zone],
    events: Sequence[Event],
    ticks: Sequence[float],
    formatted: Formatter,
    heads: tuple[str, str],
    kind: str,
) -> Chart:
    place, across = frame.place(), _across(len(values), frame.width)
    paths, areas, dots = [], [], []
    for run in runs(values):
        spots = [(across(index) * 10, place(value)) for index, value in run]
        if kind == "step":
            following = run[-1][0] + 1
            end = across(following) * 10 if following < len(values) else frame.width * 10
            paths.append(_step_path(spots, end))
            areas.append(f"{paths[-1]}V{frame.bottom}H{spots[0][0]:g}Z")
        elif len(spots) > 1:
            paths.append(_path(spots))
        else:
            dots.append(Mark(across(run[0][0]), spots[0][1]))
    there = present(values)
    last = None
    if there and not is_missing(values[-1]):
        last = Mark(
            across(len(values) - 1), place(there[-1]), tone=zone_of(there[-1], zones), text=formatted(there[-1])
        )
    stories = tuple(event for event in sorted(events, key=lambda event: event.at) if 0 <= event.at < len(values))
    raised = [0] * len(stories)
    for index in range(1, len(stories)):
        if across(stories[index].at) - across(stories[index - 1].at) < 5:
            raised[index] = raised[index - 1] + 1
    marked = tuple(
        Mark(across(event.at), 10 + 18 * (raised[index] % 3), height=frame.bottom, tone=event.tone, text=str(index + 1))
        for index, event in enumerate(stories)
    )
    hover = tuple(
        Mark(_short(max(across(index) - 50 / max(len(values), 1), 0)), 0, _short(frame.width / max(len(values), 1)),
             frame.bottom, label=f"{labels[index]}: {formatted(value)}")
        for index, value in enumerate(values)
        if value is not None and not is_missing(value)
    )  # fmt: skip
    rows = tuple(
        (label, number(None) if value is None or is_missing(value) else formatted(value))
        for label, value in zip(labels, values, strict=True)
    )
    return Chart(
        kind,
        frame.height,
        tuple(paths),
        tuple(areas),
        _zone_marks(zones, place, frame.low, frame.high),
        frame.grid(ticks, formatted),
        frame.labels(labels),
        hover,
        tuple(dots),
        marked,
        stories,
        last,
        figures=Figures(heads, rows),
        is_empty=not there,
        size=(1000.0, float(frame.height)),
    )


def line(
    labels: Sequence[str],
    values: Sequence[Number | None],
    *,
    zones: Sequence[Zone] = (),
    events: Sequence[Event] = (),
    formatted: Formatter = number,
    heads: tuple[str, str],
    floor: float | None = 0,
    ceiling: float | None = 100,
    least: float = LEAST_SPAN,
    height: int = 200,
) -> Chart:
    """Draw a series over time with its zones and with what happened."""
    low, high = value_range(values, least, floor, ceiling)
    edges = [zone.low for zone in zones if low < zone.low < high]
    frame = _Frame(len(values), low, high, height, top=34 if events else 14)
    ticks = edges if zones else round_ticks(low, high)
    return _series(labels, values, frame, zones, events, ticks, formatted, heads, "line")


def step_chart(
    labels: Sequence[str],
    values: Sequence[Number | None],
    *,
    events: Sequence[Event] = (),
    formatted: Formatter = number,
    heads: tuple[str, str],
    height: int = 200,
) -> Chart:
    """Draw levels that hold until they change, from zero, with the reasons of the changes."""
    there = present(values)
    low, high = min([0.0, *there]), max([0.0, *there])
    high = high if high > low else low + 1
    frame = _Frame(len(values), low, high, height, top=34 if events else 14)
    ticks = [tick for tick in round_ticks(low, high, 3) if low <= tick <= high] if there else [0.0]
    return _series(labels, values, frame, (), events, ticks, formatted, heads, "step")


def bars(
    items: Sequence[Item],
    *,
    heads: tuple[str, ...],
    height: int = 200,
    formatted: Formatter = number,
) -> Chart:
    """Draw one bar for each item, from zero, its parts stacked; the value stands on top."""
    totals = [_total(item) for item in items]
    there = present(totals)
    low, high = min([0.0, *there]), max([0.0, *there])
    top, bottom = 22, height - 24
    place = _scale(low, high if high > low else low + 1, top, bottom if low >= 0 else bottom - 16)
    slot = 100 / max(len(items), 1)
    wide = min(slot * 0.64, 14.0)
    marks, texts, ticks = [], [], []
    for index, (item, total) in enumerate(zip(items, totals, strict=True)):
        centre = _short(slot * (index + 0.5))
        ticks.append(Mark(centre, height - 6, label=item.label, minor=len(items) > 6 and index % 2 == 1))
        if total is None:
            continue
        marks += _stacked(item, total, centre - wide / 2, wide, place)
        edge = place(total) - 6 if total >= 0 else place(total) + 14
        texts.append(Mark(centre, _short(edge), text=item.text or formatted(total), minor=len(items) > 8))
    return Chart(
        "bars",
        height,
        ticks=tuple(ticks),
        marks=tuple(marks),
        dots=tuple(texts),
        zero=place(0.0),
        rows=_bar_rows(items, totals, formatted),
        figures=Figures(heads, tuple(_bar_figures(item, total, formatted) for item, total in zip(items, totals, strict=True))),
        is_empty=not there,
    )


def _total(item: Item) -> float | None:
    if item.parts:
        return float(sum(present(part.value for part in item.parts)))
    return None if item.value is None or is_missing(item.value) else float(item.value)


def _stacked(item: Item, total: float, x: float, width: float, place: Callable[[float], float]) -> list[Mark]:
    """Pile the parts of one bar up from zero; every part that is not nothing gets at least a pixel."""
    parts = item.parts or (Part(total, "info"),)
    marks, reached = [], 0.0
    for part in parts:
        if is_missing(part.value) or not part.value:
            continue
        start, reached = reached, reached + part.value
        y1, y2 = sorted((place(start), place(reached)))
        label = f"{item.label}, {part.label}: {part.text}" if part.label else f"{item.label}: {item.text}"
        marks.append(
            Mark(_short(x), y1, _short(width), _short(max(y2 - y1, 1.0)), part.tone, label,
                 hatched=part.hatched, href=part.href or item.href)
        )  # fmt: skip
    return marks


def _bar_rows(items: Sequence[Item], totals: Sequence[float | None], formatted: Formatter) -> tuple[Any, ...]:
    """Lay the same bars down, for a narrow screen: label, pieces in per cent, text."""
    widest = max([abs(total) for total in totals if total is not None] or [0.0]) or 1.0
    rows = []
    for item, total in zip(items, totals, strict=True):
        pieces, reached = [], 0.0
        for part in (item.parts or (Part(total or 0.0, "info"),)) if total is not None else ():
            width = _short(abs(part.value) / widest * 100) if not is_missing(part.value) else 0.0
            if width:
                pieces.append(Mark(_short(reached), 0, width, tone=part.tone, hatched=part.hatched))
                reached += width
        rows.append((item, tuple(pieces), number(None) if total is None else item.text or formatted(total)))
    return tuple(rows)


def _bar_figures(item: Item, total: float | None, formatted: Formatter) -> tuple[str, ...]:
    parts = tuple(part.text or formatted(part.value) for part in item.parts)
    return (item.label, *parts, number(None) if total is None else item.text or formatted(total))


def strip(parts: Sequence[Part], *, heads: tuple[str, str], least: float = 3.0) -> Chart:
    """Draw one bar cut into parts; a part that is not nothing is wide enough to be clicked."""
    there = [part for part in parts if not is_missing(part.value) and part.value > 0]
    whole = sum(part.value for part in there)
    widths = _at_least([part.value / whole * 100 for part in there], least) if whole else []
    marks, x = [], 0.0
    for part, width in zip(there, widths, strict=True):
        marks.append(
            Mark(_short(x), 0, _short(width), 12, part.tone, part.label, part.text or number(part.value),
                 part.hatched, part.href, part.selected)
        )  # fmt: skip
        x += width
    rows = tuple((part.label, part.text or number(part.value)) for part in parts)
    return Chart("strip", 12, marks=tuple(marks), rows=tuple(parts), figures=Figures(heads, rows), is_empty=not there)


def _at_least(shares: Sequence[float], least: float) -> list[float]:
    """Widen the smallest shares to `least` and take it from the others in proportion; the sum stays.

    >>> [round(share, 1) for share in _at_least([98.0, 1.0, 1.0], 3)]
    [94.0, 3.0, 3.0]
    """
    least = min(least, 100 / max(len(shares), 1))
    widths, small = list(shares), {index for index, share in enumerate(shares) if share < least}
    while small:
        rest = sum(share for index, share in enumerate(shares) if index not in small)
        factor = (100 - least * len(small)) / rest if rest else 0
        widths = [least if index in small else share * factor for index, share in enumerate(shares)]
        more = {index for index, width in enumerate(widths) if width < least - 1e-9 and index not in small}
        if not more:
            break
        small |= more
    return widths


def drivers(items: Sequence[Item], *, heads: tuple[str, ...], formatted: Formatter = number) -> Chart:
    """Draw what pushes a figure up and what pulls it down, from a zero line in the middle."""
    there = present(item.value for item in items)
    widest = max([abs(value) for value in there] or [0.0]) or 1.0
    rows = []
    for item in items:
        text = item.text or (number(None) if item.value is None or is_missing(item.value) else formatted(item.value))
        if item.value is None or is_missing(item.value):
            rows.append((item, None, text))
            continue
        width = _short(abs(item.value) / widest * 50)
        x = 50.0 if item.value >= 0 else _short(50 - width)
        tone = "healthy" if item.value > 0 else "risk" if item.value < 0 else "none"
        rows.append((item, Mark(x, 0, width, 10, tone), text))
    figures = Figures(heads, tuple((item.label, text, *((item.note,) if len(heads) > 2 else ())) for item, _, text in rows))
    return Chart("drivers", 0, rows=tuple(rows), figures=figures, is_empty=not there)


@dataclass(frozen=True)
class Cell:
    """One field of a heat map: its step of shade 0–9, its text, and whether it rests on few cases."""

    step: int | None
    text: str
    small: bool = False


def heat_map(
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    values: Sequence[Sequence[Number | None]],
    *,
    corner: str,
    sizes: Sequence[int] | None = None,
    size_label: str = "n",
    least_size: int = 10,
    formatted: Formatter = number,
    low: float | None = None,
    high: float | None = None,
) -> Chart:
    """Shade a table by its values, one hue from light to dark; rows on few cases are marked."""
    there = present(value for row in values for value in row)
    bottom = low if low is not None else min(there, default=0.0)
    top = high if high is not None else max(there, default=0.0)
    rows = []
    for index, (label, row) in enumerate(zip(row_labels, values, strict=True)):
        size = sizes[index] if sizes is not None else None
        small = size is not None and size < least_size
        cells = tuple(
            Cell(None, "") if value is None or is_missing(value)
            else Cell(_shade(float(value), bottom, top), formatted(value), small)
            for value in row
        )  # fmt: skip
        rows.append((label, None if size is None else number(size), cells))
    heads = (corner, *((size_label,) if sizes is not None else ()), *column_labels)
    return Chart("heat", 0, rows=tuple(rows), figures=Figures(heads, ()), is_empty=not there)


def _shade(value: float, low: float, high: float) -> int:
    return min(9, max(0, int((value - low) / (high - low) * 10))) if high > low else 0


def waterfall(
    items: Sequence[Item], *, heads: tuple[str, str], height: int = 220, formatted: Formatter = number
) -> Chart:
    """Draw how an opening becomes a closing: items of kind `level` stand on zero, `change` floats from the last."""
    levels, spans, reached = [0.0], [], 0.0
    for item in items:
        value = 0.0 if item.value is None or is_missing(item.value) else float(item.value)
        start = 0.0 if item.kind == "level" else reached
        reached = value if item.kind == "level" else reached + value
        spans.append((start, reached))
        levels.append(reached)
    low, high = min(levels), max(levels)
    high = high if high > low else low + 1
    place = _scale(low, high, 22, height - 24)
    slot = 100 / max(len(items), 1)
    wide, marks, texts, ticks, grid, rows = slot * 0.62, [], [], [], [], []
    for index, (item, (start, end)) in enumerate(zip(items, spans, strict=True)):
        centre = _short(slot * (index + 0.5))
        y1, y2 = sorted((place(start), place(end)))
        tone = "level" if item.kind == "level" else "healthy" if end > start else "risk" if end < start else "none"
        text = item.text or (formatted(end) if item.kind == "level" else formatted(end - start))
        tall = _short(max(y2 - y1, 2.0))
        marks.append(Mark(_short(centre - wide / 2), y1, _short(wide), tall, tone, f"{item.label}: {text}", href=item.href))
        texts.append(Mark(centre, _short(y1 - 6), text=text))
        ticks.append(Mark(centre, height - 6, label=item.label))
        if index + 1 < len(items):
            grid.append(Mark(_short(centre + wide / 2), place(end), _short(slot - wide)))
        left, right = sorted((start, end))
        rows.append(
            (item, (Mark(_short((left - low) / (high - low) * 100), 0,
                         _short(max((right - left) / (high - low) * 100, 0.6)), tone=tone),), text)
        )  # fmt: skip
    figures = Figures(heads, tuple((item.label, text) for item, _, text in rows))
    return Chart(
        "waterfall",
        height,
        grid=tuple(grid),
        ticks=tuple(ticks),
        marks=tuple(marks),
        dots=tuple(texts),
        zero=place(0.0),
        rows=tuple(rows),
        figures=figures,
        is_empty=not items,
    )
