"""How does a person keep what a customer asks for, and who there speaks for us?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms.base import carried_out, status_of
from accounts.models import Account, Organisation, TimelineEntry
from accounts.rules.roles import Capability
from advocacy import actions as advocacy
from advocacy.forms import AdvocateForm
from advocacy.queries import advocates_of
from common.htmx import notify
from common.once import form_key, once
from portfolio.views.account_page import (
    edited_account,
    need,
    now,
    person,
    render_form,
    render_tab,
    seen_account,
    today,
)
from roadmap import actions as roadmap
from roadmap.forms import AskForForm, EvidenceForm
from roadmap.models import RequestEvidence
from roadmap.queries import answers_to, asked_by, likely_duplicates, links_by_request
from usage.models import Ticket

TAB = "account_requests"
TITLE_LENGTH = 200
WORDS_LENGTH = 10_000


@dataclass(frozen=True)
class Heard:
    """Where a wish was heard: a note, a call or a ticket that stands in the book already, or nowhere."""

    verbatim: str = ""
    words: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def _heard(request: HttpRequest, account: Account) -> Heard:
    """Read the entry or ticket that the address names, of this account and one that the person sees."""
    entry_id, ticket_id = (request.GET.get(name, "") for name in ("entry", "ticket"))
    if _is_id(entry_id):
        # A private note stays private: what it says would be read by everybody who sees the account.
        entries = TimelineEntry.objects.visible_to(request.user).filter(account=account, is_private=False)
        return _from_entry(get_object_or_404(entries.filter(kind__in=TimelineEntry.BY_HAND), pk=entry_id))
    if _is_id(ticket_id):
        tickets = Ticket.objects.visible_to(request.user).filter(account=account)
        return _from_ticket(get_object_or_404(tickets, pk=ticket_id))
    return Heard()


def came_from(request: HttpRequest) -> str:
    """The page that the address names to go back to, if it is one of ours."""
    page = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else ""


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _from_entry(entry: TimelineEntry) -> Heard:
    people = list(entry.contacts.all()[:2])
    facts: dict[str, Any] = {"entry": entry, "source": entry.get_kind_display(), "asked_on": _day_of(entry.at)}
    if len(people) == 1:
        facts["contact"] = people[0]
    return Heard(entry.body[:WORDS_LENGTH], f"{entry.get_kind_display()}: {entry.title}", facts)


def _from_ticket(ticket: Ticket) -> Heard:
    facts = {"ticket": ticket, "source": _("Ticket"), "asked_on": _day_of(ticket.opened_at), "contact": ticket.contact}
    return Heard(ticket.subject, _("Ticket: %(subject)s") % {"subject": ticket.subject}, facts)


def _day_of(at: dt.datetime) -> dt.date:
    return Organisation.load().day_of(at)


@require_safe
def account_requests(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what an account asks for in its own words, and its advocates with what they were asked."""
    account = seen_account(request, account_id)
    context = {
        "requests": asked_by(account),
        "answers": answers_to(account),
        "links": links_by_request(account),
        "on": today(),
        "advocates": advocates_of(account),
        "may_ask_for": person(request).can(Capability.EDIT_ROADMAP),
    }
    return render_tab(request, "portfolio/account_requests.html", account, TAB, context)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def request_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what an account asks for; what was probably asked before is shown while the title is typed."""
    account = seen_account(request, account_id)
    need(request, Capability.EDIT_ROADMAP)
    heard = _heard(request, account)
    sent = request.POST or request.GET
    words = sent.get("verbatim", heard.verbatim)[:WORDS_LENGTH]
    title = sent.get("title", "")[:TITLE_LENGTH]
    # A title says it shortly; while there is none, what the customer said is compared.
    alike = likely_duplicates(title if title.strip() else words, person(request))
    form = AskForForm(request.POST or None, initial={"title": title, "verbatim": words}, person=person(request))
    if request.method == "POST":
        is_decided = "is_new" in request.POST or (form.is_valid() and form.cleaned_data["request"])
        if form.is_valid() and not is_decided and any(one.is_likely for one in alike):
            message = _("This may have been asked for before. Choose the known request, or add a new one.")
            form.add_error(None, message)
        made = carried_out(
            form, lambda values: roadmap.ask_for(account=account, by=person(request), at=now(), **heard.facts, **values)
        )
        if made is not None:
            notify(request, _("Request noted: %(title)s") % {"title": made.request.title})
            return redirect(TAB, account_id)
    context: dict[str, Any] = {"form": form, "alike": alike, "heard": heard, "form_key": form_key(request)}
    status = status_of(request, form)
    return render_tab(
        request, "portfolio/account_request_add.html", account, TAB, context, status=status, block="alike"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_edit(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """Correct what a customer said."""
    rows = RequestEvidence.objects.visible_to(request.user).select_related("account", "request")
    evidence = get_object_or_404(rows, pk=evidence_id)
    need(request, Capability.EDIT_ROADMAP)
    form = EvidenceForm(request.POST or None, instance=evidence, person=person(request))
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: roadmap.change_evidence(evidence=evidence, by=person(request), at=now(), **values)
        )
        if saved is not None:
            notify(request, _("Their words are saved."))
            return redirect(came_from(request) or reverse(TAB, args=[evidence.account_id]))
    back = came_from(request) or reverse(TAB, args=[evidence.account_id])
    title = _("Edit: %(title)s") % {"title": evidence.request.title}
    return render_form(request, form, evidence.account, TAB, title=title, submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def advocate_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Notice that a contact might speak for us."""
    account = edited_account(request, account_id)
    form = AdvocateForm(request.POST or None, account=account)
    if request.method == "POST":
        made = carried_out(form, lambda values: advocacy.add_advocate(by=person(request), at=now(), **values))
        if made is not None:
            notify(request, _("%(name)s is noted as a possible advocate.") % {"name": made.contact.name})
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add an advocate"), submit=_("Add advocate"), back=back)
