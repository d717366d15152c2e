"""What stands at the top of every page of an account?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account, Organisation, User
from accounts.queries.accounts import owner_of
from accounts.rules.roles import Capability


@dataclass(frozen=True)
class AccountHead:
    """An account in one glance; what is not known, or not for this person to see, is None."""

    account: Account
    stage: str
    tier: str
    owner: User | None
    may_edit: bool
    may_assign: bool
    parent: Account | None = None
    arr: Decimal | None = None
    currency: str = ""
    renewal_on: dt.date | None = None
    score: Decimal | None = None
    band: str = "unknown"


def account_head(account: Account, user: User, on: dt.date) -> AccountHead:
    """Read the head of an account for a person on a day."""
    labels = Organisation.load().tier_labels()
    parent = Account.objects.visible_to(user).filter(pk=account.parent_id).first() if account.parent_id else None
    return AccountHead(
        account=account,
        stage=account.get_stage_display(),
        tier=labels.get(account.tier, account.get_tier_display()),
        owner=owner_of(account, on),
        may_edit=user.can(Capability.EDIT_ACCOUNTS),
        may_assign=user.can(Capability.ASSIGN_OWNERS),
        parent=parent,
        currency=account.currency,
    )
