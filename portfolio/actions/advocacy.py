"""How do all the apps together rank the advocates?"""

from __future__ import annotations

import datetime as dt

from advocacy import actions
from portfolio.queries.advocacy_facts import requests_by_account


def rank_advocates(*, on: dt.date) -> int:
    """Score every customer as of a day; returns how many there are."""
    return actions.rank_advocates(on=on, requests=requests_by_account(on))
