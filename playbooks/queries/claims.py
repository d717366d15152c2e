"""Of which accounts is a claim true: an entry rule, an exit rule, a goal?

Claims are judged by the measures that early warnings know, on whole columns; what is not known of an account is not
true of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np

from accounts.models import Account, Organisation
from health.models import WarningRule
from health.queries.indicators.book import Book, Catalogue
from health.queries.scorecards import condition_of
from health.queries.warnings import CHUNK, judge_rule
from playbooks.rules.definition import Claim


def meeting(claim: Claim, account_ids: Collection[int], on: dt.date) -> set[int]:
    """Those accounts of which a claim is true on a day; an empty claim says nothing and so is true of all."""
    if not claim:
        return set(account_ids)
    ids = np.unique(np.fromiter(account_ids, dtype=np.int64, count=len(account_ids)))
    book = Book(on=on, zone=Organisation.load().zone, catalogue=Catalogue.load())
    found: set[int] = set()
    for begin in range(0, len(ids), CHUNK):
        part = book.of(ids[begin : begin + CHUNK])
        found.update(_in_part(claim, part))
    return found


def _in_part(claim: Claim, part: Book) -> set[int]:
    if claim.tests is None:
        rows = part.only(Account.objects.filter(condition_of(claim.conditions, part.on)), "pk").order_by()
        return set(rows.values_list("pk", flat=True)) & set(part.ids.tolist())
    rule = WarningRule(key="claim", definition={"match": "all", **claim.body})
    return set(part.ids[judge_rule(part, rule).fires].tolist())
