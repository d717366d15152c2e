"""How does a person look at the pipeline, the targets, the profile and what is still to sell?"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, Product, User
from accounts.queries.accounts import people_who_serve, search_accounts
from accounts.rules.roles import Capability
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.htmx import notify, render_page
from common.keyset import Sort, page
from common.periods import parse_day
from common.tables import Column
from portfolio.filters import filters_for
from portfolio.models import AccountRow, ExpansionFit
from portfolio.queries import expansion as queries
from portfolio.queries.expansion import Ground
from portfolio.queries.rows import owners_to_choose, visible_rows
from portfolio.views.account_listing import offer_choices
from portfolio.views.account_page import now, person, today
from revenue import actions
from revenue.filters import OpportunityFilter
from revenue.forms import TargetsForm
from revenue.models import ExpansionTarget, Opportunity
from revenue.queries import people_to_target
from revenue.rules.expansion import quarter_start

SIZE = 50
ON_WHITESPACE = 25
SORTS = {
    "expected_on": Sort("expected_on"),
    "-expected_on": Sort("expected_on", descending=True),
    "stage_changed_on": Sort("stage_changed_on"),
    "-stage_changed_on": Sort("stage_changed_on", descending=True),
}
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("kind", gettext_lazy("Kind")),
    Column("stage", gettext_lazy("Stage"), sort="stage_changed_on", first="down"),
    Column("arr", gettext_lazy("Expected ARR"), align="end"),
    Column("percent", gettext_lazy("Probability"), align="end"),
    Column("weighted", gettext_lazy("Weighted"), align="end"),
    Column("expected_on", gettext_lazy("Expected"), sort="expected_on"),
    Column("owner", gettext_lazy("Owner")),
)
ACTIONS = Column("actions", gettext_lazy("Actions"), hide_label=True)
FILTERS = ("owner", "stage", "kind", "product", "expected_from", "expected_until")
WHITE_FILTERS = ("q", "tier", "industry", "region", "owner")
WHITE_SORTS = {
    "-arr": Sort("arr", descending=True),
    "arr": Sort("arr"),
    "name": Sort("name"),
    "-name": Sort("name", descending=True),
}
WHITE_COLUMNS = (
    Column("name", gettext_lazy("Account"), sort="name"),
    Column("arr", gettext_lazy("ARR"), sort="arr", align="end", first="down"),
)
SEE = Capability.SEE_MONEY


def ground_of(request: HttpRequest) -> Ground:
    """Read the day, the currency and the settings for who asks."""
    return Ground.of(person(request), today())


def narrowed(query: QueryDict, ground: Ground) -> OpportunityFilter:
    """The filters over what the person may see, with names to choose from; what is over is out unless asked for."""
    rows = ground.opportunities
    if hides_closed(query):
        rows = rows.filter(stage__in=Opportunity.OPEN)
    filters = OpportunityFilter(query, queryset=rows)
    fields = filters.form.fields
    people = [(user.pk, user.name) for user in people_who_serve().order_by("name", "pk")]
    fields["owner"].widget = forms.Select(choices=[("", _("Anyone")), *people])
    products = list(Product.objects.values_list("pk", "name"))
    fields["product"].widget = forms.Select(choices=[("", _("Any")), *products])
    return filters


def hides_closed(query: QueryDict) -> bool:
    """Say whether an address leaves out what is won or lost: it asks for no stage and for nothing that is over."""
    return not any(query.getlist("stage")) and not query.get("is_open")


@requires(SEE)
@require_safe
def expansion(request: HttpRequest) -> HttpResponse:
    """Show the pipeline: what is open, what it is worth, and each opportunity."""
    ground = ground_of(request)
    filters = narrowed(request.GET, ground)
    errors = error_messages(filters)
    rows = filters.qs if not errors else Opportunity.objects.none()
    sort, may = request.GET.get("sort") or "expected_on", rights_of(ground.user)
    found = page(
        rows.select_related("account", "product", "owner"),
        SORTS.get(sort, SORTS["expected_on"]),
        cursor=request.GET.get("after", ""),
        size=SIZE,
    )
    context = {
        "ground": ground,
        "pipeline": queries.pipeline(ground),
        "filters": {"form": filters.form, "names": FILTERS, "errors": errors,
                    "applied": any(any(request.GET.getlist(name)) for name in FILTERS)},
        "listing": {"page": found, "deals": queries.deals(found.rows, ground), "count": rows.count(), "sort": sort,
                    "columns": [column.in_words() for column in (*COLUMNS, *([ACTIONS] if may["edit"] else []))],
                    "hides_closed": hides_closed(request.GET)},
        "may": may,
        "query": request.GET,
    }  # fmt: skip
    return render_page(request, "portfolio/expansion.html", context, block="list", status=400 if errors else 200)


def rights_of(user: User) -> dict[str, bool]:
    """What the person may do on these pages."""
    return {
        "edit": user.can(Capability.EDIT_REVENUE),
        "export": user.can(Capability.EXPORT),
        "set_targets": user.can(Capability.ASSIGN_OWNERS),
        "set_up": user.can(Capability.MANAGE_SETTINGS),
    }


@requires(SEE, Capability.EXPORT)
@require_safe
def expansion_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the opportunities that match as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    ground = ground_of(request)
    filters = narrowed(request.GET, ground)
    if not filters.is_valid():
        return expansion(request)
    return answer(_("opportunities"), queries.EXPORTED, queries.export_rows(filters.qs, ground))


@requires(SEE)
@require_safe
def expansion_board(request: HttpRequest) -> HttpResponse:
    """Show the opportunities by stage."""
    ground = ground_of(request)
    found = queries.pipeline(ground)
    context = {"ground": ground, "pipeline": found, "board": queries.board(ground, found),
               "may": rights_of(ground.user)}  # fmt: skip
    return render_page(request, "portfolio/expansion_board.html", context)


def asked_quarter(request: HttpRequest, on: dt.date) -> dt.date:
    """The quarter that an address names by one of its days, else the one of today."""
    try:
        return quarter_start(parse_day(request.GET["quarter"], _("Quarter"))) if "quarter" in request.GET else (
            quarter_start(on))  # fmt: skip
    except Refused:
        raise Http404 from None


@requires(SEE)
@require_safe
def expansion_targets(request: HttpRequest) -> HttpResponse:
    """Show what each CSM was to bring in within a quarter, and what came."""
    ground = ground_of(request)
    found = queries.targets(ground, asked_quarter(request, ground.on))
    context = {"ground": ground, "targets": found, "chart": queries.target_chart(found, ground.currency),
               "may": rights_of(ground.user)}  # fmt: skip
    return render_page(request, "portfolio/expansion_targets.html", context)


@requires(Capability.ASSIGN_OWNERS, SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def expansion_targets_edit(request: HttpRequest) -> HttpResponse:
    """Set the targets of the people of a quarter."""
    ground = ground_of(request)
    start = asked_quarter(request, ground.on)
    people = list(people_to_target(ground.user))
    known = ExpansionTarget.objects.visible_to(ground.user).filter(starts_on=start)
    amounts = dict(known.values_list("user", "amount"))
    form = TargetsForm(request.POST or None, people=people, amounts=amounts)
    back = f"{reverse('expansion_targets')}?quarter={start.isoformat()}"
    if request.method == "POST":
        done = carried_out(
            form,
            lambda _values: actions.set_targets(amounts=form.amounts(), starts_on=start, by=ground.user, at=now()),
        )
        if done is not None:
            notify(request, _("Targets saved."))
            return redirect(back)
    context = {"form": form, "start": start, "back": back, "ground": ground}
    return render_page(request, "portfolio/expansion_targets_edit.html", context, status=status_of(request, form))


def asked_owner(request: HttpRequest, user: User) -> User:
    """The person whom an address names, if their figures are to be seen; else oneself."""
    asked = request.GET.get("owner", "")
    if not asked or asked == str(user.pk):
        return user
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404
    with_target = ExpansionTarget.objects.visible_to(user).order_by().values("user")
    seen = User.objects.filter(Q(pk__in=people_to_target(user).order_by().values("pk")) | Q(pk__in=with_target))
    return get_object_or_404(seen, pk=int(asked))


@requires(SEE)
@require_safe
def expansion_credited(request: HttpRequest) -> HttpResponse:
    """Show the expansions of a quarter that count for one CSM."""
    ground = ground_of(request)
    start, owner = asked_quarter(request, ground.on), asked_owner(request, ground.user)
    context: dict[str, Any] = {"ground": ground, "owner": owner, "start": start, "credits": None, "missing": ""}
    try:
        context["credits"] = queries.credits_of(ground, owner, start)
    except Refused as refusal:
        context["missing"] = str(refusal)
    return render_page(request, "portfolio/expansion_credited.html", context)


@requires(SEE)
@require_safe
def expansion_profile(request: HttpRequest) -> HttpResponse:
    """Show what went with expansion, and which accounts look like those that expanded."""
    ground = ground_of(request)
    left_out = request.GET.get("left_out", "")
    traits = queries.traits_in_words(ground.settings)
    rows = queries.fits(ground, left_out)
    found = page(rows, Sort("points", descending=True), cursor=request.GET.get("after", ""), size=20)
    context = {
        "ground": ground,
        "traits": traits,
        "fits": queries.fits_in_words(cast("list[ExpansionFit]", list(found.rows)), traits),
        "page": found,
        "left_out": queries.left_out(ground, left_out),
        "may": rights_of(ground.user),
        "query": request.GET,
    }  # fmt: skip
    return render_page(request, "portfolio/expansion_profile.html", context, block="fits")


@requires(SEE)
@require_safe
def expansion_whitespace(request: HttpRequest) -> HttpResponse:
    """Show which modules each account owns and uses, and which it does not have."""
    ground = ground_of(request)
    rows = visible_rows(ground.user).filter(arr__gt=0)
    filters = filters_for(ground.user, [])(request.GET, queryset=rows, user=ground.user, on=ground.on)
    offer_choices(filters, ground.user, owners_to_choose())
    errors = error_messages(filters)
    sort = request.GET.get("sort", "")
    sort = sort if sort in WHITE_SORTS else "-arr"
    matching = filters.qs if not errors else AccountRow.objects.none()
    found = page(matching, WHITE_SORTS[sort], cursor=request.GET.get("after", ""), size=ON_WHITESPACE)
    context = {
        "ground": ground,
        "columns": [column.in_words() for column in WHITE_COLUMNS],
        "whitespace": queries.whitespace(list(found.rows), ground),
        "page": found,
        "filters": {"form": filters.form, "names": WHITE_FILTERS, "errors": errors, "sort": sort,
                    "count": matching.count(),
                    "applied": any(any(request.GET.getlist(name)) for name in WHITE_FILTERS)},
        "may": rights_of(ground.user),
        "query": request.GET,
    }  # fmt: skip
    status = 400 if errors else 200
    return render_page(request, "portfolio/expansion_whitespace.html", context, block="list", status=status)


@requires(SEE, Capability.EDIT_REVENUE)
@require_safe
def opportunity_new(request: HttpRequest) -> HttpResponse:
    """Choose the account that may buy more: type a part of its name, pick it."""
    asked = request.GET.get("q", "")
    accounts = Account.objects.visible_to(request.user).order_by("name", "pk")
    found: list[Any] = list(search_accounts(accounts, asked)[:8])
    return render_page(request, "portfolio/opportunity_new.html", {"asked": asked, "found": found}, block="found")
