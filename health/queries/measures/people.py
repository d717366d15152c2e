"""Who left, what was promised, and how long has nobody spoken with them?"""

from __future__ import annotations

import numpy as np
from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Account, Contact, ExpectationGap, Promise, TimelineEntry
from common.columns import NO_DAY
from health.queries.indicators.book import Book
from health.queries.measures.measured import Measured
from health.rules.warnings import Test


def people_left(book: Book, test: Test) -> Measured:
    """Champions and decision makers who left in the window."""
    first, last = book.window(test.days or 180)
    champion, decider = Contact.Role.CHAMPION, Contact.Role.DECISION_MAKER
    left = Contact.objects.filter(role__in=[champion, decider], left_on__gte=first, left_on__lte=last)
    found = book.per_account(
        book.only(left)
        .values("account_id")
        .annotate(
            all=Count("pk"),
            champions=Count("pk", filter=Q(role=champion)),
            decision_makers=Count("pk", filter=Q(role=decider)),
            last=Max("left_on"),
        ),
        all="int",
        champions="int",
        decision_makers="int",
        last="day",
    )
    counts = {name: found[name] for name in ("champions", "decision_makers")}
    return Measured(found["all"].astype(float), counts, {"last_on": found["last"]})


def open_gaps(book: Book, test: Test) -> Measured:
    """Expectation gaps that are found and not closed by the day."""
    is_open = Q(closed_on=None) | Q(closed_on__gt=book.on)
    rows = book.only(ExpectationGap.objects.filter(is_open, found_on__lte=book.on)).values("account_id")
    found = book.per_account(rows.annotate(all=Count("pk"), first=Min("found_on")), all="int", first="day")
    return Measured(found["all"].astype(float), days={"since": found["first"]})


def overdue_promises(book: Book, test: Test) -> Measured:
    """Promises past their day that were not settled by the day."""
    waiting = Q(settled_on=None, state=Promise.State.OPEN) | Q(settled_on__gt=book.on)
    rows = book.only(Promise.objects.filter(waiting, due_on__lt=book.on)).values("account_id")
    return Measured(book.per_account(rows.annotate(all=Count("pk")), all="int")["all"].astype(float))


def days_since_touch(book: Book, test: Test) -> Measured:
    """Days since the last call, meeting or the like; not known of who was never touched."""
    _start, end = book.instants(1)
    touches = TimelineEntry.objects.filter(
        account_id=OuterRef("pk"), kind__in=TimelineEntry.TOUCHES, at__lt=end, is_private=False
    )
    newest = touches.order_by("-at").annotate(local=TruncDate("at", tzinfo=book.zone)).values("local")[:1]
    rows = book.only(Account.objects.all(), "pk").values(account_id=F("pk")).annotate(last=Subquery(newest))
    last = book.per_account(rows, empty=NO_DAY, last="day")["last"]
    return Measured(np.where(last != NO_DAY, (book.day - last).astype(float), np.nan), days={"last_on": last})
