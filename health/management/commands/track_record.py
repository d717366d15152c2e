"""How does an operator read, as text or JSON, whether score, warnings and model were right?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from health.queries.track_record import Judged, track_record


class Command(BaseCommand):
    """Judge the past."""

    help = "Judge score, warnings, model and prior by what came, 30, 60, 90 and 180 days ahead. Writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, and how to answer."""
        parser.add_argument("--on", metavar="DATE", help="judge by what had come by a day (default today)")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="how to answer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge and say it."""
        try:
            today = Organisation.load().day_of(timezone.now())
            on = parse_day(options["on"], "--on") if options["on"] else today
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        lines = track_record(on)
        if options["format"] == "json":
            self.stdout.write(json.dumps({"on": str(on), "records": [_as_json(line) for line in lines]}, indent=2))
            return
        for line in lines:
            self.stdout.write(_in_words(line))


def _as_json(line: Judged) -> dict[str, Any]:
    first, last = line.days or (None, None)
    return {
        "subject": line.subject, "key": line.key, "horizon_days": line.horizon, "first_on": first and str(first),
        "last_on": last and str(last), "rows": line.rows, "events": line.events, "verdict": line.verdict,
        **line.measures,
    }  # fmt: skip


def _in_words(line: Judged) -> str:
    name = f"{line.subject} {line.key}".strip()
    said = f"{name}, {line.horizon} days ahead: {line.verdict}, {line.events} of {line.rows} left"
    area = line.measures.get("auc")
    if area:
        said += f", ROC AUC {area[0]:.2f} ({area[1]:.2f} to {area[2]:.2f})"
    if line.measures.get("precision") is not None:
        said += f", precision {line.measures['precision']:.2f}, recall {line.measures['recall'] or 0:.2f}"
    return said
