"""How are the parts of a score kept, and what moved it from one day to another?

Stored per score: {indicator: [value, score, weight, contribution]}, with a 1 after them where the value was old but
counted, [value] where it had expired, null where there was none. A third of the size of spelled-out parts, at one row
per account and day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from health.rules.score import Component, Flags, Scored

ZERO = Decimal("0.00")
SCORECARD = "scorecard"


@dataclass(frozen=True, slots=True)
class Move:
    """What one indicator, or a changed scorecard, added to the change of a score."""

    key: str
    points: Decimal


def dump_components(keys: Sequence[str], done: Scored, stale: Flags | None = None) -> list[str]:
    """Write the parts of every score as JSON text, column by column.

    >>> import numpy as np
    >>> done = Scored(np.array([[0.5, 9.0, np.nan]]), np.array([[50.0, np.nan, np.nan]]), np.array([[10000, 0, 0]]),
    ...               np.array([[5000, 0, 0]]), np.array([5000]), np.array([6000]))
    >>> dump_components(["a", "b", "c"], done)
    ['{"a":[0.5,50,100,50],"b":[9],"c":null}']
    """
    old = np.zeros(done.values.shape, dtype=bool) if stale is None else stale
    columns = [_dump_column(key, done, old[:, n], n) for n, key in enumerate(keys)]
    return ["{" + ",".join(parts) + "}" for parts in zip(*columns, strict=True)]


def _dump_column(key: str, done: Scored, stale: Flags, n: int) -> list[str]:
    """Write one indicator's part of every score; equal parts are written once."""
    values, scores = done.values[:, n] + 0.0, np.rint(done.scores[:, n] * 100)
    values = np.where(np.isnan(values), -np.inf, values)
    codes = np.where(np.isnan(scores), 0, scores + 1).astype(np.int64)
    _, number = np.unique(values, return_inverse=True)
    # Four figures of at most 10,001 and a flag: below 58 bits with the number of the value.
    parts = (number, codes, done.weights[:, n], done.contributions[:, n], stale)
    packed = np.zeros(len(values), dtype=np.int64)
    for part, bits in zip(parts, (0, 14, 14, 14, 1), strict=True):
        packed = (packed << bits) | np.asarray(part, dtype=np.int64)
    _, first, row = np.unique(packed, return_index=True, return_inverse=True)
    columns = (values, codes, done.weights[:, n], done.contributions[:, n], stale)
    texts = [_dump(key, *one) for one in zip(*(column[first].tolist() for column in columns), strict=True)]
    written: list[str] = np.array(texts, dtype=object)[row].tolist()
    return written


def _dump(key: str, value: float, code: int, weight: int, given: int, is_old: bool) -> str:
    """Write one part; the code is the score in hundredths and one more, 0 for none."""
    if value == -np.inf:
        return f'"{key}":null'
    if not code:
        return f'"{key}":[{value:.15g}]'
    return f'"{key}":[{value:.15g},{(code - 1) / 100:.6g},{weight / 100:.5g},{given / 100:.5g}{",1" if is_old else ""}]'


def read_components(stored: Mapping[str, Any]) -> tuple[Component, ...]:
    """Read stored parts back.

    >>> [part.contribution for part in read_components({"a": [0.5, 50, 100, 50], "b": [9], "c": None})]
    [Decimal('50.00'), Decimal('0.00'), Decimal('0.00')]
    """
    return tuple(_read_component(key, row) for key, row in stored.items())


def _read_component(key: str, row: Sequence[float] | None) -> Component:
    if not row:
        return Component(key, None, None, ZERO, ZERO)
    if len(row) == 1:
        return Component(key, row[0], None, ZERO, ZERO)
    value, score, weight, contribution, *old = row
    points, weighs, gives = (Decimal(f"{number:.2f}") for number in (score, weight, contribution))
    return Component(key, value, points, weighs, gives, is_stale=bool(old))


def what_moved(
    old: Iterable[Component], new: Iterable[Component], *, rescored: Iterable[Component] | None = None
) -> tuple[Move, ...]:
    """Split the change of a score into its indicators; the parts add up to the change exactly.

    Where the scorecard changed in between, `rescored` holds the old inputs scored by the new scorecard: the step from
    old to rescored is the scorecard's own line, the rest are the indicators'. Largest first.

    >>> old = read_components({"a": [0.5, 50, 60, 30], "b": [1, 100, 40, 40]})
    >>> new = read_components({"a": [0.9, 90, 60, 54], "b": [0.8, 80, 40, 32]})
    >>> [(move.key, str(move.points)) for move in what_moved(old, new)]
    [('a', '24.00'), ('b', '-8.00')]
    >>> half = read_components({"a": [0.5, 50, 50, 25], "b": [1, 100, 50, 50]})
    >>> [(move.key, str(move.points)) for move in what_moved(old, new, rescored=half)]
    [('a', '29.00'), ('b', '-18.00'), ('scorecard', '5.00')]
    """
    before = {part.key: part.contribution for part in old}
    after = {part.key: part.contribution for part in new}
    start = before if rescored is None else {part.key: part.contribution for part in rescored}
    moves = [Move(key, after.get(key, ZERO) - start.get(key, ZERO)) for key in {**start, **after}]
    moves.append(Move(SCORECARD, sum(start.values(), ZERO) - sum(before.values(), ZERO)))
    return tuple(sorted((move for move in moves if move.points), key=lambda move: (-abs(move.points), move.key)))


def strongest(parts: Iterable[Component], count: int = 3) -> tuple[Component, ...]:
    """Pick the indicators that cost the score most; those that cost nothing are no reason.

    >>> parts = read_components({"a": [1, 100, 40, 40], "b": [0, 0, 30, 0], "c": [0.5, 50, 30, 15]})
    >>> [part.key for part in strongest(parts)]
    ['b', 'c']
    """
    costly = (part for part in parts if part.lost > 0)
    return tuple(sorted(costly, key=lambda part: (-part.lost, part.key))[:count])
