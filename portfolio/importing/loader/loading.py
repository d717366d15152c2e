"""Which rows of a file are new, changed, the same or wrong?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import DatabaseError
from django.utils.translation import gettext as _

from portfolio.importing.hierarchy import misplaced
from portfolio.importing.loader.links import Links, keys_of
from portfolio.importing.loader.rows import Examiner, Flawed, Record, Source
from portfolio.importing.loader.stored import Stored
from portfolio.importing.loader.writing import Writer, reason_of
from portfolio.importing.notices import Trial
from portfolio.importing.reader import Row
from portfolio.importing.report import Reject, Report, TargetCount
from portfolio.importing.scratch import Seen, digest
from portfolio.importing.targets import Context, Field, Target, Values
from usage.actions import Outcome

BATCH = 2_000
EVENT_BATCH = 5_000

# A row of a file and what is stored under its key.
Change = tuple[Record, Values]


@dataclass
class Feed:
    """One file on its way into one target, and what is told of it."""

    target: Target
    source: Source
    count: TargetCount
    report: Report

    def reject(self, row: int, column: str, reason: str, code: str = "") -> None:
        """Tell of a row that does not come in; `column` is one of the file's."""
        self.count.rejected += 1
        if code in {"date_order", "number_style"}:
            words = {"file": self.source.file, "column": column, "question": _question(code)}
            self.report.ask(_("%(file)s, column ‘%(column)s’: %(question)s") % words)
        self.report.reject(Reject(self.source.file, row, column, reason, self.target.name, code))

    def reject_record(self, record: Record, name: str, reason: str, code: str = "") -> None:
        """Tell of a record that does not come in; `name` is one of our columns."""
        self.reject(record.row, self.source.column_named(name), reason, code)

    def reject_conflict(self, record: Record) -> None:
        """Tell of a row under whose key something else happened before."""
        message = _("“%(key)s” came before with other values; what happened is never rewritten.")
        self.reject_record(record, self.target.key[-1], message % {"key": record.key[-1]}, "conflict")

    def repeated(self) -> None:
        """Count a row that is in already; where a file is read for its distinct rows, that is no news."""
        self.count.same += not self.source.distinct


class Loader:
    """Brings the rows of all files into their targets, or tries what would happen."""

    def __init__(self, context: Context, report: Report, *, dry_run: bool, seen: Seen) -> None:
        self.report = report
        self.dry_run = dry_run
        self.seen = seen
        self.links = Links()
        self.stored = Stored(self.links)
        self.writer = Writer(context, self.stored)
        self.examiner = Examiner(context)
        self.trial = Trial()
        # The names of the files, in the order of their numbers.
        self.files: list[str] = []

    def load(self, target: Target, source: Source, count: TargetCount) -> Iterator[int]:
        """Bring one file into one target; give the number of rows done after each batch."""
        shape = target.stored_as or target
        feed = Feed(shape, source, count, self.report)
        wrong_parents = self.plan_hierarchy(target, source)
        quick = shape.immutable and not self.dry_run
        rows = iter(source.rows)
        while part := list(islice(rows, EVENT_BATCH if quick else BATCH)):
            records = [record for row in part if (record := self.read(target, feed, row, wrong_parents)) is not None]
            if quick:
                self.take_events(feed, records)
            else:
                self.take(feed, records)
            yield len(part)
        self.writer.set_parents()

    def read(self, target: Target, feed: Feed, row: Row, wrong_parents: dict[str, str]) -> Record | None:
        """Read one row; a wrong one is told, and one that the mapping skips is counted."""
        found = self.examiner.examine(target, feed.source, row)
        if isinstance(found, Flawed):
            feed.reject(row.number, found.column, found.reason, found.code)
            return None
        if isinstance(found, str):
            feed.count.left_out[found] += 1
            return None
        if wrong_parents and found.key[0] in wrong_parents:
            feed.reject_record(found, "parent", wrong_parents[found.key[0]], "unknown")
            return None
        return found

    def plan_hierarchy(self, target: Target, source: Source) -> dict[str, str]:
        """Look through a file of accounts for parents that cannot be, before any row is written."""
        if not source.gives("parent"):
            return {}
        parent_of: dict[str, str | None] = {}
        for row in source.rows:
            found = self.examiner.examine(target, source, row)
            if isinstance(found, Record):
                parent_of.setdefault(found.key[0], found.values["parent"])
        return misplaced(parent_of)

    def take_events(self, feed: Feed, records: list[Record]) -> None:
        """Store events the quick way: the database finds those that came before, and the daily figures follow."""
        for group in _by_source(self.resolve(feed, records)):
            found = self.writer.record(group)
            for record, outcome in zip(group, found.outcomes, strict=True):
                if outcome == Outcome.ACCEPTED:
                    feed.count.new += 1
                elif outcome == Outcome.DUPLICATE:
                    feed.repeated()
                elif outcome == Outcome.CONFLICT:
                    feed.reject_conflict(record)
                else:
                    feed.reject(record.row, "", outcome, outcome)

    def take(self, feed: Feed, records: list[Record]) -> None:
        """Sort a batch into new, changed and same, and write it."""
        records = self.without_repeats(feed, self.resolve(feed, records))
        stored = self.stored.rows(feed.target, feed.source, records)
        new: list[Record] = []
        changed: list[Change] = []
        for record in records:
            before = stored.get(self.stored.identity(feed.target, record))
            if before is None:
                new.append(record)
            elif self.is_changed(feed, record, before):
                changed.append((record, before))
        new = self.judged(feed, new)
        if feed.target.name == "custom_fields":
            for record in records:
                self.examiner.custom.note(record.values)
        if not self.dry_run:
            self.write(feed, new, changed)
            return
        for record in new:
            self.links.note(feed.target, record)
        for record in records:
            self.trial.note(feed.target.name, record.values)
        feed.count.new += len(new)
        feed.count.changed += len(changed)

    def judged(self, feed: Feed, new: list[Record]) -> list[Record]:
        """Leave out new rows that what is stored forbids, and tell why."""
        if feed.target.judge is None or not new:
            return new
        rows = [self.writer.attributes(feed.target, record.values) for record in new]
        flaws = feed.target.judge(rows, self.writer.context)
        for position, (name, reason) in flaws.items():
            feed.reject_record(new[position], name, reason, "forbidden")
        return [record for position, record in enumerate(new) if position not in flaws]

    def is_changed(self, feed: Feed, record: Record, before: Values) -> bool:
        """Say whether a row differs from what is stored and may; count it if it is the same."""
        record.pk = before["pk"]
        self.links.note(feed.target, record)
        if feed.target.keeps:
            feed.target.keeps(before, record.values)
        if not self.stored.differences(feed.target, record, before):
            feed.count.same += 1
            return False
        if feed.target.immutable:
            feed.reject_conflict(record)
            return False
        return True

    def resolve(self, feed: Feed, records: list[Record]) -> list[Record]:
        """Find the rows that links point at; a link to nothing, or to another account's contact, spoils its row."""
        for one in feed.target.fields:
            if one.to and one.name != "parent":
                records = self.resolve_one(feed, one, records)
        return records

    def resolve_one(self, feed: Feed, one: Field, records: list[Record]) -> list[Record]:
        """Find the rows that one column of links points at."""
        wanted = {key for record in records for key in keys_of(one, record)}
        known = self.links.find(one.to, wanted)
        if one.creates and not wanted <= known.keys():
            self.create(one, wanted - known.keys())
        employers = self.links.find_employers(wanted) if one.to == "contacts" else {}
        kept = []
        for record in records:
            missing = self.links.missing(one, record)
            if missing:
                words = {"key": missing[0][:80], "target": one.to}
                feed.reject_record(record, one.name, _("“%(key)s” is not known in %(target)s.") % words, "unknown")
            elif employers and any(employers[key] != record.values["account"] for key in keys_of(one, record)):
                words = {"key": record.values[one.name][:80]}
                feed.reject_record(record, one.name, _("“%(key)s” is a contact of another account.") % words, "unknown")
            else:
                kept.append(record)
        return kept

    def create(self, one: Field, keys: set[str]) -> None:
        """Make the rows that a link may make by naming them, or say that they would be there."""
        if self.dry_run:
            self.links.coming.setdefault(one.to, set()).update(keys)
        else:
            self.writer.create_named(one.to, keys)
            self.links.find(one.to, keys)

    def without_repeats(self, feed: Feed, records: list[Record]) -> list[Record]:
        """Leave out rows whose key came before in this import: silently where that is meant, else told."""
        name, number = feed.target.name, feed.source.number
        sightings = [
            (digest(name, record.key), digest(sorted(record.values.items())), number, record.row) for record in records
        ]
        kept = []
        for record, before in zip(records, self.seen.add(sightings), strict=True):
            if before is None:
                kept.append(record)
                continue
            is_same, file, row = before
            if is_same:
                feed.repeated()
            elif feed.target.immutable:
                feed.reject_conflict(record)
            else:
                message = _("“%(key)s” is given twice with different values, first in row %(row)s of %(file)s.")
                words = {"key": " · ".join(str(part) for part in record.key), "row": row, "file": self.files[file]}
                feed.reject_record(record, feed.target.key[-1], message % words, "conflict")
        return kept

    def write(self, feed: Feed, new: list[Record], changed: list[Change]) -> None:
        """Write a batch whole; if the database refuses it, row by row, so that only the culprit stays out."""
        try:
            self.writer.write(feed.target, feed.source, new, changed)
        except DatabaseError:
            for record in new:
                self.write_one(feed, record, [record], [])
            for record, before in changed:
                self.write_one(feed, record, [], [(record, before)])
            return
        feed.count.new += len(new)
        feed.count.changed += len(changed)

    def write_one(self, feed: Feed, record: Record, new: list[Record], changed: list[Change]) -> None:
        """Write one row; if the database refuses it, say why."""
        try:
            self.writer.write(feed.target, feed.source, new, changed)
        except DatabaseError as error:
            feed.reject(record.row, "", reason_of(feed.target.model, error), "constraint")
            return
        feed.count.new += len(new)
        feed.count.changed += len(changed)


def _by_source(records: Sequence[Record]) -> list[list[Record]]:
    """Group events by source."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.values["source"], []).append(record)
    return list(groups.values())


def _question(code: str) -> str:
    if code == "date_order":
        return _("days and months could be either way round. Say dates = “DMY” or dates = “MDY” in the mapping.")
    return _("points and commas could be either way round. Say numbers = “1,000.00” or “1.000,00” in the mapping.")
