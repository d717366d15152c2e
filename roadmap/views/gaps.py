"""How much money hangs on which request, and what of an account hangs on it?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.models import ChurnRecord, ExpectationGap, Organisation, Promise
from accounts.rules.roles import Capability
from common.export import csv_response, xlsx_response
from common.htmx import notify, render_page
from revenue.models import Renewal
from roadmap import actions
from roadmap.models import FeatureRequest, RequestLink
from roadmap.queries import Gaps, gaps, linkable
from roadmap.views.asking import next_page, now, person, seen_request, today

SHOWN = 100
HEADER = ("external_id", "title", "state", "module", "accounts_at_risk", "lost_accounts")
MONEY_HEADER = ("arr_at_risk", "arr_lost")
MODELS: dict[str, Any] = {
    "gap": ExpectationGap, "promise": Promise, "churn_record": ChurnRecord, "renewal": Renewal,
}  # fmt: skip


def _found(request: HttpRequest, most: int | None = None) -> Gaps:
    """What hangs on the requests that are not settled, or on all; the first of them."""
    rows: Any = FeatureRequest.objects.visible_to(request.user).standing()
    wanted = rows if request.GET.get("settled") == "1" else rows.undecided()
    return gaps(wanted, person(request), today(), money=sees_money(request.user), most=most)


@require_safe
def request_gaps(request: HttpRequest) -> HttpResponse:
    """List the requests on which money hangs: who may leave for want of them, who left; each account once."""
    found = _found(request, SHOWN)
    context = {
        "gaps": found,
        "rows": found.rows,
        "currency": Organisation.load().reporting_currency,
        "on": today(),
        "with_money": sees_money(request.user),
        "may_export": person(request).can(Capability.EXPORT),
        "settled": request.GET.get("settled") == "1",
    }
    return render_page(request, "roadmap/request_gaps.html", context)


@requires(Capability.EXPORT)
@require_safe
def request_gaps_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what hangs on which request as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    money = sees_money(request.user)
    rows = [_cells(row, money=money) for row in _found(request).rows]
    return answer(_("gaps"), [*HEADER, *(MONEY_HEADER if money else ())], rows)


def _cells(row: Any, *, money: bool) -> list[Any]:
    need = row.request
    cells = [
        *(need.external_id, need.title, need.get_state_display(), need.module.name if need.module else ""),
        *(row.accounts, row.lost_accounts),
    ]
    return [*cells, row.arr, row.arr_lost] if money else cells


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def request_link_add(request: HttpRequest, request_id: int) -> HttpResponse:
    """Hang gaps, promises, losses or renewals of accounts on a request; those of who asks come first."""
    need = seen_request(request, request_id)
    if request.method == "POST":
        target = _target(request)
        if target is None:
            notify(request, _("Choose what to link."), level=messages.ERROR)
            return redirect("request_link_add", request_id)
        link = actions.link_request(request=need, target=target, by=person(request), at=now())
        words = {"kind": link.get_kind_display(), "name": target.account.name}
        notify(request, _("%(kind)s of %(name)s linked.") % words)
        return next_page(request, "feature_request", request_id)
    asked = request.GET.get("q", "")[:200]
    found = linkable(person(request), asked, need)
    context = {"need": need, "asked": asked, "found": found, "kinds": RequestLink.Kind, "any": any(found.values())}
    return render_page(request, "roadmap/request_link_add.html", context, block="found")


def _target(request: HttpRequest) -> Any:
    """Find what was chosen, if the person may see it."""
    kind, _dash, pk = request.POST.get("target", "").partition("-")
    if kind not in MODELS or not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return None
    return MODELS[kind].objects.visible_to(request.user).select_related("account").filter(pk=pk).first()


@requires(Capability.EDIT_ROADMAP)
@require_POST
def request_link_delete(request: HttpRequest, link_id: int) -> HttpResponse:
    """Take something off a request again."""
    link = get_visible_or_404(RequestLink.objects.select_related("account"), request.user, pk=link_id)
    need = link.request_id
    actions.unlink_request(link=link, by=person(request), at=now())
    notify(request, _("Taken off: %(name)s.") % {"name": link.account.name})
    return redirect("feature_request", need)
