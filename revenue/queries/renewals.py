"""When does each contract end?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import Organisation
from revenue.queries.ledger import read_lines
from revenue.rules.movements import OPEN, day_of
from revenue.rules.renewals import Chains, chains_of


def chains(account_ids: Iterable[int] | None = None) -> Chains:
    """The spans in which accounts pay without a pause."""
    lines = read_lines(None if account_ids is None else list(account_ids))
    return chains_of(lines, Organisation.load().renewal_gap_days)


def next_renewal(on: dt.date, account_ids: Iterable[int] | None = None) -> dict[int, dt.date]:
    """The end of what each account pays for on a day, with what is signed already; open-ended ones are left out."""
    accounts, ends = chains(account_ids).current(on)
    return {int(account): day_of(end) for account, end in zip(accounts, ends, strict=True) if end < OPEN}
