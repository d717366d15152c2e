"""Which settings may this person open?"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import may
from accounts.rules.roles import Capability
from common.htmx import render_page


@dataclass(frozen=True)
class Section:
    """One page of the settings: its address, its name, what it is for, and whether it is open now."""

    label: str | Promise
    url: str
    about: str | Promise
    is_own: bool
    current: bool = False


def sections(request: HttpRequest, current: str = "") -> list[Section]:
    """List the settings that a person may open, as the installation names them; others are not there."""
    return [
        Section(label, reverse(name), about, is_own=not needs, current=name == current)
        for name, label, about, needs in settings.SETTINGS_PAGES
        if not needs or may(request.user, Capability(needs))
    ]


@require_safe
def settings_home(request: HttpRequest) -> HttpResponse:
    """Show what can be set."""
    every = sections(request)
    groups = [
        (_("Yours"), [section for section in every if section.is_own]),
        (_("For everybody"), [section for section in every if not section.is_own]),
    ]
    return render_page(request, "accounts/settings_home.html", {"groups": groups})
