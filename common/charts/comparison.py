"""How are several things compared: as lines over one time, as groups against a target, in a field of two measures?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from common.charts.marks import (
    Chart,
    Figures,
    Formatter,
    Mark,
    across_place,
    present,
    round_ticks,
    runs,
    scale_place,
    short,
    value_range,
)
from common.charts.series import Frame, columns_told, path_of
from common.formats import Number, is_missing, number

LEAST_GAP = 16  # pixels between the names at the ends of two lines
LETTER = 1.5  # per cent of a drawing's width that a letter of a name takes
NARROW_LETTER = 2.6  # the same on a telephone


@dataclass(frozen=True)
class Series:
    """One named line; the first is drawn through, the next with longer and longer gaps."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Line:
    """A line that is ready to be drawn: its pieces, single points, pattern, and its name at the right end."""

    paths: tuple[str, ...]
    dots: tuple[Mark, ...]
    pattern: int
    label: str
    end: Mark | None


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    heads: tuple[str, ...],
    reference: float | None = None,
    formatted: Formatter = number,
    floor: float | None = None,
    least: float = 15.0,
    height: int = 220,
) -> Chart:
    """Draw up to four series over one time, each named at its end, with a line that they are held against."""
    values = [value for one in series for value in one.values]
    low, high = value_range([*values, *([] if reference is None else [reference])], least, floor)
    frame = Frame(len(labels), low, high, height)
    place, across = frame.place(), across_place(len(labels), frame.width)
    ends = _ends([_last(one.values) for one in series], place)
    drawn = []
    for pattern, (one, end) in enumerate(zip(series[:4], ends, strict=False)):
        found = runs(one.values)
        spots = [[(across(index) * 10, place(value)) for index, value in run] for run in found]
        dots = tuple(Mark(across(run[0][0]), place(run[0][1])) for run in found if len(run) == 1)
        last = _last(one.values)
        mark = None if last is None or end is None else Mark(100, end, text=formatted(last))
        drawn.append(Line(tuple(path_of(run) for run in spots if len(run) > 1), dots, pattern, one.label, mark))
    rows = tuple(
        (label, *(_text(one.values[index], formatted) for one in series)) for index, label in enumerate(labels)
    )
    told = [f"{row[0]}: " + ", ".join(f"{one.label} {text}" for one, text in zip(series, row[1:], strict=True))
            for row in rows]  # fmt: skip
    return Chart(
        "lines",
        height,
        grid=frame.grid(round_ticks(low, high), formatted),
        ticks=frame.labels(labels),
        marks=columns_told(told, frame),
        zero=None if reference is None else place(reference),
        rows=tuple(drawn),
        figures=Figures(heads, rows),
        is_empty=not present(values),
        size=(1000.0, float(height)),
    )


def _last(values: Sequence[Number | None]) -> float | None:
    """The value at the right end, if there is one."""
    return None if not values or values[-1] is None or is_missing(values[-1]) else float(values[-1])


def _ends(values: Sequence[float | None], place: Callable[[float], float]) -> list[float | None]:
    """Where the names at the ends stand, moved apart where they would cover each other."""
    wanted = sorted((place(value), index) for index, value in enumerate(values) if value is not None)
    found: list[float | None] = [None] * len(values)
    reached = float("-inf")
    for y, index in wanted:
        reached = max(y, reached + LEAST_GAP)
        found[index] = short(reached)
    return found


def _text(value: Number | None, formatted: Formatter) -> str:
    return number(None) if value is None or is_missing(value) else formatted(value)


@dataclass(frozen=True)
class Group:
    """One group's value now and before, what it is held against, and what is said about it."""

    label: str
    value: Number | None
    before: Number | None = None
    target: Number | None = None
    note: str = ""
    href: str = ""
    small: bool = False


def comparison(
    groups: Sequence[Group], *, heads: tuple[str, ...], formatted: Formatter = number, is_less_better: bool = False
) -> Chart:
    """Lay one bar down for each group, from zero, with a ring at the earlier value and a tick at its target."""
    there = present(value for group in groups for value in (group.value, group.before, group.target))
    top = max([*there, 0.0]) or 1.0

    def at(value: Number | None) -> float | None:
        return None if value is None or is_missing(value) else short(max(float(value), 0.0) / top * 100)

    def tone(group: Group) -> str:
        if not present([group.value]) or not present([group.target]):
            return "info"
        short_by = float(group.target or 0) - float(group.value or 0)
        return "risk" if (-short_by if is_less_better else short_by) > 0 else "healthy"

    rows = tuple(
        (group, at(group.value), at(group.before), at(group.target), tone(group), _text(group.value, formatted))
        for group in groups
    )
    figures = tuple(
        (group.label, *(_text(value, formatted) for value in (group.value, group.before, group.target)), group.note)
        for group in groups
    )
    return Chart("comparison", 0, rows=rows, figures=Figures(heads, figures), is_empty=not there)


@dataclass(frozen=True)
class Spot:
    """One thing in a field of two measures; `size` is a share of the largest, `tone` what it is.

    Where there are many, `is_named` says beside which of them the name stands, as far as there is room.
    """

    label: str
    x: Number | None
    y: Number | None
    size: float = 1.0
    tone: str = "info"
    text: str = ""
    href: str = ""
    is_named: bool = True


def quadrant(
    spots: Sequence[Spot],
    *,
    x_line: float,
    y_line: float,
    heads: tuple[str, ...],
    formatted: Formatter = number,
    up_formatted: Formatter | None = None,
    height: int = 280,
    danger: bool = False,
    fields: Sequence[str] = (),
) -> Chart:
    """Place things by two measures in four fields that two lines cut; what lacks a measure is only in the figures.

    up_formatted: how the second measure is written, where it is of another kind. danger: the field to look at is the
    upper left one, of what is large and fares badly, instead of the upper right one. fields: the names of the four
    fields: upper left, upper right, lower left, lower right.
    """
    up_formatted = up_formatted or formatted
    placed = [spot for spot in spots if present([spot.x]) and present([spot.y])]
    x_low, x_high = _wide([*(float(spot.x or 0) for spot in placed), x_line])
    y_low, y_high = _wide([*(float(spot.y or 0) for spot in placed), y_line])
    down, along = scale_place(y_low, y_high, 12, height - 28), scale_place(x_low, x_high, 100, 0)
    marks = [
        Mark(
            along(float(spot.x or 0)), down(float(spot.y or 0)), height=short(5 + 9 * min(max(spot.size, 0.0), 1.0)),
            tone=spot.tone, label=f"{spot.label}: {spot.text}", href=spot.href,
            text=spot.label if spot.is_named else "",
        )
        for spot in placed
    ]  # fmt: skip
    ticks = tuple(Mark(along(tick), height - 8, label=formatted(tick)) for tick in round_ticks(x_low, x_high, 5))
    grid = tuple(Mark(0, down(tick), 100, text=up_formatted(tick)) for tick in round_ticks(y_low, y_high))
    rows = tuple((spot.label, _text(spot.x, formatted), _text(spot.y, up_formatted), spot.text) for spot in spots)
    names = _field_names(fields, along(x_line), height)
    cut, roof = along(x_line), short(max(down(y_line) - 12, 0.0))
    field = Mark(0, 12, cut, roof, "risk") if danger else Mark(cut, 12, short(100 - cut), roof, "healthy")
    return Chart(
        "quadrant",
        height,
        zones=(field,),
        grid=grid,
        ticks=ticks,
        marks=_named(marks, names),
        dots=names,
        zero=down(y_line),
        last=Mark(cut, down(y_line)),
        figures=Figures(heads, rows),
        is_empty=not placed,
    )


def _field_names(names: Sequence[str], cut: float, height: int) -> tuple[Mark, ...]:
    """Write the names of the fields: on the left at the upright line, where no scale is, on the right at the end."""
    if not names:
        return ()
    top, bottom = 26, height - 34
    left = short(cut - 1)
    places = ((left, top, "end"), (99.0, top, "end"), (left, bottom, "end"), (99.0, bottom, "end"))
    return tuple(Mark(x, y, text=name, anchor=side) for name, (x, y, side) in zip(names, places, strict=True))


def _named(marks: Sequence[Mark], names: Sequence[Mark]) -> tuple[Mark, ...]:
    """Write each name at the side where it covers nothing, the largest mark's first; no name where there is no room.

    Where the drawing is narrow a letter takes more of its width: names that have no room then are left out there. A
    name without room is told when the mark is pointed at, and in the figures.
    """
    either = [("start", "end")] * len(marks)
    found = _sides(marks, names, LETTER, either)
    narrow = _sides(marks, names, NARROW_LETTER, [(side,) if side else () for side in found])
    return tuple(
        replace(mark, anchor=side or ("end" if mark.x > 50 else "start"), text=mark.text if side else "",
                minor=bool(side) and not kept)
        for mark, side, kept in zip(marks, found, narrow, strict=True)
    )  # fmt: skip


def _sides(marks: Sequence[Mark], names: Sequence[Mark], letter: float, allowed: Sequence[Sequence[str]]) -> list[str]:
    """At which of the allowed sides each mark's name has room; nothing where it has none."""
    grown = letter / LETTER
    taken = [(at, mark.x - 1.5 * grown, mark.x + 1.5 * grown, mark.y - 8, mark.y + 8) for at, mark in enumerate(marks)]
    taken += [(-1, name.x - _wide_as(name.text, letter), name.x, name.y - 12, name.y + 4) for name in names]
    found = [""] * len(marks)
    for index, mark in sorted(enumerate(marks), key=lambda one: (-one[1].height, one[0])):
        width = _wide_as(mark.text, letter)
        for side in allowed[index]:
            left, right = (mark.x, mark.x + width) if side == "start" else (mark.x - width, mark.x)
            is_free = left >= 0 and right <= 100 and not any(
                other != index and left < end and right > start and mark.y - 8 < bottom and mark.y + 8 > top
                for other, start, end, top, bottom in taken
            )  # fmt: skip
            if is_free:
                found[index] = side
                taken.append((-1, left, right, mark.y - 8, mark.y + 8))
                break
    return found


def _wide_as(text: str, letter: float) -> float:
    """The share of a drawing's width that a name takes; a Chinese letter is as wide as two others."""
    return 2 + letter * sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def _wide(values: Sequence[float]) -> tuple[float, float]:
    """The range of a scale with a twelfth of it free at both ends, so that no mark stands on the edge."""
    low, high = min(values), max(values)
    room = (high - low) / 12 or max(abs(high), 1.0) / 12
    return low - room, high + room
