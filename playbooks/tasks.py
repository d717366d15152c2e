"""What do playbooks do in the background, and when?"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import Running, task
from playbooks import actions
from playbooks.actions import effect, mails, stabilization
from playbooks.models import Playbook


def _now() -> tuple[dt.date, dt.datetime]:
    at = timezone.now()
    return Organisation.load().day_of(at), at


@task("playbooks.evaluate_triggers", atomic=False, lease=600, every=dt.timedelta(hours=1))
def evaluate_triggers(
    job: Running, playbook_id: int | None = None, account_ids: list[int] | None = None, release: bool = False
) -> dict[str, int]:
    """Bring runs up to the organisation's day and start what a cause of today starts: all of it, or of some accounts.

    Whatever changes enqueues this for its account; once an hour it looks at all, for time passes by itself.
    """
    on, at = _now()
    playbook = None if playbook_id is None else Playbook.objects.filter(pk=playbook_id).first()
    if playbook_id is not None and playbook is None:
        return {}
    counts = Counter(actions.follow_runs(on=on, at=at, account_ids=account_ids, told=job.progress))
    for one in actions.evaluate_triggers(
        on=on, at=at, playbook=playbook, account_ids=account_ids, release=release, told=job.progress
    ):
        counts.update(one.counts)
    return dict(counts)


@task("playbooks.tell_starts")
def tell_starts(playbook_id: int, first_run: int) -> dict[str, int]:
    """Tell people of the runs of a playbook that started by themselves."""
    _on, at = _now()
    return {"told": actions.tell_starts(playbook_id=playbook_id, first_run=first_run, at=at)}


@task("playbooks.follow_plans", daily_at="03:10")
def follow_plans() -> dict[str, int]:
    """Measure the stabilization plans, say which verdicts are due, set old ones beside the renewals."""
    on, at = _now()
    done = stabilization.follow_plans(on=on, at=at)
    return {"measured": done.measured, "announced": done.announced, "compared": done.compared}


@task("playbooks.send_automatic_mails", every=dt.timedelta(minutes=5))
def send_automatic_mails() -> dict[str, int]:
    """Write the mails of the steps that the program itself does and whose day has come."""
    on, at = _now()
    return mails.send_automatic_mails(on=on, at=at)


@task("playbooks.deliver_mail", atomic=False, lease=300, limit=240)
def deliver_mail(mail_id: int) -> str:
    """Hand one mail to the mail server; not atomic, so that it is known before that it is handed over."""
    return mails.deliver_mail(mail_id=mail_id, at=timezone.now())


@task("playbooks.measure_effect", atomic=False, lease=1800, daily_at="04:10")
def measure_effect(job: Running) -> dict[str, int]:
    """Set customers alike beside those for whom a playbook started, read what came, write what it says."""
    on, _at = _now()
    return effect.measure_effect(on=on, told=job.progress)
