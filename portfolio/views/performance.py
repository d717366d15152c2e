"""How does a person see how the books of CSMs fare, and what is behind it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, cast

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import render_page
from common.tables import Column
from portfolio.queries.performance import Line, PerformancePage, performance_page
from portfolio.queries.performance_facts import kept_by_band
from revenue.filters import PerformanceFilter
from revenue.rules.retention import decimal_rate

KEPT = 600  # seconds for which what bands kept in past quarters is not read again
MONEY = (
    Column("name", gettext_lazy("CSM"), sort="name"),
    Column("accounts", gettext_lazy("Accounts"), sort="accounts", align="end", first="down"),
    Column("base", gettext_lazy("Base"), sort="base", align="end", first="down"),
    Column("taken_over", gettext_lazy("Of it taken over"), sort="taken_over", align="end", first="down"),
    Column("expansion", gettext_lazy("Expansion"), sort="expansion", align="end", first="down"),
    Column("contraction", gettext_lazy("Contraction"), sort="contraction", align="end", first="down"),
    Column("churn", gettext_lazy("Churn"), sort="churn", align="end", first="down"),
    Column("nrr", gettext_lazy("NRR"), sort="nrr", align="end", first="down"),
    Column("grr", gettext_lazy("GRR"), sort="grr", align="end", first="down"),
    Column("expected", gettext_lazy("Expected GRR"), sort="expected", align="end", first="down"),
    Column("difference", gettext_lazy("Difference"), sort="difference", align="end", first="down"),
)
WORK = (
    Column("name", gettext_lazy("CSM"), sort="name"),
    Column("target_rate", gettext_lazy("Expansion of target"), sort="target_rate", align="end", first="down"),
    Column("handoff_rate", gettext_lazy("Handoffs in time"), sort="handoff_rate", align="end", first="down"),
    Column("touch_rate", gettext_lazy("Spoken with"), sort="touch_rate", align="end", first="down"),
    Column("save_rate", gettext_lazy("Warned and kept"), sort="save_rate", align="end", first="down"),
    Column("health_change", gettext_lazy("Health"), sort="health_change", align="end", first="down"),
    Column("nps", gettext_lazy("NPS"), sort="nps", align="end", first="down"),
    Column("task_rate", gettext_lazy("Tasks on time"), sort="task_rate", align="end", first="down"),
    Column("load", gettext_lazy("Load"), sort="load", align="end", first="down"),
)


@requires(Capability.SEE_MONEY)
@require_safe
def csm_performance(request: HttpRequest) -> HttpResponse:
    """Show what each person kept and won of what was in their hands, and what was to be expected."""
    chosen, on = _asked(request)
    user = cast(User, request.user)
    context: dict[str, Any] = {
        "filters": chosen,
        "query": request.GET,
        "errors": error_messages(chosen),
        "page": None,
        "refusal": "",
        "sort": request.GET.get("sort", ""),
        "money_columns": [column.in_words() for column in MONEY],
        "work_columns": [column.in_words() for column in WORK],
        "may_export": user.can(Capability.EXPORT),
        "may_set": user.can(Capability.MANAGE_SETTINGS),
        "is_own": user.visibility == User.Visibility.OWN,
    }
    if not chosen.is_valid():
        return render_page(request, "portfolio/csm_performance.html", context, block="results", status=400)
    try:
        context["page"] = _read(request, chosen, on)
    except Refused as refusal:
        context["refusal"] = str(refusal)
    return render_page(request, "portfolio/csm_performance.html", context, block="results")


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def performance_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the lines as a file; rates are fractions."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, on = _asked(request)
    if not chosen.is_valid():
        return csm_performance(request)
    return answer(_("csm-performance"), *_lines(_read(request, chosen, on)))


def _asked(request: HttpRequest) -> tuple[PerformanceFilter, dt.date]:
    """Read which period is asked for, and the day."""
    on = Organisation.load().day_of(timezone.now())
    chosen = PerformanceFilter(request.GET, queryset=Account.objects.none(), request=request)
    chosen.form.order_fields(["period", "from", "to"])
    return chosen, on


def _read(request: HttpRequest, chosen: PerformanceFilter, on: dt.date) -> PerformancePage:
    return page_for(cast(User, request.user), chosen, on, request.GET.get("sort", ""))


def page_for(user: User, chosen: PerformanceFilter, on: dt.date, sort: str) -> PerformancePage:
    """Read the page for a person; what bands kept in past quarters is read once in a while."""
    past = cache.get_or_set(f"kept_by_band:{on}", lambda: kept_by_band(on), KEPT)
    return performance_page(*chosen.span(on), on=on, user=user, sort=sort, past=past)


def _lines(page: PerformancePage) -> tuple[list[str], Iterator[list[Any]]]:
    """Every line of the page as a row, the sum last."""
    header = [_("Period"), _("Currency"), *(str(column.label) for column in MONEY)]
    header += [_("Credited expansion"), _("of it in quarters with a target"), _("Expansion target")]
    header += [_("Handoffs accepted"), _("of them in time")]
    header += [
        _("Accounts to speak with"),
        _("of them spoken with"),
        _("Warned of"),
        _("of them kept"),
        _("Health"),
        _("NPS"),
        _("Answers"),
        _("Tasks due"),
        _("of them on time"),
        _("Load"),
    ]

    def line(one: Line) -> list[Any]:
        rates = (one.nrr, one.grr, one.expected, one.difference)
        told = [None if rate is None else decimal_rate(rate) for rate in rates]
        tally, health = one.tally, one.health_change
        return [
            *(page.period, page.currency, one.name, one.accounts, one.base, one.taken_over, one.expansion),
            *(one.contraction, one.churn, *told, one.credited, one.met, one.target),
            *(tally.handoffs, tally.handoffs_in_time, sum(tally.touch_due.values()), sum(tally.touched.values())),
            *(tally.warned, tally.saved),
            *(None if health is None else round(health, 2), None if one.nps is None else decimal_rate(one.nps)),
            *(tally.answers, tally.tasks_due, tally.tasks_on_time, round(tally.load, 2)),
        ]

    shown = [*page.lines, *page.below, *([page.total] if page.total else [])]
    return header, (line(one) for one in shown)
