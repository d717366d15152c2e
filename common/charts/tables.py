"""How is a table drawn so that its pattern is seen: what pushes and pulls, and shaded cells?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.charts.marks import Chart, Figures, Formatter, Item, Mark, present, short
from common.formats import Number, is_missing, number


def drivers(items: Sequence[Item], *, heads: tuple[str, ...], formatted: Formatter = number) -> Chart:
    """Draw what pushes a figure up and what pulls it down, from a zero line in the middle."""
    there = present(item.value for item in items)
    widest = max([abs(value) for value in there] or [0.0]) or 1.0
    rows: list[tuple[Item, Mark | None, str]] = []
    for item in items:
        text = item.text or (number(None) if item.value is None or is_missing(item.value) else formatted(item.value))
        if item.value is None or is_missing(item.value):
            rows.append((item, None, text))
            continue
        width = short(abs(float(item.value)) / widest * 50)
        x = 50.0 if item.value >= 0 else short(50 - width)
        tone = "healthy" if item.value > 0 else "risk" if item.value < 0 else "none"
        rows.append((item, Mark(x, 0, width, 10, tone), text))
    figures = Figures(
        heads, tuple((item.label, text, *((item.note,) if len(heads) > 2 else ())) for item, _, text in rows)
    )
    return Chart("drivers", 0, rows=tuple(rows), figures=figures, is_empty=not there)


@dataclass(frozen=True)
class Cell:
    """One field of a heat map: its step of shade 0–9, its text, and whether it rests on few cases."""

    step: int | None
    text: str
    small: bool = False
    href: str = ""


def heat_map(
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    values: Sequence[Sequence[Number | None]],
    *,
    corner: str,
    sizes: Sequence[int] | None = None,
    size_at: Callable[[int, int], int] | None = None,
    size_label: str = "n",
    least_size: int = 10,
    formatted: Formatter = number,
    low: float | None = None,
    high: float | None = None,
    row_hrefs: Sequence[str] = (),
    cell_href: Callable[[int, int], str] | None = None,
    has_total: bool = False,
    figures: Sequence[tuple[str, ...]] = (),
) -> Chart:
    """Shade a table by its values, one hue from light to dark; rows on few cases are marked, or
    single cells, where `size_at` says on how many each rests.

    Labels and cells may lead to what is behind them; the last row may be the total of the others; `figures` are the
    rows of the table below, where that is to say more than the picture.
    """
    there = present(value for row in values for value in row)
    bottom = low if low is not None else min(there, default=0.0)
    top = high if high is not None else max(there, default=0.0)
    rows = []
    for index, (label, row) in enumerate(zip(row_labels, values, strict=True)):
        size = sizes[index] if sizes is not None else None
        held = [size if size_at is None else size_at(index, at) for at in range(len(row))]
        cells = tuple(
            Cell(None, "") if value is None or is_missing(value)
            else Cell(
                _shade(float(value), bottom, top), formatted(value), n is not None and n < least_size,
                cell_href(index, at) if cell_href else "",
            )
            for at, (value, n) in enumerate(zip(row, held, strict=True))
        )  # fmt: skip
        is_total = has_total and index == len(row_labels) - 1
        head = Item(label, None, kind="total" if is_total else "row", href=row_hrefs[index] if row_hrefs else "")
        rows.append((head, None if size is None else number(size), cells))
    heads = (corner, *((size_label,) if sizes is not None else ()), *column_labels)
    told = tuple(figures) or tuple(
        (head.label, *(() if size is None else (size,)), *(cell.text for cell in cells)) for head, size, cells in rows
    )
    return Chart(
        "heat", 0, rows=tuple(rows), figures=Figures(heads, told), is_empty=not there, is_table=not figures
    )  # fmt: skip


def _shade(value: float, low: float, high: float) -> int:
    return min(9, max(0, int((value - low) / (high - low) * 10))) if high > low else 0
