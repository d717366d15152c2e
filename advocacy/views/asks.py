"""How does a person ask for a favour, write down the answer, and say thank you?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from advocacy import actions
from advocacy.filters import AskFilter
from advocacy.forms import AskForm, DoneForm
from advocacy.models import CHANNEL_OF, AdvocacySettings, Advocate, Ask, AskKind, Consent, ReferenceRequest
from advocacy.queries.standing import judge
from advocacy.views.base import attempt, next_page, now, person, person_address, render_form, seen_contact, today
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page, wants_fragment
from common.keyset import Sort
from common.once import form_key, once
from common.tables import Column

PAGE_SIZE = 50
EDIT = Capability.EDIT_ACCOUNTS
SORTS = {"asked_on": Sort("asked_on"), "-asked_on": Sort("asked_on", descending=True)}
COLUMNS = (
    Column("person", gettext_lazy("Person")),
    Column("kind", gettext_lazy("Asked for")),
    Column("asked_on", gettext_lazy("Asked on"), sort="asked_on", first="down"),
    Column("by", gettext_lazy("By")),
    Column("request", gettext_lazy("For")),
    Column("state", gettext_lazy("State")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = (
    *("account", "contact", "kind", "asked_on", "asked_by", "prospect", "state", "answered_on", "done_on", "outcome"),
    *("thanked_on", "withdrawn_on", "withdrawn_cause", "soft_limits", "reason"),
)


@dataclass(frozen=True)
class Listing:
    """One page of the asks."""

    filters: AskFilter
    page: keyset.Page[Ask]
    sort: str
    count: int
    columns: list[Column]
    may_edit: bool
    may_export: bool

    @property
    def count_text(self) -> str:
        """How many asks match, in words."""
        return ngettext("%(count)s ask", "%(count)s asks", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


@require_safe
def asks(request: HttpRequest) -> HttpResponse:
    """List what people were asked, the newest first."""
    user = person(request)
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    asked = request.GET.get("sort", "")
    sort = asked if asked in SORTS else "-asked_on"
    left_out = set() if user.can(EDIT) else {"actions"}
    listing = Listing(
        filters=chosen,
        page=keyset.page(_shown(rows), SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        sort=sort,
        count=rows.count(),
        columns=[column.in_words() for column in COLUMNS if column.name not in left_out],
        may_edit=user.can(EDIT),
        may_export=user.can(Capability.EXPORT),
    )
    context = {"listing": listing, "errors": errors, "query": request.GET, "here": request.get_full_path()}
    return render_page(request, "advocacy/asks.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def asks_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the asks that match as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return asks(request)
    return answer(_("asks"), HEADER, _cells(_shown(rows).order_by("-asked_on", "-pk").iterator(chunk_size=2000)))


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def advocate_ask(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask one person for a favour: what stands in the way is said before anything is typed."""
    contact, on, user = seen_contact(request, contact_id), today(), person(request)
    kind = request.POST.get("kind") or request.GET.get("kind") or AskKind.REFERENCE_CALL.value
    kind = kind if kind in AskKind.values else AskKind.REFERENCE_CALL.value
    settings = AdvocacySettings.load()
    judged = judge(on, contact.pk, kind, settings)
    open_requests = ReferenceRequest.objects.visible_to(user).filter(outcome=ReferenceRequest.Outcome.OPEN)
    chosen = request.GET.get("request", "")
    initial = {
        "kind": kind,
        "expires_on": on + dt.timedelta(days=settings.consent_days),
        "request": int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None,
    }
    form = AskForm(request.POST or None, initial=initial, requests=open_requests, with_doubts=bool(judged.soft))
    back = next_page(request, person_address(contact.pk))
    if request.method == "POST":
        made = carried_out(
            form, lambda _values: actions.ask_person(contact=contact, by=user, at=now(), **form.values())
        )
        if made is not None:
            words = {"name": contact.name, "kind": made.get_kind_display()}
            notify(request, _("%(name)s asked: %(kind)s.") % words, undo=reverse("ask_take_back", args=[made.pk]))
            return redirect(back)
    context = {
        "contact": contact,
        "form": form,
        "form_key": form_key(request),
        "judged": judged,
        "is_blocked": any(limit != "consent" for limit in judged.hard),
        "covered": _covered(contact.pk, on),
        "back": back,
        "is_sheet": wants_fragment(request),
    }
    return render_page(request, "advocacy/advocate_ask.html", context, block="sheet", status=status_of(request, form))


@requires(EDIT)
@require_POST
def ask_answer(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Write down the answer, or that it is still waited for."""
    ask = _ask(request, ask_id)
    answer = request.POST.get("answer", "")

    def said(given: Ask) -> str:
        return _("%(kind)s: %(answer)s.") % {"kind": given.get_kind_display(), "answer": given.get_answer_display()}

    return attempt(
        request, lambda: actions.record_answer(ask=ask, answer=answer, by=person(request), at=now()), said,
        _back(request, ask),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def ask_done(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Say that a favour is done, and what came of it."""
    ask = _ask(request, ask_id)
    form = DoneForm(request.POST or None, initial={"done_on": today()})
    if request.method == "POST":
        done = carried_out(form, lambda values: actions.finish_ask(ask=ask, by=person(request), at=now(), **values))
        if done is not None:
            notify(request, _("Done: %(kind)s. Say thank you soon.") % {"kind": done.get_kind_display()})
            return redirect(_back(request, ask))
    meta = f"{ask.advocate.contact.name} · {ask.advocate.account.name}"
    title = _("Done: %(kind)s") % {"kind": ask.get_kind_display()}
    return render_form(request, form, title=title, submit=_("Save"), back=_back(request, ask), meta=meta)


@requires(EDIT)
@require_POST
def ask_thank(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Write down that somebody said thank you."""
    ask = _ask(request, ask_id)
    words = {"name": ask.advocate.contact.name}
    return attempt(
        request, lambda: actions.thank_for_ask(ask=ask, by=person(request), at=now()),
        lambda _done: _("%(name)s was thanked.") % words, _back(request, ask),
    )  # fmt: skip


@requires(EDIT)
@require_POST
def ask_take_back(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Take away an ask of today that nobody has answered."""
    ask = _ask(request, ask_id)
    back = _back(request, ask)
    return attempt(
        request, lambda: actions.delete_ask(ask=ask, by=person(request), at=now()), lambda _done: _("Undone."), back
    )


@requires(EDIT)
@require_POST
def advocate_advance(request: HttpRequest, advocate_id: int) -> HttpResponse:
    """Move an advocate to another stage."""
    advocate = get_visible_or_404(Advocate.objects.select_related("account", "contact"), request.user, pk=advocate_id)
    stage = request.POST.get("stage", "")

    def said(moved: Advocate) -> str:
        return _("%(name)s: %(stage)s.") % {"name": advocate.contact.name, "stage": moved.get_stage_display()}

    return attempt(
        request, lambda: actions.advance_advocate(advocate=advocate, stage=stage, by=person(request), at=now()), said,
        next_page(request, person_address(advocate.contact_id)),
    )  # fmt: skip


def _matching(request: HttpRequest) -> tuple[AskFilter, QuerySet[Ask]]:
    every = Ask.objects.visible_to(request.user)
    chosen = AskFilter(request.GET, queryset=every, request=request)
    return chosen, chosen.qs.order_by() if chosen.is_valid() else every.none()


def _shown(rows: QuerySet[Ask]) -> QuerySet[Ask]:
    return rows.select_related("advocate__contact", "advocate__account", "asked_by", "request")


def _ask(request: HttpRequest, ask_id: int) -> Ask:
    found: Ask | None = _shown(Ask.objects.visible_to(request.user)).filter(pk=ask_id).first()
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest, ask: Ask) -> str:
    return next_page(request, person_address(ask.advocate.contact_id))


def _covered(contact_id: int, on: dt.date) -> list[str]:
    """The kinds of favours for which a consent holds, in words."""
    held = list(Consent.objects.filter(contact=contact_id).in_force_on(on).values_list("scope", "channel"))
    return [
        str(kind.label)
        for kind in AskKind
        if any(scope in ("any", kind) and channel in ("any", CHANNEL_OF[kind]) for scope, channel in held)
    ]


def _cells(rows: Iterator[Ask]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.advocate.account.name, row.advocate.contact.name, row.get_kind_display(), row.asked_on),
            *(row.asked_by.name if row.asked_by else "", row.request.prospect if row.request else "", row.state_label),
            *(row.answered_on, row.done_on, row.outcome, row.thanked_on, row.withdrawn_on),
            *(row.get_withdrawn_cause_display(), "; ".join(row.soft_limits), row.reason),
        ]
