"""On which requests do RICE, WSJF and plain ARR disagree with our order, and why?"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import sees_money
from accounts.models import Organisation
from accounts.views.profile import person_of
from common.htmx import render_page
from roadmap.models import RankingSettings
from roadmap.queries.disagreements import Disagreement, compare_orders
from roadmap.queries.rank_charts import value_chart
from roadmap.queries.rank_words import ABOUT_ORDERS, ORDER_NAMES, order_words, reason_words
from roadmap.queries.ranking_page import counts_everybody, ranked_on


@dataclass(frozen=True)
class Line:
    """One request on which two orders differ, with why in words."""

    one: Disagreement
    why: str


@dataclass(frozen=True)
class Part:
    """One other order beside ours."""

    key: str
    name: str
    about: str
    title: str
    agreement: float | None
    placed: int
    higher: list[Line]
    lower: list[Line]


@require_safe
def rank_disagreements(request: HttpRequest) -> HttpResponse:
    """List the requests that another order puts elsewhere, the furthest first."""
    user, organisation = person_of(request), Organisation.load()
    on, settings = organisation.day_of(timezone.now()), RankingSettings.load()
    rows, compared = compare_orders(user, {}, on)
    parts = [
        Part(
            key=one.order,
            name=str(ORDER_NAMES[one.order]),
            about=str(ABOUT_ORDERS[one.order]),
            title=order_words(one),
            agreement=one.agreement,
            placed=one.placed,
            higher=[Line(row, reason_words(row, one.order, settings)) for row in one.higher],
            lower=[Line(row, reason_words(row, one.order, settings)) for row in one.lower],
        )
        for one in compared
    ]
    with_money = sees_money(user)
    context = {
        "parts": parts,
        "count": len(rows),
        "picture": value_chart(rows, settings) if with_money and any(row.accounts for row in rows) else None,
        "ground": {"currency": organisation.reporting_currency, "with_money": with_money, "ranked_on": ranked_on()},
        "is_part": not counts_everybody(user, {}),
    }
    return render_page(request, "roadmap/rank_disagreements.html", context)
