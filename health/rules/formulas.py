"""How is an indicator put together from measures, and does the formula make sense?

A formula stands in an indicator's `params`:

    {"of": {"what": "events", "kind": "core"}, "as": "change"}
    {"of": {"what": "active_users"}, "as": "ratio", "over": {"what": "seats"}}

`as` says what becomes of the measure: its `value`; its `change` against the window before (−0.3 is 30 % less); how
far it is from the `usual`, the mean of the windows before; its `ratio` to, or `difference` from, another. A measure
that has no window is compared with itself so many days earlier. `days` of the indicator is the window; a measure may
have another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.rules.parsing import N_, ScorecardError, read_mapping, read_whole, refuse_unknown
from health.rules.vocabulary import FIXED, WHATS, What

Floats = NDArray[np.float64]

FORMULA = "formula"
VALUE, CHANGE, USUAL, RATIO, DIFFERENCE = "value", "change", "usual", "ratio", "difference"
AS = (VALUE, CHANGE, USUAL, RATIO, DIFFERENCE)
OF_TWO = (RATIO, DIFFERENCE)
LONGEST_NAME = 128
# So many windows before the present one say what is usual.
USUAL_WINDOWS, MOST_WINDOWS = 3, 12


@dataclass(frozen=True, slots=True)
class Term:
    """One measure with its window and its filters."""

    what: str
    how: str
    days: int
    where: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> What:
        """What the vocabulary says of the measure."""
        return WHATS[self.what]

    def filter(self, name: str) -> str:
        """The value of one filter, "" where it is not set."""
        return dict(self.where).get(name, "")


@dataclass(frozen=True, slots=True)
class Formula:
    """One measure, and what becomes of it."""

    of: Term
    how: str = VALUE
    over: Term | None = None
    windows: int = USUAL_WINDOWS

    @property
    def terms(self) -> Iterator[Term]:
        """The measures that it reads."""
        yield self.of
        if self.over is not None:
            yield self.over

    @property
    def is_dated(self) -> bool:
        """Whether all of it is known for a past day."""
        return all(term.kind.is_dated for term in self.terms)

    @property
    def unit(self) -> str:
        """In what the value is read: number, share, days or money."""
        if self.how in (CHANGE, USUAL):
            return "share"
        return "number" if self.how == RATIO else self.of.kind.unit


def parse_formula(body: Any, days: int = 30, place: str = "params") -> Formula:
    """Read a formula, or say what is wrong with it.

    >>> parse_formula({"of": {"what": "active_users"}, "as": "ratio", "over": {"what": "seats"}}).how
    'ratio'
    >>> parse_formula({"of": {"what": "events", "days": 0}})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: The window must have at least 1 day.
    >>> parse_formula({"of": {"what": "moon_phase"}})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: There is no measure “moon_phase”.
    """
    body = read_mapping(body, place)
    refuse_unknown(body, place, {"of", "as", "over", "windows"})
    how = body.get("as", VALUE)
    if how not in AS:
        raise ScorecardError(N_("There is no way “%(name)s” to read a measure."), f"{place}.as", name=str(how)[:60])
    if (how in OF_TWO) != ("over" in body):
        raise ScorecardError(N_("A ratio or difference has two measures, all else one."), f"{place}.over")
    return Formula(
        of=_term(body.get("of"), days, f"{place}.of"),
        how=how,
        over=_term(body["over"], days, f"{place}.over") if how in OF_TWO else None,
        windows=read_whole(body.get("windows", USUAL_WINDOWS), f"{place}.windows", 1, MOST_WINDOWS),
    )


def _term(body: Any, days: int, place: str) -> Term:
    body = read_mapping(body, place)
    name = body.get("what")
    if not isinstance(name, str) or name not in WHATS:
        raise ScorecardError(N_("There is no measure “%(source)s”."), f"{place}.what", source=str(name)[:60])
    what = WHATS[name]
    refuse_unknown(body, place, {"what", "how", "days", *what.filters})
    how = body.get("how", what.hows[0])
    if how not in what.hows:
        raise ScorecardError(N_("There is no way “%(name)s” to read a measure."), f"{place}.how", name=str(how)[:60])
    return Term(name, how, _window(body.get("days", days), f"{place}.days"), tuple(_where(body, what, place)))


def _window(days: Any, place: str) -> int:
    if isinstance(days, int | float) and not isinstance(days, bool) and days < 1:
        raise ScorecardError(N_("The window must have at least 1 day."), place)
    return read_whole(days, place, 1, 3650)


def _where(body: Mapping[str, Any], what: What, place: str) -> Iterator[tuple[str, str]]:
    for name in what.filters:
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > LONGEST_NAME or "\0" in value:
            raise ScorecardError(N_("%(place)s must be text."), f"{place}.{name}", place=f"{place}.{name}")
        if not value and name in what.needs:
            raise ScorecardError(N_("Say which: %(name)s."), f"{place}.{name}", name=name)
        if value and name in FIXED and value not in FIXED[name]:
            raise ScorecardError(N_("There is no “%(name)s”."), f"{place}.{name}", name=value[:60])
        if value:
            yield name, value


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a formula is worked out from; nan where there is no value."""

    now: Floats
    before: tuple[Floats, ...] = ()
    other: Floats = field(default_factory=lambda: np.empty(0))


def work_out(how: str, columns: Columns) -> Floats:
    """Work a formula out over columns. Nothing to compare with, or a comparison with 0, is no value and not 0.

    >>> now, before = np.array([70.0, 5.0, 5.0]), np.array([100.0, 0.0, np.nan])
    >>> work_out("change", Columns(now, (before,)))
    array([-0.3,  nan,  nan])
    >>> work_out("usual", Columns(np.array([30.0]), (np.array([10.0]), np.array([30.0]))))
    array([0.5])
    >>> work_out("ratio", Columns(np.array([8.0, 8.0]), (), np.array([10.0, 0.0])))
    array([0.8, nan])
    >>> work_out("difference", Columns(np.array([8.0]), (), np.array([10.0])))
    array([-2.])
    """
    if how == RATIO:
        return _share(columns.now, columns.other)
    if how == DIFFERENCE:
        return np.asarray(columns.now - columns.other)
    if how in (CHANGE, USUAL):
        usual = _mean(columns.before)
        return _share(columns.now - usual, np.abs(usual))
    return columns.now


def _share(part: Floats, whole: Floats) -> Floats:
    usable = np.isfinite(whole) & (whole != 0)
    # Next to nothing is like nothing: what overflows is no value.
    with np.errstate(over="ignore"):
        found = part / np.where(usable, whole, 1)
    return np.where(usable & np.isfinite(found), found, np.nan)


def _mean(columns: tuple[Floats, ...]) -> Floats:
    """The mean of what is known in each row."""
    table = np.stack(columns)
    known = np.isfinite(table)
    count = known.sum(axis=0)
    total = np.where(known, table, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
