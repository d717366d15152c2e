"""How does the whole team fare this quarter, and which large customers fare badly: what does a manager see first?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from common import charts
from common.charts import Chart
from common.formats import money, number, percent
from health.queries.scorecards import cards_on
from portfolio.models import AccountRow
from portfolio.queries.retention_page import bridge_chart
from portfolio.queries.today_figures import BandMoves, TeamFigure, band_moves, team_figures
from revenue.queries import accounts_shown_to, retention
from revenue.rules.expansion import quarter_start
from revenue.rules.retention import Retention

# So many accounts, the largest, stand in the matrix: more of them cover each other.
PLACED = 30


@dataclass(frozen=True)
class TeamToday:
    """The figures and pictures of a manager's landing page; each title says the finding."""

    figures: Sequence[TeamFigure]
    moves: BandMoves | None
    bridge: Chart
    bridge_title: str
    bridge_words: str
    matrix: Chart
    matrix_title: str
    matrix_words: str


def team_today(user: User, rows: QuerySet[AccountRow], on: dt.date) -> TeamToday | None:
    """Read this quarter's bridge and the matrix of health and money; None for whoever leads nobody or sees no money."""
    if not (user.can(Capability.ASSIGN_OWNERS) and user.can(Capability.SEE_MONEY)):
        return None
    currency = Organisation.load().reporting_currency
    accounts = accounts_shown_to(user)
    found = retention(quarter_start(on), on + dt.timedelta(days=1), accounts=accounts)
    largest = list(rows.filter(arr__gt=0, score__isnull=False).order_by("-arr", "-pk")[:PLACED])
    middle = _middle([row.arr for row in largest])
    lost = [row for row in largest if row.band == "red" and row.arr >= middle]
    return TeamToday(
        figures=team_figures(user, rows, on, currency, accounts),
        moves=band_moves(rows, on),
        bridge=bridge_chart(found, currency, {}),
        bridge_title=_bridge_title(found, currency),
        bridge_words=_("ARR from the first day of this quarter to today, step by step."),
        matrix=_matrix(largest, middle, currency, on),
        matrix_title=_matrix_title(lost, currency),
        matrix_words=_(
            "The largest accounts by health score and ARR. Those in the shaded field are worth the most and fare badly."
        ),
    )


def _bridge_title(found: Retention, currency: str) -> str:
    """Say what the quarter brought, and the rate of those who were customers at its beginning."""
    change = found.closing - found.opening
    words = {"change": money(abs(change), currency), "nrr": percent(found.nrr, 1)}
    if found.nrr is None:
        return _("This quarter: no opening revenue")
    if change > 0:
        return _("This quarter: up %(change)s, NRR %(nrr)s") % words
    if change < 0:
        return _("This quarter: down %(change)s, NRR %(nrr)s") % words
    return _("This quarter: unchanged, NRR %(nrr)s") % words


def _middle(amounts: Sequence[Decimal]) -> Decimal:
    """The median of amounts; 0 where there are none."""
    ordered = sorted(amounts)
    return ordered[len(ordered) // 2] if ordered else Decimal(0)


def _matrix(rows: Sequence[AccountRow], middle: Decimal, currency: str, on: dt.date) -> Chart:
    """Place the accounts; the upright line is where the last scorecard, which serves all others, begins to be red."""
    cards = cards_on(on)
    return charts.quadrant(
        [charts.Spot(row.name, row.score, row.arr, 0.25, row.tone, _placed(row, currency), row.url) for row in rows],
        x_line=cards[-1].definition.yellow if cards else 0.0,
        y_line=float(middle),
        heads=(_("Account"), _("Health"), _("ARR"), _("Renewal")),
        formatted=number,
        up_formatted=lambda value: money(value, currency),
        height=340,
        danger=True,
        fields=(_("Save first"), _("Keep close"), _("Help by programme"), _("Let grow")),
    )


def _placed(row: AccountRow, currency: str) -> str:
    words = {"score": number(row.score), "arr": money(row.arr, currency)}
    return _("score %(score)s, %(arr)s") % words


def _matrix_title(lost: Sequence[AccountRow], currency: str) -> str:
    if not lost:
        return _("None of the largest accounts is at risk")
    words = {"count": number(len(lost)), "arr": money(sum((row.arr for row in lost), Decimal(0)), currency)}
    return (
        ngettext(
            "%(count)s large account is at risk: %(arr)s", "%(count)s large accounts are at risk: %(arr)s", len(lost)
        )
        % words
    )
