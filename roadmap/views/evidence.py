"""How does a person say that accounts ask for a request, and take that back?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Account
from accounts.queries.accounts import search_accounts
from accounts.rules.roles import Capability
from common.formats import number
from common.htmx import notify, render_page
from roadmap import actions
from roadmap.forms import LinkAccountsForm
from roadmap.models import RequestEvidence
from roadmap.views.asking import next_page, now, person, seen_request, tried

FOUND = 12


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def feature_request_link(request: HttpRequest, request_id: int) -> HttpResponse:
    """Link accounts to a request: type a part of a name, tick, save; what was ticked stays while one types on."""
    need = seen_request(request, request_id)
    form = LinkAccountsForm(request.POST or None, person=person(request))
    if request.method == "POST":
        made = carried_out(
            form,
            lambda values: actions.link_accounts(
                request=need, by=person(request), at=now(), source=str(_("Linked by hand")), **values
            ),
        )
        if made is not None:
            words = ngettext("%(count)s account linked.", "%(count)s accounts linked.", made)
            notify(request, words % {"count": number(made)})
            return redirect("feature_request", request_id)
    asked = request.GET.get("q", "")
    accounts = Account.objects.visible_to(request.user).exclude(request_evidence__request=need).order_by("name", "pk")
    ticked = [pk for pk in [*request.GET.getlist("accounts"), *request.POST.getlist("accounts")] if _is_id(pk)]
    kept = list(Account.objects.visible_to(request.user).filter(pk__in=ticked[:200]).order_by("name", "pk"))
    found = [one for one in search_accounts(accounts, asked)[:FOUND] if one not in kept]
    context = {"need": need, "form": form, "asked": asked[:200], "found": found, "kept": kept}
    status = status_of(request, form)
    return render_page(request, "roadmap/feature_request_link.html", context, block="found", status=status)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


@requires(Capability.EDIT_ROADMAP)
@require_POST
def evidence_delete(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """Take away a voice that never was."""
    voice = get_visible_or_404(
        RequestEvidence.objects.select_related("request", "account"), request.user, pk=evidence_id
    )
    need = voice.request_id
    tried(request, lambda: actions.delete_evidence(evidence=voice, by=person(request), at=now()))
    notify(request, _("Taken away: what %(name)s said.") % {"name": voice.account.name})
    return next_page(request, "feature_request", need)
