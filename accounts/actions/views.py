"""How are a list's filter, sort and columns kept under a name?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import SavedView, User
from common.errors import Refused


@transaction.atomic
def save_view(
    *, name: str, query: str, by: User, at: dt.datetime, page: str = "account_list", for_team: bool = False
) -> SavedView:
    """Save a view for oneself or for one's team; a second one with the same name replaces the first."""
    if for_team and by.team_id is None:
        raise Refused(_("You belong to no team yet, so you can save this view for yourself only."), field="team")
    view, is_new = SavedView.objects.update_or_create(
        owner=by,
        page=page,
        name=name,
        defaults={"query": query.lstrip("?"), "team": by.team if for_team else None},
        create_defaults={"query": query.lstrip("?"), "team": by.team if for_team else None, "created_at": at},
    )
    verb = "saved_view.created" if is_new else "saved_view.changed"
    leave_audit(verb, view, by=by, at=at, changes={"team": view.team_id})
    return view


def _check_owner(view: SavedView, by: User) -> None:
    if view.owner_id != by.pk:
        raise Refused(_("Only who made this view may change it. Save it under your own name instead."))


@transaction.atomic
def update_view(
    *, view: SavedView, by: User, at: dt.datetime, name: str | None = None, query: str | None = None,
    for_team: bool | None = None,
) -> SavedView:  # fmt: skip
    """Change a view of one's own."""
    _check_owner(view, by)
    if name is not None and SavedView.objects.exclude(pk=view.pk).filter(owner=by, page=view.page, name=name).exists():
        raise Refused(_("You have a view with this name already."), field="name", code="unique")
    view.name = view.name if name is None else name
    view.query = view.query if query is None else query.lstrip("?")
    if for_team is not None:
        if for_team and by.team_id is None:
            raise Refused(_("You belong to no team yet, so you can save this view for yourself only."), field="team")
        view.team = by.team if for_team else None
    view.save()
    leave_audit("saved_view.changed", view, by=by, at=at, changes={"team": view.team_id})
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: User, at: dt.datetime) -> None:
    """Forget a view of one's own."""
    _check_owner(view, by)
    leave_audit("saved_view.deleted", view, by=by, at=at)
    view.delete()
