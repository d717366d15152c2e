"""What does the scorecard that comes with Mainstay say, and why?

Weights: a customer leaves by using less first, so adoption weighs 40. The other three groups weigh 20 each: outcomes
(was the value reached that was bought?), voice (what do they say?), commercial (what do they sign?). Within adoption
the breadth of logins counts most because it is known for nearly everybody; in commercial the renewal counts twice the
expansion, for most healthy customers do not buy more in every year.

Points: red is where published practice speaks of a customer in danger, green where nothing is left to gain. Logins: 3
and 18 of 30 days (a working month has 21). An NPS of one lukewarm answer (0) reads 50. Shelf lives: what a window
counts has no age of its own, so a feed of usage that gave nothing for anybody during a whole window expires it.
"""

from __future__ import annotations

from typing import Any

# Stages of a renewal as progress from 0 to 1, and the progress expected so many days before the end.
RENEWAL_STAGE_PROGRESS = {"not_started": 0, "in_talks": 0.5, "committed": 0.8, "won": 1, "lost": 0}
RENEWAL_EXPECTED: list[list[float]] = [[180, 0], [120, 0.25], [90, 0.5], [60, 0.65], [30, 0.8], [0, 1]]

DEFAULT_DEFINITION: dict[str, Any] = {
    "groups": [
        {
            "key": "adoption",
            "name": "Adoption",
            "indicators": [
                {"key": "login_frequency", "weight": 12, "red": 0.1, "green": 0.6, "days": 30, "shelf_days": 30},
                {"key": "feature_coverage", "weight": 10, "red": 0.1, "green": 0.6, "days": 30, "shelf_days": 30},
                {"key": "core_intensity", "weight": 10, "red": 0.5, "green": 5, "days": 30, "shelf_days": 30},
                {"key": "advanced_penetration", "weight": 8, "red": 0.05, "green": 0.4, "days": 30, "shelf_days": 30},
            ],
        },
        {
            "key": "outcomes",
            "name": "Outcomes",
            "indicators": [
                {"key": "milestone_rate", "weight": 12, "red": 0.4, "green": 1},
                {
                    "key": "scenario_coverage",
                    "weight": 8,
                    "red": 0.2,
                    "green": 0.8,
                    "days": 30,
                    "shelf_days": 30,
                    "params": {"needs": "all"},
                },
            ],
        },
        {
            "key": "voice",
            "name": "Voice",
            "indicators": [
                {"key": "nps", "weight": 10, "red": -50, "green": 50, "days": 180, "shelf_days": 180},
                {"key": "issue_resolution", "weight": 10, "red": 0.5, "green": 0.95, "days": 90},
            ],
        },
        {
            "key": "commercial",
            "name": "Commercial",
            "indicators": [
                {
                    "key": "renewal_progress",
                    "weight": 14,
                    "red": 0,
                    "green": 1,
                    "days": 180,
                    "params": {
                        "expected": RENEWAL_EXPECTED,
                        "progress": RENEWAL_STAGE_PROGRESS,
                    },
                },
                {"key": "expansion_density", "weight": 6, "red": 0, "green": 1, "days": 365},
            ],
        },
    ],
    "coverage_floor": 0.6,
    "bands": {"green": 75, "yellow": 50},
    "hysteresis": {"points": 3, "readings": 2},
    "grace_days": 30,
    "knock_outs": [],
}
