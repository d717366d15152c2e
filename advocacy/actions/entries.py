"""What do referrals, sessions and case studies leave on a customer's timeline?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Account, TimelineEntry, User
from advocacy.models import Referral
from advocacy.models.entries import ENTRY_WORDS


def advocacy_entry(
    account_id: int, event: str, *, by: User | None, at: dt.datetime, body: str = "", **words: Any
) -> TimelineEntry:
    """Make an entry that reads in the language of whoever reads it; the caller saves it, alone or with others."""
    said = words | {"state": str(dict(Referral.State.choices).get(words.get("state", ""), ""))}
    return TimelineEntry(
        account_id=account_id,
        kind=TimelineEntry.Kind.ADVOCACY,
        title=(str(ENTRY_WORDS[event]) % said)[:200],
        body=body,
        author=by,
        at=at,
        details={"event": event, **words},
    )


def tell(account: Account, event: str, *, by: User | None, at: dt.datetime, body: str = "", **words: Any) -> None:
    """Write one such entry."""
    advocacy_entry(account.pk, event, by=by, at=at, body=body, **words).save()
