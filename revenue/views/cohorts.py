"""How does a person see who stays, by the time of signing, and who is behind each figure?"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Account, CustomField, Organisation, User
from accounts.queries.accounts import people_who_serve, with_owner
from accounts.rules.roles import Capability
from common import keyset
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import date, number
from common.htmx import render_page
from common.periods import add_months, month_start, parse_day
from common.templating import query_with
from revenue.filters import CohortAccountsFilter, CohortFilter, CohortPageFilter
from revenue.models import RevenueSettings
from revenue.queries import (
    CohortTable,
    cohort_table,
    signed_in,
    with_arr,
)
from revenue.queries import (
    cohort_accounts as accounts_with_points,
)
from revenue.queries.cohort_page import cohort_page, export_of, period_label
from revenue.rules.cohorts import By, Measure, end_of_point, period_number, period_start, points_of

# How many months of signing the page shows unless more are asked for: what a screen can hold.
SHOWN_MONTHS: dict[By, int] = {"month": 23, "quarter": 45}
STATES = ("all", "paying", "left")
# Earlier than anybody signed.
EVER = dt.date(2000, 1, 1)


@requires(Capability.SEE_MONEY)
@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """Show retention by the month or quarter of signing, of customers or of their ARR."""
    user, on = cast(User, request.user), _today()
    chosen = _chosen(CohortPageFilter, request, user, on)
    _offer(chosen, user)
    context: dict[str, Any] = {"filters": chosen, "query": request.GET, "errors": error_messages(chosen)}
    context |= {"page": None, "refusal": "", "may_export": False}
    context["applied"] = sum(bool(value) for name, value in request.GET.items() if name not in ("by", "measure"))
    if not chosen.is_valid():
        return render_page(request, "revenue/cohorts.html", context, block="results", status=400)
    measure: Measure = chosen.asked["measure"]
    context |= {"asked": chosen.asked, "may_export": user.can(Capability.EXPORT)}
    try:
        table = _table(chosen, on)
    except Refused as refusal:
        context["refusal"] = str(refusal)
        return render_page(request, "revenue/cohorts.html", context, block="results")

    def href(start: dt.date, point: int | None) -> str:
        return reverse("cohort_accounts") + query_with(
            request.GET, **{"start": start, "point": point, "from": None, "to": None}
        )

    small = RevenueSettings.load().small_cohort
    page = cohort_page(table, measure, small=small, href=href) if table.cohorts else None
    return render_page(request, "revenue/cohorts.html", context | {"page": page, "table": table}, block="results")


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def cohort_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the cohorts on the page as a file."""
    user, on = cast(User, request.user), _today()
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen = _chosen(CohortPageFilter, request, user, on)
    if not chosen.is_valid():
        return cohorts(request)
    header, rows = export_of(_table(chosen, on), chosen.asked["measure"])
    return answer(_("cohorts"), header, rows)


@requires(Capability.SEE_MONEY)
@require_safe
def cohort_accounts(request: HttpRequest) -> HttpResponse:
    """Show the customers of one cohort with what each paid at its points; all, those still there, or those gone."""
    user, on = cast(User, request.user), _today()
    chosen = _chosen(CohortAccountsFilter, request, user, on)
    if not chosen.is_valid():
        raise Http404
    by: By = chosen.asked["by"]
    start, point, state = _place(request.GET, by, on)
    end = period_start(period_number(start, by) + 1, by)
    signed = signed_in(chosen.qs, start, min(end, on + dt.timedelta(days=1)))
    paying = with_arr(signed, on=end_of_point(start, point, by)).filter(arr__gt=0)
    size, kept = signed.count(), paying.count() if point else 0
    rows = {"all": signed, "paying": paying, "left": signed.exclude(pk__in=paying.values("pk"))}[
        state if point else "all"
    ]
    page = keyset.page(rows.order_by(), keyset.Sort("name"), cursor=request.GET.get("after", ""))
    listed, currency = accounts_with_points(on, by=by, accounts=page.rows)
    context = {
        "rows": listed,
        "page": page,
        "head": _head(start, by, size, currency),
        "points": range(points_of(start, on, by)),
        "states": _states(request.GET, state, size, kept) if point else [],
        "when": date(end_of_point(start, point, by)) if point else "",
        "query": request.GET,
        "on": on,
    }
    return render_page(request, "revenue/cohort_accounts.html", context, block="results")


def _head(start: dt.date, by: By, size: int, currency: str) -> dict[str, str]:
    """The page's head in words."""
    label = period_label(start, by)
    count = ngettext("%(count)s customer", "%(count)s customers", size) % {"count": number(size)}
    return {"title": _("Signed in %(period)s") % {"period": label}, "count": count, "currency": currency}


def _states(query: QueryDict, state: str, size: int, kept: int) -> list[tuple[str, str, bool]]:
    """The switch between all of a cohort, those still there at a point, and those gone by then."""
    counts = {
        "all": _("All: %(count)s") % {"count": number(size)},
        "paying": _("Still paying: %(count)s") % {"count": number(kept)},
        "left": _("Gone: %(count)s") % {"count": number(size - kept)},
    }
    return [(label, query_with(query, state=name, after=None), name == state) for name, label in counts.items()]


def _place(query: QueryDict, by: By, on: dt.date) -> tuple[dt.date, int, str]:
    """Which cohort, which of its points and which of its accounts an address means; no such place is not there."""
    try:
        start = parse_day(query.get("start", ""), "start")
    except Refused:
        raise Http404 from None
    start = period_start(period_number(start, by), by)
    point, state = query.get("point") or "0", query.get("state") or "all"
    is_point = point.isascii() and point.isdigit() and len(point) < 5 and int(point) < points_of(start, on, by)
    if start > on or not is_point or state not in STATES:
        raise Http404
    return start, int(point), state


def _chosen(made: type[CohortFilter], request: HttpRequest, user: User, on: dt.date) -> CohortFilter:
    seen = with_owner(Account.objects.visible_to(user), on)
    return made(request.GET, queryset=seen, request=request)


def _table(chosen: CohortFilter, on: dt.date) -> CohortTable:
    """Read what was asked for; without a span, the last years."""
    asked = chosen.asked
    if asked["first"] is None and asked["last"] is None:
        asked["first"] = add_months(month_start(on), -SHOWN_MONTHS[asked["by"]])
    return cohort_table(on, by=asked["by"], first=asked["first"], last=asked["last"], account_ids=chosen.ids)


def _offer(chosen: CohortFilter, user: User) -> None:
    """Fill the drop-down filters with what this person's own accounts hold."""
    fields = chosen.form.fields
    for name in ("industry", "region"):
        held = Account.objects.visible_to(user).exclude(**{name: ""}).order_by(name).values_list(name, flat=True)
        values = [(value, value) for value in held.distinct()[:200]]
        fields[name].widget = forms.Select(choices=[("", _("Any")), *values])
    owners = people_who_serve().order_by("name", "pk").values_list("pk", "name")
    fields["owner"].widget = forms.Select(choices=[("", _("Anyone")), *owners])
    fields["tag"].widget = forms.HiddenInput()
    for field in CustomField.objects.filter(kind=CustomField.Kind.CHOICE):
        choices = [("", _("Any")), *((choice, choice) for choice in field.choices)]
        fields[f"custom_{field.key}"].widget = forms.Select(choices=choices)


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())
