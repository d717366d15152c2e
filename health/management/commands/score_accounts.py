"""How does an operator score the book for today, for another day, or for a span of days?"""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from health import actions

BAR = 30


class Command(BaseCommand):
    """Score accounts."""

    help = "Score all accounts for a day (default today), or for every N-th day of a span, ending on its last day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which days."""
        parser.add_argument("--on", metavar="DATE", help="one day, like 2026-03-31")
        parser.add_argument("--from", dest="first", metavar="DATE", help="first day of a span")
        parser.add_argument("--to", dest="last", metavar="DATE", help="last day of a span (default today)")
        parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th day of the span")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score and say what came out."""
        at = timezone.now()
        today = Organisation.load().day_of(at)
        days = self._days(options, today)
        if len(days) == 1:
            counts = actions.score_accounts(on=days[0], at=at, told=self._bar)
            bands = ", ".join(f"{counts[band]} {band}" for band in sorted(set(counts) - {"scored", "changed"}))
            self.stdout.write(f"{days[0]}: {counts['scored']} accounts scored" + (f" ({bands})." if bands else "."))
            return
        written = actions.score_days(days=days, at=at, told=self._bar)
        self.stdout.write(f"{days[0]} to {days[-1]}: {written} scores on {len(days)} days.")

    def _days(self, options: dict[str, Any], today: dt.date) -> list[dt.date]:
        """Read the days, or say what is wrong with them."""
        try:
            if options["on"]:
                if options["first"] or options["last"]:
                    raise CommandError("Give either --on, or --from and --to.")
                return [parse_day(options["on"], "--on")]
            if not options["first"]:
                if options["last"]:
                    raise CommandError("--to needs --from.")
                return [today]
            first = parse_day(options["first"], "--from")
            last = parse_day(options["last"], "--to") if options["last"] else today
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if last < first:
            raise CommandError("--to is before --from.")
        if options["every"] < 1:
            raise CommandError("--every must be at least 1.")
        return sorted(last - dt.timedelta(days=back) for back in range(0, (last - first).days + 1, options["every"]))

    def _bar(self, done: int, total: int) -> None:
        """Draw progress where a person watches."""
        if self.stderr.isatty():
            filled = BAR * done // max(total, 1)
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'█' * filled}{'·' * (BAR - filled)}] {done}/{total}", ending=end)
            self.stderr.flush()
