"""Why is an account recommended, when does a recommendation come back, and when is a kind of them mostly wrong?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

# Renewal talks that should have begun; an indicator that pulls the score down; an end of contract that is near; money
# that may be lost for no reason that was measured.
RENEWAL_TALKS, LOW, NEAR_END, AT_RISK = "renewal_talks", "low:", "near_end", "at_risk"
NEAR_DAYS = 180


def rule_of(worst_indicator: str | None, days_left: int | None, action: str) -> str:
    """Name the rule by which an account is recommended: the cause that its one action follows from.

    >>> rule_of("nps", 40, "renewal"), rule_of("nps", 40, "call")
    ('renewal_talks', 'low:nps')
    >>> rule_of(None, 40, "call"), rule_of(None, None, "call")
    ('near_end', 'at_risk')
    """
    if action == "renewal":
        return RENEWAL_TALKS
    if worst_indicator:
        return f"{LOW}{worst_indicator}"
    return NEAR_END if days_left is not None and days_left <= NEAR_DAYS else AT_RISK


def held_back_until(answer: str, answered_on: dt.date, days: Mapping[str, int]) -> dt.date:
    """Say from which day on a recommendation may stand there again after an answer.

    >>> held_back_until("wrong", dt.date(2026, 11, 30), {"wrong": 14})
    datetime.date(2026, 12, 14)
    >>> held_back_until("", dt.date(2026, 11, 30), {"wrong": 14})
    datetime.date(2026, 11, 30)
    """
    return answered_on + dt.timedelta(days=days.get(answer, 0))


def is_mostly_wrong(wrong: int, shown: int, *, share: int, least: int) -> bool:
    """Say whether a rule is to be switched off: more than a share of what it showed was called wrong, of enough.

    >>> is_mostly_wrong(19, 30, share=60, least=30), is_mostly_wrong(18, 30, share=60, least=30)
    (True, False)
    >>> is_mostly_wrong(29, 29, share=60, least=30)
    False
    """
    return shown >= least and wrong * 100 > shown * share
