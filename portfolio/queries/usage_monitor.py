"""What does the usage monitor show: figures, the line of the weeks, the accounts behind a figure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.models import Account, User
from common import charts
from common.charts import Chart
from common.formats import date, number
from health.queries.monitor import FIGURES, Figures, Monitor
from portfolio.models import AccountRow
from usage.models import Feature

SHOWN_ACCOUNTS = 100
# More ids than this are not sent to the database in one statement.
AT_ONCE = 500
FIGURE_LABELS: dict[str, str | Promise] = {
    "entitled": _lazy("Entitled"),
    "using": _lazy("Entitled and using it in 30 days"),
    "weekly": _lazy("Active this week"),
    "weekly_before": _lazy("Active the week before"),
    "monthly": _lazy("Active in 30 days"),
    "monthly_before": _lazy("Active in the 30 days before"),
    "lost_week": _lazy("Lost this week"),
    "won_back_week": _lazy("Won back this week"),
    "lost_month": _lazy("Lost this month"),
    "won_back_month": _lazy("Won back this month"),
}


@dataclass(frozen=True)
class Behind:
    """The accounts behind one figure: the first by name, and how many more."""

    figure: str
    title: str
    rows: tuple[AccountRow, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class MonitorView:
    """The page of the monitor."""

    monitor: Monitor
    chart: Chart
    chart_title: str
    behind: Behind | None


def monitor_view(monitor: Monitor, user: User, *, feature_id: int | None = None, figure: str = "") -> MonitorView:
    """Draw the weeks, and list the accounts behind a figure when one is asked for."""
    chosen = monitor.figures_of(feature_id) if figure in FIGURES else None
    chart = charts.line(
        [date(end, "day") for end, _count in monitor.weeks],
        [count for _end, count in monitor.weeks],
        heads=(_("Week up to"), _("Active accounts")),
        ceiling=None,
        least=5,
    )
    return MonitorView(monitor, chart, _title(monitor), _behind(monitor, chosen, figure, user) if chosen else None)


def _title(monitor: Monitor) -> str:
    now, first = monitor.weeks[-1][1], monitor.weeks[0][1]
    words = {"now": number(now), "then": number(first)}
    if now == first:
        said = ngettext(
            "%(now)s account active in a week, as twelve weeks ago",
            "%(now)s accounts active in a week, as twelve weeks ago",
            now,
        )
        return said % words
    said = ngettext(
        "%(now)s account active in a week, %(then)s twelve weeks ago",
        "%(now)s accounts active in a week, %(then)s twelve weeks ago",
        now,
    )
    return said % words


def name_of(feature: Feature | None, kind: str) -> str:
    """What a line of the monitor is called."""
    if feature is not None:
        return feature.name
    return _("Any core feature") if kind == Feature.Kind.CORE else _("Any retention feature")


def _behind(monitor: Monitor, figures: Figures, figure: str, user: User) -> Behind:
    ids = monitor.accounts[figures.masks[figure]].tolist()
    named: list[AccountRow] = []
    for begin in range(0, len(ids), AT_ONCE):
        rows = AccountRow.objects.visible_to(user).filter(pk__in=ids[begin : begin + AT_ONCE])
        named = sorted([*named, *rows.order_by("name", "pk")[:SHOWN_ACCOUNTS]], key=lambda row: (row.name, row.pk))
        named = named[:SHOWN_ACCOUNTS]
    title = f"{name_of(figures.feature, monitor.kind)}: {FIGURE_LABELS[figure]}"
    return Behind(figure, title, tuple(named), len(ids))


HEADER = [
    "feature", "module", "kind", "on", "usage_rate", *FIGURES, "weekly_growth", "monthly_growth",
    "weekly_people", "weekly_people_growth", "monthly_people", "monthly_people_growth",
]  # fmt: skip


def monitor_rows(monitor: Monitor) -> Iterator[list[Any]]:
    """The lines of the monitor for a file, any of the features first."""
    for one in (monitor.total, *monitor.features):
        yield [plain_figures(one, monitor)[name] for name in HEADER]


def plain_figures(one: Figures, monitor: Monitor) -> dict[str, Any]:
    """The figures of one line by their names."""
    return {
        "feature_id": one.feature.pk if one.feature else None,
        "feature": one.feature.name if one.feature else "",
        "module": one.feature.module.name if one.feature else "",
        "kind": monitor.kind,
        "on": monitor.on,
        "usage_rate": one.usage_rate,
        **{name: one.count(name) for name in FIGURES},
        "weekly_growth": one.weekly_growth,
        "monthly_growth": one.monthly_growth,
        "weekly_people": one.weekly_people,
        "weekly_people_growth": one.weekly_people_growth,
        "monthly_people": one.monthly_people,
        "monthly_people_growth": one.monthly_people_growth,
    }


def monitor_answer(monitor: Monitor) -> dict[str, Any]:
    """The whole monitor as the API answers it."""
    return {
        "on": monitor.on,
        "kind": monitor.kind,
        "total": plain_figures(monitor.total, monitor),
        "features": [plain_figures(one, monitor) for one in monitor.features],
        "weeks": [{"until": end, "accounts": count} for end, count in monitor.weeks],
        "renewals": [
            {"feature_id": one.feature.pk if one.feature else None, "used": one.used, "unused": one.unused,
             "difference": one.difference}
            for one in monitor.renewals
        ],
    }  # fmt: skip


def account_lines(monitor: Monitor, figures: Figures, figure: str) -> Iterator[list[Any]]:
    """All accounts behind a figure for a file."""
    ids = monitor.accounts[figures.masks[figure]].tolist()
    for begin in range(0, len(ids), AT_ONCE):
        rows = Account.objects.filter(pk__in=ids[begin : begin + AT_ONCE]).order_by("name", "pk")
        yield from (list(row) for row in rows.values_list("external_id", "name", "tier", "region"))


def as_of(asked: dt.date | None, today: dt.date) -> dt.date:
    """The day of the figures: today, or an earlier one."""
    return min(asked or today, today)
