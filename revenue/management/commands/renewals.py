"""Which contracts end in a period, what is expected of them, and what came?"""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import add_months, month_start, parse_day
from revenue.models import Renewal
from revenue.queries import renewal_summary
from revenue.serializers.renewals import RenewalSummarySerializer

COLUMNS = (
    *("account", "name", "due_on", "stage", "arr", "computed_call", "csm_call", "final_call", "expected_arr"),
    "reasons",
)


class Command(BaseCommand):
    """List the renewals of a period with their calls, and add them up."""

    help = "Renewals due in a period (default: this quarter, end not included): calls, renewal rate, forecast."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which days, and in which form."""
        parser.add_argument("--from", dest="start", metavar="DATE", help="first day, like 2026-01-01")
        parser.add_argument("--to", dest="end", metavar="DATE", help="the day after the last")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and write as asked."""
        on = Organisation.load().day_of(timezone.now())
        start, end = self._period(options, on)
        rows = Renewal.objects.due_between(start, end)
        listed = [self._row(renewal) for renewal in rows.select_related("account").order_by("due_on", "pk")]
        summary = dict(RenewalSummarySerializer(renewal_summary(rows, on)).data)
        if options["format"] == "json":
            known = {"from": str(start), "to": str(end), "as_of": str(on), **summary, "renewals": listed}
            self.stdout.write(json.dumps(known, ensure_ascii=False, indent=2))
            return
        self._table(listed, summary)

    def _period(self, options: dict[str, Any], on: dt.date) -> tuple[dt.date, dt.date]:
        """Read the period, or say what is wrong with it."""
        quarter = month_start(on).replace(month=(on.month - 1) // 3 * 3 + 1)
        try:
            start = parse_day(options["start"], "--from") if options["start"] else quarter
            end = parse_day(options["end"], "--to") if options["end"] else add_months(start, 3)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if end <= start:
            raise CommandError("--to must be after --from.")
        return start, end

    def _row(self, renewal: Renewal) -> dict[str, Any]:
        """One renewal in plain values."""
        return {
            "account": renewal.account.external_id,
            "name": renewal.account.name,
            "due_on": str(renewal.due_on),
            "stage": renewal.stage,
            "arr": f"{renewal.arr:.2f}",
            "computed_call": renewal.computed_call or None,
            "csm_call": renewal.csm_call or None,
            "final_call": renewal.final_call or None,
            "expected_arr": f"{renewal.expected_arr:.2f}",
            "reasons": list(renewal.reasons),
        }

    def _table(self, listed: list[dict[str, Any]], summary: dict[str, Any]) -> None:
        """Write columns for a person."""
        texts = [[_text(row[name]) for name in COLUMNS] for row in listed]
        widths = [max(len(name), *(len(text[at]) for text in texts), 0) for at, name in enumerate(COLUMNS)]
        for line in ([*COLUMNS], *texts):
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        self.stdout.write("")
        for name, value in summary.items():
            self.stdout.write(f"{name}: {_text(value)}")


def _text(value: Any) -> str:
    """A value as a cell of a table."""
    if value is None:
        return "–"
    return ", ".join(value) if isinstance(value, list) else str(value)
