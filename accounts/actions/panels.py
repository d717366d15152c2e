"""How does a person put panels of a page out of sight, and get them back?"""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused

# A page and a panel of it, like today.book.
KEY = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}", re.ASCII)
MOST = 100


@transaction.atomic
def hide_panel(*, key: str, by: User, at: dt.datetime) -> list[str]:
    """Put a panel out of one's sight; again is harmless."""
    if not KEY.fullmatch(key):
        raise Refused(_("There is no such panel."), field="key")
    person = User.objects.select_for_update().get(pk=by.pk)
    kept = [one for one in person.hidden_panels if one != key][-(MOST - 1) :]
    return _set(person, [*kept, key], by=by, at=at)


@transaction.atomic
def show_panels(*, page: str, by: User, at: dt.datetime) -> list[str]:
    """Bring all panels of a page back."""
    person = User.objects.select_for_update().get(pk=by.pk)
    return _set(person, [one for one in person.hidden_panels if not one.startswith(f"{page}.")], by=by, at=at)


def _set(person: User, panels: list[str], *, by: User, at: dt.datetime) -> list[str]:
    if panels != person.hidden_panels:
        leave_audit("panels.changed", person, by=by, at=at, changes={"hidden": [person.hidden_panels, panels]})
        person.hidden_panels = panels
        person.save(update_fields=["hidden_panels"])
    by.hidden_panels = panels
    return panels
