"""What are the advocate score and the criteria of high-value customers made of, for every customer of a day?

Some thousands of customers at a time, a fixed number of queries for each batch; then all of them as columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account, BusinessGoal, GoalMeasurement
from advocacy.models import Ask, AskKind, PublicMention, Referral
from advocacy.rules.high_value import goals_attained
from common.columns import TenThousandths, read_columns
from health.queries.indicators.book import Book, Ints
from health.queries.measures.usage import module_numbers
from health.queries.warnings import customers_on
from revenue.models import Movement
from usage.models import Integration, SurveyAnswer

USE_DAYS = 30
YEAR = 365
# Favours that others hear: done, they are public mentions too.
PUBLIC = (AskKind.CASE_STUDY, AskKind.REVIEW, AskKind.TALK)
# Requests are facts of another app: {account: (asked, adopted)}, given by whoever joins the two.
Requests = Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class Customers:
    """All customers of a day with their numbers, a column each."""

    accounts: Ints
    active_days: Ints
    logins: Ints
    core_days: Ints
    modules_used: Ints
    modules_entitled: Ints
    integrations: Ints
    answers: Ints
    expansions: Ints
    goals_attained: Ints
    mentions: Ints
    referred: Ints


def measure_customers(on: dt.date) -> Customers:
    """Read the numbers of all customers of a day."""
    parts = [_measure(book) for book in customers_on(on)]
    empty = np.empty(0, dtype=np.int64)
    return Customers(
        **{
            one.name: np.concatenate([getattr(part, one.name) for part in parts] or [empty])
            for one in fields(Customers)
        }
    )


def request_columns(accounts: Ints, requests: Requests) -> tuple[Ints, Ints]:
    """Requests asked and adopted as columns of these accounts."""
    asked, adopted = np.zeros(len(accounts), dtype=np.int64), np.zeros(len(accounts), dtype=np.int64)
    if requests:
        known = np.array(sorted(requests), dtype=np.int64)
        pairs = np.array([requests[int(account)] for account in known], dtype=np.int64)
        at = np.minimum(np.searchsorted(known, accounts), len(known) - 1)
        there = known[at] == accounts
        asked[there], adopted[there] = pairs[at[there], 0], pairs[at[there], 1]
    return asked, adopted


def _measure(book: Book) -> Customers:
    active, logins, core = _days_of_use(book)
    used, entitled = module_numbers(book, USE_DAYS)
    return Customers(
        accounts=book.ids,
        active_days=active,
        logins=logins,
        core_days=core,
        modules_used=used,
        modules_entitled=entitled,
        integrations=_integrations(book),
        answers=_answers(book),
        expansions=_expansions(book),
        goals_attained=_results(book),
        mentions=_mentions(book) + _favours(book),
        referred=_referred(book),
    )


def _days_of_use(book: Book) -> tuple[Ints, Ints, Ints]:
    """Days with any use in the window, people added up over them, and days with use of a core feature."""
    first, last = book.window(USE_DAYS)
    window = Q(active_days__day__gte=first, active_days__day__lte=last, active_days__events__gt=0)
    # Joined one account after the other, so that the cost follows the window and not the length of the history.
    found = book.per_account(
        book.only(Account.objects.all(), "pk")
        .annotate(use=FilteredRelation("active_days", condition=window))
        .values(account_id=F("pk"))
        .annotate(
            active=Count("use__day"),
            people=Cast(Coalesce(Sum("use__people"), 0), BigIntegerField()),
            core=Count("use__day", filter=Q(use__core_events__gt=0)),
        ),
        active="int",
        people="int",
        core="int",
    )
    return found["active"], found["people"], found["core"]


def _integrations(book: Book) -> Ints:
    """Systems connected on the day."""
    still = Q(disconnected_on=None) | Q(disconnected_on__gt=book.on)
    rows = book.only(Integration.objects.filter(still, connected_on__lte=book.on)).values("account_id")
    return book.per_account(rows.annotate(all=Count("pk")), all="int")["all"]


def _answers(book: Book) -> Ints:
    """Survey answers of a year."""
    first, last = book.window(YEAR)
    rows = book.only(SurveyAnswer.objects.filter(answered_on__gte=first, answered_on__lte=last)).values("account_id")
    return book.per_account(rows.annotate(all=Count("pk")), all="int")["all"]


def _expansions(book: Book) -> Ints:
    """Days with an expansion in a year."""
    first, last = book.window(YEAR)
    grown = Movement.objects.filter(kind=Movement.Kind.EXPANSION, on__gte=first, on__lte=last)
    rows = book.only(grown).values("account_id").annotate(all=Count("on", distinct=True))
    return book.per_account(rows, all="int")["all"]


def _results(book: Book) -> Ints:
    """Goals attained by their latest measurement up to the day."""
    latest = GoalMeasurement.objects.filter(goal=OuterRef("pk"), on__lte=book.on).order_by("-on")
    rows = book.only(BusinessGoal.objects.all()).annotate(
        start=TenThousandths("baseline"),
        end=TenThousandths("target"),
        now=Subquery(latest.annotate(number=TenThousandths("value")).values("number")[:1]),
    )
    found = book.columns(rows.filter(now__isnull=False), start="int", end="int", now="int")
    attained = goals_attained(found["start"], found["end"], found["now"])
    return np.bincount(found["at"][attained], minlength=len(book.ids))


def _mentions(book: Book) -> Ints:
    """Public mentions up to the day."""
    rows = book.only(PublicMention.objects.filter(on__lte=book.on)).values("account_id")
    return book.per_account(rows.annotate(all=Count("pk")), all="int")["all"]


def _favours(book: Book) -> Ints:
    """Favours done up to the day that others hear."""
    return _counted(book, Ask.objects.filter(done_on__lte=book.on, kind__in=PUBLIC), "advocate__account_id")


def _referred(book: Book) -> Ints:
    """Customers whom they brought and who signed by the day."""
    return _counted(book, Referral.objects.filter(signed_on__lte=book.on), "referrer_id")


def _counted(book: Book, rows: QuerySet[Any], account: str) -> Ints:
    """How many rows lead to each account, by whatever way."""
    counts = book.only(rows, account).order_by().values(account).annotate(all=Count("pk"))
    found = read_columns(counts, **{account: "int", "all": "int"})
    at, known = book.positions(found[account])
    counted = np.zeros(len(book.ids), dtype=np.int64)
    counted[at[known]] = found["all"][known]
    return counted
