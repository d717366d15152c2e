"""What is stored under the keys of a batch, and in what does a row differ from it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from portfolio.importing.loader.links import PIECE, Links
from portfolio.importing.loader.rows import Record, Source
from portfolio.importing.targets import Field, Target, Values
from usage.models import UsageEvent


class Stored:
    """Compares rows of files with rows of the database."""

    def __init__(self, links: Links) -> None:
        self.links = links

    def rows(self, target: Target, source: Source, records: Sequence[Record]) -> dict[tuple[Any, ...], Values]:
        """Read the stored rows with the keys of a batch, by key."""
        rows = target.model._default_manager.order_by()
        names = {name: attribute_of(target, name) for name in target.key}
        needed = {"pk", *names.values(), *(attribute_of(target, one) for one in self.compared(target, source))}
        needed |= {"custom"} if target.takes_custom else set()
        needed |= set(target.needs)
        needed |= {"parent__external_id"} if source.gives("parent") else set()
        found: dict[tuple[Any, ...], Values] = {}
        for start in range(0, len(records), PIECE):
            part = records[start : start + PIECE]
            narrowed = self.narrowed(target, rows, part)
            for stored in narrowed.values(*needed) if narrowed is not None else ():
                found[tuple(stored[name] for name in names.values())] = stored
        self.add_lists(target, source, found)
        return found

    def narrowed(self, target: Target, rows: Any, records: Sequence[Record]) -> Any:
        """Restrict stored rows to about those with the keys of some records; None if there can be none."""
        for name in target.key:
            one = target.field(name)
            given = {record.values[name] for record in records}
            if one.to:
                known = self.links.find(one.to, given)
                given = {known[key] for key in given if key in known}
                if not given:
                    return None
            elif len(target.key) > 1 and all(hasattr(value, "toordinal") for value in given):
                rows = rows.filter(**{f"{name}__range": (min(given), max(given))})
                continue
            rows = rows.filter(**{f"{attribute_of(target, name)}__in": given})
        return rows

    def compared(self, target: Target, source: Source) -> list[str]:
        """The columns that a file gives and that lie in the target's own table."""
        if target.stored_as is None and target.model is UsageEvent:
            return list(target.names)
        given = (column.name for column in source.columns if not column.name.startswith("custom."))
        return [name for name in given if not target.field(name).many and name != "parent"]

    def add_lists(self, target: Target, source: Source, found: dict[tuple[Any, ...], Values]) -> None:
        """Read the lists of links of stored rows."""
        by_pk = {stored["pk"]: stored for stored in found.values()}
        for one in lists_of(target, source):
            through = getattr(target.model, one.name).through
            mine, theirs = through_names(target.model, one.name)
            for stored in by_pk.values():
                stored[one.name] = []
            pks = list(by_pk)
            for start in range(0, len(pks), PIECE):
                rows = through._default_manager.filter(**{f"{mine}__in": pks[start : start + PIECE]})
                for pk, other in rows.values_list(mine, theirs):
                    by_pk[pk][one.name].append(other)
            for stored in by_pk.values():
                stored[one.name] = tuple(sorted(stored[one.name]))

    def identity(self, target: Target, record: Record) -> tuple[Any, ...]:
        """The key of a record as the database has it."""
        return tuple(self.as_stored(target, name, record.values[name]) for name in target.key)

    def as_stored(self, target: Target, name: str, value: Any) -> Any:
        """A value as the database has it: of a link the id, if there is one."""
        one = target.field(name)
        if not one.to or value is None:
            return value
        known = self.links.known.get(one.to, {})
        if one.many:
            return tuple(sorted(known.get(key, 0) for key in value))
        return known.get(value, f"coming:{value}")

    def differences(self, target: Target, record: Record, before: Values) -> dict[str, Any]:
        """Say which of the given columns differ from what is stored, by the names of the model."""
        changed = {}
        for name, value in record.values.items():
            if name.startswith("custom."):
                if (before["custom"] or {}).get(name[7:]) != value:
                    changed["custom"] = {**before["custom"], **custom_of(record.values)}
            elif name == "parent":
                if before["parent__external_id"] != value:
                    changed["parent_id"] = value
            else:
                attribute = name if target.field(name).many else attribute_of(target, name)
                wanted = self.as_stored(target, name, value)
                if before[attribute] != wanted:
                    changed[attribute] = wanted
        return changed


def lists_of(target: Target, source: Source) -> list[Field]:
    """The lists of links that a file gives."""
    return [one for one in target.fields if one.many and source.gives(one.name)]


def attribute_of(target: Target, name: str) -> str:
    """What a column is called in the table: a link is kept as an id."""
    return f"{name}_id" if target.field(name).to else name


def custom_of(values: Values) -> dict[str, Any]:
    """The custom fields among some values, by key."""
    return {name[7:]: value for name, value in values.items() if name.startswith("custom.")}


def through_names(model: type[models.Model], name: str) -> tuple[str, str]:
    """The columns of a list's own table: this row's and the other's."""
    relation: Any = model._meta.get_field(name)
    return f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
