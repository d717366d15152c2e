"""How does an operator rank all requests, and read the ranking as text or JSON?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from roadmap.actions.ranking import rank_all
from roadmap.models import FeatureRequest, RequestRank
from roadmap.queries.ranking import Ranking, ranking

NUMBERS = (
    *("rank", "is_common", "asks", "accounts", "segments", "spread", "users", "validation", "validated", "blockers"),
    *("guard", "largest_share", "best_rank", "worst_rank", "arr_rank", "rice", "rice_rank", "wsjf", "wsjf_rank"),
)
AMOUNTS = ("weighted_arr", "arr", "renewing_arr")


class Command(BaseCommand):
    """Rank requests."""

    help = (
        "Work out what every account counts for, rank all open requests and store the ranks. For a day of the past it "
        "only shows how they stood, by what was known then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, and how to say it."""
        parser.add_argument("--on", metavar="DATE", help="a day, like 2026-03-31 (default today)")
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument("--limit", type=int, default=0, metavar="N", help="show only the first N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rank and say what came out."""
        today = Organisation.load().day_of(timezone.now())
        try:
            on = parse_day(options["on"], "--on") if options["on"] else today
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if on > today:
            raise CommandError("--on is in the future.")
        if options["limit"] < 0:
            raise CommandError("--limit is a number of requests.")
        rows = self._rows(on, is_past=on < today)[: options["limit"] or None]
        if options["format"] == "json":
            self.stdout.write(json.dumps({"on": on.isoformat(), "requests": rows}, indent=2, ensure_ascii=False))
            return
        self.stdout.write(f"{on}: {len(rows)} requests" + (" (of the past: not written)" if on < today else ""))
        for row in rows:
            band = "common" if row["is_common"] else ""
            self.stdout.write(
                f"{row['rank']:>5} {band:<7} {row['score']:>8} {row['accounts']:>5} customers  {row['title']}"
            )

    def _rows(self, on: Any, *, is_past: bool) -> list[dict[str, Any]]:
        if not is_past:
            rank_all(on=on)
            ranks = list(RequestRank.objects.select_related("request").order_by("rank", "request"))
            return [_as_json(rank, rank.request) for rank in ranks]
        found: Ranking = ranking(on, is_past=True)
        requests = FeatureRequest.objects.in_bulk(found.requests.request.tolist())
        rows = found.rows(range(found.requests.request.size))
        return [_as_json(row, requests[row.request_id]) for row in sorted(rows, key=lambda row: row.rank)]


def _as_json(rank: RequestRank, request: FeatureRequest) -> dict[str, Any]:
    """One request with every part of its rank; amounts as text, so that no cent is lost."""
    return {
        "id": request.pk,
        "external_id": request.external_id,
        "title": request.title,
        "state": request.state,
        "score": str(rank.score),
        **{name: getattr(rank, name) for name in NUMBERS},
        **{name: str(getattr(rank, name)) for name in AMOUNTS},
        "percentiles": rank.percentiles,
        "weights": rank.weights,
        "largest": rank.largest_id,
    }
