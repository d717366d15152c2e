"""What do the triggers of the demo's playbooks do on the book's last day?"""

from __future__ import annotations

import datetime as dt

from accounts.models import Account, User
from accounts.rules.roles import Role
from playbooks.actions import evaluate_triggers, follow_runs, snooze_cause
from playbooks.models import Playbook
from playbooks.queries.judging import dry_run
from playbooks.rules.firing import Verdict
from portfolio.demo.load import Plan

PUT_OFF = "They are on holiday until then."
PUT_OFF_DAYS = 9


def pull_triggers(plan: Plan) -> int:
    """Put one cause off, then judge the day as the hourly job would; returns how many runs started."""
    _put_off(plan)
    follow_runs(on=plan.on, at=plan.at)
    return sum(one.started for one in evaluate_triggers(on=plan.on, at=plan.at))


def _put_off(plan: Plan) -> None:
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    playbook = Playbook.objects.filter(is_enabled=True, versions__isnull=False).order_by("position").distinct()
    for one in playbook if manager else ():
        version = one.versions.select_related("playbook").order_by("-number").first()
        causes = dry_run(version, plan.on).of(Verdict.START) if version else []
        if causes and manager is not None:
            cause = causes[-1].cause
            snooze_cause(
                playbook=one,
                account=Account.objects.get(pk=cause.account_id),
                cause=cause.kind,
                cause_key=cause.key,
                until=plan.on + dt.timedelta(days=PUT_OFF_DAYS),
                reason=PUT_OFF,
                by=manager,
                at=plan.at,
            )
            return
