"""How do new and changed rows get into the database, a batch at once?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from common.bulk import insert_columns
from portfolio.importing.loader.rows import Record, Source
from portfolio.importing.loader.stored import Stored, attribute_of, custom_of, lists_of, through_names
from portfolio.importing.targets import TARGETS, Context, Field, Target, Values
from revenue.actions import ledger_changed
from usage.actions import Recorded, rebuild_rollups, record_events
from usage.models import UsageEvent
from usage.rules.events import Event

PARENTS_AT_ONCE = 2_000


class Writer:
    """Writes rows, and notes which accounts' figures have to follow."""

    def __init__(self, context: Context, stored: Stored) -> None:
        self.context = context
        self.stored = stored
        self.links = stored.links
        self.parents: list[tuple[str, str | None]] = []
        # Accounts whose figures have to follow, by what they follow from.
        self.touched: dict[str, set[int]] = {}
        # A rate concerns every account.
        self.touched_all = False

    @transaction.atomic
    def write(
        self, target: Target, source: Source, new: Sequence[Record], changed: Sequence[tuple[Record, Values]]
    ) -> None:
        """Insert and update in one transaction, with what belongs to it."""
        created = self.insert(target, source, new) if new else []
        updated = self.update(target, source, changed) if changed else []
        if target.after:
            target.after(created, updated, self.context)
        for record, row in zip(new, created, strict=False):  # events are not made one by one
            record.pk = row.pk
            self.links.note(target, record)
        self.touch(target, [*created, *updated])

    def insert(self, target: Target, source: Source, records: Sequence[Record]) -> list[models.Model]:
        """Insert new rows."""
        if target.model is UsageEvent:
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
        for one in lists_of(target, source):
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
        self._note_rates(target, records)
        if target.feeds and "account" in target.names:
            self.touched.setdefault(target.feeds, set()).update(columns["account_id"])

    def _note_rates(self, target: Target, records: Sequence[Record]) -> None:
        """Rates concern every account, and every figure from their day on."""
        if target.name == "exchange_rates" and records:
            self.touched_all = True
            ledger_changed(since=min(record.values["on"] for record in records))

    def attributes(self, target: Target, values: Values) -> dict[str, Any]:
        """Give values by the names that the model takes."""
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith("custom.") or name == "parent":
                continue
            if name not in target.names:
                given[name] = value
            elif not target.field(name).many:
                given[attribute_of(target, name)] = self.stored.as_stored(target, name, value)
        if target.takes_custom:
            given["custom"] = {key: value for key, value in custom_of(values).items() if value is not None}
        return given

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

    def create_named(self, target: str, keys: Iterable[str]) -> None:
        """Make rows that have no more than a name."""
        to = TARGETS[target]
        names = {"name", to.link}
        rows = (to.model(**dict.fromkeys(names, key)) for key in sorted(keys))
        to.model._default_manager.bulk_create(rows, ignore_conflicts=True)

    def update(self, target: Target, source: Source, changed: Sequence[tuple[Record, Values]]) -> list[models.Model]:
        """Update changed rows, each in the columns that changed."""
        self._note_rates(target, [record for record, _before in changed])
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for record, before in changed:
            differing = self.stored.differences(target, record, before)
            if "parent_id" in differing:
                self.parents.append((record.key[0], differing.pop("parent_id")))
            own = {name: value for name, value in differing.items() if not is_list(target, name)}
            own.update({name: self.context.at for name, kind in target.stamps.items() if kind == "changed"})
            values = [prepared(target.model, name, value) for name, value in own.items()]
            by_columns.setdefault(tuple(own), []).append((*values, record.pk))
        self.run_updates(target, by_columns)
        pks = [record.pk for record, _before in changed]
        for one in lists_of(target, source):
            through = getattr(target.model, one.name).through
            mine, _theirs = through_names(target.model, one.name)
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
                columns = [quote(field_of(target.model, name).column) for name in names]
                sets = [f"{column} = %s" for column in columns]
                sets += [f"{quote(name)} = {quote(name)} + 1" for name in counted]
                if sets:
                    # Only names of our own models stand in the statement; every value is a parameter.
                    cursor.executemany(f"UPDATE {table} SET {', '.join(sets)} WHERE id = %s", rows)  # noqa: S608

    def set_list(self, target: Target, one: Field, rows: Sequence[tuple[Any, Record]]) -> None:
        """Write the links of a list."""
        through = getattr(target.model, one.name).through
        mine, theirs = through_names(target.model, one.name)
        through._default_manager.bulk_create(
            through(**{mine: pk, theirs: other})
            for pk, record in rows
            for other in self.stored.as_stored(target, one.name, record.values[one.name])
        )

    def set_parents(self) -> None:
        """Put accounts under their parents, now that all of a file are in."""
        wanted = {key for pair in self.parents for key in pair if key}
        known = self.links.find("accounts", wanted) if wanted else {}
        rows = [(known.get(parent) if parent else None, known[child]) for child, parent in self.parents]
        self.parents.clear()
        table = connection.ops.quote_name(TARGETS["accounts"].model._meta.db_table)
        for start in range(0, len(rows), PARENTS_AT_ONCE):
            with transaction.atomic(), connection.cursor() as cursor:
                part = rows[start : start + PARENTS_AT_ONCE]
                cursor.executemany(f"UPDATE {table} SET parent_id = %s WHERE id = %s", part)  # noqa: S608

    def touch(self, target: Target, rows: Iterable[Any]) -> None:
        """Note the accounts whose figures follow from written rows."""
        if not target.feeds:
            return
        touched = self.touched.setdefault(target.feeds, set())
        if target.name == "accounts":
            touched.update(row.pk for row in rows)
        elif "account" in target.names:
            touched.update(row.account_id for row in rows)


def reason_of(model: type[models.Model], error: DatabaseError) -> str:
    """Say in words which rule of the database a row broke."""
    words = str(error)
    for constraint in model._meta.constraints:
        if constraint.name in words:
            return str(constraint.get_violation_error_message())
        fields = getattr(constraint, "fields", ())
        if fields and all(f"{model._meta.db_table}.{field_of(model, name).column}" in words for name in fields):
            return str(constraint.get_violation_error_message())
    return _("contradicts what is stored")


def is_list(target: Target, name: str) -> bool:
    """Say whether a column is a list of links."""
    return name in target.names and target.field(name).many


def field_of(model: type[models.Model], name: str) -> Any:
    """The model's field of a name."""
    return model._meta.get_field(name)


def prepared(model: type[models.Model], name: str, value: Any) -> Any:
    """A value as the database driver takes it."""
    return field_of(model, name).get_db_prep_save(value, connection)
