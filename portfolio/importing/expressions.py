"""What does a mapping's expression make of a row, without running anybody's code?

The language is small and ours: column names, 'texts', numbers, + - * /, comparisons, and / or / not, and some named
functions. It is parsed here into plain Python functions over a row's cells; nothing is evaluated by Python itself.

    mrr * 12                      [annual price] / 12           "{plan}-{customer_id}"
    first(nickname, name)         if(seats >= 50, 'elephant', 'rabbit')
    lookup(plans, plan_id, price) found(churn_events, account_id)   date(start) + 30
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any, Protocol

from django.utils.translation import gettext as _

from common.periods import add_months
from portfolio.importing import values
from portfolio.importing.values import Cell, Unreadable, as_text, is_blank

Cells = Sequence[Cell]
Compute = Callable[[Cells], Any]

LONGEST = 1_000
DEEPEST = 30
TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<template>"[^"]*")
      | \[(?P<bracketed>[^\]]+)\]
      | (?P<name>[^\W\d]\w*(?:\.\w+)*)
      | (?P<sign><=|>=|!=|==|[-+*/(),=<>])
    )""",
    re.VERBOSE,
)
WORDS = frozenset({"and", "or", "not", "true", "false", "blank"})
COMPARISONS = frozenset({"=", "==", "!=", "<", "<=", ">", ">="})


class BadExpression(ValueError):
    """An expression that is not in the language; the message is fit for the person who wrote it."""


class Lookups(Protocol):
    """Other files of the book, by key."""

    def value(self, file: str, key_column: str, column: str) -> Callable[[str], Cell]:
        """Give a function from key to cell; it raises `Unreadable` for a key that is not there."""
        ...

    def contains(self, file: str, key_column: str) -> Callable[[str], bool]:
        """Give a function that says whether a key is there."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What an expression may refer to: the row's columns, how the file writes values, the book's other files."""

    columns: Mapping[str, int]
    lookups: Lookups
    numbers: str = ""
    dates: str = ""
    file: str = ""

    def column(self, name: str) -> Compute:
        """Give the function that takes a column out of a row."""
        place = self.columns.get(name)
        if place is None:
            message = _("Column ‘%(name)s’ is missing. Found: %(known)s.")
            raise BadExpression(message % {"name": name, "known": ", ".join(self.columns)})
        return lambda cells: cells[place]

    def number(self, value: Any) -> Decimal:
        """Read a value as a number."""
        return value if isinstance(value, Decimal) else values.read_number(value, self.numbers)

    def moment(self, value: Any) -> dt.date:
        """Read a value as a day or time."""
        return value if isinstance(value, dt.date) else values.read_moment(value, self.dates)


def compile_expression(text: str, around: Surroundings) -> Compute:
    """Turn an expression into a function over a row's cells."""
    if len(text) > LONGEST:
        raise BadExpression(_("An expression has at most %(limit)s characters.") % {"limit": LONGEST})
    parser = _Parser(text, around)
    compute = parser.either()
    parser.expect_end()
    return compute


def _constant(value: Any) -> Compute:
    return lambda _cells: value


_BLANK, _ZERO = _constant(None), _constant(Decimal(0))


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


class _Parser:
    """Reads an expression from left to right; each method reads one level of the grammar."""

    def __init__(self, text: str, around: Surroundings) -> None:
        self.text = text
        self.around = around
        self.tokens = self._split(text)
        self.next = 0
        self.depth = 0

    def _split(self, text: str) -> list[_Token]:
        tokens = []
        place = 0
        while place < len(text.rstrip()):
            found = TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                message = _("“%(text)s”: “%(sign)s” is not understood.")
                raise BadExpression(message % {"text": text, "sign": text[place:].strip()[:1]})
            tokens.append(_Token(found.lastgroup, found[found.lastgroup], place))
            place = found.end()
        return tokens

    def peek(self) -> _Token:
        """The next token, not taken."""
        return self.tokens[self.next] if self.next < len(self.tokens) else _Token("end", "", len(self.text))

    def take(self, *texts: str) -> str:
        """Take the next token if it is one of these signs or words; say which, or the empty text."""
        token = self.peek()
        if token.kind in {"sign", "name"} and token.text in texts:
            self.next += 1
            return token.text
        return ""

    def need(self, sign: str) -> None:
        """Take a sign that has to stand here."""
        if not self.take(sign):
            raise self.wrong(sign)

    def wrong(self, wanted: str) -> BadExpression:
        """The error for a token that does not belong here."""
        found = self.peek().text or _("the end")
        message = _("“%(text)s”: expected %(wanted)s, found %(found)s.")
        return BadExpression(message % {"text": self.text, "wanted": wanted, "found": found})

    def expect_end(self) -> None:
        """Refuse anything left over."""
        if self.peek().kind != "end":
            raise self.wrong(_("an operator"))

    def either(self) -> Compute:
        """A or B."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(_("An expression is nested at most %(limit)s deep.") % {"limit": DEEPEST})
        left = self.both()
        while self.take("or"):
            left = _either(left, self.both(), self.around)
        self.depth -= 1
        return left

    def both(self) -> Compute:
        """A and B."""
        left = self.negation()
        while self.take("and"):
            left = _both(left, self.negation(), self.around)
        return left

    def negation(self) -> Compute:
        """Not A."""
        turned = False
        while self.take("not"):
            turned = not turned
        inner = self.comparison()
        return (lambda cells: not _truth(inner(cells))) if turned else inner

    def comparison(self) -> Compute:
        """A < B and the like; `x = blank` asks whether a cell is empty."""
        left = self.sum()
        sign = self.take(*COMPARISONS)
        if not sign:
            return left
        if self.take("blank"):
            if sign not in {"=", "==", "!="}:
                raise self.wrong("=")
            wanted = sign != "!="
            return lambda cells: is_blank(left(cells)) == wanted
        return _comparison(left, sign, self.sum(), self.around)

    def sum(self) -> Compute:
        """A + B, A - B; a day plus a number is a later day."""
        left = self.product()
        while sign := self.take("+", "-"):
            left = _sum(left, sign, self.product(), self.around)
        return left

    def product(self) -> Compute:
        """A * B, A / B."""
        left = self.signed()
        while sign := self.take("*", "/"):
            left = _product(left, sign, self.signed(), self.around)
        return left

    def signed(self) -> Compute:
        """-A."""
        turned = False
        while self.take("-"):
            turned = not turned
        inner = self.atom()
        return _negative(inner, self.around) if turned else inner

    def atom(self) -> Compute:
        """A number, a text, a column, a function or something in brackets."""
        token = self.peek()
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        if token.kind in {"end", "sign"}:
            raise self.wrong(_("a value"))
        self.next += 1
        if token.kind == "number":
            return _constant(Decimal(token.text))
        if token.kind == "text":
            return _constant(token.text[1:-1].replace("''", "'"))
        if token.kind == "template":
            return _template(token.text[1:-1], self.around)
        if token.kind == "bracketed":
            return self.around.column(token.text)
        if token.text in {"true", "false"}:
            return _constant(token.text == "true")
        if token.text == "blank":
            return _constant(None)
        if self.peek().text == "(" and self.peek().kind == "sign":
            return self.call(token.text)
        return self.around.column(token.text)

    def call(self, name: str) -> Compute:
        """A function with its arguments."""
        self.need("(")
        if name in {"lookup", "found"}:
            return self.reference(name)
        if name not in FUNCTIONS:
            message = _("There is no function “%(name)s”. Known: %(known)s.")
            raise BadExpression(message % {"name": name, "known": ", ".join(sorted([*FUNCTIONS, "lookup", "found"]))})
        arguments: list[Compute] = []
        while not self.take(")"):
            if arguments:
                self.need(",")
            arguments.append(self.either())
        least, most, make = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            message = _("“%(text)s”: %(name)s does not take %(count)s values.")
            raise BadExpression(message % {"text": self.text, "name": name, "count": len(arguments)})
        return make(self.around, *arguments)

    def reference(self, name: str) -> Compute:
        """`lookup(file, key, column, key column)` or `found(file, key, key column)`."""
        file = self.bare()
        self.need(",")
        key = self.either()
        column = ""
        if name == "lookup":
            self.need(",")
            column = self.bare()
        key_column = self.bare() if self.take(",") else ""
        self.need(")")
        if name == "found":
            contains = self.around.lookups.contains(file, key_column)
            return lambda cells: contains(as_text(key(cells)))
        value = self.around.lookups.value(file, key_column, column)
        return lambda cells: value(wanted) if (wanted := as_text(key(cells))) else None

    def bare(self) -> str:
        """The name of a file or column."""
        token = self.peek()
        if token.kind not in {"name", "bracketed"}:
            raise self.wrong(_("a name"))
        self.next += 1
        return token.text


def _template(text: str, around: Surroundings) -> Compute:
    """A text with columns in braces; blank if any of them is."""
    parts: list[tuple[str, Compute | None]] = []
    place = 0
    for found in re.finditer(r"\{([^{}]+)\}", text):
        parts.append((text[place : found.start()], around.column(found[1].strip())))
        place = found.end()
    tail = text[place:]

    def compute(cells: Cells) -> str | None:
        written = []
        for literal, column in parts:
            value = as_text(column(cells)) if column else ""
            if not value:
                return None
            written.append(literal + value)
        return "".join(written) + tail

    return compute


def _truth(value: Any) -> bool:
    """Say whether a value counts as yes; an empty cell does not."""
    if isinstance(value, bool):
        return value
    return False if is_blank(value) else values.read_yes_no(value)


def _either(left: Compute, right: Compute, _around: Surroundings) -> Compute:
    return lambda cells: _truth(left(cells)) or _truth(right(cells))


def _both(left: Compute, right: Compute, _around: Surroundings) -> Compute:
    return lambda cells: _truth(left(cells)) and _truth(right(cells))


def _negative(inner: Compute, around: Surroundings) -> Compute:
    def compute(cells: Cells) -> Decimal | None:
        value = inner(cells)
        return None if is_blank(value) else -around.number(value)

    return compute


def _sum(left: Compute, sign: str, right: Compute, around: Surroundings) -> Compute:
    """Add or take away; nothing and something is nothing, for a blank is not 0."""

    def compute(cells: Cells) -> Any:
        first, second = left(cells), right(cells)
        if is_blank(first) or is_blank(second):
            return None
        if isinstance(first, dt.date):
            if isinstance(second, dt.date):
                return Decimal((_as_day(first) - _as_day(second)).days)
            days = around.number(second)
            return _moved(first, days if sign == "+" else -days)
        first, second = around.number(first), around.number(second)
        return first + second if sign == "+" else first - second

    return compute


def _moved(moment: dt.date, days: Decimal) -> dt.date:
    try:
        return moment + dt.timedelta(days=float(days))
    except OverflowError:
        raise Unreadable(_("%(days)s days from there is no date.") % {"days": days}) from None


def _as_day(moment: dt.date) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _product(left: Compute, sign: str, right: Compute, around: Surroundings) -> Compute:
    def compute(cells: Cells) -> Decimal | None:
        first, second = left(cells), right(cells)
        if is_blank(first) or is_blank(second):
            return None
        first, second = around.number(first), around.number(second)
        try:
            return first * second if sign == "*" else first / second
        except (DivisionByZero, InvalidOperation):
            raise Unreadable(_("Nothing can be divided by 0.")) from None

    return compute


def _comparison(left: Compute, sign: str, right: Compute, around: Surroundings) -> Compute:
    """Compare as what the values are: yes-or-no, days, numbers, else texts; a blank is neither more nor less."""
    ordered: dict[str, Callable[[Any, Any], bool]] = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }

    def compute(cells: Cells) -> bool:
        first, second = left(cells), right(cells)
        if is_blank(first) or is_blank(second):
            return (is_blank(first) == is_blank(second)) == (sign != "!=") and sign in {"=", "==", "!="}
        first, second = _alike(first, second, around, sign in ordered)
        if sign in ordered:
            return ordered[sign](first, second)
        return bool(first == second) == (sign != "!=")

    return compute


def _alike(first: Any, second: Any, around: Surroundings, ordered: bool) -> tuple[Any, Any]:
    """Read two values as the same kind of thing."""
    if isinstance(first, bool) or isinstance(second, bool):
        return _truth(first), _truth(second)
    if isinstance(first, dt.date) or isinstance(second, dt.date):
        return _as_day(around.moment(first)), _as_day(around.moment(second))
    if _is_number(first) or _is_number(second):
        return around.number(first), around.number(second)
    if not ordered:
        return as_text(first), as_text(second)
    try:
        return around.number(first), around.number(second)
    except Unreadable:
        return _as_day(around.moment(first)), _as_day(around.moment(second))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _first(_around: Surroundings, *arguments: Compute) -> Compute:
    def compute(cells: Cells) -> Any:
        for argument in arguments:
            value = argument(cells)
            if not is_blank(value):
                return value
        return None

    return compute


def _if(_around: Surroundings, condition: Compute, yes: Compute, no: Compute = _BLANK) -> Compute:
    return lambda cells: yes(cells) if _truth(condition(cells)) else no(cells)


def _text(_around: Surroundings, *arguments: Compute) -> Compute:
    """Join texts as they are; a blank between quotes is one."""

    def compute(cells: Cells) -> str:
        parts = (argument(cells) for argument in arguments)
        return "".join(part if isinstance(part, str) else as_text(part) for part in parts)

    return compute


def _case(change: Callable[[str], str]) -> Callable[..., Compute]:
    def make(_around: Surroundings, argument: Compute) -> Compute:
        return lambda cells: change(as_text(argument(cells)))

    return make


def _number(around: Surroundings, argument: Compute) -> Compute:
    return lambda cells: None if is_blank(value := argument(cells)) else around.number(value)


def _date(around: Surroundings, argument: Compute) -> Compute:
    return lambda cells: None if is_blank(value := argument(cells)) else around.moment(value)


def _month(around: Surroundings, argument: Compute) -> Compute:
    """The first day of a day's month."""
    return lambda cells: None if is_blank(value := argument(cells)) else _as_day(around.moment(value)).replace(day=1)


def _months(around: Surroundings, start: Compute, count: Compute) -> Compute:
    def compute(cells: Cells) -> dt.date | None:
        day, number = start(cells), count(cells)
        if is_blank(day) or is_blank(number):
            return None
        return add_months(_as_day(around.moment(day)), int(around.number(number)))

    return compute


def _round(around: Surroundings, argument: Compute, places: Compute = _ZERO) -> Compute:
    def compute(cells: Cells) -> Decimal | None:
        value = argument(cells)
        if is_blank(value):
            return None
        return values.rounded(around.number(value), int(around.number(places(cells))))

    return compute


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Compute]]] = {
    "first": (1, 20, _first),
    "if": (2, 3, _if),
    "text": (1, 20, _text),
    "lower": (1, 1, _case(str.lower)),
    "upper": (1, 1, _case(str.upper)),
    "number": (1, 1, _number),
    "date": (1, 1, _date),
    "month": (1, 1, _month),
    "months": (2, 2, _months),
    "round": (1, 2, _round),
}
