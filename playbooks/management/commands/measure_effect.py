"""How does an operator measure the effect of playbooks without waiting for the night?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from playbooks.actions.effect import measure_effect
from playbooks.queries.effect import effect_rows


class Command(BaseCommand):
    """Measure the effect of playbooks."""

    help = "Set customers alike beside those for whom a playbook started, read what came, and write what it says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For which day."""
        parser.add_argument("--on", metavar="DATE", help="as of a day (default today)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and say it."""
        try:
            today = Organisation.load().day_of(timezone.now())
            on = parse_day(options["on"], "--on") if options["on"] else today
            done = measure_effect(on=on)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{done['observed']} observed, {done['read']} read, {done['written']} written as of {on}")
        for row in effect_rows(on):
            for line in row.lines.values():
                said = line.estimate.get_verdict_display()
                numbers = f"{line.effect_text} ({line.range_text})" if line.range_text else ""
                name = f"{row.record.playbook}, {line.estimate.measure}"
                self.stdout.write(f"{name}: {said}, {line.estimate.pairs} pairs {numbers}".rstrip())
