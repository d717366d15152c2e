"""What was acted on and changed, as a reader of the audit trail understands it: names for ids, words for codes?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from accounts.queries.audit_words import note_in_words, noted_kind
from common.formats import number

# Columns by which a row is known to people, the best first; never keys and codes, which may be secret.
NAMED_BY = ("name", "title", "subject", "label")
# Of a longer list the rest is counted.
LONGEST = 8
# A name by the kind and the id of its row, as the trail keeps both.
Names = Mapping[tuple[str, str], str]


def names_in(events: Iterable[AuditEvent], reader: User) -> Names:
    """Name the rows that some acts speak of, as far as their reader may see them; a query for each kind of row."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for event in events:
        wanted[event.object_type].add(event.object_id)
        for label, pk in _references(event):
            wanted[label].add(pk)
    return {(label, pk): name for label, ids in wanted.items() for pk, name in _names(label, ids, reader)}


def object_in_words(event: AuditEvent, names: Names) -> str:
    """Say what was acted on: its kind, with its name, or with its number where it has none or none is shown."""
    model = _model(event.object_type)
    kind = capfirst(str(model._meta.verbose_name)) if model is not None else event.object_type
    name = names.get((event.object_type, event.object_id))
    return _("%(label)s: %(text)s") % {"label": kind, "text": name} if name else f"{kind} {event.object_id}".strip()


def changes_in_words(event: AuditEvent, names: Names) -> Iterator[tuple[str, Any, Any]]:
    """Name each changed column as its form does, with the old and the new value; of two nothings only the change."""
    for name, value in event.changes.items():
        field = _field(event.object_type, name)
        label = capfirst(str(field.verbose_name) if field is not None else note_in_words(name))
        kind = _kind(event, name)
        if value == [None, None]:
            yield label, None, pgettext("act", "changed")
        elif isinstance(value, list) and len(value) == 2:
            yield label, _value(field, kind, value[0], names), _value(field, kind, value[1], names)
        else:
            yield label, None, _value(field, kind, value, names)


def _references(event: AuditEvent) -> Iterator[tuple[str, str]]:
    """The rows that the changes of an act name by their id."""
    for name, value in event.changes.items():
        if label := _kind(event, name):
            yield from ((label, str(one)) for one in _flat(value))


def _flat(value: Any) -> Iterator[Any]:
    """The single values of a list, of a list in a list, and of a mapping."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif value is not None:
        yield value


def _names(label: str, ids: set[str], reader: User) -> Iterator[tuple[str, str]]:
    """Name rows of one kind; one that its reader may not see, or that is gone, has none."""
    model = _model(label)
    columns = {field.name for field in model._meta.concrete_fields} if model is not None else set()
    column = next((name for name in NAMED_BY if name in columns), None)
    if model is None or column is None:
        return
    every: Any = model._default_manager.all()
    seen = every.visible_to(reader) if hasattr(every, "visible_to") else every
    rows = seen.filter(pk__in=[pk for pk in ids if pk.isdecimal()])
    yield from ((str(pk), _text(name)) for pk, name in rows.values_list("pk", column))


def _text(name: Any) -> str:
    """A name in the reader's language: texts that come with Mainstay are kept in each."""
    return str(name.get(get_language()) or next(iter(name.values()), "")) if isinstance(name, dict) else str(name)


def _value(field: models.Field[Any, Any] | None, kind: str, value: Any, names: Names) -> Any:
    """Write a value as people do; `kind` is that of the rows that it names by id."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        # By account, who it was taken from: the same person for most of them.
        value = list(dict.fromkeys(value.values())) if kind else [f"{key}: {one}" for key, one in value.items()]
    if isinstance(value, list):
        shown, left = value[:LONGEST], len(value) - LONGEST
        words = [str(_value(field, kind, one, names)) for one in shown]
        more = ngettext("and %(num)s more", "and %(num)s more", left) % {"num": number(left)} if left > 0 else ""
        return ", ".join(words) + (f" {more}" if more else "")
    if not isinstance(value, str | int):
        return value
    choices: Mapping[Any, Any] = dict(getattr(field, "flatchoices", ()) or ())
    return choices.get(value) or names.get((kind, str(value))) or value


def _kind(event: AuditEvent, name: str) -> str:
    """The kind of row that a change names by its id; empty for what names none."""
    field = _field(event.object_type, name)
    if field is None:
        return noted_kind(name)
    model: Any = field.related_model
    return str(model._meta.label_lower) if model is not None else ""


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _field(label: str, name: str) -> models.Field[Any, Any] | None:
    """The column of that name; nothing for what is no column."""
    model = _model(label)
    fields = {field.name: field for field in model._meta.concrete_fields} if model is not None else {}
    return fields.get(name)
