"""In which order does a product manager see what customers ask for, and why is one request where it is?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page, wants_fragment
from common.jobs import enqueue
from common.tables import Column
from roadmap.actions.ranking import SINCE_DAYS
from roadmap.filters import MONEY_SORTS, RANKING_SORTS, RankingFilter
from roadmap.models import FeatureRequest, RankingSettings, RequestRank
from roadmap.queries import rank_charts
from roadmap.queries.landing import roadmap_landing
from roadmap.queries.rank_why import rank_history, what_moved, why_rank
from roadmap.queries.rank_words import FACTOR_NAMES, PART_NAMES, band_words
from roadmap.queries.ranking_page import RankedPage, all_ranks, ranked_page

COLUMNS = (
    Column("rank", pgettext_lazy("of a request", "Rank"), sort="rank", align="end"),
    Column("request", gettext_lazy("Request")),
    Column("accounts", gettext_lazy("Customers"), sort="accounts", align="end", first="down"),
    Column("asks", gettext_lazy("Asks"), sort="asks", align="end", first="down"),
    Column("spread", gettext_lazy("Segments"), sort="spread", align="end", first="down"),
    Column("users", gettext_lazy("Active users"), sort="users", align="end", first="down"),
    Column("value", gettext_lazy("Value"), sort="value", align="end", first="down"),
    Column("validation", gettext_lazy("Use it"), sort="validation", align="end", first="down"),
    Column("score", gettext_lazy("Score"), align="end"),
    Column("moved", gettext_lazy("4 weeks"), align="end"),
    Column("others", gettext_lazy("By ARR · RICE · WSJF")),
)
HEADER = (
    *("rank", "external_id", "request", "state", "module", "common", "score", "customers", "asks", "segments"),
    *("active_users", "validated", "validation", "guard", "largest_share", "best_rank", "worst_rank", "moved"),
    *("rank_by_arr", "rice", "rank_by_rice", "wsjf", "rank_by_wsjf"),
)
MONEY_HEADER = ("value", "arr", "renewing_arr")
SHOWN_IN_CHART = 12


@dataclass(frozen=True)
class Listing:
    """The ranking as its reader may see it."""

    filters: RankingFilter
    page: RankedPage
    columns: Sequence[Column]
    sort: str
    settings: RankingSettings
    currency: str
    on: dt.date
    with_money: bool
    may_plan: bool
    may_export: bool

    @property
    def count_text(self) -> str:
        """How many requests match, in words."""
        return ngettext("%(count)s request", "%(count)s requests", self.page.count) % {"count": number(self.page.count)}

    @property
    def is_old(self) -> bool:
        """Whether the ranks are more than a day old."""
        return self.page.on is not None and (self.on - self.page.on).days > 1

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


@require_safe
def roadmap(request: HttpRequest) -> HttpResponse:
    """List what customers ask for in the order of what many share."""
    user, organisation = person_of(request), Organisation.load()
    on = organisation.day_of(timezone.now())
    filters, errors = _filters(request)
    with_money = sees_money(user)
    sort = _sort(request.GET.get("sort", ""), with_money=with_money)
    requests = filters.qs if not errors else FeatureRequest.objects.none()
    segment = filters.segment if not errors else {}
    common = filters.form.cleaned_data.get("common") if not errors else None
    page = ranked_page(
        user, requests, segment, on, sort=RANKING_SORTS[sort], common=common, after=request.GET.get("after", "")
    )
    listing = Listing(
        filters=filters,
        page=page,
        columns=[one.in_words() for one in COLUMNS if with_money or one.name != "value"],
        sort=sort,
        settings=RankingSettings.load(),
        currency=organisation.reporting_currency,
        on=on,
        with_money=with_money,
        may_plan=user.can(Capability.PLAN_ROADMAP),
        may_export=user.can(Capability.EXPORT),
    )
    first = [row for row in page.rows if row.accounts][:SHOWN_IN_CHART] if sort == "rank" else []
    chart = rank_charts.shared_chart(first, listing.settings) if first and not request.GET.get("after") else None
    context = {
        "listing": listing,
        "errors": errors,
        "query": request.GET,
        "chart": chart,
        "money_chart": rank_charts.value_chart(page.rows, listing.settings) if chart and with_money else None,
        "landing": None if wants_fragment(request) else roadmap_landing(user, on),
    }
    return render_page(request, "roadmap/roadmap.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def ranking_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    filters, errors = _filters(request)
    if errors:
        return roadmap(request)
    user, on = person_of(request), Organisation.load().day_of(timezone.now())
    wanted = set(filters.qs.values_list("pk", flat=True))
    common = filters.form.cleaned_data.get("common")
    rows = [row for row in all_ranks(user, filters.segment, on) if row.request_id in wanted]
    kept = (row for row in rows if common is None or row.is_common == common)
    with_money = sees_money(user)
    header = [*HEADER, *MONEY_HEADER] if with_money else list(HEADER)
    return answer(_("ranking"), header, _cells(kept, with_money=with_money))


@requires(Capability.PLAN_ROADMAP)
@require_POST
def ranking_refresh(request: HttpRequest) -> HttpResponse:
    """Have all requests ranked anew now, in the background."""
    enqueue("roadmap.rank_requests", key="all", owner_id=person_of(request).pk)
    notify(request, _("Requests are ranked anew. The page shows it in a moment."))
    return redirect("roadmap")


@require_safe
def rank_why(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show every part of a request's rank with its numbers, and the customers behind it."""
    need = get_visible_or_404(FeatureRequest.objects.select_related("module"), request.user, pk=request_id)
    user, organisation = person_of(request), Organisation.load()
    on = organisation.day_of(timezone.now())
    why, last = why_rank(need, user, on), what_moved(need, user)
    moved = what_moved(need, user, days=SINCE_DAYS) or last
    band = band_words(why.rank, why.settings) if why else ""
    context = {
        "need": need,
        "why": why,
        "words": {"parts": PART_NAMES, "factors": FACTOR_NAMES, "band": band},
        "charts": rank_charts.why_charts(why, moved, rank_history(need, user, on)),
        "last": rank_charts.moved_words(last) if last and moved is not last else "",
        "ground": {"currency": organisation.reporting_currency, "with_money": sees_money(user), "on": on},
        "may": {"plan": user.can(Capability.PLAN_ROADMAP), "ask": user.can(Capability.EDIT_ROADMAP)},
    }
    return render_page(request, "roadmap/rank_why.html", context)


def _filters(request: HttpRequest) -> tuple[RankingFilter, list[tuple[str | None, str]]]:
    """The filters of an address, with the industries and regions that there are to choose from."""
    user = person_of(request)
    filters = RankingFilter(request.GET, queryset=FeatureRequest.objects.visible_to(user), request=request)
    for name in ("industry", "region"):
        filters.form.fields[name].widget = forms.Select(choices=[("", _("Any")), *_values(user, name)])
    filters.form.fields["common"].widget.choices = [
        ("", _("All needs")), ("true", _("Common needs")), ("false", _("Other needs")),
    ]  # fmt: skip
    return filters, error_messages(filters)


def _values(user: User, field: str) -> list[tuple[str, str]]:
    found = Account.objects.visible_to(user).exclude(**{field: ""}).order_by(field).values_list(field, flat=True)
    return [(value, value) for value in found.distinct()]


def _sort(asked: str, *, with_money: bool) -> str:
    return asked if asked in RANKING_SORTS and (with_money or asked not in MONEY_SORTS) else "rank"


def _cells(rows: Iterator[RequestRank], *, with_money: bool) -> Iterator[list[Any]]:
    for row in rows:
        need = row.request
        cells: list[Any] = [
            *(row.rank, need.external_id or "", need.title, need.get_state_display()),
            *(need.module.name if need.module else "", _("yes") if row.is_common else _("no"), row.score),
            *(row.accounts, row.asks, row.segments, row.users, row.validated, round(row.validation, 4)),
            *(round(row.guard, 4), round(row.largest_share, 4), row.best_rank, row.worst_rank, row.moved),
            *(row.arr_rank or "", _figure(row.rice), row.rice_rank or "", _figure(row.wsjf), row.wsjf_rank or ""),
        ]
        yield [*cells, row.weighted_arr, row.arr, row.renewing_arr] if with_money else cells


def _figure(value: float | None) -> Any:
    return "" if value is None else round(value, 2)
