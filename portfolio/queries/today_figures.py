"""What are the figures of a manager's team, and who moved from band to band?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Handoff, User
from common import charts
from common.charts import Chart
from common.formats import money, number, percent
from health.models import HealthScore
from playbooks.queries.listing import ON_TIME, due_tasks
from portfolio.models import AccountRow
from portfolio.queries.today_standing import NOTHING, Standing
from revenue.models import RevenueSettings
from revenue.rules.retention import Retention

TASK_DAYS = 90
FOUR_WEEKS = dt.timedelta(weeks=4)
# The bands that an account moves between, best first; without a score nobody moved.
BANDS = (HealthScore.Band.GREEN, HealthScore.Band.YELLOW, HealthScore.Band.RED)


@dataclass(frozen=True)
class TeamFigure:
    """One figure of the team: what it is, what is said about it, where its rows stand, which definition it has."""

    label: str
    value: str
    note: str
    href: str
    tone: str = ""
    key: str = ""


@dataclass(frozen=True)
class BandMoves:
    """How many accounts went from each band to each other in four weeks."""

    chart: Chart
    title: str
    words: str


def team_figures(
    user: User, stands: Sequence[Standing], on: dt.date, currency: str, kept: Retention
) -> list[TeamFigure]:
    """The team's figures: what was kept in twelve months, what is at risk, what is due, how work goes."""
    return [*_kept(kept), *_at_stake(stands, currency), *_work(user, on)]


def _kept(found: Retention) -> list[TeamFigure]:
    marks, address = RevenueSettings.load(), reverse("retention")
    nrr = found.nrr
    tone = "" if nrr is None else "healthy" if nrr >= marks.nrr_healthy else "risk"
    note = _("last 12 months")
    lost = ngettext("%(num)s customer", "%(num)s customers", found.accounts_lost) % {"num": number(found.accounts_lost)}
    return [
        TeamFigure(_("NRR"), percent(nrr, 1), note, address, tone, "nrr"),
        TeamFigure(_("GRR, revenue"), percent(found.grr_revenue, 1), note, address, key="grr_revenue"),
        TeamFigure(_("GRR, customers"), percent(found.grr_logo, 1), note, address, key="grr_logo"),
        TeamFigure(_("Customers lost"), percent(found.logo_churn, 1), lost, address, key="churn"),
    ]


def _at_stake(stands: Sequence[Standing], currency: str) -> list[TeamFigure]:
    """ARR of the accounts at risk, and of the contracts that end within 90 days."""
    red = [one for one in stands if one.band == "red"]
    accounts, ends = sum(one.paying for one in red), sum(one.ends for one in stands)
    risk, due = sum((one.arr for one in red), NOTHING), sum((one.due for one in stands), NOTHING)
    return [
        TeamFigure(
            _("ARR at risk"), money(risk, currency),
            ngettext("%(num)s fares badly", "%(num)s fare badly", accounts) % {"num": number(accounts)},
            f"{reverse('account_list')}?band=red", "risk" if accounts else "",
        ),
        TeamFigure(
            _("Due in 90 days"), money(due, currency),
            ngettext("%(num)s renewal", "%(num)s renewals", ends) % {"num": number(ends)}, reverse("renewals"),
        ),
    ]  # fmt: skip


def _work(user: User, on: dt.date) -> list[TeamFigure]:
    """Tasks of playbooks that were done in time, and handoffs that wait for an answer."""
    due = due_tasks(on - dt.timedelta(days=TASK_DAYS), on + dt.timedelta(days=1))
    read = due.visible_to(user).order_by().aggregate(due=Count("pk"), on_time=Count("pk", filter=ON_TIME))
    rate = Decimal(read["on_time"]) / read["due"] if read["due"] else None
    words = {"part": number(read["on_time"]), "whole": number(read["due"])}
    waiting = Handoff.objects.visible_to(user).filter(state=Handoff.State.SUBMITTED).count()
    return [
        TeamFigure(
            _("Tasks on time"), percent(rate), _("%(part)s of %(whole)s in 90 days") % words, reverse("team_tasks"),
        ),
        TeamFigure(
            _("Handoffs waiting"), number(waiting), _("to be accepted or returned"), "#handoffs" if waiting else "",
            "watch" if waiting else "",
        ),
    ]  # fmt: skip


def band_moves(rows: QuerySet[AccountRow], on: dt.date) -> BandMoves | None:
    """Set each account's band of four weeks ago beside today's; None before there are four weeks of scores."""
    then = HealthScore.objects.filter(on__lte=on - FOUR_WEEKS).aggregate(day=Max("on"))["day"]
    if then is None:
        return None
    scored = rows.filter(account__health_scores__on=then, band__in=BANDS, account__health_scores__band__in=BANDS)
    pairs = scored.order_by().values("band", before=F("account__health_scores__band")).annotate(accounts=Count("pk"))
    counts = {(row["before"], row["band"]): row["accounts"] for row in pairs}
    return _drawn(counts) if counts else None


def _drawn(counts: dict[tuple[Any, Any], int]) -> BandMoves:
    labels = [str(band.label) for band in BANDS]
    values = [[counts.get((before, now), 0) for now in BANDS] for before in BANDS]
    places = range(len(BANDS))
    fell = sum(values[before][now] for before in places for now in places if now > before)
    rose = sum(values[before][now] for before in places for now in places if now < before)
    chart = charts.heat_map(
        [_("%(band)s four weeks ago") % {"band": label} for label in labels],
        [_("%(band)s now") % {"band": label} for label in labels],
        values, corner=_("Accounts"), low=0,
        cell_href=lambda _before, now: f"{reverse('account_list')}?band={BANDS[now]}",
    )  # fmt: skip
    title = _("%(fell)s fell to a lower band in four weeks, %(rose)s rose") % {
        "fell": number(fell), "rose": number(rose),
    }  # fmt: skip
    return BandMoves(chart, title, _("Down: the band four weeks ago. Across: the band now. How many accounts."))
