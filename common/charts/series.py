"""How is a value drawn over time: a small line, a line with zones, or steps?"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from common.charts.marks import (
    LEAST_SPAN,
    Chart,
    Event,
    Figures,
    Formatter,
    Mark,
    Zone,
    across_place,
    present,
    round_ticks,
    runs,
    scale_place,
    short,
    value_range,
    zone_of,
)
from common.formats import Number, is_missing, number


def path_of(points: Iterable[tuple[float, float]]) -> str:
    """Join points by straight lines."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _step_path(points: Sequence[tuple[float, float]], end: float) -> str:
    """Draw a level until the next change, and the last one to the end."""
    text = f"M{points[0][0]:g} {points[0][1]:g}"
    for x, y in points[1:]:
        text += f"H{x:g}V{y:g}"
    return f"{text}H{end:g}"


def _zone_marks(zones: Sequence[Zone], place: Callable[[float], float], low: float, high: float) -> tuple[Mark, ...]:
    marks = []
    for zone in zones:
        bottom, top = max(zone.low, low), min(zone.high, high)
        if top > bottom:
            y = place(top)
            marks.append(Mark(0, y, 100, short(place(bottom) - y), tone=zone.tone, label=zone.label))
    return tuple(marks)


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
    place, pad = scale_place(low, high, 3, height - 3), 3
    across = across_place(len(values), width - 2 * pad)
    paths, dots = [], []
    for run in runs(values):
        spots = [(across(index) + pad, place(value)) for index, value in run]
        if len(spots) > 1:
            paths.append(path_of(spots))
        else:
            dots.append(Mark(*spots[0]))
    there = present(values)
    last = None
    if values and not is_missing(values[-1]):
        last = Mark(across(len(values) - 1) + pad, place(there[-1]), tone=zone_of(there[-1], zones))
    shaded = tuple(Mark(0, mark.y, width, mark.height, tone=mark.tone) for mark in _zone_marks(zones, place, low, high))
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


# In letters, Chinese ones counted twice: six labels like “2026年12月” would run into each other in half a page.
LONG_LABEL = 10


@dataclass(frozen=True)
class Frame:
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
        return scale_place(self.low, self.high, self.top, self.bottom)

    def grid(self, ticks: Sequence[float], formatted: Formatter) -> tuple[Mark, ...]:
        place = self.place()
        return tuple(Mark(0, place(tick), self.width, text=formatted(tick)) for tick in ticks)

    def labels(self, labels: Sequence[str]) -> tuple[Mark, ...]:
        """Write about six labels under the plot, of long ones five; every second of them only where there is room."""
        widest = max((len(label) + sum(not letter.isascii() for letter in label) for label in labels), default=0)
        every = max(1, math.ceil(len(labels) / (6 if widest < LONG_LABEL else 5)))
        chosen = [index for index in range(len(labels)) if (len(labels) - 1 - index) % every == 0]
        across = across_place(len(labels), self.width)
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
    frame: Frame,
    zones: Sequence[Zone],
    events: Sequence[Event],
    ticks: Sequence[float],
    formatted: Formatter,
    heads: tuple[str, str],
    kind: str,
) -> Chart:
    place, across = frame.place(), across_place(len(values), frame.width)
    paths, areas, dots = [], [], []
    for run in runs(values):
        spots = [(across(index) * 10, place(value)) for index, value in run]
        if kind == "step":
            following = run[-1][0] + 1
            end = across(following) * 10 if following < len(values) else frame.width * 10
            paths.append(_step_path(spots, end))
            areas.append(f"{paths[-1]}V{frame.bottom}H{spots[0][0]:g}Z")
        elif len(spots) > 1:
            paths.append(path_of(spots))
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
    rows = tuple(
        (label, number(None) if value is None or is_missing(value) else formatted(value))
        for label, value in zip(labels, values, strict=True)
    )
    told = [
        "" if value is None or is_missing(value) else f"{label}: {text}"
        for (label, text), value in zip(rows, values, strict=True)
    ]
    return Chart(
        kind,
        frame.height,
        tuple(paths),
        tuple(areas),
        _zone_marks(zones, place, frame.low, frame.high),
        frame.grid(ticks, formatted),
        frame.labels(labels),
        columns_told(told, frame),
        tuple(dots),
        marked,
        stories,
        last,
        figures=Figures(heads, rows),
        is_empty=not there,
        size=(1000.0, float(frame.height)),
    )


def columns_told(told: Sequence[str], frame: Frame) -> tuple[Mark, ...]:
    """Give each point a column of the plot that tells its values to a pointer and to the arrow keys."""
    across = across_place(len(told), frame.width)
    half = frame.width / (2 * (len(told) - 1)) if len(told) > 1 else frame.width
    edges = [(max(across(at) - half, 0), min(across(at) + half, frame.width)) for at in range(len(told))]
    return tuple(
        Mark(short(left), 0, short(right - left), frame.bottom, label=text)
        for (left, right), text in zip(edges, told, strict=True)
        if text
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
    frame = Frame(len(values), low, high, height, top=34 if events else 14)
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
    frame = Frame(len(values), low, high, height, top=34 if events else 14)
    ticks = [tick for tick in round_ticks(low, high, 3) if low <= tick <= high] if there else [0.0]
    return _series(labels, values, frame, (), events, ticks, formatted, heads, "step")
