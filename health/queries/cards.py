"""How do the scorecards look to the person who edits them: in words, with what is wrong, and with pictures?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Organisation
from common.charts import Chart, Part, strip
from common.formats import number
from health.models import Scorecard
from health.queries.editor import Gone, Standing, gone, standing_of
from health.queries.indicators import Book, measure
from health.queries.indicators.book import Catalogue
from health.queries.scores import group_name, indicator_name
from health.queries.vocabulary import OPERATOR_NAMES, field_choices, words_of_indicator
from health.rules.drafts import weight_total
from health.rules.picture import Picture, draw_scale
from health.rules.scorecard import Group, Indicator, Line, ScorecardError, Steps, parse_scorecard
from health.rules.scorecard import Scorecard as Definition

# Of a large book so many accounts tell how the values lie.
MOST_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator as the editor lists it."""

    key: str
    name: str
    words: str
    scale: str
    weight: float
    shelf: str
    gone: str


@dataclass(frozen=True, slots=True)
class GroupRows:
    """One group with its indicators."""

    key: str
    name: str
    weight: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class CardView:
    """One scorecard as the editor shows it."""

    standing: Standing
    definition: Definition
    groups: tuple[GroupRows, ...]
    total: float
    conditions: tuple[str, ...]
    knock_outs: tuple[str, ...]
    problem: str
    gone: tuple[Gone, ...]
    is_reached: bool = True

    @property
    def scorecard(self) -> Scorecard:
        """The row itself."""
        return self.standing.scorecard

    @property
    def strip(self) -> Chart:
        """The weights of the groups as one bar."""
        parts = [Part(group.weight, "info", group.name) for group in self.groups]
        return strip(parts, heads=(_("Group"), _("Weight")))

    @property
    def weights(self) -> list[tuple[str, str, float]]:
        """Key, name and weight of each indicator."""
        return [(row.key, row.name, row.weight) for group in self.groups for row in group.rows]


@dataclass(frozen=True)
class Spread:
    """How the values of an indicator lie today."""

    accounts: int
    known: int
    low: float | None
    middle: float | None
    high: float | None


def card_views(scorecards: Sequence[Scorecard]) -> list[CardView]:
    """Every scorecard in its order; those behind one that takes everybody are never reached."""
    found, is_reached = [], True
    for scorecard in scorecards:
        view = card_view(scorecard, is_reached=is_reached)
        found.append(view)
        newest = view.standing.newest
        if scorecard.is_active and newest is not None and not newest.conditions:
            is_reached = False
    return found


def card_view(scorecard: Scorecard, *, is_reached: bool = True) -> CardView:
    """One scorecard as it stands with its draft."""
    return view_of(standing_of(scorecard), is_reached=is_reached)


def view_of(standing: Standing, *, is_reached: bool = True) -> CardView:
    """The same of what was read already."""
    card = parse_scorecard(standing.definition, is_draft=True)
    lost = tuple(gone(card))
    named = {row.key: row.name for row in lost}
    return CardView(
        standing=standing,
        definition=card,
        groups=tuple(
            GroupRows(
                group.key,
                group_name(group),
                group.weight / 100,
                tuple(_row(indicator, named.get(indicator.key, "")) for indicator in group.indicators),
            )
            for group in card.groups
        ),
        total=weight_total(standing.definition),
        conditions=tuple(conditions_in_words(standing.conditions)),
        knock_outs=tuple(_knock_outs(card)),
        problem=problem_of(standing.definition),
        gone=lost,
        is_reached=is_reached,
    )


def problem_of(definition: Any) -> str:
    """What stands against publishing a definition, in words; empty where nothing does."""
    try:
        parse_scorecard(definition)
    except ScorecardError as error:
        return _(error.message) % error.params
    return ""


def _row(indicator: Indicator, lost: str) -> Row:
    shelf = []
    if indicator.stale_days is not None:
        said = ngettext("old after %(days)s day", "old after %(days)s days", indicator.stale_days)
        shelf.append(said % {"days": indicator.stale_days})
    if indicator.shelf_days is not None:
        said = ngettext("missing after %(days)s day", "missing after %(days)s days", indicator.shelf_days)
        shelf.append(said % {"days": indicator.shelf_days})
    return Row(
        key=indicator.key,
        name=indicator_name(indicator) or indicator.key,
        words=words_of_indicator(indicator),
        scale=scale_in_words(indicator.scale),
        weight=indicator.weight / 100,
        shelf=", ".join(shelf),
        gone=lost,
    )


def scale_in_words(scale: Line | Steps) -> str:
    """Say how a value is read."""
    if isinstance(scale, Line):
        return _("0 at %(red)s, 100 at %(green)s") % {"red": plain(scale.red), "green": plain(scale.green)}
    pairs = zip(scale.froms, scale.scores, strict=True)
    return " · ".join(
        _("from %(start)s: %(points)s") % {"start": plain(start), "points": plain(score)} for start, score in pairs
    )


def plain(value: float) -> str:
    """A number with as many decimals as it needs, at most three."""
    digits = next((digits for digits in range(3) if round(value, digits) == value), 3)
    return number(value, digits)


def _knock_outs(card: Definition) -> list[str]:
    names = {row.key: indicator_name(row) or row.key for row in card.indicators}
    bands = {"red": _("At risk"), "yellow": _("Watch")}
    return [
        _("When “%(name)s” scores below %(score)s, the account is at best: %(band)s")
        % {"name": names[rule.indicator], "score": plain(rule.below), "band": bands[rule.band]}
        for rule in card.knock_outs
    ]


def conditions_in_words(conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say for whom a scorecard is meant, one sentence a condition."""
    names = dict(field_choices()) if conditions else {}
    said = []
    for row in conditions:
        value = row.get("value", "")
        shown = [_value_in_words(row["field"], one) for one in (value if isinstance(value, list) else [value])]
        words = ", ".join(shown)
        operator = str(OPERATOR_NAMES[row.get("operator", "is")])
        said.append(f"{names.get(row['field'], row['field'])} {operator} {words}".strip())
    return said


# What is chosen for an account from a fixed list, and is no word that somebody wrote.
CHOSEN = {"tier": Account.Tier, "stage": Account.Stage, "purchase_level": Account.PurchaseLevel}


def _value_in_words(field: str, value: Any) -> str:
    """What a condition asks for, as the account's own page calls it."""
    labels = dict(CHOSEN[field].choices) if field in CHOSEN else {}
    return str(labels.get(value, value))


def picture_of(indicator: Indicator, card: Definition) -> Picture:
    """Draw how a value becomes a score."""
    return draw_scale(indicator.scale, card.yellow, card.green)


def spread_of(indicator: Indicator, on: dt.date, accounts: Any) -> Spread:
    """How the values lie on a day, over some thousand of the accounts: where to put the points."""
    ids = np.array(sorted(accounts.order_by().values_list("pk", flat=True)), dtype=np.int64)
    if len(ids) > MOST_LOOKED_AT:
        ids = ids[np.linspace(0, len(ids) - 1, MOST_LOOKED_AT).astype(np.int64)]
    book = Book(on=on, zone=Organisation.load().zone, catalogue=Catalogue.load(), ids=ids)
    values, expired = measure(Definition(groups=(_alone(indicator),)), book)
    known = values[:, 0][np.isfinite(values[:, 0]) & ~expired[:, 0]]
    quarters = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else [None] * 3
    return Spread(len(ids), len(known), *(None if one is None else round(float(one), 3) for one in quarters))


def _alone(indicator: Indicator) -> Group:
    return Group("alone", "", (indicator,))
