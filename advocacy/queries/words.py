"""How is what happened with an advocate told in the language of whoever reads it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from advocacy.models import Consent

EVENTS = {
    "asked": _("Asked for: %(kind)s (%(name)s)"),
    "accepted": _("Said yes: %(kind)s (%(name)s)"),
    "declined": _("Said no: %(kind)s (%(name)s)"),
    "done": _("Favour done: %(kind)s (%(name)s)"),
    "thanked": _("Thanked for: %(kind)s (%(name)s)"),
    "withdrawn": _("Ask withdrawn: %(kind)s (%(name)s)"),
    "advocate_withdrawn": _("Advocate withdrawn: %(name)s"),
    "consent_given": _("Consent given: %(kind)s (%(name)s)"),
    "consent_revoked": _("Consent taken back: %(kind)s (%(name)s)"),
}


def event_title(event: str, kind: str, name: str) -> str:
    """The title of an event, in the active language."""
    label = str(Consent.Scope(kind).label) if kind in Consent.Scope.values else kind
    return str(EVENTS[event]) % {"kind": label, "name": name}


def title_of(details: Mapping[str, Any]) -> str | None:
    """The title of a timeline entry that advocacy wrote, from what is kept with it; None for another's."""
    event = details.get("advocacy")
    if event not in EVENTS:
        return None
    return event_title(str(event), str(details.get("kind", "")), str(details.get("name", "")))
