"""What is done for advocates in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from advocacy import actions
from advocacy.actions.case_studies import follow_case_studies
from advocacy.actions.referrals import follow_referrals
from common.jobs import task


@task("advocacy.withdraw_unfit", every=dt.timedelta(minutes=15))
def withdraw_unfit(account_ids: list[int] | None = None) -> dict[str, int]:
    """Withdraw advocates whose account turned red, escalated or nears its renewal, and tell whoever asked.

    Health and tickets cause it at once; a renewal draws near, and a consent runs out, by the day alone.
    """
    at = timezone.now()
    return {"withdrawn": actions.withdraw_unfit(on=Organisation.load().day_of(at), at=at, account_ids=account_ids)}


@task("advocacy.follow_growth", daily_at="03:10")
def follow_growth() -> dict[str, int]:
    """Take case studies off their pages whose day or consent has ended, and move referrals on to where facts stand.

    The public page asks for both itself, so what ended is gone from it before this runs.
    """
    at = timezone.now()
    on = Organisation.load().day_of(at)
    return {"case_studies": follow_case_studies(on=on, at=at), "referrals": follow_referrals(on=on, at=at)}
