"""Which scorecard holds for which account on a day?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Case, F, IntegerField, Prefetch, Q, Value, When

from accounts.models import Account, Tag
from health.models import Scorecard, ScorecardVersion
from health.queries.indicators.book import Book, Ints
from health.rules import conditions as rules
from health.rules.scorecard import Scorecard as Definition
from health.rules.scorecard import parse_scorecard

NO_CARD = -1
# No customer is older than this, in days.
LONGEST = 36_500


@dataclass(frozen=True)
class Card:
    """A scorecard in the version that holds on a day, ready to score with."""

    version: ScorecardVersion
    definition: Definition
    condition: Q

    @property
    def keys(self) -> list[str]:
        """The keys of its indicators, in order."""
        return [indicator.key for indicator in self.definition.indicators]


def cards_on(on: dt.date) -> list[Card]:
    """The scorecards in use with their versions in force on a day, in the order in which they are tried."""
    in_force = ScorecardVersion.objects.filter(effective_on__lte=on).order_by("scorecard", "-number")
    cards = []
    for scorecard in Scorecard.objects.filter(is_active=True).prefetch_related(
        Prefetch("versions", queryset=in_force, to_attr="in_force")
    ):
        versions: Sequence[ScorecardVersion] = scorecard.in_force
        if versions:
            condition = condition_of(rules.parse_conditions(versions[0].conditions), on)
            cards.append(Card(versions[0], parse_scorecard(versions[0].definition), condition))
    return cards


def choose_cards(cards: Sequence[Card], book: Book) -> Ints:
    """The first scorecard whose conditions each account meets, as a position in the list; `NO_CARD` where none does."""
    whens, otherwise = [], NO_CARD
    for position, card in enumerate(cards):
        if not card.condition:
            otherwise = position
            break
        whens.append(When(card.condition, then=Value(position)))
    if not whens:
        return np.full(len(book.ids), otherwise, dtype=np.int64)
    chosen = Case(*whens, default=Value(otherwise), output_field=IntegerField())
    rows = book.only(Account.objects.all(), "pk").values(account_id=F("pk")).annotate(card=chosen)
    return book.per_account(rows, empty=NO_CARD, card="int")["card"]


def condition_of(conditions: Iterable[rules.Condition], on: dt.date) -> Q:
    """Turn a scorecard's conditions into a filter on accounts, as of a day."""
    whole = Q()
    for condition in conditions:
        whole &= _one(condition, on)
    return whole


def _one(condition: rules.Condition, on: dt.date) -> Q:
    name, operator = condition.field, condition.operator
    if operator in {"is_not", "not_in", "is_not_set"}:
        opposite = {"is_not": "is", "not_in": "in", "is_not_set": "is_set"}[operator]
        # By key, so that an account without the field is one that does not have the value.
        same = _one(rules.Condition(name, opposite, condition.values), on)
        return ~Q(pk__in=Account.objects.filter(same).order_by().values("pk"))
    if name == rules.AGE:
        return _signed(operator, condition.values, on)
    if name == rules.TAG:
        tags = Tag.objects.filter(name__in=condition.values) if condition.values else Tag.objects.all()
        return Q(pk__in=Account.tags.through.objects.filter(tag__in=tags).values("account"))
    path = f"custom__{name.removeprefix(rules.CUSTOM)}" if name.startswith(rules.CUSTOM) else name
    if operator == "is_set":
        return _is_set(name, path)
    if operator in rules.NUMBERS:
        return Q(**{f"{path}__{'gte' if operator == 'at_least' else 'lte'}": condition.values[0]})
    found = Q(pk__in=[])
    for value in condition.values:
        found |= Q(**{path: value})
    return found


def _signed(operator: str, values: Sequence[float], on: dt.date) -> Q:
    """Turn days since signing into days on which an account signed."""
    if operator == "is_set":
        return Q(signed_on__isnull=False)
    days = [on - dt.timedelta(days=min(max(int(value), -LONGEST), LONGEST)) for value in values]
    if operator in rules.NUMBERS:
        return Q(**{f"signed_on__{'lte' if operator == 'at_least' else 'gte'}": days[0]})
    return Q(signed_on__in=days)


def _is_set(name: str, path: str) -> Q:
    if name.startswith(rules.CUSTOM):
        return Q(custom__has_key=name.removeprefix(rules.CUSTOM)) & ~Q(**{path: None}) & ~Q(**{path: ""})
    return Q(**{f"{path}__isnull": False}) if name in rules.NUMBER_FIELDS else ~Q(**{path: ""})
