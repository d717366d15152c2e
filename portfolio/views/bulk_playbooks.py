"""How is a playbook started for many accounts at once?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.models import Account
from accounts.rules.roles import Capability
from accounts.views.bulk import NAMED, check_count, start_bulk
from common.errors import Refused
from common.htmx import notify, render_page
from common.once import form_key, once
from playbooks.models import Playbook, Run
from playbooks.queries.starting import startable
from portfolio.views.account_page import person
from portfolio.views.bulk import back_of, chosen_accounts


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
@once
def bulk_start(request: HttpRequest) -> HttpResponse:
    """Choose a playbook for the chosen accounts and start it: the page says for how many before anything starts."""
    ids, back = chosen_accounts(request), back_of(request)
    books = startable(person(request))
    asked = request.POST.get("playbook", "")
    book = books.filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    try:
        check_count(ids)
        if book is None or request.POST.get("confirmed") != "1":
            return _choose(request, ids, list(books), book, back)
        run = start_bulk(request, "playbooks.start", ids, {"playbook": book.pk}, back=back)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return redirect(back)
    return redirect("bulk_run", run.pk)


def _choose(
    request: HttpRequest, ids: Sequence[int], books: Sequence[Playbook], book: Playbook | None, back: str
) -> HttpResponse:
    going = Run.objects.unfinished().filter(playbook__in=books, account__in=ids).order_by()
    running = dict(going.values_list("playbook_id").annotate(count=Count("pk")))
    everything = request.POST.get("all_matching") == "1"
    context: dict[str, Any] = {
        "books": [(one, running.get(one.pk, 0)) for one in books],
        "book": book,
        "accounts": Account.objects.visible_to(person(request)).filter(pk__in=ids[:NAMED]).order_by("name", "pk"),
        "count": len(ids),
        "sent": [("query", request.POST.get("query", "")), *([("all_matching", "1")] if everything else [])]
        + [("selected", pk) for pk in ids if not everything],
        "form_key": form_key(request),
        "back": back,
    }
    return render_page(request, "portfolio/bulk_start.html", context)
