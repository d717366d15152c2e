"""What does the shell of every page know: where one may go, one's saved views, how one likes to read?"""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import SavedView, User
from common.htmx import NavItem, SavedLink


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Say what the side bar shows to this person; a section without rights is not shown."""
    user = cast(User, request.user)
    return {
        "nav": navigation(request.path, user),
        "saved_views": saved_links(request.get_full_path(), user),
        "theme": user.theme,
        "density": user.density,
        "single_keys": user.keys_enabled,
    }


def navigation(path: str, user: User) -> list[NavItem]:
    """List the sections of a role in their fixed order."""
    sections = [
        ("today", _("Today"), "today", "T"),
        ("account_list", _("Accounts"), "accounts", "A"),
        ("settings_home", _("Settings"), "settings", "S"),
    ]
    items = []
    for name, label, icon, key in sections:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        items.append(NavItem(name, label, url, current=path.startswith(url), icon=icon, key=key))
    return items


def saved_links(here: str, user: User) -> list[SavedLink]:
    """List a person's views, own first, then the team's."""
    base = reverse("account_list")
    views = SavedView.objects.visible_to(user).filter(page="account_list").order_by("name")
    own_first = sorted(views, key=lambda view: view.owner_id != user.pk)
    links = [(view.name, f"{base}?{view.query}" if view.query else base) for view in own_first]
    return [SavedLink(label, url, current=url == here) for label, url in links]
