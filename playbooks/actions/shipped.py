"""How do the playbooks that come with Mainstay get into a book, and stay up to date?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actions.traces import leave_audit
from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion
from playbooks.rules.shipped import shipped_bodies, shipped_row


@transaction.atomic
def install_shipped_playbooks(*, at: dt.datetime) -> list[Playbook]:
    """Install those that are missing, and bring those up to date that nobody has touched; returns what changed.

    A playbook of which a person published a version or keeps a draft is theirs: it stays as it is.
    """
    there = {row.key: row for row in Playbook.objects.select_for_update().filter(key__in=shipped_bodies())}
    touched = set(PlaybookVersion.objects.filter(published_by__isnull=False).values_list("playbook_id", flat=True))
    touched |= set(PlaybookDraft.objects.values_list("playbook_id", flat=True))
    newest = {row.playbook_id: row for row in PlaybookVersion.objects.order_by("number")}
    changed = []
    for key, body in shipped_bodies().items():
        playbook = there.get(key)
        if playbook is None:
            playbook = Playbook.objects.create(key=key, **shipped_row(key))
            _publish(playbook, 1, body, at=at)
            changed.append(playbook)
        elif playbook.pk not in touched and (last := newest.get(playbook.pk)) and last.definition != body:
            _bring_up_to_date(playbook, last.number + 1, body, at=at)
            changed.append(playbook)
    return changed


def _bring_up_to_date(playbook: Playbook, number: int, body: object, *, at: dt.datetime) -> None:
    values = {name: value for name, value in shipped_row(playbook.key).items() if name != "position"}
    for name, value in values.items():
        setattr(playbook, name, value)
    playbook.save(update_fields=list(values))
    _publish(playbook, number, body, at=at)


def _publish(playbook: Playbook, number: int, body: object, *, at: dt.datetime) -> None:
    PlaybookVersion.objects.create(playbook=playbook, number=number, definition=body, published_at=at)
    leave_audit("playbook.installed", playbook, by=None, at=at, changes={"version": [number - 1 or None, number]})
