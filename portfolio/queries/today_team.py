"""How does the whole team fare this quarter, and which large customers fare badly: what does a manager see first?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from common.charts import Chart
from common.formats import money, percent
from portfolio.models import AccountRow
from portfolio.queries.retention_page import bridge_chart
from portfolio.queries.risk_matrix import RiskMatrix, risk_matrix
from portfolio.queries.today_figures import BandMoves, TeamFigure, band_moves, team_figures
from portfolio.queries.today_standing import Standing
from revenue.queries import accounts_shown_to, retention_since
from revenue.rules.expansion import quarter_start
from revenue.rules.retention import Retention
from revenue.rules.spans import span_of


@dataclass(frozen=True)
class TeamToday:
    """The figures and pictures of a manager's landing page; each title says the finding."""

    figures: Sequence[TeamFigure]
    moves: BandMoves | None
    bridge: Chart
    bridge_title: str
    bridge_words: str
    matrix: RiskMatrix


def team_today(user: User, rows: QuerySet[AccountRow], on: dt.date, stands: Sequence[Standing]) -> TeamToday | None:
    """Read this quarter's bridge and the matrix of health and money; None for whoever leads nobody or sees no money.

    stands: how these accounts stand, which the page has read.
    """
    if not (user.can(Capability.ASSIGN_OWNERS) and user.can(Capability.SEE_MONEY)):
        return None
    currency = Organisation.load().reporting_currency
    year, tomorrow = span_of("twelve_months", on)
    kept, found = retention_since([year, quarter_start(on)], tomorrow, accounts=accounts_shown_to(user))
    return TeamToday(
        figures=team_figures(user, stands, on, currency, kept),
        moves=band_moves(rows, on),
        bridge=bridge_chart(found, currency, {}),
        bridge_title=_bridge_title(found, currency),
        bridge_words=_("ARR from the first day of this quarter to today, step by step."),
        matrix=risk_matrix(rows, currency, on),
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
