"""How does a playbook come to be, change, come into force, and go?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Conflict, Refused
from common.jobs import enqueue
from health.queries.measures import MEASURES
from health.rules.parsing import ScorecardError
from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion
from playbooks.rules.definition import Definition, dump_definition, parse_definition
from playbooks.rules.loops import starts_itself


def check_definition(definition: Any) -> Definition:
    """Refuse a definition that makes no sense, in words; `field` says where it stands."""
    try:
        parsed = parse_definition(definition)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field=error.place or "definition") from None
    for name in ("entry", "exit", "goal"):
        claim = getattr(parsed, name)
        for test in claim.tests.tests if claim.tests else ():
            if test.measure not in MEASURES:
                raise Refused(_("There is no measure “%(source)s”.") % {"source": test.measure}, field=name)
    return parsed


@transaction.atomic
def create_playbook(*, definition: Any, by: User | None, at: dt.datetime, key: str = "") -> Playbook:
    """Make a playbook with a draft; nothing starts by it until the draft is published."""
    parsed = check_definition(definition)
    key = key or _free_key(next(iter(parsed.name.values())))
    if Playbook.objects.filter(key=key).exists():
        raise Refused(_("A playbook with this key exists already."), field="key", code="unique")
    last = Playbook.objects.aggregate(last=Max("position"))["last"] or 0
    playbook = Playbook(key=key, position=min(last + 10, 32_000))
    _describe(playbook, parsed)
    playbook.save(force_insert=True)
    PlaybookDraft.objects.create(
        playbook=playbook, definition=dump_definition(parsed), changed_at=at, changed_by=by
    )  # fmt: skip
    leave_audit("playbook.created", playbook, by=by, at=at, changes={"key": [None, key]})
    return playbook


@transaction.atomic
def copy_playbook(*, playbook: Playbook, by: User, at: dt.datetime) -> Playbook:
    """Make a playbook that says what another says, as a draft under a name of its own."""
    definition = standing_definition(playbook)
    names = {language: _("%(name)s (copy)") % {"name": name} for language, name in definition["name"].items()}
    return create_playbook(definition={**definition, "name": names}, by=by, at=at)


@transaction.atomic
def save_draft(
    *, playbook: Playbook, definition: Any, by: User, at: dt.datetime, version: int | None = None
) -> PlaybookDraft:
    """Write what the next version says. `version` is the draft that the person has read, 0 where there was none."""
    Playbook.objects.select_for_update().get(pk=playbook.pk)
    draft = PlaybookDraft.objects.filter(playbook=playbook).first()
    if version is not None and version != (draft.version if draft else 0):
        raise Conflict(_("Someone else changed this draft meanwhile. Load it again and repeat your change."))
    parsed = check_definition(definition)
    draft = draft or PlaybookDraft(playbook=playbook, version=0)
    draft.definition = dump_definition(parsed)
    draft.version, draft.changed_at, draft.changed_by = draft.version + 1, at, by
    draft.save()
    leave_audit("playbook.drafted", playbook, by=by, at=at, changes={"draft": [draft.version - 1, draft.version]})
    return draft


@transaction.atomic
def discard_draft(*, playbook: Playbook, by: User, at: dt.datetime) -> None:
    """Throw a draft away; a playbook of which nothing was ever published goes with it."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    found, _rows = PlaybookDraft.objects.filter(playbook=locked).delete()
    if found:
        leave_audit("playbook.draft_discarded", locked, by=by, at=at)
    if not locked.versions.exists():
        leave_audit("playbook.deleted", locked, by=by, at=at, changes={"key": [locked.key, None]})
        locked.delete()


@transaction.atomic
def publish_draft(
    *, playbook: Playbook, by: User | None, at: dt.datetime, note: str = "", version: int | None = None
) -> PlaybookVersion:
    """Make the draft the version that new runs follow; runs that go on stay with the one they began with."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    draft = PlaybookDraft.objects.filter(playbook=locked).first()
    if draft is None:
        raise Refused(_("There is no draft to publish."))
    if version is not None and version != draft.version:
        raise Conflict(_("Someone else changed this draft meanwhile. Look at it again."))
    parsed = check_definition(draft.definition)
    if loop := starts_itself(parsed):
        raise Refused(
            _("The playbook would start itself: its step “%(step)s” causes its own trigger.") % {"step": loop},
            field="triggers", code="loop",
        )  # fmt: skip
    last = locked.versions.aggregate(last=Max("number"))["last"] or 0
    made = PlaybookVersion.objects.create(
        playbook=locked, number=last + 1, definition=draft.definition, note=note.strip()[:500], published_at=at,
        published_by=by,
    )  # fmt: skip
    draft.delete()
    _describe(locked, parsed)
    # What was held back was held back by the version before.
    locked.held_count = 0
    locked.save()
    leave_audit("playbook.published", locked, by=by, at=at, changes={"version": [last or None, made.number]})
    evaluate_later(locked)
    return made


@transaction.atomic
def enable_playbook(*, playbook: Playbook, by: User, at: dt.datetime) -> Playbook:
    """Let a playbook start by itself from now on."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    if locked.is_archived or not locked.versions.exists():
        raise Refused(_("This playbook cannot be started: it is archived, or nothing of it is published."))
    return _switch(locked, "is_enabled", True, "playbook.enabled", by=by, at=at)


@transaction.atomic
def disable_playbook(*, playbook: Playbook, by: User, at: dt.datetime) -> Playbook:
    """Let a playbook start by hand only; runs go on."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    locked.held_count = 0
    return _switch(locked, "is_enabled", False, "playbook.disabled", by=by, at=at)


@transaction.atomic
def archive_playbook(*, playbook: Playbook, by: User, at: dt.datetime) -> Playbook:
    """Put a playbook away: nothing starts by it any more; runs go on, and its record stays."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    locked.is_enabled, locked.held_count = False, 0
    return _switch(locked, "is_archived", True, "playbook.archived", by=by, at=at)


@transaction.atomic
def restore_playbook(*, playbook: Playbook, by: User, at: dt.datetime) -> Playbook:
    """Take a playbook out of the archive; it starts by hand until somebody lets it start by itself."""
    locked = Playbook.objects.select_for_update().get(pk=playbook.pk)
    return _switch(locked, "is_archived", False, "playbook.restored", by=by, at=at)


def standing_definition(playbook: Playbook) -> dict[str, Any]:
    """What the draft says, else the newest version."""
    draft = PlaybookDraft.objects.filter(playbook=playbook).first()
    version = playbook.versions.order_by("-number").first()
    standing = draft or version
    if standing is None:
        raise Refused(_("This playbook says nothing yet."))
    definition: dict[str, Any] = standing.definition
    return definition


def newest_version(playbook: Playbook) -> PlaybookVersion:
    """The version that new runs follow, or the reason for which there is none."""
    version = playbook.versions.select_related("playbook").order_by("-number").first()
    if version is None:
        raise Refused(_("Nothing of this playbook is published yet."))
    return version


def evaluate_later(playbook: Playbook, *, release: bool = False) -> None:
    """Have the triggers of a playbook judged in the background."""
    if playbook.is_enabled:
        key = f"playbook:{playbook.pk}:{'release' if release else 'judge'}"
        enqueue("playbooks.evaluate_triggers", key=key, playbook_id=playbook.pk, release=release)


def _switch(playbook: Playbook, field: str, value: bool, verb: str, *, by: User, at: dt.datetime) -> Playbook:
    before = getattr(playbook, field)
    setattr(playbook, field, value)
    playbook.save()
    if before != value:
        leave_audit(verb, playbook, by=by, at=at, changes={field: [before, value]})
        evaluate_later(playbook)
    return playbook


def _describe(playbook: Playbook, parsed: Definition) -> None:
    playbook.name, playbook.purpose = dict(parsed.name), dict(parsed.purpose)
    playbook.category, playbook.industry = str(parsed.category), parsed.industry


def _free_key(name: str) -> str:
    base = slugify(name)[:50] or "playbook"
    taken = set(Playbook.objects.filter(key__startswith=base).values_list("key", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(key for key in numbers if key not in taken)
