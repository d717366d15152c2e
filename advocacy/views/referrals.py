"""How does a person see whom customers brought, and write down what becomes of them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.forms.base import carried_out
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from advocacy.actions import referrals as actions
from advocacy.filters.referrals import REFERRAL_SORTS, ReferralFilter
from advocacy.forms.referrals import LoseReferralForm, ReferralForm, ThanksForm
from advocacy.models import Referral
from advocacy.queries.referrals import (
    EXPORTED,
    FUNNEL_NOTE,
    ReferralLine,
    exported_referrals,
    funnel_chart,
    funnel_title,
    referral_lines,
    referral_summary,
)
from advocacy.views.asking import (
    account_step,
    back_to,
    done_or_refused,
    file_response,
    now,
    person,
    render_form,
    today,
)
from common import keyset
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import once
from common.tables import Column

EDIT = Capability.EDIT_ACCOUNTS
PAGE_SIZE = 50
COLUMNS = (
    Column("company", gettext_lazy("Company"), sort="company"),
    Column("referrer", gettext_lazy("Brought by")),
    Column("state", gettext_lazy("State")),
    Column("invited_on", gettext_lazy("Invited"), sort="invited_on", first="down"),
    Column("arr", gettext_lazy("ARR brought"), align="end"),
    Column("thanked", gettext_lazy("Thanked")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)


@dataclass(frozen=True)
class Rights:
    """What the reader of the pages may do."""

    edit: bool
    export: bool
    money: bool


def _rights(request: HttpRequest) -> Rights:
    user = person(request)
    return Rights(user.can(EDIT), user.can(Capability.EXPORT), sees_money(user))


def _matching(request: HttpRequest) -> tuple[ReferralFilter, QuerySet[Referral]]:
    shown = Referral.objects.visible_to(request.user)
    chosen = ReferralFilter(request.GET, queryset=shown, request=request)
    return chosen, chosen.qs if chosen.is_valid() else shown.none()


@require_safe
def referrals(request: HttpRequest) -> HttpResponse:
    """Show the growth loop as a funnel, and the referrals behind it."""
    organisation, rights = Organisation.load(), _rights(request)
    on = organisation.day_of(now())
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    sort = request.GET.get("sort", "")
    sort = sort if sort in REFERRAL_SORTS else "-invited_on"
    shown = rows.select_related("referrer", "contact")
    found = keyset.page(shown, REFERRAL_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    summary = referral_summary(rows, person(request), on, with_money=rights.money)
    left_out = {name for name, has in (("arr", rights.money), ("actions", rights.edit)) if not has}
    listing = {
        "form": chosen.form,
        "applied": sum(any(request.GET.getlist(name)) for name in chosen.filters if name != "sort"),
        "lines": referral_lines(list(found.rows), person(request), on, with_money=rights.money),
        "columns": [column.in_words() for column in COLUMNS if column.name not in left_out],
        "sort": sort,
        "page": found,
        "count": _count_text(summary.count),
        "currency": organisation.reporting_currency,
        "on": on,
    }
    context = {
        "listing": listing,
        "summary": summary,
        "funnel": {"chart": funnel_chart(summary, _stage_href), "title": funnel_title(summary), "note": FUNNEL_NOTE},
        "rights": rights,
        "errors": errors,
        "query": request.GET,
    }
    return render_page(request, "advocacy/referrals.html", context, block="list", status=400 if errors else 200)


def _stage_href(state: str) -> str:
    return f"{reverse('referrals')}?reached={state}"


def _count_text(count: int) -> str:
    return ngettext("%(count)s referral", "%(count)s referrals", count) % {"count": number(count)}


@requires(Capability.EXPORT)
@require_safe
def referral_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return referrals(request)
    money = sees_money(request.user)
    header = [*EXPORTED, "arr"] if money else list(EXPORTED)
    cells = exported_referrals(rows.order_by("-invited_on", "-pk"), person(request), today(), with_money=money)
    return file_response(kind, _("referrals"), header, cells)


@requires(EDIT)
@require_safe
def referral_new(request: HttpRequest) -> HttpResponse:
    """Ask first which customer brought somebody."""
    return account_step(
        request, title=_("New referral"), back=reverse("referrals"),
        leads_to=lambda account: reverse("referral_add", args=[account.pk]),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def referral_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down whom a customer brought."""
    account = get_visible_or_404(Account, request.user, pk=account_id)
    user = person(request)
    form = ReferralForm(request.POST or None, referrer=account, person=user, initial={"invited_on": today()})
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.add_referral(referrer=account, by=user, at=now(), **values))
        if made is not None:
            notify(request, _("Referral noted: %(name)s.") % {"name": made.company})
            return redirect("referral", made.pk)
    how: dict[str, Any] = {"title": _("Whom did they bring?"), "submit": _("Add referral"), "meta": account.name}
    return render_form(request, form, back=reverse("referrals"), **how)


def _seen(request: HttpRequest, referral_id: int) -> Referral:
    rows = Referral.objects.select_related("referrer", "contact", "account", "thanked_by")
    return get_visible_or_404(rows, request.user, pk=referral_id)


@require_safe
def referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Show one referral: how far it has come, what it brought, and whether the customer was thanked."""
    found, rights, organisation = _seen(request, referral_id), _rights(request), Organisation.load()
    on = organisation.day_of(now())
    line: ReferralLine = referral_lines([found], person(request), on, with_money=rights.money)[0]
    context = {
        "line": line,
        "steps": [(label, found.day_of(state)) for state, label in Referral.State.choices if state != "lost"],
        "rights": rights,
        "currency": organisation.reporting_currency,
        "on": on,
    }
    return render_page(request, "advocacy/referral.html", context)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_edit(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Correct what is known of a referral."""
    found, user = _seen(request, referral_id), person(request)
    form = ReferralForm(
        request.POST or None, referrer=found.referrer, person=user, referral=found,
        initial=ReferralForm.initial_of(found),
    )  # fmt: skip
    if request.method == "POST":
        saved = carried_out(form, lambda values: actions.change_referral(referral=found, by=user, at=now(), **values))
        if saved is not None:
            notify(request, _("Referral saved."))
            return redirect("referral", found.pk)
    how: dict[str, Any] = {"title": _("Edit referral"), "submit": _("Save"), "meta": found.referrer.name}
    return render_form(request, form, back=reverse("referral", args=[found.pk]), **how)


@requires(EDIT)
@require_POST
def referral_advance(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Move a referral on along the loop, as of today."""
    found, state = _seen(request, referral_id), request.POST.get("state", "")

    def said(moved: Any) -> tuple[str, str]:
        words = {"name": moved.company, "state": moved.get_state_display()}
        undo = reverse("referral_take_back", args=[moved.pk, moved.state]) if moved.state == state else ""
        return _("%(name)s: %(state)s.") % words, undo

    act: dict[str, Any] = {"referral": found, "state": state, "by": person(request), "at": now()}
    done_or_refused(request, lambda: actions.advance_referral(**act), said)
    return back_to(request, reverse("referral", args=[found.pk]))


@requires(EDIT)
@require_POST
def referral_take_back(request: HttpRequest, referral_id: int, state: str) -> HttpResponse:
    """Undo that a referral reached a state."""
    found = _seen(request, referral_id)
    actions.take_back_referral(referral=found, state=state, by=person(request), at=now())
    notify(request, _("Undone."))
    return back_to(request, reverse("referral", args=[found.pk]))


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_lose(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Say that somebody who was brought is not coming, and why."""
    found, user = _seen(request, referral_id), person(request)
    form = LoseReferralForm(request.POST or None, initial={"on": today()})
    if request.method == "POST":
        act: dict[str, Any] = {"referral": found, "state": "lost", "by": user, "at": now()}
        if carried_out(form, lambda values: actions.advance_referral(**act, **values)):
            undo = reverse("referral_take_back", args=[found.pk, "lost"])
            notify(request, _("%(name)s is lost.") % {"name": found.company}, undo=undo)
            return redirect("referral", found.pk)
    how: dict[str, Any] = {"title": _("Why is %(name)s lost?") % {"name": found.company}, "submit": _("Mark as lost")}
    return render_form(request, form, back=reverse("referral", args=[found.pk]), **how)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_thank(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Write down how the customer was thanked."""
    found, user = _seen(request, referral_id), person(request)
    initial = {"thanks": found.thanks, "thanked_on": found.thanked_on or today()}
    form = ThanksForm(request.POST or None, initial=initial)
    act: dict[str, Any] = {"referral": found, "by": user, "at": now()}
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.thank_for_referral(**act, **values)) is not None
    ):
        undo = reverse("referral_unthank", args=[found.pk])
        notify(request, _("Thank-you noted."), undo=undo)
        return redirect("referral", found.pk)
    how: dict[str, Any] = {"title": _("How was %(name)s thanked?") % {"name": found.referrer.name}, "submit": _("Save")}
    return render_form(request, form, back=reverse("referral", args=[found.pk]), meta=found.company, **how)


@requires(EDIT)
@require_POST
def referral_unthank(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Undo that the customer was thanked."""
    found = _seen(request, referral_id)
    actions.take_back_thanks(referral=found, by=person(request), at=now())
    notify(request, _("Undone."))
    return redirect("referral", found.pk)


@requires(EDIT)
@require_POST
def referral_delete(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Take away a referral that never was."""
    found = _seen(request, referral_id)
    name = found.company
    actions.delete_referral(referral=found, by=person(request), at=now())
    notify(request, _("Referral deleted: %(name)s.") % {"name": name})
    return redirect("referrals")
