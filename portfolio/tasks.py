"""What do the screens have done in the background?"""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import task
from portfolio import actions


@task("portfolio.refresh_rows")
def refresh_rows(account_ids: list[int] | None = None) -> dict[str, int]:
    """Have the account list catch up with the facts."""
    on = Organisation.load().day_of(timezone.now())
    return {"rows": actions.refresh_rows(on=on, account_ids=account_ids)}
