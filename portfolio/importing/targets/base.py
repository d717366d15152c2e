"""What is a target: a table of ours that a file may fill, with the columns it takes and what must hold of them?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext as _

from common import money as currencies
from common import text as texts
from common.periods import YEARS, is_in_gap, start_of_day
from portfolio.importing import values
from portfolio.importing.values import Cell, Unreadable, as_text, is_blank

FIRST_SIGNED = 1900


@dataclass(frozen=True)
class Context:
    """What a value is judged against: the organisation's zone and the moment of the import."""

    zone: ZoneInfo
    at: dt.datetime
    by_id: int | None = None

    @property
    def today(self) -> dt.date:
        """The local day of the import."""
        return self.at.astimezone(self.zone).date()


@dataclass(frozen=True)
class Way:
    """How a file writes what can be written in several ways."""

    numbers: str = ""
    dates: str = ""
    formats: tuple[str, ...] = ()


Read = Callable[[Cell, Way, Context], Any]
Values = dict[str, Any]
# What is wrong with a row: the column and why.
Flaw = tuple[str, str]


@dataclass(frozen=True)
class Field:
    """One column of a target and how its cells are read.

    `blank` is what an empty cell means; a required column has no empty cells. `to` names the target that a link points
    at; `creates` lets a link make the row it points at; `many` makes it a list of links.
    """

    name: str
    read: Read
    required: bool = False
    blank: Any = None
    to: str = ""
    creates: bool = False
    many: bool = False
    kind: str = "text"
    says: str = ""

    def value(self, cell: Cell, way: Way, context: Context) -> Any:
        """Read a cell; an unreadable or missing one is refused with a reason."""
        if is_blank(cell):
            if self.required:
                raise Unreadable(_("is missing"), code="missing")
            return self.blank
        return self.read(cell, way, context)


@dataclass(frozen=True)
class Target:
    """One table that files may fill.

    key: the columns by which a row is found again. check: what must hold of a row's columns together. fill: values that
    follow from others, for new rows. after: what else to write, given what was created and changed.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    check: Callable[[Values, Context], Iterable[Flaw]] | None = None
    fill: Callable[[Values, Context], None] | None = None
    after: Callable[[Sequence[Any], Sequence[Any], Context], None] | None = None
    # What is stored may forbid new rows: a batch of them, by the names of the model, gives the flaws by position.
    judge: Callable[[Sequence[Values], Context], Mapping[int, Flaw]] | None = None
    # The field by which other targets link here.
    link: str = ""
    # Fields of the model that count changes or say when a row was made.
    stamps: Mapping[str, str] = field(default_factory=dict)
    takes_custom: bool = False
    # Which figures follow from these rows: "revenue", "usage" or "facts".
    feeds: str = ""
    # What happened is not rewritten: other values under a stored key are a conflict.
    immutable: bool = False
    # What is kept of a stored row against the file's word, with the stored columns that this needs.
    keeps: Callable[[Values, Values], None] | None = None
    needs: tuple[str, ...] = ()
    # How a row is kept if not as it is given, and by which shape it is then found and written.
    becomes: Callable[[Values, Context], Values] | None = None
    stored_as: Target | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that a file may have."""
        return tuple(one.name for one in self.fields) + (("custom.",) if self.takes_custom else ())

    @cached_property
    def names(self) -> dict[str, Field]:
        """The columns by name."""
        return {one.name: one for one in self.fields}

    def field(self, name: str) -> Field:
        """Find a column by name."""
        return self.names[name]


def text(
    name: str, length: int, *, required: bool = False, lines: bool = False, null: bool = False, says: str = ""
) -> Field:
    """A text, cleaned of what no reader sees."""

    def read(cell: Cell, _way: Way, _context: Context) -> str:
        if isinstance(cell, str) and _is_clean(cell) and len(cell) <= length:
            return cell
        written = texts.restore(cell) if isinstance(cell, str) else as_text(cell)
        return texts.clean(written, name, max_length=length, lines=lines, required=required)

    return Field(name, read, required, None if null else "", kind=f"text, at most {length:,}", says=says)


def _is_clean(cell: str) -> bool:
    """Say quickly of most texts that nothing has to be done to them."""
    return cell.isascii() and cell.isprintable() and cell[0] not in " '" and cell[-1] != " "


def identifier(name: str = "external_id", length: int = 128, *, required: bool = True, null: bool = True) -> Field:
    """An id of another system, kept as it is written."""
    return text(name, length, required=required, null=null, says="the id in the system it comes from")


def whole(name: str, *, required: bool = False, least: int = 0, most: int = 2**31 - 1, blank: Any = None) -> Field:
    """A whole number."""

    def read(cell: Cell, way: Way, _context: Context) -> int:
        number = values.read_number(cell, way.numbers)
        if number != number.to_integral_value():
            raise Unreadable(_("%(name)s must be a whole number.") % {"name": name})
        return int(_bounded(name, number, least, most))

    return Field(name, read, required, blank, kind="whole number")


def decimal(
    name: str, places: int, *, required: bool = False, least: Decimal | int | None = None, digits: int = 18
) -> Field:
    """A number with some decimals at most."""
    most = Decimal(10) ** (digits - places)

    def read(cell: Cell, way: Way, _context: Context) -> Decimal:
        return _fine(name, values.read_number(cell, way.numbers), places, least, most)

    return Field(name, read, required, kind=f"number, at most {places} decimals")


def amount(name: str, *, required: bool = False, least: int = 0) -> Field:
    """An amount of money; a mark beside it must fit the row's currency, which `marks_fit` checks."""

    def read(cell: Cell, way: Way, _context: Context) -> values.Amount:
        found = values.read_amount(cell, way.numbers)
        number = values.rounded(found.number, 2) if not isinstance(cell, str) else found.number
        return values.Amount(_fine(name, number, 2, least, Decimal(10) ** 12), found.mark)

    return Field(name, read, required, kind="amount", says="in the row’s currency")


def day(name: str, *, required: bool = False, first_year: int = YEARS[0]) -> Field:
    """A day; of an instant it is the day in the organisation's zone."""

    def read(cell: Cell, way: Way, context: Context) -> dt.date:
        found = values.read_moment(cell, way.dates, way.formats)
        if isinstance(found, dt.datetime):
            found = (found.astimezone(context.zone) if found.tzinfo else found).date()
        if not first_year <= found.year <= YEARS[1]:
            message = _("%(name)s must be between %(first)s and %(last)s.")
            raise Unreadable(message % {"name": name, "first": first_year, "last": YEARS[1]})
        return found

    return Field(name, read, required, kind="day")


def instant(name: str, *, required: bool = False) -> Field:
    """A time; without an offset it is a local time of the organisation, without a time the start of the day."""

    def read(cell: Cell, way: Way, context: Context) -> dt.datetime:
        found = values.read_moment(cell, way.dates, way.formats)
        at = _instant(found, context.zone)
        if not YEARS[0] <= at.year <= YEARS[1]:
            message = _("%(name)s must be between %(first)s and %(last)s.")
            raise Unreadable(message % {"name": name, "first": YEARS[0], "last": YEARS[1]})
        return at

    return Field(name, read, required, kind="time")


@lru_cache(maxsize=50_000)
def _instant(moment: dt.date, zone: ZoneInfo) -> dt.datetime:
    if not isinstance(moment, dt.datetime):
        return start_of_day(moment, zone)
    if moment.tzinfo is None:
        if is_in_gap(moment, zone):
            message = _("%(time)s does not exist in %(zone)s: the clock is set forward over it.")
            raise Unreadable(message % {"time": moment.isoformat(" ", "minutes"), "zone": zone.key})
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise Unreadable(_("“%(value)s” is not a time.") % {"value": moment.isoformat()}) from None


def yes_no(name: str, *, blank: bool = False) -> Field:
    """A yes or no."""
    return Field(name, lambda cell, _way, _context: values.read_yes_no(cell), blank=blank, kind="yes or no")


def choice(
    name: str, choices: type[models.TextChoices], *, blank: str = "", required: bool = False, without: str = ""
) -> Field:
    """One of some words, in whatever case; the words that people see are understood as well."""
    known = {_word(word): value for value, label in choices.choices for word in (value, str(label)) if value != without}

    def read(cell: Cell, _way: Way, _context: Context) -> str:
        value = known.get(_word(as_text(cell)))
        if value is None:
            message = _("“%(value)s” is not one of %(known)s.")
            listed = ", ".join(one for one in choices.values if one != without)
            raise Unreadable(message % {"value": as_text(cell)[:60], "known": listed})
        return value

    listed = ", ".join(one for one in choices.values if one != without)
    return Field(name, read, required, blank, kind="one of", says=listed)


def _word(written: str) -> str:
    return re.sub(r"[\s_-]+", "_", written.strip().lower())


def currency(name: str = "currency", *, required: bool = True, blank: str = "USD") -> Field:
    """A currency by its three letters."""

    def read(cell: Cell, _way: Way, _context: Context) -> str:
        code = as_text(cell)
        if code not in _currencies():
            message = _("“%(value)s” is not a currency. Use a code in capitals, like EUR or USD.")
            raise Unreadable(message % {"value": code[:20]})
        return code

    return Field(name, read, required, blank, kind="currency", says="a code like EUR")


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(currencies.currencies())


def email(name: str = "email", *, required: bool = False) -> Field:
    """An e-mail address."""

    def read(cell: Cell, _way: Way, _context: Context) -> str:
        address = as_text(cell)
        try:
            validate_email(address)
        except ValidationError:
            raise Unreadable(_("“%(value)s” is not an e-mail address.") % {"value": address[:80]}) from None
        if len(address) > 254:
            raise Unreadable(_("%(name)s: at most %(limit)s characters.") % {"name": name, "limit": 254})
        return address

    return Field(name, read, required, "", kind="e-mail")


def link(name: str, to: str, *, required: bool = False, creates: bool = False, says: str = "") -> Field:
    """The id of a row of another target."""

    def read(cell: Cell, _way: Way, _context: Context) -> str:
        written = texts.restore(cell) if isinstance(cell, str) else as_text(cell)
        written = texts.clean(written, name, max_length=254)
        return written.lower() if to == "people" else written

    says = says or f"from {to}"
    return Field(name, read, required, None, to=to, creates=creates, kind="id", says=says)


def links(name: str, to: str, *, creates: bool = False) -> Field:
    """Several ids, separated by semicolons."""

    def read(cell: Cell, _way: Way, _context: Context) -> tuple[str, ...]:
        parts = (part.strip() for part in as_text(cell).split(";"))
        return tuple(sorted({texts.clean(part, name, max_length=128 if not creates else 50) for part in parts if part}))

    return Field(name, read, blank=(), to=to, creates=creates, many=True, kind="ids", says=f"from {to}, separated by ;")


def _bounded(name: str, number: Decimal, least: Decimal | int | None, most: Decimal | int) -> Decimal:
    if least is not None and number < least:
        raise Unreadable(_("%(name)s cannot be below %(least)s.") % {"name": name, "least": least})
    if number > most:
        raise Unreadable(_("%(name)s cannot be above %(most)s.") % {"name": name, "most": f"{most:,}"})
    return number


def _fine(name: str, number: Decimal, places: int, least: Decimal | int | None, below: Decimal) -> Decimal:
    """Refuse a number with more decimals than are stored, or out of bounds."""
    shown = values.rounded(number, places)
    if shown != number:
        raise Unreadable(_("%(name)s: at most %(places)s decimals.") % {"name": name, "places": places})
    if abs(number) >= below:
        raise Unreadable(_("%(name)s must be below %(limit)s.") % {"name": name, "limit": f"{below:,}"})
    _bounded(name, number, least, below)
    return shown


def marks_fit(row: Values, *names: str) -> Iterable[Flaw]:
    """Refuse an amount with the mark of another currency than the row's; leave plain numbers behind."""
    for name in names:
        found = row.get(name)
        if isinstance(found, values.Amount):
            code = row.get("currency") or ""
            if not found.fits(code):
                yield name, _("“%(mark)s” is not a mark of %(currency)s.") % {"mark": found.mark, "currency": code}
            row[name] = found.number


def in_order(row: Values, first: str, last: str, reason: str, *, equal: bool = False) -> Iterable[Flaw]:
    """Refuse a span whose end is not after its start."""
    start, end = row.get(first), row.get(last)
    if start is not None and end is not None and (end < start or (end == start and not equal)):
        yield last, reason
