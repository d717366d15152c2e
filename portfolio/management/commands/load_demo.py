"""How does somebody fill an empty installation with a believable book?"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Account, Organisation
from portfolio.demo.derive import derive_all
from portfolio.demo.load import Plan, load_facts
from portfolio.demo.playbook_effect import plant


class Command(BaseCommand):
    """Load the demo book: the same seed, size and day give the same book."""

    help = "Load a believable demo book into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the size, length, seed and last day of the book."""
        parser.add_argument("--accounts", type=int, default=200)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--on",
            type=dt.date.fromisoformat,
            help="last day of the book (default: today)",
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing when there are accounts already",
        )
        parser.add_argument(
            "--without-usage",
            action="store_true",
            help="leave product events out, for a large book",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the facts, then everything that follows from them."""
        if Account.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There are accounts already. Load the demo book into an empty database.")
        if options["accounts"] < 1 or options["months"] < 1:
            raise CommandError("Give at least one account and one month.")
        started = time.monotonic()
        at = timezone.now()
        on = options["on"] or Organisation.load().day_of(at)
        if on < at.date():
            at = dt.datetime.combine(on, dt.time(18), tzinfo=dt.UTC)
        plan = Plan(
            accounts=options["accounts"],
            months=options["months"],
            seed=options["seed"],
            on=on,
            at=at,
            with_usage=not options["without_usage"],
        )
        load_facts(plan, progress=self._say, plant=plant)
        derive_all(plan, progress=self._say)
        self.stdout.write(
            f"Loaded {plan.accounts:,} accounts over {plan.months} months in {time.monotonic() - started:.0f} s."
        )

    def _say(self, what: str, done: int, total: int) -> None:
        if self.stdout.isatty() or done == total:
            self.stdout.write(f"  {what}: {done:,} of {total:,}")
