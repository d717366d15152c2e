"""Is a promise to a customer overdue?"""

import datetime as dt

OPEN = "open"
SETTLED = ("kept", "broken", "renegotiated")


def is_overdue(state: str, due_on: dt.date | None, on: dt.date) -> bool:
    """Say whether an open promise is past its day; on the day itself it is still in time.

    >>> day = dt.date(2026, 11, 23)
    >>> is_overdue("open", dt.date(2026, 11, 22), day), is_overdue("open", day, day), is_overdue("kept", day, day)
    (True, False, False)
    """
    return state == OPEN and due_on is not None and due_on < on
