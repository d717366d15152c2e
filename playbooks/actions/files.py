"""How does a playbook come in as a file?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from health.rules.parsing import ScorecardError
from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion
from playbooks.rules.definition import Definition, dump_definition
from playbooks.rules.files import MOST_BYTES, PlaybookFile, parse_file


@dataclass(frozen=True)
class Imported:
    """What came of a file: a new playbook, a draft of one that was there, or nothing new."""

    playbook: Playbook
    result: str  # created | drafted | same


def read_playbook_file(content: bytes) -> PlaybookFile:
    """Read a file that somebody hands in, or refuse it with words that name the place."""
    if len(content) > MOST_BYTES:
        raise Refused(_("A playbook file has at most 2 MB."), field="file")
    try:
        return parse_file(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(_("This is no playbook file: it is not valid JSON."), field="file") from None
    except ScorecardError as error:
        raise Refused(in_words(error), field="file") from None


def in_words(error: ScorecardError) -> str:
    """Say what is wrong with a definition, and where."""
    said = _(error.message) % error.params if error.params else _(error.message)
    if not error.place or said.startswith(error.place):
        return said
    return _("%(place)s: %(problem)s") % {"place": error.place, "problem": said}


@transaction.atomic
def import_playbook(*, content: bytes, by: User, at: dt.datetime) -> Imported:
    """Take in a file: a new playbook, or a draft for the one with its key; the same file twice changes nothing."""
    key, definition = read_playbook_file(content)
    body = dump_definition(definition)
    there = Playbook.objects.select_for_update().filter(key=key).first()
    if there is None:
        return Imported(_created(key, definition, by=by, at=at), "created")
    newest = there.versions.order_by("-number").first()
    draft = PlaybookDraft.objects.filter(playbook=there).first()
    if body in (newest.definition if newest else None, draft.definition if draft else None):
        return Imported(there, "same")
    if draft is not None:
        raise Refused(
            _("“%(name)s” has a draft that is not published yet. Publish it or throw it away first.")
            % {"name": there.shown_name},
            field="file",
        )
    PlaybookDraft.objects.create(playbook=there, definition=body, changed_at=at, changed_by=by)
    leave_audit("playbook.imported", there, by=by, at=at, changes={"draft": [None, 1]})
    return Imported(there, "drafted")


def _created(key: str, definition: Definition, *, by: User, at: dt.datetime) -> Playbook:
    last = Playbook.objects.aggregate(last=Max("position"))["last"] or 0
    playbook = Playbook.objects.create(
        key=key, name=dict(definition.name), purpose=dict(definition.purpose), category=definition.category,
        industry=definition.industry, position=min(last + 10, 32_000),
    )  # fmt: skip
    PlaybookVersion.objects.create(
        playbook=playbook, number=1, definition=dump_definition(definition), published_at=at, published_by=by
    )
    leave_audit("playbook.imported", playbook, by=by, at=at, changes={"version": [None, 1]})
    return playbook
