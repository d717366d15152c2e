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
from revenue.queries import ledger_bounds

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
