"""Are the talks on the next contract where they should be, and does the customer grow?"""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.db.models import Case, Count, IntegerField, Max, Min, Q, Value, When

from common.columns import NO_DAY
from health.queries.indicators.book import Book, Ints, Measure
from health.rules import indicators as rules
from health.rules.default import RENEWAL_EXPECTED, RENEWAL_STAGE_PROGRESS
from health.rules.score import Flags
from health.rules.scorecard import Indicator
from revenue.models import ContractLine, Movement, Renewal

STAGES = list(Renewal.Stage.values)
# So long after its day an open renewal is still waited for.
OVERDUE_DAYS = 90
# A renewal due so many days from the end of the contract is that end's renewal.
SAME_END_DAYS = 31


def renewal_progress(book: Book, indicator: Indicator) -> Measure:
    """The stage of the talks against the days left to the end, at its worst; full when nothing is due in the window.

    Due are renewals, and ends of contract that nobody made a renewal for: these count as not started. A stage entered
    after the day is not known on it, so neither is the value.
    """
    progress = indicator.params.get("progress", RENEWAL_STAGE_PROGRESS)
    expected = indicator.params.get("expected", RENEWAL_EXPECTED)
    worst = np.where(is_customer(book), 1.0, np.inf)
    renewals = _renewals(book, indicator.days)
    of_stage = np.array([float(progress.get(stage, 0)) for stage in STAGES])[renewals["stage"]]
    values = rules.renewal_progress(renewals["due_on"] - book.day, of_stage, expected)
    values = np.where(renewals["stage"] == STAGES.index(Renewal.Stage.LOST), 0.0, values)
    values = np.where(renewals["stage"] == STAGES.index(Renewal.Stage.WON), 1.0, values)
    np.minimum.at(worst, renewals["at"], values)
    ends = contract_ends(book)
    unspoken = (ends <= book.day + indicator.days) & ~_spoken_of(book, renewals, ends)
    silent = rules.renewal_progress(ends - book.day, np.zeros(len(ends)), expected)
    worst = np.where(unspoken, np.minimum(worst, silent), worst)
    worst[renewals["at"][renewals["since"] > book.day]] = np.inf
    return Measure(np.where(np.isinf(worst), np.nan, worst))


def expansion_density(book: Book, indicator: Indicator) -> Measure:
    """Expansions in the window, per year; no value for an account that never paid."""
    first, last = book.window(indicator.days)
    rows = book.only(Movement.objects.filter(on__lte=last))
    found = book.per_account(
        rows.values("account_id").annotate(
            expansions=Count("on", distinct=True, filter=Q(kind=Movement.Kind.EXPANSION, on__gte=first)),
        ),
        expansions="int",
    )
    known = (found["known"] > 0) | is_customer(book)
    return Measure(rules.expansion_density(found["expansions"], indicator.days, known))


def is_customer(book: Book) -> Flags:
    """Which accounts have a contract line that began by the day."""

    def read() -> Flags:
        rows = book.only(ContractLine.objects.filter(starts_on__lte=book.on)).values("account_id")
        return book.per_account(rows.annotate(first=Min("starts_on")), first="day")["known"].astype(bool)

    return book.once("customer", read)


def _renewals(book: Book, days: int) -> dict[str, Ints]:
    """Renewals due in the window, and open ones that are overdue: account, due day, stage, in that stage since."""
    upto = book.on + dt.timedelta(days=days)
    ahead = Q(due_on__gt=book.on, due_on__lte=upto)
    overdue = Q(due_on__lte=book.on, due_on__gt=book.on - dt.timedelta(days=OVERDUE_DAYS), stage__in=Renewal.OPEN)
    number = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(STAGES)), output_field=IntegerField())
    rows = book.only(Renewal.objects.filter(ahead | overdue)).annotate(number=number)
    found = book.columns(rows, due_on="day", number="int", stage_changed_on="day")
    since = np.where(found["stage_changed_on"] == NO_DAY, 0, found["stage_changed_on"])
    return {"at": found["at"], "due_on": found["due_on"], "stage": found["number"], "since": since}


def contract_ends(book: Book) -> Ints:
    """The day on which all that an account pays for ends, as known on the day; `NO_DAY` where none is agreed.

    An end that was brought about by a notice is not known before the notice.
    """
    not_known = Q(ends_on=None) | Q(notice_on__gt=book.on)
    found = book.per_account(
        book.only(ContractLine.objects.active_on(book.on))
        .values("account_id")
        .annotate(last=Max("ends_on"), without_end=Count("pk", filter=not_known)),
        empty=NO_DAY,
        last="day",
        without_end="int",
    )
    return np.where((found["known"] > 0) & (found["without_end"] == 0), found["last"], NO_DAY)


def _spoken_of(book: Book, renewals: dict[str, Ints], ends: Ints) -> Flags:
    """Whether a renewal stands for each account's end of contract."""
    near = np.abs(renewals["due_on"] - ends[renewals["at"]]) <= SAME_END_DAYS
    spoken = np.zeros(len(ends), dtype=bool)
    spoken[renewals["at"][near]] = True
    return spoken
