"""How does a person keep a filtered list under a name?"""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions.views import delete_view, save_view
from accounts.models import SavedView, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify


@require_POST
def saved_view_create(request: HttpRequest) -> HttpResponse:
    """Save the list as it stands under a name, for oneself or for one's team."""
    user = cast(User, request.user)
    query = request.POST.get("query", "").lstrip("?")
    back = f"{reverse('account_list')}?{query}" if query else reverse("account_list")
    for_team = request.POST.get("for_team") == "1" and user.can(Capability.SHARE_WITH_TEAM)
    try:
        view = save_view(
            name=request.POST.get("name", "").strip(), query=query, by=user, at=timezone.now(), for_team=for_team
        )
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("View “%(name)s” saved.") % {"name": view.name})
    return redirect(back)


@require_POST
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view of one's own; a team's view is forgotten by who made it."""
    user = cast(User, request.user)
    view = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    try:
        delete_view(view=view, by=user, at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("account_list")
