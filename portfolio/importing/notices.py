"""What in a book contradicts itself, without any one row being wrong?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ChurnRecord
from common.errors import Refused
from portfolio.importing.mapping import BookLookups, Check, bind_condition
from portfolio.importing.reader import Table
from portfolio.importing.targets import Values
from revenue.models import ContractLine


def checked_rows(checks: tuple[Check, ...], tables: Mapping[str, Table], lookups: BookLookups) -> list[str]:
    """Count in the files what the mapping asks about."""
    said = []
    for check in checks:
        table = tables.get(check.file)
        if table is None:
            continue
        condition = bind_condition(check.when, table.layout, lookups)
        count = 0
        for row in table.rows():
            if not row.problem:
                try:
                    count += bool(condition(row.cells))
                except (ValueError, ArithmeticError, Refused):
                    continue  # a row that cannot be read is reported where it is loaded
        if count:
            words = {"count": f"{count:,}", "rows": f"{table.layout.rows:,}", "says": check.says}
            said.append(_("%(count)s of %(rows)s %(says)s") % words)
    return said


class Trial:
    """What a trial saw of contract lines and churn records, which it did not store."""

    def __init__(self) -> None:
        self._lines: dict[str, list[tuple[dt.date, dt.date | None]]] = defaultdict(list)
        self._left: list[tuple[str, dt.date]] = []

    def note(self, target: str, row: Values) -> None:
        """Remember a row that a trial accepted."""
        if target == "contract_lines" and row.get("arr"):
            self._lines[row["account"]].append((row["starts_on"], row.get("ends_on")))
        elif target == "churn_records":
            self._left.append((row["account"], row["on"]))

    def contradictions(self) -> list[str]:
        """Say where the churn records of a trial contradict its contract lines."""
        count = sum(
            any(start <= on and (end is None or end > on) for start, end in self._lines[account])
            for account, on in self._left
        )
        return _still_paying(count, len(self._left))


def contradictions() -> list[str]:
    """Say where churn records and contract lines disagree in what is stored."""
    paying = ContractLine.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("on")),
        account=OuterRef("account"),
        arr__gt=0,
        starts_on__lte=OuterRef("on"),
    )
    records = ChurnRecord.objects.order_by()
    return _still_paying(records.filter(Exists(paying)).count(), records.count())


def _still_paying(count: int, total: int) -> list[str]:
    if not count:
        return []
    message = ngettext(
        "%(count)s of %(total)s churn records is of a day on which the account still pays. "
        "The ledger follows the contract lines; the records are kept as they are.",
        "%(count)s of %(total)s churn records are of days on which the account still pays. "
        "The ledger follows the contract lines; the records are kept as they are.",
        count,
    )
    return [message % {"count": f"{count:,}", "total": f"{total:,}"}]
