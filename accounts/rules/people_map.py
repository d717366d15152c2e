"""How close are we to each person at a customer, and who is missing from the picture?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.rules.numbers import between


class Level(StrEnum):
    """How close a relationship is, in one word."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    GONE = "gone"


@dataclass(frozen=True)
class Settings:
    """The points at which closeness changes."""

    fresh_days: int = 14
    stale_days: int = 120
    strong_score: int = 70
    fair_score: int = 40
    sponsor_days: int = 90


DEFAULTS = Settings()
SPONSOR_ROLES = frozenset({"economic_buyer", "decision_maker"})
CHAMPION = "champion"
ROLE_SCORE = {"champion": 100, "economic_buyer": 90, "decision_maker": 90, "end_user": 50, "blocker": 20}
SENTIMENT_SCORE = {"positive": 100, "neutral": 60, "unknown": 40, "negative": 0}
RECENCY_PERCENT, SENTIMENT_PERCENT, ROLE_PERCENT = 50, 30, 20


@dataclass(frozen=True)
class Person:
    """What closeness depends on: a contact as plain values."""

    role: str
    sentiment: str
    touched_on: dt.date | None = None
    left_on: dt.date | None = None

    def is_present(self, on: dt.date) -> bool:
        """Say whether this person has not left by a day."""
        return self.left_on is None or self.left_on > on

    def days_since_touch(self, on: dt.date) -> int | None:
        """Days since somebody spoke with this person; a touch ahead of the day counts as today."""
        return None if self.touched_on is None else max((on - self.touched_on).days, 0)


def recency_score(days: int | None, settings: Settings = DEFAULTS) -> float:
    """Score 100 for a touch within the fresh days, falling in a line to 0 at the stale days; never touched is 0.

    >>> recency_score(3), recency_score(67), recency_score(400), recency_score(None)
    (100.0, 50.0, 0.0, 0.0)
    """
    if days is None:
        return 0.0
    return between(days, low=settings.stale_days, high=settings.fresh_days)


def relationship_score(person: Person, on: dt.date, settings: Settings = DEFAULTS) -> int:
    """Score a relationship from 0 to 100: half recency of touch, 30 % sentiment, 20 % role. Who left scores 0.

    >>> day = dt.date(2026, 11, 23)
    >>> relationship_score(Person("champion", "positive", dt.date(2026, 11, 20)), day)
    100
    >>> relationship_score(Person("end_user", "unknown"), day)
    22
    >>> relationship_score(Person("champion", "positive", day, left_on=day), day)
    0
    """
    if not person.is_present(on):
        return 0
    parts = (
        RECENCY_PERCENT * recency_score(person.days_since_touch(on), settings)
        + SENTIMENT_PERCENT * SENTIMENT_SCORE[person.sentiment]
        + ROLE_PERCENT * ROLE_SCORE[person.role]
    )
    return round(parts / 100)


def relationship_level(score: int, is_present: bool, settings: Settings = DEFAULTS) -> Level:
    """Put a relationship score into a word.

    >>> relationship_level(70, True), relationship_level(40, True), relationship_level(39, True)
    (<Level.STRONG: 'strong'>, <Level.FAIR: 'fair'>, <Level.WEAK: 'weak'>)
    """
    if not is_present:
        return Level.GONE
    if score >= settings.strong_score:
        return Level.STRONG
    return Level.FAIR if score >= settings.fair_score else Level.WEAK


def is_single_threaded(people: Sequence[Person], on: dt.date) -> bool:
    """Say whether all we know hangs on one person; an account without any contact is not counted here.

    >>> day = dt.date(2026, 11, 23)
    >>> is_single_threaded([Person("champion", "positive")], day), is_single_threaded([], day)
    (True, False)
    """
    return sum(person.is_present(on) for person in people) == 1


def has_lost_champion(people: Sequence[Person], on: dt.date) -> bool:
    """Say whether a champion left and none is there now.

    >>> day = dt.date(2026, 11, 23)
    >>> gone = Person("champion", "positive", left_on=dt.date(2026, 11, 1))
    >>> has_lost_champion([gone], day), has_lost_champion([gone, Person("champion", "neutral")], day)
    (True, False)
    """
    champions = [person for person in people if person.role == CHAMPION]
    return bool(champions) and not any(person.is_present(on) for person in champions)


def has_sponsor_gap(people: Sequence[Person], on: dt.date, settings: Settings = DEFAULTS) -> bool:
    """Say whether nobody who decides or pays was touched within the sponsor days.

    >>> day = dt.date(2026, 11, 23)
    >>> has_sponsor_gap([Person("economic_buyer", "neutral", dt.date(2026, 8, 25))], day)
    False
    >>> has_sponsor_gap([Person("economic_buyer", "neutral", dt.date(2026, 8, 24))], day), has_sponsor_gap([], day)
    (True, True)
    """
    sponsors = [person for person in people if person.role in SPONSOR_ROLES and person.is_present(on)]
    days = [person.days_since_touch(on) for person in sponsors]
    return not any(since is not None and since <= settings.sponsor_days for since in days)
