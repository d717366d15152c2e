"""How does somebody at a terminal read retention by the time of signing?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Account, Organisation
from accounts.queries.accounts import with_owner
from common.errors import Refused
from common.filters import error_messages
from revenue.filters import CohortFilter
from revenue.models import RevenueSettings
from revenue.queries import CohortTable, cohort_table
from revenue.rules.cohorts import Measure
from revenue.rules.rates import from_cents
from revenue.rules.retention import decimal_rate


class Command(BaseCommand):
    """Print the cohorts of the whole book, or of some accounts."""

    help = "Retention by the month or quarter of signing: at the signing (100 %), then at the end of each period."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the parameters; they mean what they mean to the API."""
        parser.add_argument("--by", choices=["month", "quarter"], default="month")
        parser.add_argument("--measure", choices=["logo", "revenue"], default="logo")
        parser.add_argument("--from", metavar="DATE", help="first day of signing; its whole period counts")
        parser.add_argument("--to", metavar="DATE", help="last day of signing; its whole period counts")
        parser.add_argument("--where", metavar="NAME=VALUE", action="append", default=[], help="such as tier=elephant")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and print."""
        on = Organisation.load().day_of(timezone.now())
        asked = QueryDict(mutable=True)
        for name in ("by", "measure", "from", "to"):
            asked[name] = options[name] or ""
        for pair in options["where"]:
            name, sign, value = pair.partition("=")
            if not sign:
                raise CommandError(f"Write --where NAME=VALUE, not {pair}.")
            asked[name] = value
        chosen = CohortFilter(asked, queryset=with_owner(Account.objects.all(), on))
        if not chosen.is_valid():
            raise CommandError(" ".join(message for _name, message in error_messages(chosen)))
        how = chosen.asked
        measure = how.pop("measure")
        try:
            table = cohort_table(on, account_ids=chosen.ids, **how)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if options["format"] == "json":
            figures = table.figures(measure, RevenueSettings.load().small_cohort)
            self.stdout.write(json.dumps(figures, cls=DjangoJSONEncoder, indent=1))
        else:
            self._print(table, measure)

    def _print(self, table: CohortTable, measure: Measure) -> None:
        """One line a cohort: when, how many, what they paid, and what share was left."""
        heading = f"{'signed':<10} {'size':>6} {'opening ' + table.currency:>16}"
        total = table.total(measure)
        self.stdout.write(f"{heading}{''.join(f'{point:>7}' for point in range(len(total)))}")
        for cohort in table.cohorts:
            start = (
                f"{cohort.start:%Y-%m}"
                if table.by == "month"
                else f"{cohort.start.year}-Q{cohort.start.month // 3 + 1}"
            )
            opening = f"{from_cents(cohort.opening):,}"
            self.stdout.write(f"{start:<10} {cohort.size:>6} {opening:>16}{_line(cohort.rates(measure))}")
        opening = f"{from_cents(sum(cohort.opening for cohort in table.cohorts)):,}"
        self.stdout.write(f"{'all':<10} {table.size:>6} {opening:>16}{_line(total)}")
        self.stdout.write(f"{measure}, % of the signing, as of {table.on}")


def _line(rates: Any) -> str:
    return "".join(f"{'-' if rate is None else decimal_rate(rate * 100, 1):>7}" for rate in rates)
