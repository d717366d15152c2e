"""What can be done to many accounts of the list at once?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from accounts.views.profile import person_of
from common.once import once
from portfolio.views.account_listing import matching_accounts


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
@once
def bulk_tag(request: HttpRequest) -> HttpResponse:
    """Put a tag on the chosen accounts."""
    name = request.POST.get("tag", "").strip()[:50]
    refusal = "" if name else _("Name the tag.")
    return for_chosen(
        request, "accounts.tag", chosen_accounts(request), {"name": name}, back=back_of(request), refusal=refusal
    )


@requires(Capability.ASSIGN_OWNERS)
@require_POST
@once
def bulk_assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen accounts to another CSM as of today."""
    asked = request.POST.get("to", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    to = get_object_or_404(User.objects.active(), pk=number)
    return for_chosen(request, "accounts.assign", chosen_accounts(request), {"to": to.pk}, back=back_of(request))


@requires(Capability.EDIT_ACCOUNTS)
@require_POST
@once
def bulk_stage(request: HttpRequest) -> HttpResponse:
    """Move the chosen accounts to another stage of their life."""
    stage = request.POST.get("stage", "")
    refusal = "" if stage in Account.Stage.values else _("Choose a stage.")
    return for_chosen(
        request, "accounts.stage", chosen_accounts(request), {"stage": stage}, back=back_of(request), refusal=refusal
    )


def chosen_accounts(request: HttpRequest) -> list[int]:
    """The accounts that a form of the list names: those ticked, or all that match its address."""
    user, on = person_of(request), Organisation.load().day_of(timezone.now())
    matching = matching_accounts(QueryDict(request.POST.get("query", "")), user, on)
    return chosen_ids(request, Account.objects.visible_to(user), matching)


def back_of(request: HttpRequest) -> str:
    """The list as it was."""
    query = request.POST.get("query", "")
    return f"{reverse('account_list')}?{query}" if query else reverse("account_list")
