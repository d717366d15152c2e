"""How are amounts drawn beside each other: bars with parts, one bar cut into parts, a bridge?"""

from collections.abc import Callable, Sequence
from typing import Any

from common.charts.marks import Chart, Figures, Formatter, Item, Mark, Part, present, scale_place, short
from common.formats import is_missing, number


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
    place = scale_place(low, high if high > low else low + 1, top, bottom if low >= 0 else bottom - 16)
    slot = 100 / max(len(items), 1)
    wide = min(slot * 0.64, 14.0)
    marks, texts, ticks = [], [], []
    for index, (item, total) in enumerate(zip(items, totals, strict=True)):
        centre = short(slot * (index + 0.5))
        if len(items) <= 10 or (len(items) - 1 - index) % 2 == 0:
            ticks.append(Mark(centre, height - 6, label=item.label, minor=6 < len(items) <= 10 and index % 2 == 1))
        if total is None:
            continue
        marks += _stacked(item, total, centre - wide / 2, wide, place)
        edge = place(total) - 6 if total >= 0 else place(total) + 14
        texts.append(Mark(centre, short(edge), text=item.text or formatted(total), minor=len(items) > 8))
    return Chart(
        "bars",
        height,
        ticks=tuple(ticks),
        marks=tuple(marks),
        dots=tuple(texts),
        zero=place(0.0),
        rows=_bar_rows(items, totals, formatted),
        figures=Figures(
            heads, tuple(_bar_figures(item, total, formatted) for item, total in zip(items, totals, strict=True))
        ),
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
        start, reached = reached, reached + float(part.value)
        y1, y2 = sorted((place(start), place(reached)))
        label = f"{item.label}, {part.label}: {part.text}" if part.label else f"{item.label}: {item.text}"
        marks.append(
            Mark(short(x), y1, short(width), short(max(y2 - y1, 1.0)), part.tone, label,
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
            width = short(abs(float(part.value)) / widest * 100) if not is_missing(part.value) else 0.0
            if width:
                pieces.append(Mark(short(reached), 0, width, tone=part.tone, hatched=part.hatched))
                reached += width
        rows.append((item, tuple(pieces), number(None) if total is None else item.text or formatted(total)))
    return tuple(rows)


def _bar_figures(item: Item, total: float | None, formatted: Formatter) -> tuple[str, ...]:
    parts = tuple(part.text or formatted(part.value) for part in item.parts)
    return (item.label, *parts, number(None) if total is None else item.text or formatted(total))


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
    place = scale_place(low, high, 22, height - 24)
    slot = 100 / max(len(items), 1)
    wide, marks, texts, ticks, grid, rows = slot * 0.62, [], [], [], [], []
    for index, (item, (start, end)) in enumerate(zip(items, spans, strict=True)):
        centre = short(slot * (index + 0.5))
        y1, y2 = sorted((place(start), place(end)))
        tone = "level" if item.kind == "level" else "healthy" if end > start else "risk" if end < start else "none"
        text = item.text or (formatted(end) if item.kind == "level" else formatted(end - start))
        tall = short(max(y2 - y1, 2.0))
        marks.append(
            Mark(short(centre - wide / 2), y1, short(wide), tall, tone, f"{item.label}: {text}", href=item.href)
        )
        texts.append(Mark(centre, short(y1 - 6), text=text))
        ticks.append(Mark(centre, height - 6, label=item.label))
        if index + 1 < len(items):
            grid.append(Mark(short(centre + wide / 2), place(end), short(slot - wide)))
        left, right = sorted((start, end))
        rows.append(
            (item, (Mark(short((left - low) / (high - low) * 100), 0,
                         short(max((right - left) / (high - low) * 100, 0.6)), tone=tone),), text)
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


def strip(parts: Sequence[Part], *, heads: tuple[str, str], least: float = 3.0) -> Chart:
    """Draw one bar cut into parts; a part that is not nothing is wide enough to be clicked."""
    there = [part for part in parts if not is_missing(part.value) and part.value > 0]
    whole = sum(float(part.value) for part in there)
    widths = _at_least([float(part.value) / whole * 100 for part in there], least) if whole else []
    marks, x = [], 0.0
    for part, width in zip(there, widths, strict=True):
        marks.append(
            Mark(short(x), 0, short(width), 12, part.tone, part.label, part.text or number(part.value),
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
    least = min(float(least), 100 / max(len(shares), 1))
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
