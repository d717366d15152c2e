"""Where are advocate scores heading?"""

from __future__ import annotations

from collections.abc import Sequence

from advocacy.models import AdvocateScore
from common.charts import Chart, sparkline

MONTHS = 12
Trend = tuple[Chart, float | None, float | None]


def trends_of(account_ids: Sequence[int]) -> dict[int, Trend]:
    """The line of the last twelve months of some customers with its first and last score, in one query."""
    months = sorted(AdvocateScore.objects.order_by("-month").values_list("month", flat=True).distinct()[:MONTHS])
    rows = AdvocateScore.objects.filter(account__in=account_ids, month__in=months).order_by("month")
    found: dict[int, dict[object, float | None]] = {}
    for account, month, score in rows.values_list("account_id", "month", "score"):
        found.setdefault(account, {})[month] = None if score is None else float(score)
    return {account: _trend([values.get(month) for month in months]) for account, values in found.items()}


def _trend(values: list[float | None]) -> Trend:
    known = [value for value in values if value is not None]
    first, last = (known[0], known[-1]) if len(known) > 1 else (None, None)
    return sparkline(values, bounds=(0, 100)), first, last
