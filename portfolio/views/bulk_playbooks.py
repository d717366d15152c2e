"""How is a playbook started for many accounts at once?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.models import Account
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import number
from common.htmx import notify, render_page
from playbooks.actions.bulk import Started, start_runs
from playbooks.models import Playbook, Run
from playbooks.queries.starting import startable
from portfolio.views.account_page import now, person
from portfolio.views.bulk import MOST, chosen_accounts

# So many names stand in the list of what came of a start; the rest is told as a number.
NAMED = 100


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
def bulk_start(request: HttpRequest) -> HttpResponse:
    """Choose a playbook for the chosen accounts and start it: the page says for how many before anything starts."""
    user, query = person(request), request.POST.get("query", "")
    accounts = list(chosen_accounts(request, query)[: MOST + 1])
    problem = ""
    if not accounts:
        problem = _("Choose at least one account.")
    elif len(accounts) > MOST:
        problem = _("Choose at most %(most)s accounts at once.") % {"most": number(MOST)}
    if problem:
        notify(request, problem, level=messages.ERROR)
        return redirect(f"{reverse('account_list')}?{query}" if query else reverse("account_list"))
    books = startable(user)
    book = books.filter(pk=int(asked)).first() if (asked := request.POST.get("playbook", "")).isdigit() else None
    if book is not None and request.POST.get("confirmed") == "1":
        return _started(request, book, accounts)
    return _choose(request, accounts, list(books), book, query)


def _choose(
    request: HttpRequest, accounts: list[Account], books: list[Playbook], book: Playbook | None, query: str
) -> HttpResponse:
    going = Run.objects.unfinished().filter(playbook__in=books).values_list("playbook_id", "account_id")
    chosen = {account.pk for account in accounts}
    running: dict[int, int] = {}
    for playbook_id, account_id in going:
        if account_id in chosen:
            running[playbook_id] = running.get(playbook_id, 0) + 1
    context: dict[str, Any] = {
        "books": [(one, running.get(one.pk, 0)) for one in books],
        "book": book,
        "accounts": accounts[:NAMED],
        "count": len(accounts),
        "query": query,
        "selected": [account.pk for account in accounts] if request.POST.get("all_matching") != "1" else [],
        "all_matching": request.POST.get("all_matching") == "1",
    }
    return render_page(request, "portfolio/bulk_start.html", context)


def _started(request: HttpRequest, book: Playbook, accounts: list[Account]) -> HttpResponse:
    """Start, and show what came of it."""
    try:
        done = start_runs(playbook=book, accounts=accounts, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return redirect("account_list")
    names = {account.pk: account.name for account in accounts}
    context = {
        "book": book,
        "words": started_words(done),
        "runs": Run.objects.filter(pk__in=done.runs[:NAMED]).select_related("account").order_by("account__name", "pk"),
        "count": len(done.runs),
        "skipped": [(pk, names[pk], why) for pk, why in list(done.skipped.items())[:NAMED]],
        "skipped_count": len(done.skipped),
    }
    return render_page(request, "portfolio/bulk_started.html", context)


def started_words(done: Started) -> str:
    """Say what came of it: “28 started, 2 skipped: already running”."""
    count = len(done.runs)
    words = ngettext("%(count)s started", "%(count)s started", count) % {"count": number(count)}
    if not done.skipped:
        return words
    why = "; ".join(f"{number(times)} {reason}" if len(done.reasons) > 1 else reason for reason, times in done.reasons)
    return _("%(started)s, %(count)s skipped: %(why)s") % {
        "started": words, "count": number(len(done.skipped)), "why": why,
    }  # fmt: skip
