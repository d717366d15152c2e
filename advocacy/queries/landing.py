"""Whom could we ask, in which industries, how have asks fared, and what have they brought?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from advocacy.models import AdvocateRow, Ask, ReferenceRequest
from common.charts import Chart, Item, Part, bars, heat_map
from common.formats import number, percent
from revenue.queries.expansion import worth_of

# How long ago somebody was last asked, from those who are fresh to those who need rest.
USED = [
    ("never", gettext_lazy("Never asked")),
    ("long_ago", gettext_lazy("Long ago")),
    ("a_while_ago", gettext_lazy("A while ago")),
    ("lately", gettext_lazy("Lately")),
]
INDUSTRIES = 12
YEAR = 365


@dataclass(frozen=True)
class Picture:
    """A drawing with its finding and the same in numbers."""

    chart: Chart
    title: str
    desc: str


@dataclass(frozen=True)
class Influence:
    """Deals in which an advocate was heard."""

    won: int
    open: int
    arr: Decimal | None


def used_lately(value: str, on: dt.date, days: int) -> Q:
    """Who was last asked so long ago: never; before the window in which asks count; in its first or second half."""
    window, half = on - dt.timedelta(days=days), on - dt.timedelta(days=days // 2)
    return {
        "never": Q(last_asked_on__isnull=True),
        "long_ago": Q(last_asked_on__lte=window),
        "a_while_ago": Q(last_asked_on__gt=window, last_asked_on__lte=half),
        "lately": Q(last_asked_on__gt=half),
    }[value]


def used_words(days: int) -> list[str]:
    """What the columns of the picture say."""
    return [
        _("Never asked"),
        _("Over %(days)s days ago") % {"days": days},
        _("%(half)s to %(days)s days ago") % {"half": days // 2, "days": days},
        _("Within %(half)s days") % {"half": days // 2},
    ]


def promoter_picture(rows: QuerySet[AdvocateRow], on: dt.date, days: int, address: str) -> Picture:
    """Promoters by industry and by when they were last asked; every field leads to its people."""
    bucket = Case(
        *(When(used_lately(value, on, days), then=Value(value)) for value, _label in USED), output_field=CharField()
    )
    counted = (
        rows.filter(is_promoter=True)
        .order_by()
        .annotate(used=bucket)
        .values("industry", "used")
        .annotate(n=Count("pk"))
    )
    table: dict[str, dict[str, int]] = {}
    for row in counted:
        table.setdefault(row["industry"], {})[row["used"]] = row["n"]
    names = sorted(table, key=lambda name: (-sum(table[name].values()), name))[:INDUSTRIES]
    keys = [value for value, _label in USED]
    values = [[table[name].get(key) for key in keys] for name in names]

    def href(row: int, column: int) -> str:
        asked = {"is_promoter": "true", "asked": keys[column]}
        return f"{address}?{urlencode(({'industry': names[row]} if names[row] else {}) | asked)}"

    def row_href(name: str) -> str:
        return f"{address}?{urlencode({'industry': name, 'is_promoter': 'true'})}" if name else ""

    labels = [name or _("No industry") for name in names]
    chart = heat_map(
        labels,
        used_words(days),
        values,
        corner=_("Industry"),
        cell_href=href,
        low=0,
        row_hrefs=[row_href(name) for name in names],
        figures=[(label, *(number(value or 0) for value in row)) for label, row in zip(labels, values, strict=True)],
    )
    return Picture(chart, _promoters_found(table), _("Promoters by industry and by when they were last asked."))


def _promoters_found(table: dict[str, dict[str, int]]) -> str:
    total = sum(sum(row.values()) for row in table.values())
    never = sum(row.get("never", 0) for row in table.values())
    if not total:
        return _("No promoters yet")
    first = ngettext("%(count)s promoter", "%(count)s promoters", total) % {"count": number(total)}
    if not never:
        return _("%(promoters)s, all asked before") % {"promoters": first}
    fresh = max(table, key=lambda name: (table[name].get("never", 0), name))
    words = {"promoters": first, "never": number(never), "industry": fresh or _("No industry")}
    return _("%(promoters)s, %(never)s never asked, most of them in %(industry)s") % words


def ask_funnel(asks: QuerySet[Ask], on: dt.date) -> Picture:
    """How the asks of a year have fared: asked, agreed, done, thanked."""
    counted = asks.filter(asked_on__gt=on - dt.timedelta(days=YEAR), asked_on__lte=on).aggregate(
        asked=Count("pk"),
        agreed=Count("pk", filter=Q(answer=Ask.Answer.ACCEPTED)),
        done=Count("pk", filter=Q(done_on__isnull=False)),
        thanked=Count("pk", filter=Q(thanked_on__isnull=False)),
        declined=Count("pk", filter=Q(answer=Ask.Answer.DECLINED)),
        withdrawn=Count("pk", filter=Q(withdrawn_on__isnull=False)),
    )
    steps = [("asked", _("Asked")), ("agreed", _("Agreed")), ("done", _("Done")), ("thanked", _("Thanked"))]
    items = [Item(label, counted[key], text=_step(counted, key), parts=_parts(counted, key)) for key, label in steps]
    chart = bars(items, heads=(_("Step"), _("Asks"), _("Share")), height=180)
    answered = counted["agreed"] + counted["declined"]
    if not counted["asked"]:
        title = _("Nobody was asked in the last year")
    elif not answered:
        title = ngettext(
            "%(count)s ask in a year, none answered yet",
            "%(count)s asks in a year, none answered yet",
            counted["asked"],
        )
        title %= {"count": number(counted["asked"])}
    else:
        title = _("%(share)s of those who answered said yes") % {
            "share": percent(Decimal(counted["agreed"]) / answered)
        }
    desc = _(
        "In the last year: %(asked)s asked, %(agreed)s agreed, %(done)s done, %(thanked)s thanked, "
        "%(declined)s declined, %(withdrawn)s withdrawn."
    )
    return Picture(chart, title, desc % {key: number(value) for key, value in counted.items()})


def _step(counted: dict[str, int], key: str) -> str:
    if key == "asked" or not counted["asked"]:
        return number(counted[key])
    return f"{number(counted[key])} · {percent(Decimal(counted[key]) / counted['asked'])}"


def _parts(counted: dict[str, int], key: str) -> tuple[Part, ...]:
    return (Part(counted[key], "info", text=_step(counted, key)),)


def influence(user: User, on: dt.date, *, with_money: bool) -> Influence:
    """Deals won, and still open, in which an advocate agreed to be heard."""
    heard = Ask.objects.visible_to(user).filter(request__isnull=False, answer=Ask.Answer.ACCEPTED).values("request")
    rows = ReferenceRequest.objects.visible_to(user).filter(pk__in=heard)
    won = list(rows.filter(outcome=ReferenceRequest.Outcome.WON).only("arr", "currency"))
    paid: Sequence[Any] = [one for one in won if one.arr is not None]
    return Influence(
        won=len(won),
        open=rows.filter(outcome=ReferenceRequest.Outcome.OPEN).count(),
        arr=sum(worth_of(paid, on), Decimal(0)) if with_money else None,
    )


def never_asked(rows: QuerySet[AdvocateRow], limit: int = 5) -> tuple[int, list[AdvocateRow]]:
    """Promoters whom nobody ever asked, and the best of those who may be asked."""
    found = rows.filter(is_promoter=True, never_asked=True)
    best = found.filter(is_free=True, unscored=False).order_by("-score", "pk")[:limit]
    return found.count(), list(best)
