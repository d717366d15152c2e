"""Which rows of a file are new, changed, the same or wrong, against what is stored; and how are they written?

Rows go through in batches: read, checked, compared and written with a few queries each, whatever the size of a batch.
A batch is written whole or not at all, and an import that was stopped can be run again: what is in is then the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from common.bulk import insert_columns
from common.errors import Refused
from portfolio.importing.custom import CustomFields
from portfolio.importing.hierarchy import misplaced
from portfolio.importing.mapping import Column
from portfolio.importing.notices import Trial
from portfolio.importing.reader import Row
from portfolio.importing.report import Reject, Report, TargetCount
from portfolio.importing.scratch import Seen, digest
from portfolio.importing.targets import TARGETS, Context, Field, Target, Values
from portfolio.importing.values import Cell
from usage.actions import Outcome, Recorded, rebuild_rollups, record_events
from usage.models import UsageEvent
from usage.rules.events import Event

BATCH = 2_000
EVENT_BATCH = 5_000
PIECE = 500


NOTHING: Any = object()


class Memory:
    """What the cells of one column meant before; it gives up on a column whose cells hardly repeat."""

    MOST = 20_000

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._hits = 0

    def get(self, cell: str) -> Any:
        """Give what a cell meant before, or NOTHING."""
        value = self._values.get(cell, NOTHING)
        self._hits += value is not NOTHING
        return value

    def keep(self, cell: Cell, value: Any) -> None:
        """Remember what a cell means."""
        if isinstance(cell, str) and len(self._values) < self.MOST:
            self._values[cell] = value
        elif self._values and self._hits < self.MOST:
            self._values.clear()
            self.MOST = 0


class Rows(Protocol):
    """The rows of a table, from the start each time they are walked through."""

    def __iter__(self) -> Iterator[Row]:
        """Walk through the rows."""
        ...


@dataclass
class Source:
    """One file as far as it feeds one target."""

    file: str
    number: int
    columns: Sequence[Column]
    rows: Rows
    distinct: bool = False
    skips: Sequence[tuple[Any, str]] = ()
    memories: dict[str, Memory] = field(default_factory=lambda: defaultdict(Memory))


@dataclass
class Record:
    """One row on its way into a target."""

    row: int
    values: Values
    key: tuple[Any, ...] = ()
    pk: int | None = None


@dataclass(frozen=True)
class Flawed:
    """What is wrong with a row, and in which column of its file."""

    column: str
    reason: str
    code: str = ""


@dataclass
class Links:
    """The ids of rows by the keys that files use, read as they are needed, with those that a trial would make."""

    known: dict[str, dict[str, int]] = field(default_factory=dict)
    coming: dict[str, set[str]] = field(default_factory=dict)

    def find(self, target: str, keys: Iterable[str]) -> dict[str, int]:
        """Give the ids of the keys that exist, in one query for those not asked for before."""
        known = self.known.setdefault(target, {})
        missing = sorted({key for key in keys if key not in known})
        to = TARGETS[target]
        for start in range(0, len(missing), PIECE):
            found = to.model._default_manager.filter(**{f"{to.link}__in": missing[start : start + PIECE]})
            known.update(found.order_by().values_list(to.link, "pk"))
        return known

    def is_coming(self, target: str, key: str) -> bool:
        """Say whether a trial has seen a row that would exist by now."""
        return key in self.coming.get(target, ())

    def note(self, target: Target, record: Record) -> None:
        """Remember a row that was made, or that a trial would make."""
        if not target.link:
            return
        key = record.values[target.link]
        if record.pk is None:
            self.coming.setdefault(target.name, set()).add(key)
        else:
            self.known.setdefault(target.name, {})[key] = record.pk


class Loader:
    """Brings the rows of all files into their targets, or tries what would happen."""

    def __init__(self, context: Context, report: Report, *, dry_run: bool, seen: Seen) -> None:
        self.context = context
        self.report = report
        self.dry_run = dry_run
        self.seen = seen
        self.links = Links()
        self.trial = Trial()
        self.custom = CustomFields()
        self.files: list[str] = []
        self.misplaced: dict[str, str] = {}
        self.parents: list[tuple[str, str | None]] = []
        # Accounts whose figures have to follow, by what they follow from.
        self.touched: dict[str, set[int]] = {}

    def load(self, target: Target, source: Source, count: TargetCount) -> Iterator[int]:
        """Bring one file into one target; give the number of rows done after each batch."""
        shape = target.stored_as or target
        self.misplaced = self.plan_hierarchy(target, source)
        take = self.take_events if shape.immutable and not self.dry_run else self.take
        rows = iter(source.rows)
        while part := list(islice(rows, EVENT_BATCH if take == self.take_events else BATCH)):
            records = [record for row in part if (record := self.read(target, source, row, count)) is not None]
            take(shape, source, records, count)
            yield len(part)
        self.set_parents()

    def read(self, target: Target, source: Source, row: Row, count: TargetCount) -> Record | None:
        """Read one row; a wrong one is reported, and one that the mapping skips is counted."""
        found = self.examine(target, source, row)
        if isinstance(found, Flawed):
            self.reject(target, source, count, row.number, found.column, found.reason, found.code)
            return None
        if isinstance(found, str):
            count.left_out[found] += 1
            return None
        if found.values.get("parent") and found.key[0] in self.misplaced:
            column = _column_in_file(source, "parent")
            self.reject(target, source, count, row.number, column, self.misplaced[found.key[0]], "unknown")
            return None
        return found

    def examine(self, target: Target, source: Source, row: Row) -> Record | Flawed | str:
        """Read one row without telling anybody: what it holds, what is wrong with it, or why it is skipped."""
        if row.problem:
            return Flawed("", row.problem)
        values: Values = {}
        column = None
        try:
            for condition, reason in source.skips:
                if condition(row.cells):
                    return reason
            for column in source.columns:
                cell = column.compute(row.cells)
                memory = source.memories[column.name]
                value = memory.get(cell) if isinstance(cell, str) else NOTHING
                if value is NOTHING:
                    value = self.value(target, column, cell)
                    memory.keep(cell, value)
                values[column.name] = value
        except Refused as refusal:
            return Flawed(column.source if column else "", str(refusal))
        except (ValueError, ArithmeticError) as error:
            return Flawed(column.source if column else "", str(error), getattr(error, "code", ""))
        for name, reason in target.check(values, self.context) if target.check else ():
            return Flawed(_column_in_file(source, name), reason)
        if target.becomes:
            values = target.becomes(values, self.context)
        return Record(row.number, values, tuple(values[name] for name in (target.stored_as or target).key))

    def value(self, target: Target, column: Column, cell: Cell) -> Any:
        """Read one cell."""
        if column.name.startswith("custom."):
            return self.custom.value(column.name[7:], cell, column.way)
        return target.names[column.name].value(cell, column.way, self.context)

    def plan_hierarchy(self, target: Target, source: Source) -> dict[str, str]:
        """Look through a file of accounts for parents that cannot be, before any row is written."""
        if "parent" not in {column.name for column in source.columns}:
            return {}
        parent_of: dict[str, str | None] = {}
        for row in source.rows:
            found = self.examine(target, source, row)
            if isinstance(found, Record):
                parent_of.setdefault(found.key[0], found.values["parent"])
        return misplaced(parent_of)

    def set_parents(self) -> None:
        """Put accounts under their parents, now that all of a file are in."""
        wanted = {key for pair in self.parents for key in pair if key}
        known = self.links.find("accounts", wanted) if wanted else {}
        rows = [(known.get(parent) if parent else None, known[child]) for child, parent in self.parents]
        self.parents.clear()
        table = connection.ops.quote_name(TARGETS["accounts"].model._meta.db_table)
        for start in range(0, len(rows), BATCH):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET parent_id = %s WHERE id = %s", rows[start : start + BATCH])  # noqa: S608

    def reject(
        self, target: Target, source: Source, count: TargetCount, row: int, column: str, reason: str, code: str = ""
    ) -> None:
        """Report a row that does not come in."""
        count.rejected += 1
        if code in {"date_order", "number_style"}:
            self.report.ask(_("%(file)s, column ‘%(column)s’: %(reason)s") % {
                "file": source.file, "column": column, "reason": _without_example(code)
            })  # fmt: skip
        self.report.reject(Reject(source.file, row, column, reason, target.name, code))

    def take(self, target: Target, source: Source, records: list[Record], count: TargetCount) -> None:
        """Sort a batch into new, changed and same, and write it."""
        records = self.resolve(target, source, records, count)
        records = self.without_repeats(target, source, records, count)
        stored = self.stored(target, source, records)
        new, changed = [], []
        for record in records:
            before = stored.get(self.identity(target, record))
            if before is None:
                new.append(record)
                continue
            record.pk = before["pk"]
            self.links.note(target, record)
            if target.keeps:
                target.keeps(before, record.values)
            if self.differences(target, record, before):
                if target.immutable:
                    self.reject_conflict(target, source, count, record)
                else:
                    changed.append((record, before))
            else:
                count.same += 1
        for record in (*new, *(pair[0] for pair in changed)):
            if target.name == "custom_fields":
                self.custom.note(record.values)
        if self.dry_run:
            for record in new:
                self.links.note(target, record)
            for record in records:
                self.trial.note(target.name, record.values)
            count.new += len(new)
            count.changed += len(changed)
        else:
            self.write(target, source, count, new, changed)

    def reject_conflict(self, target: Target, source: Source, count: TargetCount, record: Record) -> None:
        """Report a row under whose key something else happened before."""
        message = _("“%(key)s” came before with other values; what happened is never rewritten.")
        column = _column_in_file(source, target.key[-1])
        self.reject(target, source, count, record.row, column, message % {"key": record.key[-1]}, "conflict")

    def take_events(self, target: Target, source: Source, records: list[Record], count: TargetCount) -> None:
        """Store events the quick way: the database finds those that came before, and the daily figures follow."""
        records = self.resolve(target, source, records, count)
        for group in _by_source(records):
            found = self.record(group)
            for record, outcome in zip(group, found.outcomes, strict=True):
                if outcome == Outcome.ACCEPTED:
                    count.new += 1
                elif outcome == Outcome.DUPLICATE:
                    count.same += not source.distinct
                elif outcome == Outcome.CONFLICT:
                    self.reject_conflict(target, source, count, record)
                else:
                    self.reject(target, source, count, record.row, "", outcome, outcome)

    def record(self, records: Sequence[Record]) -> Recorded:
        """Store events of one source."""
        rows = [
            Event(
                record.values["message_id"],
                record.values["account"],
                record.values["feature"],
                record.values["at"],
                record.values["person"],
                record.values["quantity"],
            )
            for record in records
        ]
        found = record_events(rows, source=records[0].values["source"], at=self.context.at, rescore=False)
        self.touched.setdefault("usage", set()).update(found.account_ids)
        return found

    def resolve(self, target: Target, source: Source, records: list[Record], count: TargetCount) -> list[Record]:
        """Find the rows that links point at; a link to nothing spoils its row."""
        kept = records
        for one in target.fields:
            if not one.to or one.name == "parent":
                continue
            wanted = {key for record in kept for key in _keys_of(one, record)}
            if one.creates and wanted:
                self.create_missing(one, wanted)
            known = self.links.find(one.to, wanted)
            still = []
            for record in kept:
                unknown = [
                    key for key in _keys_of(one, record) if key not in known and not self.links.is_coming(one.to, key)
                ]
                if unknown:
                    message = _("“%(key)s” is not known in %(target)s.")
                    words = {"key": unknown[0][:80], "target": one.to}
                    self.reject(
                        target, source, count, record.row, _column_in_file(source, one.name), message % words, "unknown"
                    )
                else:
                    still.append(record)
            kept = still
        return kept

    def create_missing(self, one: Field, wanted: set[str]) -> None:
        """Make the rows that a link may make by naming them."""
        known = self.links.find(one.to, wanted)
        missing = sorted(wanted - set(known))
        if self.dry_run:
            self.links.coming.setdefault(one.to, set()).update(missing)
            return
        to = TARGETS[one.to]
        names = {"name", to.link}
        to.model._default_manager.bulk_create(
            (to.model(**dict.fromkeys(names, key)) for key in missing), ignore_conflicts=True
        )

    def without_repeats(
        self, target: Target, source: Source, records: list[Record], count: TargetCount
    ) -> list[Record]:
        """Leave out rows whose key came before in this import: silently where that is meant, else told."""
        sightings = [
            (digest(target.name, record.key), digest(sorted(record.values.items())), source.number, record.row)
            for record in records
        ]
        kept = []
        for record, before in zip(records, self.seen.add(sightings), strict=True):
            if before is None:
                kept.append(record)
            elif before[0]:
                count.same += not source.distinct
            elif target.immutable:
                self.reject_conflict(target, source, count, record)
            else:
                _same, file, row = before
                message = _("“%(key)s” is given twice with different values, first in row %(row)s of %(file)s.")
                words = {"key": " · ".join(str(part) for part in record.key), "row": row, "file": self.files[file]}
                column = _column_in_file(source, target.key[-1])
                self.reject(target, source, count, record.row, column, message % words, "conflict")
        return kept

    def stored(self, target: Target, source: Source, records: Sequence[Record]) -> dict[tuple[Any, ...], Values]:
        """Read the stored rows with the keys of a batch, by key."""
        rows = target.model._default_manager.order_by()
        names = {name: _attribute(target, name) for name in target.key}
        needed = {"pk", *names.values(), *(_attribute(target, one) for one in self.compared(target, source))}
        needed |= {"custom"} if target.takes_custom else set()
        needed |= set(target.needs)
        needed |= {"parent__external_id"} if self.gives(source, "parent") else set()
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
            rows = rows.filter(**{f"{_attribute(target, name)}__in": given})
        return rows

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

    def gives(self, source: Source, name: str) -> bool:
        """Say whether a file gives a column."""
        return any(column.name == name for column in source.columns)

    def compared(self, target: Target, source: Source) -> list[str]:
        """The columns that a file gives and that lie in the target's own table."""
        if target.stored_as is None and target.model is UsageEvent:
            return list(target.names)
        given = (column.name for column in source.columns if not column.name.startswith("custom."))
        return [name for name in given if not target.field(name).many and name != "parent"]

    def add_lists(self, target: Target, source: Source, found: dict[tuple[Any, ...], Values]) -> None:
        """Read the lists of links of stored rows."""
        by_pk = {stored["pk"]: stored for stored in found.values()}
        for one in self.lists(target, source):
            through = getattr(target.model, one.name).through
            mine, theirs = _through_names(target.model, one.name)
            for stored in by_pk.values():
                stored[one.name] = []
            pks = list(by_pk)
            for start in range(0, len(pks), PIECE):
                rows = through._default_manager.filter(**{f"{mine}__in": pks[start : start + PIECE]})
                for pk, other in rows.values_list(mine, theirs):
                    by_pk[pk][one.name].append(other)
            for stored in by_pk.values():
                stored[one.name] = tuple(sorted(stored[one.name]))

    def lists(self, target: Target, source: Source) -> list[Field]:
        """The lists of links that a file gives."""
        given = {column.name for column in source.columns}
        return [one for one in target.fields if one.many and one.name in given]

    def differences(self, target: Target, record: Record, before: Values) -> dict[str, Any]:
        """Say which of the given columns differ from what is stored, by the names of the model."""
        changed = {}
        for name, value in record.values.items():
            if name.startswith("custom."):
                if (before["custom"] or {}).get(name[7:]) != value:
                    changed["custom"] = {**before["custom"], **_custom_of(record.values)}
            elif name == "parent":
                if before["parent__external_id"] != value:
                    changed["parent_id"] = value
            else:
                attribute = name if target.field(name).many else _attribute(target, name)
                wanted = self.as_stored(target, name, value)
                if before[attribute] != wanted:
                    changed[attribute] = wanted
        return changed

    def write(
        self,
        target: Target,
        source: Source,
        count: TargetCount,
        new: list[Record],
        changed: list[tuple[Record, Values]],
    ) -> None:
        """Write a batch whole; if the database refuses it, row by row, so that only the culprit stays out."""
        if not new and not changed:
            return
        try:
            self.write_all(target, source, new, changed)
        except DatabaseError:
            for record in new:
                self.write_one(target, source, count, [record], [])
            for pair in changed:
                self.write_one(target, source, count, [], [pair])
            return
        count.new += len(new)
        count.changed += len(changed)

    def write_one(
        self,
        target: Target,
        source: Source,
        count: TargetCount,
        new: list[Record],
        changed: list[tuple[Record, Values]],
    ) -> None:
        """Write one row; if the database refuses it, say why."""
        try:
            self.write_all(target, source, new, changed)
        except DatabaseError as error:
            record = new[0] if new else changed[0][0]
            record.pk = record.pk if changed else None
            self.reject(target, source, count, record.row, "", reason_of(target.model, error), "constraint")
            return
        count.new += len(new)
        count.changed += len(changed)

    @transaction.atomic
    def write_all(
        self, target: Target, source: Source, new: list[Record], changed: list[tuple[Record, Values]]
    ) -> None:
        """Insert and update in one transaction, with what belongs to it."""
        created = self.insert(target, source, new)
        updated = self.update(target, source, changed)
        if target.after:
            target.after(created, updated, self.context)
        for record, row in zip(new, created, strict=False):  # events are not made one by one
            record.pk = row.pk
            self.links.note(target, record)
        self.touch(target, [*created, *updated])

    def insert(self, target: Target, source: Source, records: Sequence[Record]) -> list[models.Model]:
        """Insert new rows."""
        if target.model is UsageEvent:
            if records:
                self.record(records)
            return []
        if not target.link and not target.after and not target.stamps:
            self.insert_plain(target, records)
            return []
        rows = []
        for record in records:
            if record.values.get("parent"):
                self.parents.append((record.key[0], record.values["parent"]))
            values = dict(record.values)
            if target.fill:
                target.fill(values, self.context)
            rows.append(target.model(**self.attributes(target, values)))
        for name, kind in target.stamps.items():
            for row in rows:
                setattr(row, name, 1 if kind == "count" else self.context.at)
        created = target.model._default_manager.bulk_create(rows, batch_size=1_000)
        for one in self.lists(target, source):
            self.set_list(target, one, [(row.pk, record) for row, record in zip(created, records, strict=True)])
        return list(created)

    def insert_plain(self, target: Target, records: Sequence[Record]) -> None:
        """Insert new rows to which nothing points, as columns: no object is made of any of them."""
        rows = []
        for record in records:
            values = dict(record.values)
            if target.fill:
                target.fill(values, self.context)
            rows.append(self.attributes(target, values))
        own = [one for one in target.model._meta.concrete_fields if not one.primary_key]
        columns = {
            one.attname: [row[one.attname] if one.attname in row else one.get_default() for row in rows] for one in own
        }
        insert_columns(target.model, columns)
        if target.feeds and "account" in target.names:
            self.touched.setdefault(target.feeds, set()).update(columns["account_id"])

    def attributes(self, target: Target, values: Values) -> dict[str, Any]:
        """Give values by the names that the model takes."""
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith("custom.") or name == "parent":
                continue
            if name not in target.names:
                given[name] = value
            elif not target.field(name).many:
                given[_attribute(target, name)] = self.as_stored(target, name, value)
        if target.takes_custom:
            given["custom"] = {key: value for key, value in _custom_of(values).items() if value is not None}
        return given

    def update(self, target: Target, source: Source, changed: Sequence[tuple[Record, Values]]) -> list[models.Model]:
        """Update changed rows, each in the columns that changed."""
        if not changed:
            return []
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for record, before in changed:
            differing = self.differences(target, record, before)
            if "parent_id" in differing:
                self.parents.append((record.key[0], differing.pop("parent_id")))
            own = {name: value for name, value in differing.items() if not _is_list(target, name)}
            own.update({name: self.context.at for name, kind in target.stamps.items() if kind == "changed"})
            values = [_prepared(target.model, name, value) for name, value in own.items()]
            by_columns.setdefault(tuple(own), []).append((*values, record.pk))
        self.run_updates(target, by_columns)
        pks = [record.pk for record, _before in changed]
        for one in self.lists(target, source):
            through = getattr(target.model, one.name).through
            mine, _theirs = _through_names(target.model, one.name)
            through._default_manager.filter(**{f"{mine}__in": pks}).delete()
            self.set_list(target, one, [(record.pk, record) for record, _before in changed])
        if target.model is UsageEvent:
            self.rebuild_days(changed)
        return list(target.model._default_manager.filter(pk__in=pks).order_by())

    def rebuild_days(self, changed: Sequence[tuple[Record, Values]]) -> None:
        """Count the days anew on which a count was corrected."""
        days = [record.values["at"].astimezone(self.context.zone).date() for record, _before in changed]
        accounts = {before["account_id"] for _record, before in changed}
        rebuild_rollups(account_ids=accounts, days=(min(days), max(days)))

    def run_updates(self, target: Target, by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]]) -> None:
        """Update rows, grouped by which columns change."""
        quote = connection.ops.quote_name
        table = quote(target.model._meta.db_table)
        counted = [name for name, kind in target.stamps.items() if kind == "count"]
        with connection.cursor() as cursor:
            for names, rows in by_columns.items():
                columns = [quote(_field(target.model, name).column) for name in names]
                sets = [f"{column} = %s" for column in columns]
                sets += [f"{quote(name)} = {quote(name)} + 1" for name in counted]
                if sets:
                    # Only names of our own models stand in the statement; every value is a parameter.
                    cursor.executemany(f"UPDATE {table} SET {', '.join(sets)} WHERE id = %s", rows)  # noqa: S608

    def set_list(self, target: Target, one: Field, rows: Sequence[tuple[Any, Record]]) -> None:
        """Write the links of a list."""
        through = getattr(target.model, one.name).through
        mine, theirs = _through_names(target.model, one.name)
        through._default_manager.bulk_create(
            through(**{mine: pk, theirs: other})
            for pk, record in rows
            for other in self.as_stored(target, one.name, record.values[one.name])
        )

    def touch(self, target: Target, rows: Iterable[Any]) -> None:
        """Note the accounts whose figures follow from written rows."""
        if not target.feeds:
            return
        touched = self.touched.setdefault(target.feeds, set())
        if target.name == "accounts":
            touched.update(row.pk for row in rows)
        elif "account" in target.names:
            touched.update(row.account_id for row in rows)
        else:
            touched.update(())


def reason_of(model: type[models.Model], error: DatabaseError) -> str:
    """Say in words which rule of the database a row broke."""
    words = str(error)
    for constraint in model._meta.constraints:
        if constraint.name in words:
            return str(constraint.get_violation_error_message())
        fields = getattr(constraint, "fields", ())
        if fields and all(f"{model._meta.db_table}.{_field(model, name).column}" in words for name in fields):
            return str(constraint.get_violation_error_message())
    return _("contradicts what is stored")


def _custom_of(values: Values) -> dict[str, Any]:
    return {name[7:]: value for name, value in values.items() if name.startswith("custom.")}


def _by_source(records: Sequence[Record]) -> list[list[Record]]:
    """Group events by source."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.values["source"], []).append(record)
    return list(groups.values())


def _keys_of(one: Field, record: Record) -> tuple[str, ...]:
    """The keys that a record's link names."""
    value = record.values.get(one.name)
    if not value:
        return ()
    return value if one.many else (value,)


def _attribute(target: Target, name: str) -> str:
    return f"{name}_id" if target.field(name).to else name


def _is_list(target: Target, name: str) -> bool:
    return name in target.names and target.field(name).many


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _prepared(model: type[models.Model], name: str, value: Any) -> Any:
    return _field(model, name).get_db_prep_save(value, connection)


def _through_names(model: type[models.Model], name: str) -> tuple[str, str]:
    """The columns of a list's own table: this row's and the other's."""
    relation = _field(model, name)
    return f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"


def _column_in_file(source: Source, name: str) -> str:
    """What a column of ours is called in the file."""
    return next((column.source for column in source.columns if column.name == name), name)


def _without_example(code: str) -> str:
    if code == "date_order":
        return _("days and months could be either way round. Say dates = “DMY” or dates = “MDY” in the mapping.")
    return _("points and commas could be either way round. Say numbers = “1,000.00” or “1.000,00” in the mapping.")
