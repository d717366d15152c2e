"""Does the demo book hold what the pages are there to find?"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from portfolio.demo.story import Story, months_before, tell
from revenue.rules.guards import Part, reversal

ON = dt.date(2026, 11, 23)


def kept_by_tier(stories: list[Story], start: dt.date, end: dt.date) -> dict[str, Part]:
    """Customers of each tier the day before a period starts, and those of them still there at its end."""
    there = [story for story in stories if story.pays_on(start - dt.timedelta(days=1))]
    base = Counter(story.tier for story in there)
    kept = Counter(story.tier for story in there if story.pays_on(end - dt.timedelta(days=1)))
    return {tier: Part(count, kept[tier]) for tier, count in base.items()}


def test_retention_rises_in_every_tier_and_falls_overall_for_small_customers_came_in_droves() -> None:
    names: dict[str, int] = {}
    stories = [tell(number, seed=7, months=months_before(ON, 24), on=ON, names=names) for number in range(200)]
    years = [ON.replace(year=ON.year - back) for back in (2, 1, 0)]
    found = reversal(kept_by_tier(stories, *years[:2]), kept_by_tier(stories, *years[1:]))
    assert found is not None
    assert not found.rose
    assert (len(found.compared), found.cause.segment) == (3, "rabbit")
