"""Are we keeping and growing what we have, where not, and why: what does the manager's page of revenue show?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.models import Organisation
from common import charts
from common.charts import Chart
from common.formats import date, money, number, percent, rate_points
from common.periods import add_months, month_start
from health.models import TONES, HealthScore
from portfolio.models import AccountRow
from revenue.models import RevenueSettings
from revenue.queries import (
    retention_report,
    retention_trend,
    warnings_of,
)
from revenue.queries.words import READING_LABELS, GuardWord, guard_words
from revenue.rules.retention import POINT_TO_POINT, Figures, Retention, Segment

MONTHS_DRAWN = 24
RENEWAL_DAYS = 90
# The steps of the bridge from opening to closing, and which way each goes.
STEPS = (
    ("new", _lazy("New"), 1),
    ("reactivation", _lazy("Reactivation"), 1),
    ("expansion", _lazy("Expansion"), 1),
    ("contraction", _lazy("Contraction"), -1),
    ("churn", _lazy("Churn"), -1),
    ("exchange", _lazy("Exchange effect"), 1),
)
READING_WORDS = {
    "point_to_point": _lazy(
        "Each account at the closing against the same account at the opening. What went up and down in between leaves "
        "no trace. This is the headline."
    ),
    "flow": _lazy(
        "Every gain and loss of the period, of all customers, without first sales. Who came and left within the period "
        "counts as a loss though it was not there at the opening, so this is lower where many come and go."
    ),
    "cohort_flow": _lazy(
        "Every gain and loss of those who were customers at the opening. NRR is the headline's; GRR is lower, since a "
        "fall that was made good later still counts as a fall."
    ),
    "chained": _lazy(
        "The months' figures multiplied. Customers who join later count from their second month on, so this tells more "
        "of today's book than of last year's."
    ),
    "ledger": _lazy("Closing against opening of the whole book, new customers included: growth rather than retention."),
}


@dataclass(frozen=True)
class Stat:
    """One headline figure: its value, its change since the period before, how good that is, and its definition."""

    label: str
    value: str
    change: Fraction | Decimal | None
    change_text: str
    good: str
    figure: str
    definition: str
    tone: str = ""
    # Its place among the definitions of the help.
    key: str = ""


@dataclass(frozen=True)
class Reading:
    """One way to count the same period, and why it differs."""

    name: str
    label: str
    nrr: Fraction | None
    grr: Fraction | None
    logo: Fraction | None
    why: str
    is_shown: bool


@dataclass(frozen=True)
class Aside:
    """Something told beside NRR and GRR: what, how much, of how many."""

    label: str
    amount: Decimal
    accounts: int | None
    figure: str
    why: str


@dataclass(frozen=True)
class AtRisk:
    """The accounts of a band, or that renew soon: how many and what they pay."""

    label: str
    tone: str
    accounts: int
    arr: Decimal
    query: str


@dataclass(frozen=True)
class RetentionPage:
    """Everything the page shows of one period."""

    found: Retention
    before: Retention | None
    currency: str
    on: dt.date
    stats: Sequence[Stat]
    bridge: Chart
    bridge_title: str
    trend: Chart
    trend_title: str
    by_reading: Mapping[str, Retention]
    readings: Sequence[Reading]
    aside: Sequence[Aside]
    segments: Sequence[tuple[str, str, Sequence[Segment]]]
    warnings: Sequence[GuardWord]
    risks: Sequence[AtRisk]
    renewals: Sequence[AtRisk]

    @property
    def is_empty(self) -> bool:
        """Whether nobody paid anything at either end."""
        return not (self.found.accounts or self.found.accounts_closing)

    @property
    def period(self) -> str:
        """The period in words, both days included."""
        return period_words(self.found.start, self.found.end)


def period_words(start: dt.date, end: dt.date) -> str:
    """A period whose end is exclusive, as people say it."""
    return _("%(first)s to %(last)s") % {"first": date(start), "last": date(end - dt.timedelta(days=1))}


def retention_page(
    start: dt.date,
    end: dt.date,
    *,
    on: dt.date,
    accounts: list[int] | None,
    rows: QuerySet[AccountRow],
    reading: str,
    hrefs: Mapping[str, str],
) -> RetentionPage:
    """Read a period for some accounts; `rows` are their list lines, `hrefs` lead from a figure to its accounts."""
    currency = Organisation.load().reporting_currency
    report = retention_report(start, end, by=["tier", "purchase_level"], accounts=accounts, reading=reading)
    by_reading, split = report.readings, report.split
    found = by_reading.get(reading) or by_reading[POINT_TO_POINT]
    before = report.before if report.before and report.before.accounts else None
    windows = _finished_years(on, accounts)
    return RetentionPage(
        found=found,
        before=before,
        currency=currency,
        on=on,
        stats=_stats(found, before, currency),
        bridge=bridge_chart(found, currency, hrefs),
        bridge_title=_bridge_title(found, currency),
        trend=_trend(windows),
        trend_title=_trend_title(windows),
        by_reading=by_reading,
        readings=[_reading(name, one, reading) for name, one in by_reading.items()],
        aside=_aside(found),
        segments=[
            ("tier", _("By tier"), split["tier"].segments),
            ("purchase_level", _("By purchase level"), split["purchase_level"].segments),
        ],
        warnings=[
            word
            for key, one in split.items()
            if one.segments
            for word in guard_words(warnings_of(one, report.split_before.get(key)))
        ],
        risks=_risks(rows),
        renewals=_renewals(rows, on),
    )


def _stats(found: Retention, before: Retention | None, currency: str) -> list[Stat]:
    """The headline figures with their change since the period before."""
    marks = RevenueSettings.load()

    def rate(label: str, name: str, good: str, definition: str, tone: str = "") -> Stat:
        now, was = (getattr(one, name) if one else None for one in (found, before))
        change = now - was if now is not None and was is not None else None
        text = rate_points(change) if change is not None else ""
        figure = {"nrr": "closing", "grr_revenue": "contraction", "quick_ratio": "expansion"}.get(name, "accounts_lost")
        return Stat(
            label,
            percent(now, 1),
            change,
            text,
            good,
            figure,
            definition,
            tone,
            {"logo_churn": "churn"}.get(name, name),
        )

    nrr = found.nrr
    tone = "" if nrr is None else "healthy" if nrr >= marks.nrr_healthy else "risk"
    closing = found.closing - before.closing if before else None
    quick, earlier = found.quick_ratio, before.quick_ratio if before else None
    return [
        rate(_("NRR"), "nrr", "up", _("What the customers of the opening pay at the closing, of what they paid then."),
             tone),
        rate(_("GRR, revenue"), "grr_revenue", "up", _("The same without what they pay more: what was kept.")),
        rate(_("GRR, customers"), "grr_logo", "up", _("Customers of the opening who still pay at the closing.")),
        rate(_("Customers lost"), "logo_churn", "down", _("Customers of the opening who pay nothing at the closing.")),
        Stat(_("Quick ratio"), number(quick, 1), quick - earlier if quick is not None and earlier is not None else None,
             number(quick - earlier, 1) if quick is not None and earlier is not None else "", "up", "expansion",
             _("What was won (new, back, expanded) for each unit that was lost (churned, contracted)."),
             key="quick_ratio"),
        Stat(_("ARR at the closing"), money(found.closing, currency), closing,
             money(closing, currency) if closing is not None else "", "up", "closing",
             _("What all customers pay in a year, at the exchange rates of the last day."), key="arr"),
    ]  # fmt: skip


def bridge_chart(found: Retention, currency: str, hrefs: Mapping[str, str]) -> Chart:
    """Draw the way from opening to closing; each bar opens its accounts."""
    steps = [
        charts.Item(str(label), getattr(found, name) * sign, money(getattr(found, name) * sign, currency),
                    href=hrefs.get(name, ""))
        for name, label, sign in STEPS
        if getattr(found, name) or name != "exchange"
    ]  # fmt: skip
    ends = [
        charts.Item(label, getattr(found, name), money(getattr(found, name), currency), kind="level",
                    href=hrefs.get(name, ""))
        for name, label in (("opening", _("Opening")), ("closing", _("Closing")))
    ]  # fmt: skip
    return charts.waterfall([ends[0], *steps, ends[1]], heads=(_("Step"), _("ARR")))


def _bridge_title(found: Retention, currency: str) -> str:
    words = {"opening": money(found.opening, currency), "closing": money(found.closing, currency)}
    if found.closing > found.opening:
        return _("ARR grew from %(opening)s to %(closing)s") % words
    if found.closing < found.opening:
        return _("ARR fell from %(opening)s to %(closing)s") % words
    return _("ARR stayed at %(closing)s") % words


def _finished_years(on: dt.date, accounts: list[int] | None) -> list[Figures]:
    """The twelve months up to the end of each month that is over.

    The one under way is left out: what ends in it without a renewal signed so far would count as lost already.
    """
    begun = month_start(on)
    months = retention_trend(add_months(begun, -MONTHS_DRAWN), begun - dt.timedelta(days=1), accounts=accounts)
    return [month.trailing for month in months]


def _trend(windows: Sequence[Figures]) -> Chart:
    """Draw NRR and GRR of the twelve months up to each month's end."""
    labels = [date(window.end - dt.timedelta(days=1), "month") for window in windows]
    rates = {
        name: [_per_cent(getattr(window, name)) for window in windows] for name in ("nrr", "grr_revenue", "grr_logo")
    }
    names = {"nrr": _("NRR"), "grr_revenue": _("GRR, revenue"), "grr_logo": _("GRR, customers")}
    return charts.lines(
        labels,
        [charts.Series(names[name], values) for name, values in rates.items()],
        heads=(_("Twelve months to"), *names.values()),
        reference=100,
        formatted=_whole_percent,
        floor=0,
        least=5,
    )


def _per_cent(rate: Fraction | None) -> float | None:
    """A rate in per cent, for drawing only."""
    return None if rate is None else float(rate * 100)


def _whole_percent(value: Any) -> str:
    return percent(Decimal(str(value)) / 100)


def _trend_title(windows: Sequence[Figures]) -> str:
    last, now = windows[-1], windows[-1].nrr
    year_ago = windows[-13].nrr if len(windows) > 12 else None
    if now is None:
        return _("No NRR yet: nobody paid twelve months ago")
    words = {"month": date(last.end - dt.timedelta(days=1), "month"), "now": percent(now, 1)}
    if year_ago is None:
        return _("NRR of the twelve months to %(month)s is %(now)s") % words
    return _("NRR of the twelve months to %(month)s is %(now)s; a year before it was %(before)s") % {
        **words, "before": percent(year_ago, 1),
    }  # fmt: skip


def _reading(name: str, one: Retention, shown: str) -> Reading:
    rates = (one.nrr, one.grr_revenue, one.grr_logo)
    return Reading(name, str(READING_LABELS[name]), *rates, str(READING_WORDS[name]), name == shown)


def _aside(found: Retention) -> list[Aside]:
    """What stands outside of NRR and GRR."""
    return [
        Aside(_("Returned"), found.returned, found.returned_accounts, "returned",
              _("Lost before the period, customers again at its close.")),
        Aside(_("New, then lost"), found.new_then_lost, found.new_then_lost_accounts, "new_then_lost",
              _("First sold and lost again within the period.")),
        Aside(_("Committed churn"), found.committed_churn, found.committed_accounts, "committed_churn",
              _("Notice is given for a day after the period: it will be churn then.")),
        Aside(_("Of the churn, by failed payments"), found.failed_payment_churn, None, "failed_payment_churn",
              _("Nobody decided to leave: a card ran out or a bank refused.")),
    ]  # fmt: skip


def _risks(rows: QuerySet[AccountRow]) -> list[AtRisk]:
    """What customers in the two lower bands pay."""
    bands = (HealthScore.Band.RED, HealthScore.Band.YELLOW)
    read = rows.filter(band__in=bands, arr__gt=0).order_by().values("band")
    sums = {row["band"]: row for row in read.annotate(accounts=Count("*"), money=Sum("arr"))}
    return [
        AtRisk(str(band.label), TONES[band], sums[band]["accounts"], sums[band]["money"], f"?band={band}")
        for band in bands
        if band in sums
    ]


def _renewals(rows: QuerySet[AccountRow], on: dt.date) -> list[AtRisk]:
    """What falls due within ninety days, and the part of it in the red."""
    until = on + dt.timedelta(days=RENEWAL_DAYS)
    due = rows.filter(renewal_on__gte=on, renewal_on__lte=until, arr__gt=0).order_by()
    found = []
    for label, tone, part in (
        (ngettext("Due within %(num)s day", "Due within %(num)s days", RENEWAL_DAYS), "info", due),
        (_("Of these at risk"), "risk", due.filter(band=HealthScore.Band.RED)),
    ):
        sums = part.aggregate(accounts=Count("*"), money=Sum("arr"))
        query = f"?renewal_within={RENEWAL_DAYS}" + ("&band=red" if tone == "risk" else "")
        found.append(AtRisk(label % {"num": RENEWAL_DAYS}, tone, sums["accounts"], sums["money"] or Decimal(0), query))
    return found
