"""Which ready-made log entries are there, and when is each followed up?"""

import datetime as dt
from dataclasses import dataclass

FOLLOW_UP_DAYS = 7


@dataclass(frozen=True)
class LogTemplate:
    """One ready-made entry; its words are with the form."""

    key: str
    kind: str
    follow_up_days: int = FOLLOW_UP_DAYS


LOG_TEMPLATES = {
    template.key: template
    for template in (
        LogTemplate("check_in", "call"),
        LogTemplate("kick_off", "meeting"),
        LogTemplate("qbr", "business_review"),
        LogTemplate("training", "training"),
        LogTemplate("escalation", "call"),
        LogTemplate("exec_call", "call"),
    )
}


def follow_up_on(template: str, on: dt.date) -> dt.date | None:
    """Say when an entry made from a template is followed up; without a template there is no day.

    >>> follow_up_on("check_in", dt.date(2026, 11, 23)), follow_up_on("", dt.date(2026, 11, 23))
    (datetime.date(2026, 11, 30), None)
    """
    known = LOG_TEMPLATES.get(template)
    return on + dt.timedelta(days=known.follow_up_days) if known else None
