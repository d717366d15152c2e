"""What is decided about requests by numbers, dates and words alone?"""

from roadmap.rules.board import column_of, quarter_after, quarter_name, quarter_of
from roadmap.rules.duplicates import (
    LIKELY,
    SHOWN,
    WORTH_SHOWING,
    Index,
    Shelf,
    build_index,
    most_alike,
    pairs_alike,
    shared_words,
)
from roadmap.rules.gaps import REASONS, RENEWAL_DAYS, at_risk_by_request, at_risk_in_all, lost_once
from roadmap.rules.loop import (
    LOOKS,
    TOLD_WITHIN,
    answer_due_on,
    days_late,
    is_told_in_time,
    told_rate,
    use_verdict,
    used_within,
)

__all__ = [
    "LIKELY",
    "LOOKS",
    "REASONS",
    "RENEWAL_DAYS",
    "SHOWN",
    "TOLD_WITHIN",
    "WORTH_SHOWING",
    "Index",
    "Shelf",
    "answer_due_on",
    "at_risk_by_request",
    "at_risk_in_all",
    "build_index",
    "column_of",
    "days_late",
    "is_told_in_time",
    "lost_once",
    "most_alike",
    "pairs_alike",
    "quarter_after",
    "quarter_name",
    "quarter_of",
    "shared_words",
    "told_rate",
    "use_verdict",
    "used_within",
]
