"""How does an operator rank the advocates, and read the ranking as text or JSON?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from advocacy.models import AdvocateRow, AdvocateScore
from common.errors import Refused
from common.periods import parse_day
from portfolio.actions import rank_advocates


class Command(BaseCommand):
    """Rank the advocates."""

    help = "Score all customers as advocates, store it as of the day, and answer with the ranking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, how many, and how to answer."""
        parser.add_argument("--on", metavar="DATE", help="as of a day (default today)")
        parser.add_argument("--limit", type=int, default=0, help="how many customers to name (default all)")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="how to answer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rank and say it."""
        try:
            on = parse_day(options["on"], "--on") if options["on"] else Organisation.load().day_of(timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        count = rank_advocates(on=on)
        rows = AdvocateScore.objects.filter(month=on.replace(day=1)).select_related("account").order_by("rank", "pk")
        if options["limit"] > 0:
            rows = rows[: options["limit"]]
        if options["format"] == "json":
            self._say_json(str(on), count, rows)
            return
        self.stdout.write(f"{count} customers as of {on}")
        for row in rows:
            self.stdout.write(_in_words(row))

    def _say_json(self, on: str, count: int, rows: Iterable[AdvocateScore]) -> None:
        never = AdvocateRow.objects.filter(is_promoter=True, never_asked=True).order_by("unscored", "-score", "pk")
        said = {
            "on": on,
            "customers": count,
            "ranking": [_as_json(row) for row in rows],
            "never_asked": [
                {"contact": row.pk, "name": row.name, "account": row.account_name, "excluded_for": row.limits}
                for row in never
            ],
        }
        self.stdout.write(json.dumps(said, indent=2, ensure_ascii=False))


def _as_json(row: AdvocateScore) -> dict[str, Any]:
    def points(value: Any) -> float | None:
        return None if value is None else float(value)

    return {
        "rank": row.rank,
        "account": row.account.external_id,
        "name": row.account.name,
        "score": points(row.score),
        "spread": {"points": points(row.spread), "referred": row.referred, "mentions": row.mentions},
        "dependence": {
            "points": points(row.dependence), "core_days": row.core_days, "integrations": row.integrations,
        },
        "feedback": {
            "points": points(row.feedback), "requests": row.requests, "adopted": row.adopted, "answers": row.answers,
        },
        "promoters": row.promoters,
        "never_asked": row.never_asked,
        "criteria": {
            "login": row.meets_login, "modules": row.meets_modules, "result": row.meets_result,
            "expansion": row.meets_expansion,
        },
        "excluded_for": row.limits,
    }  # fmt: skip


def _in_words(row: AdvocateScore) -> str:
    score = "–" if row.score is None else f"{row.score:.1f}"
    said = f"{row.rank:>5}  {score:>5}  {row.account.external_id:<12} {row.account.name}"
    parts = f"referred {row.referred}, mentions {row.mentions}; core days {row.core_days}, integrations "
    parts += f"{row.integrations}; adopted {row.adopted} of {row.requests}, answers {row.answers}"
    return f"{said} ({parts})" + (f"  not now: {', '.join(row.limits)}" if row.excluded else "")
