"""Which pictures show how requests stand: who is shared by how many, what moved one, how large and how shared?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.charts import Chart, Group, Item, Spot, comparison, drivers, quadrant, step_chart
from common.formats import compact, date, number, signed
from roadmap.models import RankDay, RankingSettings, RequestRank
from roadmap.queries.disagreements import CHARTED
from roadmap.queries.rank_why import Moved, Why
from roadmap.queries.rank_words import FACTOR_NAMES


@dataclass(frozen=True)
class Picture:
    """A chart with what it shows in words."""

    chart: Chart
    title: str
    desc: str


def shared_chart(rows: Sequence[RequestRank], settings: RankingSettings) -> Picture:
    """How many customers share each of the first requests, against where the common band begins."""
    groups = [
        Group(
            row.request.title,
            row.accounts,
            target=settings.threshold,
            href=reverse("rank_why", args=[row.request_id]),
            note=_("rank %(rank)s") % {"rank": number(row.rank)},
        )
        for row in rows
    ]
    common = sum(row.is_common for row in rows)
    title = ngettext(
        "%(num)s need is shared by %(least)s customers or more",
        "%(num)s needs are shared by %(least)s customers or more",
        common,
    ) % {"num": number(common), "least": number(settings.threshold)}
    heads = (_("Request"), _("Customers"), _("Before"), _("Common from"), _("Note"))
    desc = _("How many paying customers ask for each of the first requests, in the order of the ranking.")
    return Picture(comparison(groups, heads=heads), title, desc)


def value_chart(rows: Sequence[RequestRank], settings: RankingSettings) -> Picture:
    """Each request by how many customers share it and how much ARR they pay."""
    asked = [row for row in rows if row.accounts]
    amounts = sorted(row.arr for row in asked)
    middle = float(amounts[len(amounts) // 2]) if amounts else 0.0
    spots = [
        Spot(
            row.request.title,
            float(row.accounts),
            row.arr,
            size=0.3,
            tone="healthy" if row.is_common else "watch" if row.arr_rank <= 3 else "none",
            text=ngettext("%(customers)s customer, %(arr)s", "%(customers)s customers, %(arr)s", row.accounts)
            % {"customers": number(row.accounts), "arr": compact(row.arr)},
            href=reverse("rank_why", args=[row.request_id]),
            is_named=row.rank <= 3 or row.arr_rank <= 3,
        )
        for row in asked[:CHARTED]
    ]
    heads = (_("Request"), _("Customers"), _("ARR"), _("In words"))
    loud = sum(1 for row in asked if not row.is_common and row.arr_rank and row.arr_rank <= 3)
    title = ngettext(
        "%(num)s of the three with the most ARR is no common need",
        "%(num)s of the three with the most ARR are no common needs",
        loud,
    ) % {"num": number(loud)}
    chart = quadrant(spots, x_line=settings.threshold, y_line=middle, heads=heads, formatted=compact)
    return Picture(chart, title, _("Across: how many customers share a request. Up: what they pay in all."))


def why_charts(why: Why | None, moved: Moved | None, days: Sequence[RankDay]) -> dict[str, Picture]:
    """What moved a request's score, and how its rank went over the last half year."""
    found: dict[str, Picture] = {}
    if moved is not None:
        items = [
            Item(str(FACTOR_NAMES[name]), points, signed(points, 1))
            for name, points in sorted(moved.drivers.items(), key=lambda one: -abs(one[1]))
            if abs(points) >= 0.05
        ]
        found["moved"] = Picture(drivers(items, heads=(_("What"), _("Points"))), moved_words(moved), "")
    if why is not None and len(days) > 1:
        labels = [date(day.on, "day") for day in days]
        scores = [float(day.score) for day in days]
        title = _("Rank %(first)s on %(day)s, %(now)s now") % {
            "first": number(days[0].rank), "day": date(days[0].on), "now": number(days[-1].rank)
        }  # fmt: skip
        chart = step_chart(labels, scores, heads=(_("Day"), _("Score")))
        found["history"] = Picture(chart, title, _("The score on each day on which it changed, up to now."))
    return found


def moved_words(moved: Moved) -> str:
    """By how much a request's score and rank moved, since when."""
    words = {
        "change": signed(float(moved.now.score - moved.before.score), 1),
        "day": date(moved.before.on),
        "before": number(moved.before.rank),
        "now": number(moved.now.rank),
    }
    if moved.before.rank == moved.now.rank:
        return _("%(change)s points since %(day)s: still rank %(now)s") % words
    return _("%(change)s points since %(day)s: from rank %(before)s to %(now)s") % words
