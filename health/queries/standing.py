"""Who is a customer on a day, who is still new, and where did each stand at the reading before?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from common.columns import NO_DAY, Cents
from health.models import HealthScore
from health.queries.indicators.book import Book, Ints
from health.rules.score import Flags, Floats, Words
from revenue.models import ContractLine

BANDS = ["", *HealthScore.Band.values]
# Band and score of a reading travel in one number: band × this + hundredths of a point + 1 (0: no score).
STRIDE = 20_000


@dataclass(frozen=True)
class Before:
    """The band ("" for none) and the score in points (nan for none) of each account's reading before a day."""

    bands: Words
    scores: Floats


def is_scored(book: Book, gap_days: int) -> Flags:
    """Which accounts get a score: they have signed or started by the day, and have not left.

    An account has left when all its contract lines have ended (for longer than a pause that is bridged), or when it has
    no lines and its stage says so.
    """
    lines = book.per_account(
        book.only(ContractLine.objects.all())
        .values("account_id")
        .annotate(first=Min("starts_on"), last=Max("ends_on"), without_end=Count("pk", filter=Q(ends_on=None))),
        empty=NO_DAY,
        first="day",
        last="day",
        without_end="int",
    )
    has_lines = lines["known"] > 0
    started = has_lines & (lines["first"] <= book.day)
    signed = book.signed <= book.day
    unknown_start = (book.signed == NO_DAY) & ~has_lines
    left = has_lines & (lines["without_end"] == 0) & (lines["last"] + gap_days <= book.day)
    scored: Flags = (started | signed | unknown_start) & ~left & ~(~has_lines & _churned(book))
    return scored


def is_new(book: Book, grace_days: int) -> Flags:
    """Which accounts signed less than a grace period ago."""
    return (book.signed <= book.day) & (book.day < book.signed + grace_days)


def reading_before(book: Book) -> Before:
    """The latest score of each account before the day."""
    earlier = HealthScore.objects.filter(account_id=OuterRef("pk"), on__lt=book.on).order_by("-on")
    band = Case(*(When(band=name, then=Value(n)) for n, name in enumerate(BANDS) if name), output_field=IntegerField())
    code = Coalesce(Cents("score") + 1, Value(0)) + band * Value(STRIDE)
    rows = (
        book.only(Account.objects.all(), "pk")
        .values(account_id=F("pk"))
        .annotate(code=Coalesce(Subquery(earlier.annotate(code=code).values("code")[:1]), Value(0)))
    )
    codes = book.per_account(rows, code="int")["code"]
    score = codes % STRIDE
    return Before(np.array(BANDS, dtype="U10")[codes // STRIDE], np.where(score > 0, (score - 1) / 100, np.nan))


def scores_of_day(book: Book) -> Ints:
    """The accounts that have a score on the day already."""
    rows = book.only(HealthScore.objects.filter(on=book.on)).values("account_id")
    return book.ids[book.columns(rows)["at"]]


def _churned(book: Book) -> Flags:
    rows = book.only(Account.objects.filter(stage=Account.Stage.CHURNED), "pk").values(account_id=F("pk"))
    churned: Flags = book.per_account(rows)["known"].astype(bool)
    return churned
