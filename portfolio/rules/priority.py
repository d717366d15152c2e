"""Which account needs somebody first: how much money, how soon, how likely lost, and what to do about it?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Urgency:
    """How the days left to the end of a contract weigh: (at most so many days, weight), nearest first."""

    steps: tuple[tuple[int, Decimal], ...] = (
        (30, Decimal("1.0")),
        (90, Decimal("0.8")),
        (180, Decimal("0.5")),
    )
    far: Decimal = Decimal("0.3")


# A customer above this score is not in danger, one at 0 is all but gone (the yellow band begins here).
SAFE_SCORE = Decimal(75)
# Nothing measured is itself a reason to look, but a weak one.
UNKNOWN_CHANCE = Decimal("0.15")

# What to do about the indicator that pulls a score down most (UX.md: every recommendation has one action).
ACTIONS = {
    "login_frequency": "call",
    "feature_coverage": "training",
    "core_intensity": "call",
    "advanced_penetration": "training",
    "milestone_rate": "meeting",
    "scenario_coverage": "training",
    "nps": "call",
    "issue_resolution": "call",
    "renewal_progress": "renewal",
    "expansion_density": "business_review",
}


def chance_of_loss(score: Decimal | None) -> Decimal:
    """Turn a health score (0 to 100, or none) into a rough chance of loss, a fraction.

    Linear from 0 at the green point to 1 at a score of 0: an order for the morning, not a prediction.

    >>> chance_of_loss(Decimal(30)), chance_of_loss(Decimal(90)), chance_of_loss(None)
    (Decimal('0.6'), Decimal('0'), Decimal('0.15'))
    """
    if score is None:
        return UNKNOWN_CHANCE
    return max(SAFE_SCORE - score, Decimal(0)) / SAFE_SCORE


def urgency(days_left: int | None, steps: Urgency = Urgency()) -> Decimal:
    """Weigh the days left to the end of the contract; none known weighs like one far away.

    >>> urgency(12), urgency(90), urgency(181), urgency(None), urgency(-3)
    (Decimal('1.0'), Decimal('0.8'), Decimal('0.3'), Decimal('0.3'), Decimal('1.0'))
    """
    if days_left is None:
        return steps.far
    return next((weight for most, weight in steps.steps if days_left <= most), steps.far)


def attention(arr: Decimal, score: Decimal | None, days_left: int | None) -> Decimal:
    """Money at risk × urgency, in the currency of the ARR (UX.md §2.4).

    >>> attention(Decimal(1000), Decimal(30), 12)
    Decimal('600.00')
    """
    return round(arr * chance_of_loss(score) * urgency(days_left), 2)


def next_action(worst_indicator: str | None, days_left: int | None, *, talks_begun: bool) -> str:
    """Name the one action to offer: renewal talks when they are due, else what the weakest indicator asks for.

    >>> next_action("nps", 40, talks_begun=False), next_action("nps", 40, talks_begun=True), next_action(None, None,
    ...     talks_begun=False)
    ('renewal', 'call', 'call')
    """
    if days_left is not None and days_left <= 90 and not talks_begun:
        return "renewal"
    return ACTIONS.get(worst_indicator or "", "call")
