"""How is an account shown to somebody who would not see it otherwise?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import Account, AccountShare, Team, User
from common.errors import Refused


@transaction.atomic
def share_account(
    *, account: Account, by: User, at: dt.datetime, user: User | None = None, team: Team | None = None
) -> AccountShare:
    """Show an account to one person or one team; shared twice it stays one share."""
    if (user is None) == (team is None):
        raise Refused(_("Choose one person or one team."), field="user")
    share, is_new = AccountShare.objects.get_or_create(
        account=account, user=user, team=team, defaults={"shared_by": by, "shared_at": at}
    )
    if is_new:
        changes = {"user": share.user_id, "team": share.team_id}
        leave_audit("account.shared", account, by=by, at=at, changes=changes)
    return share


@transaction.atomic
def end_share(*, share: AccountShare, by: User, at: dt.datetime) -> None:
    """Stop showing an account to somebody."""
    changes = {"user": share.user_id, "team": share.team_id}
    leave_audit("account.unshared", share.account, by=by, at=at, changes=changes)
    share.delete()
