"""How does a manager hold the segments of a dimension against each other?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import render_page
from common.templating import query_with
from portfolio.queries.compare_page import ComparePage, compare_page
from portfolio.views.retention import asked, ids_of
from revenue.filters import CompareFilter
from revenue.queries.guards import PARTS
from revenue.queries.words import RATE_LABELS
from revenue.rules.retention import decimal_rate


@requires(Capability.SEE_MONEY)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show one rate by segment with what the guards found, and what rates and mix did to the whole."""
    chosen, on = asked(request, CompareFilter)
    context: dict[str, Any] = {
        "filters": chosen,
        "query": request.GET,
        "errors": error_messages(chosen),
        "page": None,
        "refusal": "",
        "on": on,
        "rate_labels": RATE_LABELS,
        "may_export": cast(User, request.user).can(Capability.EXPORT),
    }
    if not chosen.is_valid():
        return render_page(request, "portfolio/compare.html", context, block="results", status=400)
    try:
        context["page"] = _read(request, chosen, on)
    except Refused as refusal:
        context["refusal"] = str(refusal)
    return render_page(request, "portfolio/compare.html", context, block="results")


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def compare_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the segments with their rates and effects as a file; rates are fractions."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, on = asked(request, CompareFilter)
    if not chosen.is_valid():
        return compare(request)
    return answer(_("compare"), *_lines(_read(request, chosen, on)))


def _read(request: HttpRequest, chosen: CompareFilter, on: dt.date) -> ComparePage:
    """Read the page that is asked for."""
    by, there = chosen.by_asked, reverse("retention_accounts")

    def link(segment: str) -> str:
        return there + query_with(
            request.GET, measure=None, reading=None, figure="opening", by=by, segment=segment, page=None
        )

    return compare_page(
        *chosen.span(on),
        accounts=ids_of(chosen, cast(User, request.user)),
        by=by,
        measure=chosen.measure_asked,
        link=link,
    )


def _lines(page: ComparePage) -> tuple[list[str], Iterator[list[Any]]]:
    """The table as rows, all customers last."""
    header = [
        _("Period"),
        pgettext("segments", "By"),
        _("Segment"),
        _("Customers"),
        _("Currency"),
        _("Opening"),
        _("Closing"),
    ]
    for name in PARTS:
        header += [_("%(rate)s before") % {"rate": RATE_LABELS[name]}, str(RATE_LABELS[name])]
    header += [
        pgettext("figure", "Measure"),
        pgettext("difference", "Change"),
        _("Share before"),
        pgettext("part of a whole", "Share"),
        _("Rate effect"),
        _("Mix effect"),
    ]

    def lines() -> Iterator[list[Any]]:
        for row in [*page.rows, page.foot]:
            rates = [rate for name in PARTS for rate in row.rates[name]]
            effects = [row.change, row.share_before, row.share_now, row.rate_effect, row.mix_effect]
            told = [None if one is None else decimal_rate(one) for one in [*rates, *effects]]
            known = [page.period, page.dimension, row.label, row.accounts, page.currency, row.opening, row.closing]
            yield [*known, *told[: len(rates)], str(RATE_LABELS[page.measure]), *told[len(rates) :]]

    return header, lines()
