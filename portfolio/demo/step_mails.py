"""Which mails have playbooks sent to the demo's small customers?"""

from __future__ import annotations

import datetime as dt

from accounts.actions.traces import leave_entry
from accounts.models import Account, TimelineEntry
from playbooks.actions.starting import Start, Starter
from playbooks.models import MailSettings, Playbook, Run, StepMail, Task
from playbooks.queries.mails import posts_of
from portfolio.demo.load import Plan

KEY = "digital_onboarding"
YOUNGEST_DAYS = 75


def send_mails(plan: Plan) -> None:
    """Let the digital onboarding run for the youngest small customers, its mails sent on their days."""
    MailSettings.objects.update_or_create(
        pk=1,
        defaults={
            "sender_name": "Tidewater Software",
            "reply_to": "hello@tidewater.example",
            "guide_url": "https://help.tidewater.example/guide",
            "manual_url": "https://help.tidewater.example/manual",
            "footer": "Tidewater Software, Pier 4, 20457 Hamburg",
        },
    )
    playbook = Playbook.objects.filter(key=KEY).first()
    version = playbook.versions.order_by("-number").first() if playbook else None
    if version is None:
        return
    since = plan.on - dt.timedelta(days=YOUNGEST_DAYS)
    going_on = Run.objects.unfinished().filter(playbook=playbook).values("account")
    young = Account.objects.filter(tier=Account.Tier.RABBIT, signed_on__gt=since, signed_on__lt=plan.on)
    for account in young.exclude(stage=Account.Stage.CHURNED).exclude(pk__in=going_on).order_by("signed_on", "pk")[:12]:
        day = account.signed_on
        if day is None:
            continue
        at = dt.datetime.combine(day, dt.time(8), tzinfo=dt.UTC)
        starter = Starter(version, on=day, at=at, by=None)
        if starter.has_steps_for(account.tier):
            _write(starter.start([Start(account.pk, Run.Cause.SIGNING, f"signing:{day}")])[0], plan)


def _write(run: Run, plan: Plan) -> None:
    """Send what was due by the book's last day."""
    due = Task.objects.filter(run=run, kind=Task.Kind.EMAIL, due_on__lte=plan.on).select_related("account")
    for task in due.order_by("due_on", "position"):
        day = task.due_on or plan.on
        at = dt.datetime.combine(day, dt.time(8, 5), tzinfo=dt.UTC)
        for letter in posts_of([task], day)[0].writable[:2]:
            mail = StepMail.objects.create(
                task=task, account=task.account, contact=letter.contact, address=letter.contact.email,
                subject=letter.subject, body=letter.body, language=letter.language, state=StepMail.State.SENT,
                queued_at=at, handed_at=at, sent_at=at,
            )  # fmt: skip
            entry = leave_entry(
                task.account, TimelineEntry.Kind.PLAYBOOK, mail.subject, by=None, at=at, body=mail.body,
                details={"step_mail": mail.pk, "task": task.pk, "run": run.pk},
            )  # fmt: skip
            entry.contacts.add(letter.contact)
        task.state, task.done_on, task.done_at = Task.State.DONE, day, at
        task.save(update_fields=["state", "done_on", "done_at"])
