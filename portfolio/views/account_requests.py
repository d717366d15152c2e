"""How does a person keep what a customer asks for, and who there speaks for us?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms.base import carried_out, status_of
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
)
from roadmap import actions as roadmap
from roadmap.forms import AskForForm, EvidenceForm
from roadmap.models import RequestEvidence
from roadmap.queries import asked_by, likely_duplicates

TAB = "account_requests"
TITLE_LENGTH = 200


@require_safe
def account_requests(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what an account asks for in its own words, and its advocates with what they were asked."""
    account = seen_account(request, account_id)
    context = {
        "requests": asked_by(account),
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
    title = (request.POST.get("title") or request.GET.get("title", ""))[:TITLE_LENGTH]
    alike = likely_duplicates(title, person(request))
    form = AskForForm(request.POST or None, initial={"title": title}, person=person(request))
    if request.method == "POST":
        if alike and form.is_valid() and not (form.cleaned_data["request"] or "is_new" in request.POST):
            message = _("This may have been asked for before. Choose the known request, or add a new one.")
            form.add_error(None, message)
        made = carried_out(
            form, lambda values: roadmap.ask_for(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("Request noted: %(title)s") % {"title": made.request.title})
            return redirect(TAB, account_id)
    context: dict[str, Any] = {"form": form, "alike": alike, "form_key": form_key(request)}
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
            return redirect(TAB, evidence.account_id)
    back = reverse(TAB, args=[evidence.account_id])
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
