"""Which rows stand on the next page, read from an index however deep the page is?

A page starts after a row, not after a number of rows, so page 2,000 costs what page 1 does. A sort may name a flag
column that is true where the sorted value is missing: such rows stand last in either direction.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Sort:
    """One order that a list offers: by a column, with the primary key as tie-break in the same direction."""

    field: str
    descending: bool = False
    missing_flag: str = ""

    def reversed(self) -> Sort:
        """The same order read from its other end."""
        return Sort(self.field, not self.descending, self.missing_flag)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page and the cursors of its neighbours (empty where there is none)."""

    rows: Sequence[Row]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class Cursor:
    """A place in a sorted list: just after (or, read backwards, just before) one row."""

    backwards: bool
    missing: bool
    value: Any
    pk: int

    def encode(self) -> str:
        """Write the place as text fit for an address."""
        packed = json.dumps([int(self.backwards), int(self.missing), self.value, self.pk], default=str)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, to_python: Callable[[Any], Any]) -> Cursor | None:
        """Read a place back; a damaged one is no place, and the list starts at its first page.

        >>> Cursor.decode(Cursor(False, False, "Zeta", 7).encode(), str)
        Cursor(backwards=False, missing=False, value='Zeta', pk=7)
        >>> Cursor.decode("rubbish!", str) is None
        True
        """
        try:
            backwards, missing, value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            value = None if missing else to_python(value)
            return cls(bool(backwards), bool(missing), value, pk) if isinstance(pk, int) and pk < 2**63 else None
        except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError):
            return None


def page(rows: models.QuerySet[Row], sort: Sort, *, cursor: str = "", size: int = 50) -> Page[Row]:
    """Read one page of a queryset in an order, starting at a cursor; at most two queries."""
    field = cast("models.Field[Any, Any]", rows.model._meta.get_field(sort.field))
    place = Cursor.decode(cursor, field.to_python) if cursor else None
    backwards = bool(place and place.backwards)
    order = sort.reversed() if backwards else sort
    found = _read(rows, order, place, size + 1, backwards)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    ahead, behind = (True, more) if backwards else (more, place is not None)
    return Page(
        found,
        next=_place_of(found[-1], sort, backwards=False).encode() if ahead else "",
        previous=_place_of(found[0], sort, backwards=True).encode() if behind else "",
    )


def _place_of(row: models.Model, sort: Sort, *, backwards: bool) -> Cursor:
    missing = bool(sort.missing_flag and getattr(row, sort.missing_flag))
    return Cursor(backwards, missing, None if missing else getattr(row, sort.field), row.pk)


def _read(
    rows: models.QuerySet[Row],
    order: Sort,
    place: Cursor | None,
    wanted: int,
    backwards: bool,
) -> list[Row]:
    """Read up to `wanted` rows after a place: those with a value first, then those without (or the reverse)."""
    if not order.missing_flag:
        return list(_part(rows, order, place, missing=False)[:wanted])
    found: list[Row] = []
    for missing in (True, False) if backwards else (False, True):
        if place and place.missing != missing and missing == backwards:
            continue  # the place lies in the later part: this one is behind it
        part = rows.filter(**{order.missing_flag: missing})
        here = place if place and place.missing == missing else None
        found += _part(part, order, here, missing=missing)[: wanted - len(found)]
        if len(found) == wanted:
            break
    return found


def _part(rows: models.QuerySet[Row], order: Sort, place: Cursor | None, *, missing: bool) -> models.QuerySet[Row]:
    sign, beyond = ("-", "lt") if order.descending else ("", "gt")
    if missing:
        if place:
            rows = rows.filter(**{f"pk__{beyond}": place.pk})
        return rows.order_by(f"{sign}pk")
    if place:
        # The first condition lets the index find the place; the second steps past equal values.
        rows = rows.filter(
            Q(**{f"{order.field}__{beyond}e": place.value}),
            Q(**{f"{order.field}__{beyond}": place.value}) | Q(**{f"pk__{beyond}": place.pk}),
        )
    return rows.order_by(f"{sign}{order.field}", f"{sign}pk")
