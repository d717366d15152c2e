"""What is done for advocates in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from advocacy import actions
from common.jobs import task


@task("advocacy.withdraw_unfit", every=dt.timedelta(minutes=15))
def withdraw_unfit(account_ids: list[int] | None = None) -> dict[str, int]:
    """Withdraw advocates whose account turned red, escalated or nears its renewal, and tell whoever asked.

    Health and tickets cause it at once; a renewal draws near, and a consent runs out, by the day alone.
    """
    at = timezone.now()
    return {"withdrawn": actions.withdraw_unfit(on=Organisation.load().day_of(at), at=at, account_ids=account_ids)}
