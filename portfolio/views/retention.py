"""How does a manager see what customers keep paying, and who is behind each figure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Account, Organisation, User
from accounts.queries.accounts import with_owner
from accounts.rules.roles import Capability
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import render_page
from common.templating import query_with
from portfolio.queries.retention_behind import FIGURES, behind
from portfolio.queries.retention_page import RetentionPage, period_words, retention_page
from portfolio.queries.rows import visible_rows
from revenue.filters import RetentionFilter
from revenue.queries import accounts_shown_to
from revenue.rules.retention import decimal_rate


@requires(Capability.SEE_MONEY)
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Show NRR, GRR and churn of a period with the way from opening to closing, and what puts the rest at risk."""
    return _page(request, "portfolio/retention.html")


@requires(Capability.SEE_MONEY)
@require_safe
def board_page(request: HttpRequest) -> HttpResponse:
    """Show the same on one sheet to print, without a control."""
    return _page(request, "portfolio/board_page.html")


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def retention_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the period, every reading and every segment as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, on = asked(request)
    if not chosen.is_valid():
        return retention(request)
    return answer(_("retention"), *_lines(_read(request, chosen, on)))


@requires(Capability.SEE_MONEY)
@require_safe
def retention_accounts(request: HttpRequest) -> HttpResponse:
    """Show the accounts behind one figure of a period, the largest amount first."""
    chosen, on = asked(request)
    figure = request.GET.get("figure", "")
    if not chosen.is_valid() or figure not in FIGURES:
        raise Http404
    ids = ids_of(chosen, cast(User, request.user))
    page = request.GET.get("page", "1")
    try:
        found = behind(
            *chosen.span(on),
            figure=figure,
            reading=chosen.reading_asked,
            by=chosen.by_asked,
            segment=request.GET.get("segment"),
            accounts=ids,
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )
    except Refused:
        raise Http404 from None
    context = {"found": found, "query": request.GET, "on": on}
    return render_page(request, "portfolio/retention_accounts.html", context, block="results")


def asked(request: HttpRequest, kind: type[Any] = RetentionFilter) -> tuple[Any, dt.date]:
    """Read which period of which accounts is asked for, and the day."""
    on = Organisation.load().day_of(timezone.now())
    seen = with_owner(Account.objects.visible_to(cast(User, request.user)), on)
    chosen = kind(request.GET, queryset=seen, request=request)
    offer(chosen, cast(User, request.user))
    return chosen, on


def offer(chosen: RetentionFilter, user: User) -> None:
    """Fill the drop-down filters with what this person's own accounts hold."""
    fields = chosen.form.fields
    for name in ("industry", "region"):
        held = Account.objects.visible_to(user).exclude(**{name: ""}).order_by(name).values_list(name, flat=True)
        fields[name].widget = forms.Select(
            choices=[("", _("Any")), *((value, value) for value in held.distinct()[:200])]
        )
    for name in ("owner", "tag", *(name for name in fields if name.startswith("custom_"))):
        fields[name].widget = forms.HiddenInput()
    chosen.form.order_fields(
        ["by", "measure", "period", "from", "to", "reading", "tier", "purchase_level", "industry", "region"]
    )


def ids_of(chosen: RetentionFilter, user: User) -> list[int] | None:
    """The accounts to add up; None for all, when the person sees all and nothing is left out."""
    return list(chosen.qs.order_by().values_list("pk", flat=True)) if chosen.narrows else accounts_shown_to(user)


def _page(request: HttpRequest, template: str) -> HttpResponse:
    chosen, on = asked(request)
    context: dict[str, Any] = {
        "filters": chosen,
        "query": request.GET,
        "errors": error_messages(chosen),
        "page": None,
        "refusal": "",
        "may_export": cast(User, request.user).can(Capability.EXPORT),
    }
    if not chosen.is_valid():
        return render_page(request, template, context, block="results", status=400)
    try:
        context["page"] = _read(request, chosen, on)
    except Refused as refusal:
        context["refusal"] = str(refusal)
    return render_page(request, template, context, block="results")


def _read(request: HttpRequest, chosen: RetentionFilter, on: dt.date) -> RetentionPage:
    """Read the page that is asked for."""
    ids = ids_of(chosen, cast(User, request.user))
    rows = visible_rows(cast(User, request.user))
    there = reverse("retention_accounts")
    return retention_page(
        *chosen.span(on),
        on=on,
        accounts=ids,
        rows=rows if ids is None else rows.filter(pk__in=chosen.qs.order_by().values("pk")),
        reading=chosen.reading_asked,
        hrefs={figure: there + query_with(request.GET, figure=figure) for figure in FIGURES},
    )


def _lines(page: RetentionPage) -> tuple[list[str], Iterator[list[Any]]]:
    """The page as rows: each reading whole, then each segment point to point. Rates are fractions."""
    money = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "exchange", "closing")
    rates = ("nrr", "grr_revenue", "grr_logo", "logo_churn", "quick_ratio")
    header = [
        _("Period"),
        pgettext("way of counting", "Reading"),
        pgettext("segments", "By"),
        _("Segment"),
        _("Currency"),
        *money,
        *rates,
        "accounts",
    ]
    period = period_words(page.found.start, page.found.end)

    def line(reading: str, by: str, segment: str, found: Any) -> list[Any]:
        shares = (getattr(found, name) for name in rates)
        told = (None if one is None else decimal_rate(one) for one in shares)
        amounts = (getattr(found, name) for name in money)
        return [period, reading, by, segment, page.currency, *amounts, *told, found.accounts]

    def lines() -> Iterator[list[Any]]:
        for reading in page.readings:
            yield line(reading.name, "", "", page.by_reading[reading.name])
        for name, _label, segments in page.segments:
            for one in segments:
                yield line("point_to_point", name, one.label, one.retention)

    return header, lines()
