"""Which contracts end when, what is called of each, and what does that add up to?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import RowNumber, TruncMonth
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import charts
from common.charts import Chart
from common.columns import Cents
from common.formats import date, money, percent
from common.periods import add_months, month_start
from portfolio.models import AccountRow
from revenue.models import Renewal
from revenue.queries import Accuracy, RenewalSummary
from revenue.rules.rates import from_cents

AHEAD_DAYS = 180
# The board's columns: so many days left at most; what is past its day stands first.
STEPS = (30, 60, 90, 120, AHEAD_DAYS)
LATE = 0
SHOWN = 10
# A contract that ended without a successor may still come late: so long it stays on the board.
LATE_DAYS = 30
MONTHS_BACK, MONTHS = 3, 12
WHY = {
    "notice": gettext_lazy("notice given"),
    "payment_failed": gettext_lazy("payment failed"),
    "committed": gettext_lazy("committed"),
    "overdue": gettext_lazy("overdue"),
    "red": gettext_lazy("health at risk"),
    "yellow": gettext_lazy("health to watch"),
    "green": gettext_lazy("healthy"),
    "quiet": gettext_lazy("no talks yet"),
    "downgraded": gettext_lazy("downgraded"),
    "lost_before": gettext_lazy("lost before"),
    "renewed_before": gettext_lazy("renewed twice before"),
    "on_track": gettext_lazy("nothing against it"),
}
STAGE_TONES = {"won": "healthy", "lost": "risk", "committed": "info"}
CALL_TONES = {"renew": "healthy", "downgrade": "watch", "churn": "risk"}


@dataclass(frozen=True)
class RenewalView:
    """One renewal with what the list row of its account knows: owner, health, main reason."""

    renewal: Renewal
    row: AccountRow | None
    days_left: int

    @property
    def amount(self) -> str:
        """The forecast as it stands in its field."""
        return f"{self.renewal.expected_arr:f}".removesuffix(".00")

    @property
    def why(self) -> str:
        """The reasons of the computed call in words."""
        return ", ".join(str(WHY[key]) for key in self.renewal.reasons if key in WHY)

    @property
    def is_late(self) -> bool:
        """Whether its day has passed without a contract that goes on."""
        return self.days_left < 0 and self.renewal.stage != Renewal.Stage.WON

    @property
    def stage_tone(self) -> str:
        """The tone in which the stage is shown."""
        return STAGE_TONES.get(self.renewal.stage, "none")

    def tone_of(self, call: str) -> str:
        """The tone in which a call is shown."""
        return CALL_TONES.get(call, "none")


@dataclass(frozen=True)
class BoardColumn:
    """The renewals with so many days left, the largest first."""

    days: int
    count: int
    arr: Decimal
    expected: Decimal
    cards: Sequence[RenewalView]
    query: str

    @property
    def title(self) -> str:
        """What stands above it."""
        if self.days == LATE:
            return _("Overdue or late")
        first = ([-1, *STEPS])[STEPS.index(self.days)] + 1
        return _("%(first)s–%(last)s days left") % {"first": first, "last": self.days}

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def views_of(renewals: Iterable[Renewal], on: dt.date) -> list[RenewalView]:
    """Renewals read with `with_rows`, as the pages show them."""
    return [RenewalView(one, getattr(one.account, "row", None), (one.due_on - on).days) for one in renewals]


def with_rows(rows: QuerySet[Renewal]) -> QuerySet[Renewal]:
    """Read accounts and their list rows along."""
    return rows.select_related("account", "account__row")


def board_rows(rows: QuerySet[Renewal], on: dt.date) -> QuerySet[Renewal]:
    """What stands on the board: all open ones up to half a year ahead, and those just lost that may still come."""
    late = Q(stage=Renewal.Stage.LOST, changed_by=None, due_on__gte=on - dt.timedelta(days=LATE_DAYS), due_on__lt=on)
    return rows.filter(Q(stage__in=Renewal.OPEN) | late, due_on__lte=on + dt.timedelta(days=AHEAD_DAYS))


def board(rows: QuerySet[Renewal], on: dt.date) -> list[BoardColumn]:
    """The board: counts and sums of each column, and its largest cards; three queries however many there are."""
    steps = [When(due_on__lte=on + dt.timedelta(days=days), then=Value(days)) for days in STEPS]
    placed: Any = board_rows(rows, on).annotate(
        step=Case(When(due_on__lt=on, then=Value(LATE)), *steps, default=Value(STEPS[-1]), output_field=IntegerField())
    )
    sums: dict[int, Any] = {
        row["step"]: row
        for row in placed.order_by()
        .values("step")
        .annotate(count=Count("pk"), due=Sum(Cents("arr")), likely=Sum(Cents("expected_arr")))
    }
    place = Window(RowNumber(), partition_by=[F("step")], order_by=[F("arr").desc(), F("pk").asc()])
    # Numbers alone are put in order, and what a card shows is read for the few that are shown.
    ranked: Any = placed.order_by().annotate(place=place).filter(place__lte=SHOWN)
    found = sorted(ranked.values_list("step", "place", "pk"))
    read = with_rows(rows).in_bulk([pk for _step, _place, pk in found])
    cards: dict[int, list[RenewalView]] = {}
    for step, _place, pk in found:
        cards.setdefault(step, []).extend(views_of([read[pk]], on))
    return [_column(days, sums.get(days), cards.get(days, []), on) for days in (LATE, *STEPS)]


def _column(days: int, sums: dict[str, Any] | None, cards: list[RenewalView], on: dt.date) -> BoardColumn:
    known = sums or {"count": 0, "due": 0, "likely": 0}
    first = on if days == STEPS[0] else on + dt.timedelta(days=(0, *STEPS)[STEPS.index(days)] + 1) if days else None
    last = on + dt.timedelta(days=days or -1)
    stages = "&".join(f"stage={stage.value}" for stage in Renewal.OPEN) + ("" if days else "&stage=lost")
    span = f"due_from={first or on - dt.timedelta(days=LATE_DAYS)}&due_until={last}"
    return BoardColumn(
        days,
        known["count"],
        from_cents(known["due"] or 0),
        from_cents(known["likely"] or 0),
        cards,
        f"?view=list&sort=-arr&{span}&{stages}",
    )


def calendar_rows(rows: QuerySet[Renewal], on: dt.date) -> QuerySet[Renewal]:
    """What is due in the months that the calendar shows unless asked for others."""
    first = add_months(month_start(on), -MONTHS_BACK)
    return rows.filter(due_on__gte=first, due_on__lt=add_months(first, MONTHS))


def calendar(rows: QuerySet[Renewal], on: dt.date, currency: str) -> Chart:
    """Bars by month of what is due: closed, committed, and what else is forecast; each bar opens its renewals.

    From the month of the first renewal to that of the last, a dozen at most.
    """
    ends = rows.order_by().aggregate(first=Min("due_on"), last=Max("due_on"))
    first = month_start(ends["first"] or on)
    won, committed = Q(stage=Renewal.Stage.WON), Q(stage=Renewal.Stage.COMMITTED)
    talked = Q(stage__in=[Renewal.Stage.NOT_STARTED, Renewal.Stage.IN_TALKS])
    found: dict[dt.date, Any] = {
        row["month"]: row
        for row in rows.filter(due_on__lt=add_months(first, MONTHS))
        .order_by()
        .annotate(month=TruncMonth("due_on"))
        .values("month")
        .annotate(
            closed=Sum(Cents("expected_arr"), filter=won),
            committed=Sum(Cents("expected_arr"), filter=committed),
            forecast=Sum(Cents("expected_arr"), filter=talked),
        )
    }
    months = [add_months(first, number) for number in range(MONTHS)]
    months = [month for month in months if month <= (ends["last"] or on)]
    return charts.bars(
        [_month(month, found.get(month, {}), currency) for month in months],
        heads=(_("Month"), _("Closed: won"), _("Committed"), _("Forecast"), _("Together")),
        formatted=lambda value: money(value, currency),
        height=240,
    )


def legend() -> list[charts.Part]:
    """What the parts of a month's bar are."""
    return [
        charts.Part(0, "healthy", _("Closed: won")),
        charts.Part(0, "info", _("Committed")),
        charts.Part(0, "none", _("Forecast of the rest"), hatched=True),
    ]


def _month(month: dt.date, sums: dict[str, Any], currency: str) -> charts.Item:
    amounts = {name: from_cents(sums.get(name) or 0) for name in ("closed", "committed", "forecast")}
    last = add_months(month, 1) - dt.timedelta(days=1)
    total = sum(amounts.values(), Decimal(0))
    return charts.Item(
        date(month, "month"),
        total,
        text=money(total, currency) if total else " ",
        parts=(
            charts.Part(amounts["closed"], "healthy", _("Closed: won"), money(amounts["closed"], currency)),
            charts.Part(amounts["committed"], "info", _("Committed"), money(amounts["committed"], currency)),
            charts.Part(amounts["forecast"], "none", _("Forecast"), money(amounts["forecast"], currency), hatched=True),
        ),
        href=f"{reverse('renewals')}?view=list&due_from={month}&due_until={last}",
    )


def calendar_title(summary: RenewalSummary, currency: str) -> str:
    """The finding above the bars."""
    words = {"likely": money(summary.likely, currency), "due": money(summary.arr_due, currency)}
    return _("%(likely)s of %(due)s due in these months is likely to come or has come") % words


def accuracy_title(found: Sequence[Accuracy]) -> str:
    """The finding above the table of past calls."""
    known = [one for one in found if one.rate is not None]
    if not known:
        return _("No past calls to compare yet")
    best = max(known, key=lambda one: (one.rate or Decimal(0), one.calls))
    words = {"rate": percent(best.rate), "days": best.days_before, "kind": kind_words(best.kind)}
    return _("Most often right: %(kind)s, %(rate)s of calls %(days)s days before") % words


def kind_words(kind: str) -> str:
    """What a kind of call is called in a sentence."""
    return {"computed": _("the computed call"), "csm": _("the CSM’s call"), "final": _("the final call")}[kind]


EXPORTED = (
    *("external_id", "account", "owner", "tier", "due_on", "days_left", "stage", "arr", "computed_call", "reasons"),
    *("csm_call", "final_call", "forecast", "health", "as_of"),
)


def exported(rows: QuerySet[Renewal], on: dt.date) -> Iterator[list[Any]]:
    """The rows of an export, numbers as numbers."""
    for view in views_of(with_rows(rows).order_by("due_on", "pk").iterator(chunk_size=1000), on):
        one, row = view.renewal, view.row
        yield [
            *(one.account.external_id, one.account.name, row.owner_name if row else "", one.account.tier),
            *(one.due_on, view.days_left, one.stage, one.arr, one.computed_call, ", ".join(one.reasons)),
            *(one.csm_call, one.final_call, one.expected_arr, row.band if row else "", one.called_on),
        ]
