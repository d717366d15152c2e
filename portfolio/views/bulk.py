"""What can be done to many accounts at once?"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.actions.bulk import set_stage_of_accounts, tag_accounts
from accounts.actions.service_team import transfer_accounts
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from portfolio.views.account_listing import matching_accounts

MOST = 5_000


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
def bulk_tag(request: HttpRequest) -> HttpResponse:
    """Put a tag on the chosen accounts."""
    name = request.POST.get("tag", "").strip()
    user, at = cast(User, request.user), timezone.now()
    return _for_chosen(request, lambda accounts: tag_accounts(accounts=accounts, name=name, by=user, at=at))


@requires(Capability.ASSIGN_OWNERS)
@require_POST
def bulk_assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen accounts to another CSM as of today."""
    user, at = cast(User, request.user), timezone.now()
    to = get_object_or_404(User.objects.active(), pk=_number(request.POST.get("to", "")))
    return _for_chosen(request, lambda accounts: transfer_accounts(accounts=accounts, to=to, by=user, at=at))


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
def bulk_stage(request: HttpRequest) -> HttpResponse:
    """Move the chosen accounts to another stage of their life."""
    stage = request.POST.get("stage", "")
    user, at = cast(User, request.user), timezone.now()
    return _for_chosen(request, lambda accounts: set_stage_of_accounts(accounts=accounts, stage=stage, by=user, at=at))


def _for_chosen(request: HttpRequest, act: Callable[[list[Account]], int]) -> HttpResponse:
    """Do it to the chosen accounts, say to how many, and go back to the list as it was."""
    query = request.POST.get("query", "")
    accounts = list(chosen_accounts(request, query)[: MOST + 1])
    try:
        if not accounts:
            raise Refused(_("Choose at least one account."))
        if len(accounts) > MOST:
            raise Refused(_("Choose at most %(most)s accounts at once.") % {"most": f"{MOST:,}"})
        changed = act(accounts)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        words = ngettext("%(count)s account changed.", "%(count)s accounts changed.", changed) % {"count": changed}
        same = len(accounts) - changed
        if same:
            words += " " + ngettext("%(count)s was so already.", "%(count)s were so already.", same) % {"count": same}
        notify(request, words)
    return redirect(f"{reverse('account_list')}?{query}" if query else reverse("account_list"))


def chosen_accounts(request: HttpRequest, query: str) -> QuerySet[Account]:
    """The accounts that a form of the list names: those ticked, or all that match its address."""
    user = cast(User, request.user)
    if request.POST.get("all_matching") == "1":
        on = Organisation.load().day_of(timezone.now())
        return matching_accounts(QueryDict(query), user, on)
    chosen = [int(value) for value in request.POST.getlist("selected") if _number(value)]
    return Account.objects.visible_to(user).filter(pk__in=chosen[:MOST]).order_by("pk")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
