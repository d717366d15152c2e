"""Is a renewal left lying, and does what a customer pays shrink or stand still?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, Q, Subquery, Value, When

from accounts.models import Account
from common.columns import NO_DAY, Cents
from health.models import HealthScore
from health.queries.indicators.book import Book, Ints
from health.queries.indicators.commercial import SAME_END_DAYS, contract_ends, is_customer
from health.queries.measures.measured import Measured
from health.rules import warnings as rules
from health.rules.score import Flags, Floats
from health.rules.warnings import Test
from revenue.models import ContractLine, Movement, Renewal

# A score older than this is none of today's.
FRESH_DAYS = 7
# Bands and stages as numbers, the better the higher.
BANDS: Mapping[str, int] = {HealthScore.Band.RED: 0, HealthScore.Band.YELLOW: 1, HealthScore.Band.GREEN: 2}
TALKS: Mapping[str, int] = {
    Renewal.Stage.NOT_STARTED: 0,
    Renewal.Stage.IN_TALKS: 1,
    Renewal.Stage.COMMITTED: 2,
    Renewal.Stage.WON: 3,
}


def renewal_quiet(book: Book, test: Test) -> Measured:
    """Days to the end of the contract where talks have not begun; a stage entered after the day is not known on it."""
    ends = contract_ends(book)
    spoken, unsure = _talks(book, ends)
    return Measured(rules.days_left_unspoken(ends, book.day, spoken, ~unsure, NO_DAY), days={"ends_on": ends})


def expansions(book: Book, test: Test) -> Measured:
    """Days with an expansion in the window; not known of who was no customer during all of it."""
    days = test.days or 365
    rows = book.only(ContractLine.objects.all()).values("account_id").annotate(first=Min("starts_on"))
    first = book.per_account(rows, empty=NO_DAY, first="day")["first"]
    count, _last = _movements(book, days, Movement.Kind.EXPANSION)
    return Measured(np.where(first <= book.day - days, count.astype(float), np.nan))


def contractions(book: Book, test: Test) -> Measured:
    """Days with a contraction in the window."""
    count, last = _movements(book, test.days or 180, Movement.Kind.CONTRACTION)
    return Measured(np.where(is_customer(book), count.astype(float), np.nan), days={"last_on": last})


def health_score(book: Book, test: Test) -> Measured:
    """The latest score, if it is of these days."""
    return Measured(_score(book, 0))


def health_band(book: Book, test: Test) -> Measured:
    """The band of the latest score, if it is of these days: 0 at risk, 1 watch, 2 healthy."""
    scores = HealthScore.objects.filter(_fresh(book.on), account_id=OuterRef("pk"))
    newest = Subquery(scores.order_by("-on").annotate(number=_numbered("band", BANDS)).values("number")[:1])
    rows = book.only(Account.objects.all(), "pk").values(account_id=F("pk")).annotate(number=newest)
    found = book.per_account(rows.filter(number__isnull=False), empty=-1, number="int")["number"]
    return Measured(np.where(found >= 0, found.astype(float), np.nan))


def renewal_talks(book: Book, test: Test) -> Measured:
    """How far the talks on the next end of contract are: 0 not begun, 1 in talks, 2 committed, 3 won.

    A stage entered after the day is not known on it.
    """
    known = Q(stage_changed_on=None) | Q(stage_changed_on__lte=book.on)
    rows = Renewal.objects.filter(known, due_on__gte=book.on, stage__in=list(TALKS))
    found = book.columns(book.only(rows.annotate(number=_numbered("stage", TALKS))), due_on="day", number="int")
    order = np.argsort(-found["due_on"], kind="stable")
    values = np.full(len(book.ids), np.nan)
    values[found["at"][order]] = found["number"][order]
    return Measured(values)


def score_change(book: Book, test: Test) -> Measured:
    """The latest score less the one of some days before."""
    now, before = _score(book, 0), _score(book, test.days or 30)
    return Measured(np.round(now - before, 2), {"now": now, "before": before})


def _movements(book: Book, days: int, kind: str) -> tuple[Ints, Ints]:
    first, last = book.window(days)
    rows = book.only(Movement.objects.filter(kind=kind, on__gte=first, on__lte=last)).values("account_id")
    found = book.per_account(
        rows.annotate(count=Count("on", distinct=True), last=Max("on")), empty=0, count="int", last="day"
    )
    return found["count"], found["last"]


def _talks(book: Book, ends: Ints) -> tuple[Flags, Flags]:
    """Whether talks on each account's end of contract had begun, and where nobody can tell for that day."""
    begun = book.only(Renewal.objects.exclude(stage=Renewal.Stage.NOT_STARTED).filter(due_on__gt=book.on))
    found = book.columns(begun, due_on="day", stage_changed_on="day")
    near = np.abs(found["due_on"] - ends[found["at"]]) <= SAME_END_DAYS
    later = (found["stage_changed_on"] > book.day) & (found["stage_changed_on"] != NO_DAY)
    spoken, unsure = np.zeros(len(ends), dtype=bool), np.zeros(len(ends), dtype=bool)
    spoken[found["at"][near & ~later]] = True
    unsure[found["at"][near & later]] = True
    return spoken, unsure


def _score(book: Book, back: int) -> Floats:
    """The latest score by a day so many days ago, nan where there was none in the week up to it."""
    until = book.on - dt.timedelta(days=back)
    scores = HealthScore.objects.filter(_fresh(until), account_id=OuterRef("pk")).exclude(band=HealthScore.Band.UNKNOWN)
    newest = Subquery(scores.order_by("-on").annotate(cents=Cents("score")).values("cents")[:1])
    rows = book.only(Account.objects.all(), "pk").values(account_id=F("pk")).annotate(cents=newest)
    found = book.per_account(rows.filter(cents__isnull=False), empty=-1, cents="int")["cents"]
    return np.where(found >= 0, found / 100, np.nan)


def _fresh(until: dt.date) -> Q:
    """Scores of the week up to a day."""
    return Q(on__lte=until, on__gt=until - dt.timedelta(days=FRESH_DAYS), score__isnull=False)


def _numbered(field: str, numbers: Mapping[str, int]) -> Case:
    """A word of a column as its number; none for others."""
    whens = (When(**{field: word}, then=Value(number)) for word, number in numbers.items())
    return Case(*whens, output_field=IntegerField(null=True))
