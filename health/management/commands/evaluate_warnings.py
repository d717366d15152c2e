"""How does an operator bring the warnings up to a day, or see of whom a past day would have warned?"""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from health import actions

COLUMNS = ("warned", "opened", "reopened", "closed", "woken", "held")


class Command(BaseCommand):
    """Evaluate the rules that warn."""

    help = (
        "Evaluate all warning rules in use for a day (default today). For a day before the last evaluation it only "
        "counts of whom each rule would have warned."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, and how to say it."""
        parser.add_argument("--on", metavar="DATE", help="a day, like 2026-03-31")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate and say what came out."""
        at = timezone.now()
        today = Organisation.load().day_of(at)
        on = self._day(options["on"], today)
        outcomes = actions.evaluate_warnings(on=on, at=at)
        if options["format"] == "json":
            self.stdout.write(json.dumps({"on": on.isoformat(), "rules": [asdict(one) for one in outcomes]}, indent=2))
            return
        self.stdout.write(f"{on}")
        self.stdout.write(f"{'rule':<24}" + "".join(f"{name:>10}" for name in COLUMNS))
        for one in outcomes:
            note = "" if one.is_written else "  (evaluated for a later day already: not written)"
            self.stdout.write(f"{one.rule:<24}" + "".join(f"{getattr(one, name):>10}" for name in COLUMNS) + note)

    def _day(self, text: str | None, today: dt.date) -> dt.date:
        """Read the day, or say what is wrong with it."""
        if not text:
            return today
        try:
            on = parse_day(text, "--on")
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if on > today:
            raise CommandError("--on is in the future.")
        return on
