"""Can this event be accepted, and if not, why?"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

# A clock that runs a little ahead is forgiven.
AHEAD = dt.timedelta(minutes=10)
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LONGEST = 128
LARGEST = 2**31 - 1
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """One product event as it was sent: account and feature by their external ids, the instant with its zone."""

    message_id: str
    account: str
    feature: str
    at: dt.datetime
    person: str = ""
    quantity: int = 1


def fault_of(event: Event, at: dt.datetime) -> str | None:
    """Name what is wrong with an event by itself; None if nothing is.

    >>> noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    >>> fault_of(Event("1", "acme", "export", noon), noon), fault_of(Event("", "acme", "export", noon), noon)
    (None, 'bad_id')
    >>> fault_of(Event("1", "acme", "export", noon + dt.timedelta(minutes=11)), noon)
    'in_future'
    """
    if not 1 <= len(event.message_id) <= LONGEST:
        return "bad_id"
    if not 1 <= len(event.account) <= LONGEST:
        return "bad_account"
    if len(event.person) > LONGEST:
        return "bad_person"
    if UNSTORABLE.search(f"{event.message_id}{event.account}{event.person}"):
        return "unstorable"
    if not 1 <= event.quantity <= LARGEST:
        return "bad_quantity"
    if event.at.tzinfo is None:
        return "no_offset"
    if event.at > at + AHEAD:
        return "in_future"
    return "too_old" if event.at < EARLIEST else None
