"""Did customers reach what they bought it for, and what other figures are known of them?"""

from __future__ import annotations

import numpy as np
from django.db.models import BigIntegerField, Count, Max, Sum
from django.db.models.functions import Cast

from accounts.models import Account
from common.columns import TenThousandths
from health.queries.indicators.book import Book, Measure
from health.rules import indicators as rules
from health.rules.scorecard import Indicator
from usage.models import MilestoneReached, Reading

TEN_THOUSANDTHS = 10_000


def milestone_rate(book: Book, indicator: Indicator) -> Measure:
    """Milestones reached / milestones due by now: those whose days after signing have passed."""
    catalogue = book.catalogue
    rows = book.only(MilestoneReached.objects.filter(on__lte=book.on))
    reached, _ = book.flags(rows, "milestone_id", catalogue.milestones)
    due = (book.signed[:, None] + catalogue.due_after) <= book.day
    return Measure(rules.share((reached & due).sum(axis=1), due.sum(axis=1)))


def reading(book: Book, indicator: Indicator) -> Measure:
    """A metric's readings in the window: their sum or mean, or the latest. For companies that have only readings."""
    first, last = book.window(indicator.days)
    metric, how = indicator.params.get("metric", ""), indicator.params.get("how", "mean")
    rows = book.only(Reading.objects.filter(metric__external_id=metric, on__gte=first, on__lte=last))
    found = book.per_account(
        rows.values("account_id").annotate(
            total=Cast(Sum(TenThousandths("value")), BigIntegerField()), count=Count("pk"), latest=Max("on")
        ),
        total="int",
        count="int",
        latest="day",
    )
    known = found["known"] > 0
    age = np.where(known, book.day - found["latest"], np.inf)
    if how == "latest":
        each = rows.values("account_id", "on", ten=TenThousandths("value"))
        newest = book.columns(each, on="day", ten="int")
        values = np.full(len(book.ids), np.nan)
        order = np.argsort(newest["on"], kind="stable")
        values[newest["at"][order]] = newest["ten"][order] / TEN_THOUSANDTHS
        return Measure(values, age)
    divisor = np.maximum(found["count"], 1) if how == "mean" else 1
    return Measure(np.where(known, found["total"] / TEN_THOUSANDTHS / divisor, np.nan), age)


def custom_field(book: Book, indicator: Indicator) -> Measure:
    """The number in one of the organisation's own fields; yes is 1 and no is 0."""
    key = str(indicator.params.get("key", ""))
    rows = book.only(Account.objects.filter(custom__has_key=key), "pk").order_by()
    values = np.full(len(book.ids), np.nan)
    for account, custom in rows.values_list("pk", "custom").iterator(chunk_size=2000):
        at, here = book.positions(np.array([account]))
        if here[0]:
            values[at[0]] = _as_number(custom.get(key))
    return Measure(values)


def _as_number(value: object) -> float:
    if not isinstance(value, int | float | str):
        return np.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return np.nan
