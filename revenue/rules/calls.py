"""Will this renewal come, and what is it then worth?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

RENEW, DOWNGRADE, CHURN = "renew", "downgrade", "churn"
OPEN = ("not_started", "in_talks", "committed")
CENT = Decimal("0.01")
# What speaks against a renewal, and for it, in points; settled facts need none.
POINTS = {
    "overdue": 2,
    "red": 2,
    "quiet": 1,
    "yellow": 1,
    "downgraded": 1,
    "lost_before": 1,
    "green": -1,
    "renewed_before": -1,
}
CHURN_POINTS, DOWNGRADE_POINTS = 3, 2
LOYAL = 2


@dataclass(frozen=True)
class CallFacts:
    """What the rule knows of an open renewal; the health band is empty where nobody has told it."""

    stage: str
    days_left: int
    is_notice_given: bool = False
    is_payment_failed: bool = False
    is_downgraded: bool = False
    renewed_before: int = 0
    lost_before: int = 0
    band: str = ""


def computed_call(facts: CallFacts, *, quiet_days: int = 90) -> tuple[str, tuple[str, ...]]:
    """The call that the facts make, and its reasons, the weightiest first.

    Notice or a failed payment means churn, a commitment means renewal. Otherwise points add up: overdue 2, health red
    2, no talks within the quiet days 1, health yellow 1, a downgrade 1, a contract lost before 1, health green −1,
    renewed twice before −1; from 3 it churns, from 2 it downgrades, below it renews. The points are ours.

    >>> computed_call(CallFacts("in_talks", 40))
    ('renew', ('on_track',))
    >>> computed_call(CallFacts("not_started", 40, is_downgraded=True))
    ('downgrade', ('downgraded', 'quiet'))
    >>> computed_call(CallFacts("not_started", 40, band="red"))
    ('churn', ('red', 'quiet'))
    >>> computed_call(CallFacts("committed", 40, band="red")), computed_call(CallFacts("in_talks", 9, True))
    (('renew', ('committed',)), ('churn', ('notice',)))
    """
    if facts.is_notice_given:
        return CHURN, ("notice",)
    if facts.is_payment_failed:
        return CHURN, ("payment_failed",)
    if facts.stage == "committed":
        return RENEW, ("committed",)
    holds = {
        "overdue": facts.days_left < 0,
        "quiet": facts.stage == "not_started" and 0 <= facts.days_left <= quiet_days,
        "downgraded": facts.is_downgraded,
        "lost_before": facts.lost_before > 0,
        "renewed_before": facts.renewed_before >= LOYAL,
        facts.band: True,
    }
    found = sorted((key for key in POINTS if holds.get(key)), key=lambda key: (-POINTS[key], key))
    points = sum(POINTS[key] for key in found)
    if points >= CHURN_POINTS:
        return CHURN, tuple(found)
    if points >= DOWNGRADE_POINTS:
        return DOWNGRADE, tuple(found)
    return RENEW, tuple(found) or ("on_track",)


def call_of_amount(amount: Decimal, arr: Decimal) -> str:
    """The call that an expected amount makes of what is due.

    >>> call_of_amount(Decimal(0), Decimal(9)), call_of_amount(Decimal(5), Decimal(9))
    ('churn', 'downgrade')
    >>> call_of_amount(Decimal(9), Decimal(9))
    'renew'
    """
    if amount >= arr:
        return RENEW
    return DOWNGRADE if amount else CHURN


def amount_of_call(call: str, arr: Decimal, share: Decimal) -> Decimal:
    """What a person's call leaves of what is due when they name no amount: all, nothing, or a usual share of it.

    >>> [amount_of_call(call, Decimal(200), Decimal("0.7")) for call in ("renew", "downgrade", "churn")]
    [Decimal('200'), Decimal('140.00'), Decimal('0')]
    """
    if call == RENEW:
        return arr
    return part_of(arr, share) if call == DOWNGRADE else Decimal(0)


def part_of(arr: Decimal, share: Decimal) -> Decimal:
    """A share of an amount, to the cent.

    >>> part_of(Decimal("99.99"), Decimal("0.5"))
    Decimal('50.00')
    """
    return (arr * share).quantize(CENT, rounding=ROUND_HALF_UP)


def outcome(stage: str, arr: Decimal, renewed: Decimal) -> str:
    """What became of a settled renewal, in the words of a call; nothing while it is open.

    >>> outcome("won", Decimal(9), Decimal(9)), outcome("won", Decimal(9), Decimal(5)), outcome("lost", Decimal(9), 0)
    ('renew', 'downgrade', 'churn')
    >>> outcome("in_talks", Decimal(9), Decimal(9))
    ''
    """
    if stage in OPEN:
        return ""
    if stage == "lost":
        return CHURN
    return RENEW if renewed >= arr else DOWNGRADE


def forecast_range(stage: str, arr: Decimal, expected: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """What a renewal adds to the forecast: low (won and committed), likely (as called), high (all that is not lost).

    >>> forecast_range("in_talks", Decimal(100), Decimal(70)), forecast_range("committed", Decimal(100), Decimal(70))
    ((Decimal('0'), Decimal('70'), Decimal('100')), (Decimal('70'), Decimal('70'), Decimal('100')))
    >>> forecast_range("won", Decimal(100), Decimal(80)), forecast_range("lost", Decimal(100), Decimal(0))
    ((Decimal('80'), Decimal('80'), Decimal('80')), (Decimal('0'), Decimal('0'), Decimal('0')))
    """
    if stage == "lost":
        return Decimal(0), Decimal(0), Decimal(0)
    if stage == "won":
        return expected, expected, expected
    return (expected if stage == "committed" else Decimal(0)), expected, arr


def share_right(right: int, calls: int) -> Decimal | None:
    """How many of the calls came true; no value without calls.

    >>> share_right(3, 4), share_right(0, 0)
    (Decimal('0.7500'), None)
    """
    return round(Decimal(right) / Decimal(calls), 4) if calls else None
