"""How does somebody at the command line read NRR, GRR and churn of a period?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from revenue.queries import retention, retention_warnings
from revenue.queries.guards import Warnings
from revenue.rules.retention import POINT_TO_POINT, READINGS, WAY, Retention, decimal_rate
from revenue.serializers.retention import RetentionSerializer

RATES = ("nrr", "grr_revenue", "grr_logo", "logo_churn")


class Command(BaseCommand):
    """Print the retention of a period."""

    help = (
        "Print opening, movements, closing, NRR, GRR and churn of a period, of all accounts. --to is the first day "
        "that no longer counts: the year 2025 is --from 2025-01-01 --to 2026-01-01."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which period, grouped by what, counted how."""
        parser.add_argument("--from", dest="start", metavar="DATE", required=True, help="first day, like 2025-01-01")
        parser.add_argument("--to", dest="end", metavar="DATE", required=True, help="the day after the last")
        parser.add_argument("--by", metavar="DIMENSION", help="tier, region, csm, cohort, field:KEY and so on")
        parser.add_argument("--reading", metavar="NAME", default=POINT_TO_POINT, help=", ".join(READINGS))
        parser.add_argument("--format", choices=("table", "json"), default="table", help="how it is written")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and write."""
        try:
            start, end = parse_day(options["start"], "--from"), parse_day(options["end"], "--to")
            found = retention(start, end, by=options["by"], reading=options["reading"])
            warnings = retention_warnings(start, end, by=options["by"], found=found)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if options["format"] == "json":
            shown = RetentionSerializer(found, context={"warnings": warnings}).data
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))
            return
        currency = Organisation.load().reporting_currency
        self.stdout.write(f"{start} to {end} (exclusive), {options['reading']}, {currency}")
        for line in [*_table(found), *_told(warnings)]:
            self.stdout.write(line)


def _table(found: Retention) -> list[str]:
    """The segments and the total as aligned columns."""
    heads = ("", *WAY, *RATES, "quick_ratio", "accounts")
    rows = [_row(segment.label, segment.retention) for segment in found.segments]
    return _aligned([heads, *rows, _row(_("All"), found)])


def _row(label: str, found: Retention) -> Sequence[str]:
    """One line of the table."""
    amounts = (f"{getattr(found, name):.2f}" for name in WAY)
    rates = (_percent(getattr(found, name)) for name in RATES)
    quick = "—" if found.quick_ratio is None else str(decimal_rate(found.quick_ratio, 2))
    return (label, *amounts, *rates, quick, str(found.accounts))


def _percent(rate: Fraction | None) -> str:
    return "—" if rate is None else f"{decimal_rate(rate * 100, 1)} %"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _told(warnings: Warnings) -> list[str]:
    """The warnings in words."""
    masked = _("Masking: %(rate)s is %(overall)s overall, but %(part)s in %(label)s (benchmark %(mark)s).")
    turned = _("Reversal: %(rate)s went from %(before)s to %(after)s overall, and the other way in every segment.")
    return [
        masked
        % {
            "rate": one.rate,
            "overall": _percent(one.overall),
            "part": _percent(one.found.rate),
            "label": one.segment.label,
            "mark": _percent(one.found.benchmark),
        }
        for one in warnings.masking
    ] + [
        turned
        % {"rate": one.rate, "before": _percent(one.found.split.before), "after": _percent(one.found.split.after)}
        for one in warnings.reversal
    ]
