"""Who needs this person this morning, why, and what is the one thing to do?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Handoff, Organisation, Promise, ServiceAssignment, TimelineEntry, User
from accounts.rules.roles import Capability
from common import charts
from common.charts import Chart
from common.columns import read_columns
from common.formats import date, money
from common.periods import add_months, month_start
from health.models import TONES, EarlyWarning, HealthScore
from health.queries.open_warnings import warnings_for
from portfolio.models import AccountRow
from portfolio.queries.recommendations import Recommended, recommended, rows_of_concern
from portfolio.queries.rows import BandCount
from portfolio.queries.today_standing import NOTHING, Standing, bands_of, last_scored, standings
from portfolio.queries.today_work import TodayWork, work_of_today
from revenue.rules.movements import day_number
from revenue.rules.rates import from_cents

SHOWN = 8
WARNINGS = 5
RENEWAL_DAYS = 90
# The one button of a recommendation, and the ready-made log entry that it opens (accounts.rules.timeline).
ACTION_LABELS = {
    "call": gettext_lazy("Log a call"),
    "training": gettext_lazy("Plan a training"),
    "meeting": gettext_lazy("Plan a meeting"),
    "business_review": gettext_lazy("Plan a review"),
    "renewal": gettext_lazy("Log a call"),
}
LOG_TEMPLATES = {
    "call": "check_in",
    "training": "training",
    "meeting": "kick_off",
    "business_review": "qbr",
    "renewal": "check_in",
}


@dataclass(frozen=True)
class BookOfOwner:
    """What one CSM looks after, and how it fares: a line of the manager's table."""

    owner_id: int
    name: str
    accounts: int
    arr: Decimal | None
    at_risk: int
    arr_at_risk: Decimal | None
    fell: int
    rose: int


@dataclass(frozen=True)
class MonthOfRenewals:
    """The contract ends of one month: all of the money that falls due, and the part of it at risk."""

    month: dt.date
    accounts: int
    arr: Decimal
    at_risk: Decimal


@dataclass(frozen=True)
class Today:
    """Everything the landing page of a CSM or a manager shows."""

    on: dt.date
    currency: str
    with_money: bool
    may_edit: bool
    recommendations: Sequence[Recommended]
    bands: Sequence[BandCount]
    follow_ups: Sequence[TimelineEntry]
    handoffs: Sequence[Handoff]
    promises: Sequence[Promise]
    renewals: Sequence[AccountRow]
    renewal_months: Sequence[MonthOfRenewals]
    books: Sequence[BookOfOwner]
    scored_on: dt.date | None
    warnings: Sequence[EarlyWarning]
    warnings_count: int
    work: TodayWork
    stands: Sequence[Standing] = ()

    def action_label(self, action: str) -> str:
        """What the button of a recommendation says."""
        return str(ACTION_LABELS[action])

    def action_url(self, item: Recommended) -> str:
        """Where the button leads: the log of a touch, filled in as far as possible."""
        return f"{reverse('account_touch_add', args=[item.row.pk])}?template={LOG_TEMPLATES[item.action]}"

    @property
    def is_empty(self) -> bool:
        """Whether there is no account to speak of."""
        return not self.bands


def today(user: User, on: dt.date) -> Today:
    """Read the landing page: a CSM's own accounts, a manager's team's."""
    organisation = Organisation.load()
    with_money = user.can(Capability.SEE_MONEY)
    rows = rows_of_concern(user)
    ending = rows.filter(renewal_on__gte=on, renewal_on__lte=on + dt.timedelta(days=RENEWAL_DAYS), arr__gt=0)
    asking = warnings_for(user, on, own=user.role == User.Role.CSM)
    warnings = list(asking.order_by("-rank" if with_money else "-severity", "-pk")[:WARNINGS])
    stands = standings(rows, on)
    return Today(
        on=on,
        currency=organisation.reporting_currency,
        with_money=with_money,
        may_edit=user.can(Capability.EDIT_ACCOUNTS),
        recommendations=recommended(user, on, currency=organisation.reporting_currency, with_playbooks=True),
        bands=bands_of(stands, with_money=with_money),
        follow_ups=_follow_ups(user, on),
        handoffs=_handoffs(user),
        promises=_overdue_promises(user, on),
        renewals=list(ending.order_by("renewal_on", "pk")[:SHOWN]),
        renewal_months=_renewal_months(rows, on) if with_money else [],
        books=_books(stands, with_money=with_money) if user.can(Capability.ASSIGN_OWNERS) else [],
        scored_on=last_scored(stands),
        warnings=warnings,
        warnings_count=asking.count() if len(warnings) == WARNINGS else len(warnings),
        work=work_of_today(user, on),
        stands=stands,
    )


def _follow_ups(user: User, on: dt.date) -> list[TimelineEntry]:
    """What this person promised to come back to, and what the system puts before the owner; the oldest first."""
    owned = ServiceAssignment.objects.current().owners().filter(user=user).values("account")
    mine = TimelineEntry.objects.visible_to(user).filter(
        Q(author=user) | Q(author=None, account__in=owned), follow_up_on__lte=on, follow_up_done_at__isnull=True
    )
    return list(mine.select_related("account").order_by("follow_up_on", "pk")[:SHOWN])


def _handoffs(user: User) -> list[Handoff]:
    """The handoffs that wait for an answer."""
    waiting = Handoff.objects.visible_to(user).filter(state=Handoff.State.SUBMITTED)
    return list(waiting.select_related("account").order_by("submitted_at", "pk")[:SHOWN])


def _overdue_promises(user: User, on: dt.date) -> list[Promise]:
    """Promises that are past their day and still open."""
    late = Promise.objects.visible_to(user).filter(state=Promise.State.OPEN, due_on__lt=on)
    return list(late.select_related("account").order_by("due_on", "pk")[:SHOWN])


def _renewal_months(rows: QuerySet[AccountRow], on: dt.date) -> list[MonthOfRenewals]:
    """The contract ends of this month and the five that follow, in the reporting currency."""
    first = month_start(on)
    months = [add_months(first, number) for number in range(7)]
    ending = rows.filter(renewal_on__gte=on, renewal_on__lt=months[-1], arr__gt=0).order_by()
    is_red = Case(When(band="red", then=1), default=0, output_field=IntegerField())
    found = read_columns(ending.annotate(is_red=is_red), renewal_on="day", arr="cents", is_red="int")
    month = np.searchsorted([day_number(day) for day in months], found["renewal_on"], side="right") - 1
    red = found["is_red"] == 1
    return [
        MonthOfRenewals(
            day,
            int((month == number).sum()),
            from_cents(int(found["arr"][month == number].sum())),
            from_cents(int(found["arr"][(month == number) & red].sum())),
        )
        for number, day in enumerate(months[:-1])
        if month.size
    ]


def _books(stands: Sequence[Standing], *, with_money: bool) -> list[BookOfOwner]:
    """The book of every CSM, the one that got worse in most accounts first."""
    held: dict[tuple[int, str], list[Standing]] = defaultdict(list)
    for one in stands:
        if one.owner_id is not None:
            held[one.owner_id, one.owner_name].append(one)
    books = [_book(owner, name, parts, with_money) for (owner, name), parts in held.items()]
    return sorted(books, key=lambda book: (-book.fell, book.name))


def _book(owner: int, name: str, parts: Sequence[Standing], with_money: bool) -> BookOfOwner:
    red = [one for one in parts if one.band == "red"]
    return BookOfOwner(
        owner,
        name,
        sum(one.accounts for one in parts),
        sum((one.arr for one in parts), NOTHING) if with_money else None,
        sum(one.accounts for one in red),
        sum((one.arr for one in red), NOTHING) if with_money else None,
        sum(one.fell for one in parts),
        sum(one.rose for one in parts),
    )


@dataclass(frozen=True)
class TodayCharts:
    """The pictures of the landing page."""

    bands: Chart
    renewals: Chart
    renewals_title: str
    renewals_words: str


def today_charts(page: Today) -> TodayCharts:
    """Draw the landing page's pictures; each title says the finding."""
    at_risk = sum((month.at_risk for month in page.renewal_months), Decimal(0))
    due = sum((month.arr for month in page.renewal_months), Decimal(0))
    return TodayCharts(
        bands=charts.strip(
            [
                charts.Part(
                    value=band.accounts,
                    tone=TONES[band.band],
                    label=str(HealthScore.Band(band.band).label),
                    text="" if band.arr is None else money(band.arr, page.currency),
                    href=f"{reverse('account_list')}?band={band.band}",
                )
                for band in page.bands
            ],
            heads=(_("Health"), _("Accounts")),
        ),
        renewals=charts.bars(
            [_renewal_bar(month, page.currency) for month in page.renewal_months],
            heads=(_("Month"), _("Not at risk"), _("At risk"), _("ARR")),
            formatted=lambda value: money(value, page.currency),
        ),
        renewals_title=_("%(risk)s of %(due)s due in six months is at risk")
        % {"risk": money(at_risk, page.currency), "due": money(due, page.currency)},
        renewals_words=_("ARR of the contracts that end in each month; the hatched part is of accounts at risk."),
    )


def _renewal_bar(month: MonthOfRenewals, currency: str) -> charts.Item:
    parts = (
        charts.Part(month.arr - month.at_risk, tone="info", label=_("Not at risk")),
        charts.Part(month.at_risk, tone="risk", label=_("At risk"), hatched=True),
    )
    label = date(month.month, "month")
    return charts.Item(label, month.arr, text=money(month.arr, currency) if month.arr else " ", parts=parts)
