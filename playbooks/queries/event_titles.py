"""How does a timeline say what a playbook did, in the language of its reader?"""

from __future__ import annotations

from django.utils.text import Truncator
from django.utils.translation import gettext as _

EVENTS = {
    "started": lambda name: _("Playbook started: %(name)s") % {"name": name},
    "paused": lambda name: _("Playbook paused: %(name)s") % {"name": name},
    "resumed": lambda name: _("Playbook goes on: %(name)s") % {"name": name},
    "ended": lambda name: _("Playbook ended: %(name)s") % {"name": name},
    "done": lambda name: _("Task done: %(name)s") % {"name": name},
    "skipped": lambda name: _("Task skipped: %(name)s") % {"name": name},
}


def event_title(event: str, name: str) -> str:
    """Say what happened, in the active language."""
    return Truncator(EVENTS[event](name)).chars(200)
