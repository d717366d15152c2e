"""Which mails have playbooks sent to the demo's small customers?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.actions.traces import leave_entry
from accounts.models import Account, TimelineEntry
from playbooks.actions import settle_runs
from playbooks.actions.starting import Start, Starter
from playbooks.models import MailSettings, Playbook, Run, StepMail, Task
from playbooks.queries.mails import posts_of
from portfolio.demo.load import Plan
from revenue.models import Renewal

YOUNGEST_DAYS = 75
AHEAD = dt.timedelta(days=120)
# Of a huge book only so many: the rest starts on the last day, as the triggers say.
MOST_SIGNED, MOST_DUE = 12, 60


def send_mails(plan: Plan) -> None:
    """Let playbooks run for small customers who are new or whose contract ends, their mails sent on their days."""
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
    since = plan.on - dt.timedelta(days=YOUNGEST_DAYS)
    young = _small(plan).filter(signed_on__gt=since, signed_on__lt=plan.on).order_by("signed_on", "pk")[:MOST_SIGNED]
    signed = [(one, one.signed_on, f"signing:{one.signed_on}") for one in young if one.signed_on]
    _run(plan, "digital_onboarding", Run.Cause.SIGNING, signed)
    until = plan.on + AHEAD
    due = Renewal.objects.filter(account__in=_small(plan), due_on__gt=plan.on, due_on__lt=until).order_by(
        "due_on", "pk"
    )
    ending = [
        (one.account, one.due_on - AHEAD, f"renewal:{one.pk}") for one in due.select_related("account")[:MOST_DUE]
    ]
    _run(plan, "renewal", Run.Cause.RENEWAL_AHEAD, ending)


def _small(plan: Plan) -> QuerySet[Account]:
    return Account.objects.filter(tier=Account.Tier.RABBIT, signed_on__lt=plan.on).exclude(stage=Account.Stage.CHURNED)


def _run(plan: Plan, key: str, cause: str, started: Iterable[tuple[Account, dt.date, str]]) -> None:
    """Start a playbook for each customer on its day, and send what was due since."""
    playbook = Playbook.objects.filter(key=key).first()
    version = playbook.versions.order_by("-number").first() if playbook else None
    if version is None:
        return
    going_on = set(Run.objects.unfinished().filter(playbook=playbook).values_list("account", flat=True))
    for account, day, cause_key in started:
        if account.pk in going_on:
            continue
        at = dt.datetime.combine(day, dt.time(8), tzinfo=dt.UTC)
        starter = Starter(version, on=day, at=at, by=None)
        if starter.has_steps_for(account.tier):
            _write(starter.start([Start(account.pk, cause, cause_key)])[0], plan)


def _write(run: Run, plan: Plan) -> None:
    """Send what was due by the book's last day."""
    due = Task.objects.filter(run=run, kind=Task.Kind.EMAIL, due_on__lte=plan.on).select_related("account")
    day = run.started_on
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
    settle_runs([run.pk], on=day, at=dt.datetime.combine(day, dt.time(8, 10), tzinfo=dt.UTC))
