"""How does an operator have playbooks started for a day, or see for whom they would start and why not for others?"""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Account, Organisation
from common.errors import Refused
from common.periods import parse_day
from playbooks import actions
from playbooks.models import Playbook
from playbooks.queries.judging import dry_run
from playbooks.queries.reasons import reason_of


class Command(BaseCommand):
    """Judge the causes of a day, and start what is to start."""

    help = (
        "Start the playbooks that a cause of a day (default today) starts. With --dry-run nothing is written: it lists "
        "each account with a cause, and what would become of it. A day before the last evaluation is only counted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, which playbook, and whether in earnest."""
        parser.add_argument("--on", metavar="DATE", help="a day, like 2026-03-31")
        parser.add_argument("--playbook", metavar="KEY", help="one playbook; with --dry-run also one that is off")
        parser.add_argument("--dry-run", action="store_true", help="say who would enter today and why, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate and say what came out."""
        at = timezone.now()
        on = self._day(options["on"], Organisation.load().day_of(at))
        chosen = self._playbook(options["playbook"])
        self.stdout.write(f"{on}")
        if options["dry_run"]:
            self._dry_run(on, chosen)
            return
        followed = actions.follow_runs(on=on, at=at)
        self.stdout.write("runs: " + self._counted(followed))
        for one in actions.evaluate_triggers(on=on, at=at, playbook=chosen):
            note = "" if one.is_written else "  (evaluated for a later day already: not written)"
            self.stdout.write(f"{one.playbook}: {self._counted(one.counts)}{note}")

    def _dry_run(self, on: dt.date, chosen: Playbook | None) -> None:
        rows = Playbook.objects.filter(is_archived=False).order_by("position", "pk")
        for playbook in [chosen] if chosen else rows.filter(is_enabled=True):
            version = playbook.versions.select_related("playbook").order_by("-number").first()
            if version is None:
                continue
            run = dry_run(version, on)
            names = Account.objects.only("external_id", "name").in_bulk([one.cause.account_id for one in run.judged])
            self.stdout.write(f"{playbook.key}: {self._counted(Counter(one.verdict for one in run.judged))}")
            for one in run.judged:
                account = names[one.cause.account_id]
                self.stdout.write(f"  {account.external_id}  {account.name}: {reason_of(one)}  [{one.cause.key}]")

    @staticmethod
    def _counted(counts: Any) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count) or "nothing"

    def _playbook(self, key: str | None) -> Playbook | None:
        if not key:
            return None
        found = Playbook.objects.filter(key=key).first()
        if found is None:
            raise CommandError(f"There is no playbook “{key}”.")
        return found

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
