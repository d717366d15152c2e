"""How does a person start a playbook for one account?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Account
from accounts.queries.accounts import search_accounts
from accounts.rules.roles import Capability
from common.htmx import notify, render_page, wants_fragment
from common.once import form_key, once
from playbooks import actions
from playbooks.forms.starting import StartForm
from playbooks.models import Run
from playbooks.queries.starting import plan_for
from playbooks.views.asking import now, number_of, person, today

EDIT = Capability.EDIT_ACCOUNTS
FOUND = 8


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def playbook_start(request: HttpRequest) -> HttpResponse:
    """Start a playbook for an account: a prefilled sheet that says who, what and when; or choose the account first."""
    account_id = number_of(request.GET.get("account"))
    if account_id is None:
        return _choose_account(request)
    account = get_visible_or_404(Account, request.user, pk=account_id)
    initial = {"playbook": number_of(request.GET.get("playbook"))}
    form = StartForm(request.POST or None, person=person(request), initial=initial)
    if request.method == "POST":
        run = carried_out(form, lambda values: actions.start_run(
            playbook=values["playbook"], account=account, by=person(request), at=now()
        ))  # fmt: skip
        if run is not None:
            said = {"playbook": run.playbook.shown_name, "account": account.name}
            notify(request, _("“%(playbook)s” started for %(account)s.") % said)
            return redirect("playbook_run", run.pk)
    chosen = form.chosen
    context = {
        "account": account,
        "form": form,
        "plan": plan_for(chosen, account, today()) if chosen else None,
        "going": list(Run.objects.visible_to(request.user).unfinished().filter(account=account)
                      .select_related("playbook")),
        "place": {"is_sheet": wants_fragment(request), "here": request.get_full_path(), "key": form_key(request)},
    }  # fmt: skip
    return render_page(
        request, "playbooks/playbook_start.html", context, block="sheet", status=status_of(request, form)
    )


def _choose_account(request: HttpRequest) -> HttpResponse:
    """Find the account by a part of its name."""
    asked = request.GET.get("q", "")
    accounts = Account.objects.visible_to(request.user).order_by("name", "pk")
    context = {
        "asked": asked[:200],
        "found": list(search_accounts(accounts, asked)[:FOUND]),
        "playbook": number_of(request.GET.get("playbook")),
    }
    return render_page(request, "playbooks/playbook_start_account.html", context, block="found")
