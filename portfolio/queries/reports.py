"""What stands on the sheets that people print: the review of one account, and of a whole book?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Contact, User
from accounts.rules.roles import Capability
from portfolio.models import AccountRow
from portfolio.queries.account_head import AccountHead
from portfolio.queries.overview import Overview, overview
from portfolio.queries.recommendations import Reason, reasons_of, rows_of_concern
from portfolio.queries.revenue_page import RevenuePage, revenue_page
from portfolio.queries.today import Today, TodayCharts, today, today_charts
from portfolio.queries.usage_page import Use, Voice, use_of, voice_of

PEOPLE, RISKS, NEAREST = 12, 10, 8


@dataclass(frozen=True)
class AccountReview:
    """One account on a sheet: how it fares, what it uses, pays and has reached, who is there, what is next."""

    overview: Overview
    use: Use
    voice: Voice
    revenue: RevenuePage | None
    people: Sequence[Contact]


@dataclass(frozen=True)
class PortfolioReview:
    """A book on a sheet: bands, contract ends, books of a team, the largest accounts at risk."""

    today: Today
    charts: TodayCharts
    risks: Sequence[tuple[AccountRow, Sequence[Reason]]]


def account_review(head: AccountHead, user: User, at: dt.datetime) -> AccountReview:
    """Read the sheet of an account, as far as its reader may see."""
    people = Contact.objects.filter(account=head.account).present_on(head.on).order_by("-touched_on", "name", "pk")
    return AccountReview(
        overview=overview(head, user),
        use=use_of(head),
        voice=voice_of(head, at),
        revenue=revenue_page(head) if head.sees_money else None,
        people=list(people[:PEOPLE]),
    )


def portfolio_review(user: User, on: dt.date) -> PortfolioReview:
    """Read the sheet of a book: a CSM's own, a manager's team's."""
    page = today(user, on)
    red = rows_of_concern(user).filter(band="red")
    rows = list(red.order_by("-arr" if page.with_money else "score", "pk")[:RISKS])
    told = [(row, reasons_of(row, (row.renewal_on - on).days if row.renewal_on else None, "", None)) for row in rows]
    return PortfolioReview(today=page, charts=today_charts(page), risks=told)


def nearest_renewals(user: User, on: dt.date) -> list[AccountRow]:
    """The accounts whose contracts end next: the ones whose review is likely wanted."""
    return list(rows_of_concern(user).filter(renewal_on__gte=on).order_by("renewal_on", "pk")[:NEAREST])


def sees_board_page(user: User) -> bool:
    """Say whether the third report is for this person."""
    return user.can(Capability.SEE_MONEY)
