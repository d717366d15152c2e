"""Which views of the account list are there for a person, which one is open, and was it changed?"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedView, User
from accounts.rules.roles import Capability

PAGE = "account_list"
# What a view does not hold: the place in the list, and which view is open.
NOT_KEPT = ("after", "view", "page")


@dataclass(frozen=True)
class Preset:
    """One view that comes with Mainstay: its key in the address, its name, and what it shows."""

    key: str
    name: str | Promise
    query: str


PRESETS = (
    Preset("my-risk", _("My book by risk"), "owner=me&sort=health"),
    Preset("renewals-90", _("Renewals within 90 days"), "renewal_within=90&sort=renewal"),
    Preset("silent-30", _("Silent for 30 days"), "silent_for=30&paying=true&sort=-arr"),
    Preset("no-sponsor", _("No sponsor"), "sponsor=false&paying=true&sort=-arr"),
    Preset("promoters", _("Promoters"), "promoter=true&sort=-arr"),
)


@dataclass(frozen=True)
class OpenView:
    """The view that the address names, and how the list differs from it."""

    name: str
    url: str
    pk: int | None
    is_own: bool
    is_shared: bool
    is_changed: bool


def address(query: str, key: str | int) -> str:
    """The address that opens a view."""
    return f"{reverse(PAGE)}?{query}{'&' if query else ''}view={key}"


def own_views(user: User) -> list[SavedView]:
    """A person's views, own first, then the team's."""
    views = SavedView.objects.visible_to(user).filter(page=PAGE).order_by("name", "pk")
    return sorted(views, key=lambda view: view.owner_id != user.pk)


def presets_for(user: User) -> list[Preset]:
    """The views that come with Mainstay, without those that need money of who may not see it."""
    with_money = user.can(Capability.SEE_MONEY)
    return [one if with_money else Preset(one.key, one.name, one.query.removesuffix("&sort=-arr")) for one in PRESETS]


def open_view(query: QueryDict, user: User) -> OpenView | None:
    """The view that an address names; None for none, or one that is not for this person."""
    key = query.get("view", "")
    preset = next((one for one in presets_for(user) if one.key == key), None)
    if preset is not None:
        changed = not is_same_list(query, preset.query)
        return OpenView(str(preset.name), address(preset.query, key), None, False, False, changed)
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        return None
    view = SavedView.objects.visible_to(user).filter(pk=int(key), page=PAGE).first()
    if view is None:
        return None
    changed, is_own = not is_same_list(query, view.query), view.owner_id == user.pk
    return OpenView(view.name, address(view.query, view.pk), view.pk, is_own, view.team_id is not None, changed)


def is_same_list(query: QueryDict, kept: str) -> bool:
    """Say whether an address shows the list as a view keeps it; empty filters and the place do not count."""
    return _meant(query) == _meant(QueryDict(kept))


def _meant(query: QueryDict) -> dict[str, list[str]]:
    filled = {name: sorted(filter(None, values)) for name, values in query.lists() if name not in NOT_KEPT}
    if filled.get("sort") == ["name"]:
        filled.pop("sort")
    return {name: values for name, values in filled.items() if values}
