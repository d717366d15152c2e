"""How does a person keep a filtered list under a name?"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions.views import delete_view, save_view, update_view
from accounts.models import SavedView, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from portfolio.queries.saved_views import address
from portfolio.views.undo import offer_undo


@require_POST
def saved_view_create(request: HttpRequest) -> HttpResponse:
    """Save the list as it stands under a name, for oneself or for one's team."""
    user = cast(User, request.user)
    query = request.POST.get("query", "").lstrip("?")
    back = f"{reverse('account_list')}?{query}"
    for_team = request.POST.get("for_team") == "1" and user.can(Capability.SHARE_WITH_TEAM)
    try:
        view = save_view(
            name=request.POST.get("name", "").strip(), query=query, by=user, at=timezone.now(), for_team=for_team
        )
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("View “%(name)s” saved.") % {"name": view.name})
        back = address(view.query, view.pk)
    return redirect(back)


@require_POST
def saved_view_update(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the list as it stands in a view of one's own."""
    user = cast(User, request.user)
    view = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    return _changed(request, view, _("View “%(name)s” saved."), query=request.POST.get("query", ""))


@require_POST
def saved_view_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a view of one's own to one's team, or to oneself alone again."""
    user = cast(User, request.user)
    view = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    wanted = request.POST.get("for_team") == "1"
    if wanted and not user.can(Capability.SHARE_WITH_TEAM):
        raise Http404
    said = _("“%(name)s” is there for your team now.") if wanted else _("“%(name)s” is yours alone now.")
    return _changed(request, view, said, for_team=wanted)


def _changed(request: HttpRequest, view: SavedView, said: str, **values: Any) -> HttpResponse:
    try:
        view = update_view(view=view, by=cast(User, request.user), at=timezone.now(), **values)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, said % {"name": view.name})
    return redirect(address(view.query, view.pk))


@require_POST
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view of one's own; a team's view is forgotten by who made it."""
    user = cast(User, request.user)
    view = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    copy = {"name": view.name, "query": view.query, "for_team": view.team_id is not None}
    try:
        delete_view(view=view, by=user, at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        undo = offer_undo(request, "saved_view_deleted", **copy)
        notify(request, _("View “%(name)s” deleted.") % copy, undo=undo)
    return redirect("account_list")
