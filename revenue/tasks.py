"""Which work on revenue is done in the background?"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import asdict

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from common.errors import Refused
from common.jobs import task
from revenue import actions
from revenue.actions import reminders
from revenue.queries import MONTHS_KEPT, RateMissing, ledger_bounds

log = logging.getLogger(__name__)


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


@task("revenue.derive_movements", atomic=False, lease=600)
def derive_movements(account_ids: list[int] | None = None) -> dict[str, int]:
    """Bring the movements in line with the contract lines."""
    return asdict(actions.derive_movements(account_ids=account_ids))


@task("revenue.sync_renewals", atomic=False, lease=600, daily_at="00:20")
def sync_renewals() -> dict[str, int]:
    """Open the renewals of the contracts in force and settle those that have passed."""
    on = _today()
    synced = asdict(actions.sync_renewals(on=on, at=timezone.now()))
    return synced | {"remembered": actions.remember_renewals(on=on)}


@task("revenue.remind", daily_at="05:10")
def remind() -> dict[str, int]:
    """Tell owners of risks that are due for an update, and managers of renewals that wait for their call."""
    at = timezone.now()
    return {
        "risks": reminders.remind_of_risks(on=_today(), at=at),
        "renewals": reminders.tell_of_disagreements(at=at),
    }


@task("revenue.call_renewals", atomic=False, lease=600)
def call_renewals() -> dict[str, int]:
    """Compute calls and forecasts anew, after their terms have changed."""
    return {"changed": actions.call_renewals(on=_today())}


@task("revenue.audit_ledger", atomic=False, lease=600, daily_at="02:40")
def audit_ledger() -> dict[str, int]:
    """Check that the ledger follows from the contract lines and balances; a fault parks the job for an admin to see."""
    first, last = ledger_bounds(_today())
    faults = actions.audit_ledger(first=first, last=last)
    if faults:
        words = "; ".join(f"{fault.what}: {fault.count}" for fault in faults)
        log.error("The revenue ledger is wrong: %s", words)
        raise Refused(_("The revenue ledger is wrong: %(faults)s.") % {"faults": words}, code="ledger")
    return {"months": (last.year - first.year) * 12 + last.month - first.month + 1}


@task("revenue.keep_months", atomic=False, lease=600, every=dt.timedelta(minutes=5))
def keep_months() -> dict[str, int]:
    """Work out the months that changed; where a rate is missing the pages say so, and it is tried again."""
    try:
        return {"months": actions.keep_months(on=_today(), at=timezone.now())}
    except RateMissing as missing:
        log.info("Months are not kept: %s", missing)
        return {"months": 0}


@task("revenue.audit_months", atomic=False, lease=600, daily_at="02:50")
def audit_months() -> dict[str, int]:
    """Work all kept months out anew and compare; a difference parks the job for an admin to see."""
    keep_months()
    wrong = actions.audit_months(on=_today())
    if wrong:
        words = ", ".join(f"{month:%Y-%m}" for month in wrong)
        log.error("Kept months differ from the ledger: %s", words)
        raise Refused(_("Kept months differ from the ledger: %(months)s.") % {"months": words}, code="kept_months")
    return {"months": MONTHS_KEPT}
