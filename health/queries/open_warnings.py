"""Which warnings stand for an account, and which ask for a person?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count

from accounts.models import Account, User
from health.models import EarlyWarning


def warnings_of(account: Account) -> list[EarlyWarning]:
    """The warnings of an account whose cause still stands, the severest first."""
    rows = EarlyWarning.objects.unresolved().filter(account=account)
    return list(rows.select_related("account", "rule", "owner").order_by("-severity", "opened_on", "pk"))


def warnings_for(user: User, on: dt.date, *, own: bool) -> Any:
    """The warnings that ask for somebody on a day, of a person's own accounts or of all that they see."""
    rows = EarlyWarning.objects.visible_to(user).asking(on).select_related("account", "rule", "owner")
    return rows.filter(owner=user) if own else rows


def standing_by_rule(user: User) -> dict[int, int]:
    """How many warnings of each rule stand, among the accounts that a person sees."""
    rows = EarlyWarning.objects.visible_to(user).unresolved().order_by()
    return dict(rows.values_list("rule").annotate(standing=Count("pk")))
