"""How does a request of sales find the advocates who fit it best?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from advocacy.actions.requests import add_request, change_request, decide_request
from advocacy.filters import ReferenceRequestFilter
from advocacy.forms import DecideForm, RequestForm
from advocacy.models import Ask, ReferenceRequest
from advocacy.queries.matching import matches_for
from advocacy.views.base import attempt, now, person, today
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import form_key, once

EDIT = Capability.EDIT_ACCOUNTS
SHOWN = 100
FIELDS = ("prospect", "kind", "industry", "region", "employees", "tier", "product", "use_case", "needed_by", "note")


@require_safe
def reference_requests(request: HttpRequest) -> HttpResponse:
    """List whom sales needs to hear from, open ones first, and what came of each."""
    user = person(request)
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    organisation = Organisation.load()
    count = rows.count()
    context = {
        "filters": chosen,
        "errors": errors,
        "query": request.GET,
        "rows": list(_counted(rows, user)[:SHOWN]),
        "count": ngettext("%(count)s request", "%(count)s requests", count) % {"count": number(count)},
        "money": {"shown": sees_money(user), "currency": organisation.reporting_currency},
        "on": organisation.day_of(now()),
        "may_edit": user.can(EDIT),
    }
    return render_page(
        request, "advocacy/reference_requests.html", context, block="list", status=400 if errors else 200
    )


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def reference_request_add(request: HttpRequest) -> HttpResponse:
    """Write down whom sales needs to hear from."""
    form = _form(request, {"kind": "reference_call", "currency": Organisation.load().reporting_currency})
    if request.method == "POST":
        made = carried_out(form, lambda values: add_request(by=person(request), at=now(), **_values(values)))
        if made is not None:
            notify(request, _("Request noted: %(prospect)s.") % {"prospect": made.prospect})
            return redirect("reference_request", made.pk)
    back = reverse("reference_requests")
    return _render(request, form, _("New request of sales"), _("Find who fits"), back)


@require_safe
def reference_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show who fits a request best, with the reasons, and whom it was asked of already."""
    user, on = person(request), today()
    found = _seen(request, request_id)
    asked = Ask.objects.visible_to(user).filter(request=found)
    context = {
        "found": found,
        "matches": matches_for(found, user, on) if found.is_open else None,
        "asks": list(asked.select_related("advocate__contact", "advocate__account", "asked_by")),
        "decide": DecideForm(initial={"outcome": found.outcome, "decided_on": found.decided_on or on}),
        "may_edit": user.can(EDIT),
        "with_money": sees_money(user),
        "on": on,
        "here": request.get_full_path(),
    }
    return render_page(request, "advocacy/reference_request.html", context)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def reference_request_edit(request: HttpRequest, request_id: int) -> HttpResponse:
    """Correct what sales asks for."""
    found = _seen(request, request_id)
    initial = {name: getattr(found, name) for name in (*FIELDS, "arr", "currency")}
    form = _form(request, initial)
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: change_request(request=found, by=person(request), at=now(), **_values(values))
        )
        if saved is not None:
            notify(request, _("Saved."))
            return redirect("reference_request", found.pk)
    back = reverse("reference_request", args=[found.pk])
    return _render(request, form, _("Edit: %(title)s") % {"title": found.prospect}, _("Save"), back)


@requires(EDIT)
@require_POST
def reference_request_decide(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say how the deal ended."""
    found = _seen(request, request_id)
    form, back = DecideForm(request.POST), reverse("reference_request", args=[found.pk])
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        notify(request, said, level=messages.ERROR)
        return redirect(back)
    return attempt(
        request, lambda: decide_request(request=found, by=person(request), at=now(), **form.cleaned_data),
        lambda done: _("%(prospect)s: %(outcome)s.")
        % {"prospect": done.prospect, "outcome": done.get_outcome_display()},
        back,
    )  # fmt: skip


def _matching(request: HttpRequest) -> tuple[ReferenceRequestFilter, QuerySet[ReferenceRequest]]:
    every = ReferenceRequest.objects.visible_to(request.user)
    chosen = ReferenceRequestFilter(request.GET, queryset=every, request=request)
    return chosen, chosen.qs if chosen.is_valid() else every.none()


def _counted(rows: QuerySet[ReferenceRequest], user: Any) -> QuerySet[ReferenceRequest]:
    """With how many of those one may see were asked and agreed; open requests first, the most urgent on top."""
    mine = Q(asks__in=Ask.objects.visible_to(user))
    return (
        rows.select_related("requested_by", "product", "use_case")
        .annotate(
            asked=Count("asks", filter=mine, distinct=True),
            agreed=Count("asks", filter=mine & Q(asks__answer=Ask.Answer.ACCEPTED), distinct=True),
        )
        .order_by(F("decided_on").desc(nulls_first=True), F("needed_by").asc(nulls_last=True), "-pk")
    )


def _seen(request: HttpRequest, request_id: int) -> ReferenceRequest:
    rows = ReferenceRequest.objects.select_related("product", "use_case", "requested_by")
    return get_visible_or_404(rows, request.user, pk=request_id)


def _form(request: HttpRequest, initial: dict[str, Any]) -> RequestForm:
    user = person(request)
    accounts = Account.objects.visible_to(user).order_by()
    known = {
        name: sorted(set(accounts.exclude(**{name: ""}).values_list(name, flat=True).distinct()))
        for name in ("industry", "region")
    }
    return RequestForm(
        request.POST or None, initial=initial, person=user, with_money=sees_money(user),
        industries=known["industry"], regions=known["region"],
    )  # fmt: skip


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """What the action takes: an amount that is not shown is not touched."""
    return {name: value for name, value in values.items() if name in (*FIELDS, "arr", "currency")}


def _render(request: HttpRequest, form: RequestForm, title: str, submit: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back": back, "form_key": form_key(request)}
    return render_page(request, "advocacy/reference_request_form.html", context, status=status_of(request, form))
