"""How are many accounts changed at once: a few statements, whatever their number?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actions.accounts import tags_named
from accounts.actions.traces import judge_triggers, leave_audit, rescore_all
from accounts.models import Account, Tag, TimelineEntry, User
from common.errors import Refused


@transaction.atomic
def tag_accounts(*, accounts: Sequence[Account], name: str, by: User, at: dt.datetime) -> int:
    """Put one tag on accounts; answers how many did not have it."""
    named = tags_named([name])
    if not named:
        raise Refused(_("Name the tag."), field="tag")
    tag = named[0]
    had = set(tag.accounts.filter(pk__in=[account.pk for account in accounts]).values_list("pk", flat=True))
    new = [account.pk for account in accounts if account.pk not in had]
    tag.accounts.add(*new)
    if new:
        leave_audit("accounts.tagged", tag, by=by, at=at, changes={"accounts": new})
        rescore_all(new)
    return len(new)


@transaction.atomic
def untag_accounts(*, accounts: Sequence[Account], name: str, by: User, at: dt.datetime) -> list[int]:
    """Take one tag off accounts; answers which of them had it."""
    tag = Tag.objects.filter(name__iexact=name).first()
    if tag is None:
        return []
    had = sorted(tag.accounts.filter(pk__in=[account.pk for account in accounts]).values_list("pk", flat=True))
    tag.accounts.remove(*had)
    if had:
        leave_audit("accounts.untagged", tag, by=by, at=at, changes={"accounts": had})
        rescore_all(had)
    return had


@transaction.atomic
def set_stage_of_accounts(*, accounts: Sequence[Account], stage: str, by: User, at: dt.datetime) -> int:
    """Move accounts to another lifecycle stage; answers how many were elsewhere."""
    if stage not in Account.Stage.values:
        raise Refused(_("Choose a stage."), field="stage")
    ids = [account.pk for account in accounts]
    moving = list(Account.objects.select_for_update().filter(pk__in=ids).exclude(stage=stage).only("pk", "stage"))
    title = Account.Stage(stage).label
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account=account,
                kind=TimelineEntry.Kind.STAGE,
                title=_("Stage: %(old)s → %(new)s") % {"old": account.get_stage_display(), "new": title},
                author=by,
                at=at,
                details={"old": account.stage, "new": stage},
            )
            for account in moving
        ]
    )
    moved = [account.pk for account in moving]
    Account.objects.filter(pk__in=moved).update(stage=stage, version=F("version") + 1, updated_at=at)
    if moving:
        first = moving[0]
        leave_audit("accounts.stage_set", first, by=by, at=at, changes={"stage": [None, stage], "accounts": moved})
        rescore_all(moved)
        judge_triggers()
    return len(moved)
