"""Which large customers fare badly, and which of them renew soon: the matrix of health and money?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import charts
from common.charts import Chart
from common.formats import ago, money, number
from health.queries.scorecards import cards_on
from portfolio.models import AccountRow

# So many accounts, the largest, stand in the matrix: more of them cover each other.
PLACED = 30
# Days to the renewal, and how large a circle is by then.
SIZES = ((30, 1.0), (90, 0.65), (180, 0.35))
FAR = 0.1


@dataclass(frozen=True)
class RiskMatrix:
    """The largest accounts by health and ARR; the larger the circle, the nearer the renewal."""

    chart: Chart
    title: str
    words: str


def risk_matrix(rows: QuerySet[AccountRow], currency: str, on: dt.date) -> RiskMatrix:
    """Place the largest accounts that have a score; two queries."""
    largest = list(rows.filter(arr__gt=0, score__isnull=False).order_by("-arr", "-pk")[:PLACED])
    middle = _middle([row.arr for row in largest])
    lost = [row for row in largest if row.band == "red" and row.arr >= middle]
    words = _(
        "The largest accounts by health score and ARR; the larger the circle, the nearer the renewal. Those in the "
        "shaded field are worth the most and fare badly."
    )
    return RiskMatrix(_drawn(largest, middle, currency, on), _title(lost, currency), words)


def _middle(amounts: Sequence[Decimal]) -> Decimal:
    """The median of amounts; 0 where there are none."""
    ordered = sorted(amounts)
    return ordered[len(ordered) // 2] if ordered else Decimal(0)


def circle_size(renewal_on: dt.date | None, on: dt.date) -> float:
    """How large the circle of an account is: the nearer its renewal, the larger.

    >>> [circle_size(dt.date(2026, 3, 1) + dt.timedelta(days), dt.date(2026, 3, 1)) for days in (30, 31, 200, -1)]
    [1.0, 0.65, 0.1, 1.0]
    >>> circle_size(None, dt.date(2026, 3, 1))
    0.1
    """
    if renewal_on is None:
        return FAR
    days = (renewal_on - on).days
    return next((size for until, size in SIZES if days <= until), FAR)


def _drawn(rows: Sequence[AccountRow], middle: Decimal, currency: str, on: dt.date) -> Chart:
    """Place the accounts; the upright line is where the last scorecard, which serves all others, begins to be red."""
    cards = cards_on(on)
    return charts.quadrant(
        [
            charts.Spot(
                row.name, row.score, row.arr, circle_size(row.renewal_on, on), row.tone, _said(row, currency, on),
                row.url,
            )
            for row in rows
        ],
        x_line=cards[-1].definition.yellow if cards else 0.0,
        y_line=float(middle),
        heads=(_("Account"), _("Health"), _("ARR"), _("In words")),
        formatted=number,
        up_formatted=lambda value: money(value, currency),
        height=340,
        danger=True,
        fields=(_("Save first"), _("Keep close"), _("Help by programme"), _("Let grow")),
    )  # fmt: skip


def _said(row: AccountRow, currency: str, on: dt.date) -> str:
    words = {"score": number(row.score), "arr": money(row.arr, currency), "when": ago(row.renewal_on, on)}
    if row.renewal_on is None:
        return _("score %(score)s, %(arr)s, no renewal ahead") % words
    return _("score %(score)s, %(arr)s, renewal %(when)s") % words


def _title(lost: Sequence[AccountRow], currency: str) -> str:
    if not lost:
        return _("None of the largest accounts is at risk")
    words = {"count": number(len(lost)), "arr": money(sum((row.arr for row in lost), Decimal(0)), currency)}
    return (
        ngettext(
            "%(count)s large account is at risk: %(arr)s", "%(count)s large accounts are at risk: %(arr)s", len(lost)
        )
        % words
    )
