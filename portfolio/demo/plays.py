"""Which playbooks run in the demo book, how far are they, and who is behind?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
from django.db.models import Q, QuerySet

from accounts.models import Account, Notification, User
from playbooks.actions import settle_runs
from playbooks.actions.settling import end_runs
from playbooks.actions.starting import Start, Starter
from playbooks.models import Playbook, Run, Task, TaskNote
from portfolio.demo.load import Plan
from portfolio.models import AccountRow

# The playbooks that the demo's company lets start by themselves.
SWITCHED_ON = ("rescue", "usage_drop", "sponsor_change", "escalation", "digital_onboarding", "renewal")
# Which playbook started for which customers, how many of them at most, and how many days ago.
PLAYS: tuple[tuple[str, str, Q, int, tuple[int, ...]], ...] = (
    ("rescue", Run.Cause.BAND_ENTERED, Q(band="red", tier="elephant"), 5, (24, 16, 9, 4)),
    ("stabilization_30", Run.Cause.BAND_ENTERED, Q(band="red", tier="cheetah"), 8, (33, 21, 12, 5)),
    ("renewal", Run.Cause.RENEWAL_AHEAD, Q(tier__in=["elephant", "cheetah"]), 12, (60, 40, 20)),
    ("onboarding", Run.Cause.HANDOFF_ACCEPTED, Q(stage="onboarding"), 8, (45, 25, 10)),
    ("expansion", Run.Cause.BY_HAND, Q(band="green", tier="elephant"), 5, (40, 18, 6)),
    ("stabilization_90", Run.Cause.BY_HAND, Q(band="yellow", tier="elephant"), 4, (110, 70, 30)),
    ("advocate_care", Run.Cause.BY_HAND, Q(band="green", tier="cheetah"), 4, (35, 15)),
)
# The same of weeks ago, for customers who fare better since: most of these reached their goal.
PAST_PLAYS: tuple[tuple[str, str, Q, int, tuple[int, ...]], ...] = (
    ("rescue", Run.Cause.BAND_ENTERED, Q(band__in=["green", "yellow"], tier="elephant"), 6, (86, 74, 63)),
    ("stabilization_30", Run.Cause.BAND_ENTERED, Q(band="green", tier="cheetah"), 6, (82, 66, 52)),
)
REACHED_SHARE, LASTED = 0.7, (24, 46)
RENEWAL_DAYS = 120
# Of the tasks whose day has come so many are not done yet, and so many were done late.
OPEN_SHARE, LATE_SHARE = 0.06, 0.12
ROUNDS = 8
# Nothing lies longer than this.
LONGEST_LATE = dt.timedelta(days=12)
NOTES = (
    "Spoke with Ines; she forwards it to purchasing.",
    "They asked for the minutes by Friday.",
    "No answer yet, tried twice.",
    "Agreed. Slides are in the shared folder.",
)
RESULTS = ("Done as planned.", "They liked it; follow-up agreed.", "Half of the team came, second date on Thursday.")


def play(plan: Plan) -> int:
    """Switch some playbooks on, start runs in the last weeks and do most of their work; returns how many started."""
    Playbook.objects.filter(key__in=SWITCHED_ON).update(is_enabled=True, evaluated_on=plan.on)
    started: list[int] = []
    for key, cause, who, most, days in PLAYS:
        started += _start(plan, key, cause, who, most, days)
    past: list[int] = []
    for key, cause, who, most, days in PAST_PLAYS:
        past += _start(plan, key, cause, who, most, days)
    _work(plan, [*started, *past])
    _end(plan, past)
    at = dt.timedelta(days=5)
    Notification.objects.filter(at__lt=plan.at - at, read_at=None).update(read_at=plan.at)
    return len(started) + len(past)


def _end(plan: Plan, run_ids: Iterable[int]) -> None:
    """End runs of the past some weeks after their start, most of them with their goal reached."""
    rng = np.random.default_rng([plan.seed, 44])
    runs = list(Run.objects.filter(pk__in=list(run_ids)).select_related("playbook").order_by("pk"))
    for run in runs:
        day = run.started_on + dt.timedelta(days=int(rng.integers(*LASTED)))
        reached = rng.random() < REACHED_SHARE
        outcome = Run.Outcome.GOAL if reached else Run.Outcome.COMPLETED
        end_runs([run], outcome, on=day, at=dt.datetime.combine(day, dt.time(7), tzinfo=dt.UTC))
    # What would have been done later was not done any more.
    for run in runs:
        Task.objects.filter(run=run, done_on__gt=run.ended_on).update(state=Task.State.CANCELLED, done_on=run.ended_on)


def _start(plan: Plan, key: str, cause: str, who: Q, most: int, days: tuple[int, ...]) -> list[int]:
    playbook = Playbook.objects.filter(key=key).first()
    version = playbook.versions.order_by("-number").first() if playbook else None
    if version is None:
        return []
    found: list[int] = []
    accounts = list(_accounts(plan, key, who)[:most])
    for number, back in enumerate(days):
        on = plan.on - dt.timedelta(days=back)
        starter = Starter(version, on=on, at=plan.at - dt.timedelta(days=back), by=None)
        part = [one for one in accounts[number :: len(days)] if starter.has_steps_for(one.tier)]
        found += [run.pk for run in starter.start([Start(one.pk, cause, f"demo:{key}:{one.pk}") for one in part])]
    return found


def _accounts(plan: Plan, key: str, who: Q) -> QuerySet[Account]:
    """The customers of a play, the most money first; none for whom it runs already."""
    rows = AccountRow.objects.filter(who).exclude(stage="churned").exclude(account__playbook_runs__playbook__key=key)
    if key == "renewal":
        rows = rows.filter(renewal_on__gt=plan.on, renewal_on__lte=plan.on + dt.timedelta(days=RENEWAL_DAYS))
    return Account.objects.filter(pk__in=rows.values("pk")).order_by("-row__arr", "pk")


def _work(plan: Plan, run_ids: Iterable[int]) -> None:
    """Do the tasks whose day has come, most of them in time; comment on some; then bring the runs up to the day."""
    ids = list(run_ids)
    rng = np.random.default_rng([plan.seed, 43])
    people = {user.pk: user for user in User.objects.all()}
    # Again and again, for what follows a finished task can begin only then.
    for _round in range(ROUNDS):
        due = Task.objects.filter(run__in=ids, state=Task.State.OPEN, due_on__lt=plan.on)
        done = [
            _done(task, plan, rng, people)
            for task in due.order_by("pk")
            if rng.random() > OPEN_SHARE or (task.due_on and task.due_on < plan.on - LONGEST_LATE)
        ]
        Task.objects.bulk_update(done, ["state", "done_on", "done_at", "done_by", "result"], batch_size=200)
        settle_runs(ids, on=plan.on, at=plan.at)
    yesterday = plan.at - dt.timedelta(days=1)
    asked = Task.objects.filter(run__in=ids, assignee__isnull=False).exclude(state=Task.State.WAITING).order_by("pk")
    TaskNote.objects.bulk_create(
        [
            TaskNote(task=task, text=NOTES[number % len(NOTES)], author=task.assignee, at=yesterday)
            for number, task in enumerate(asked.select_related("assignee")[::7])
        ]
    )
    for number, task in enumerate(asked.filter(state=Task.State.OPEN)[::9]):
        task.snoozed_until = plan.on + dt.timedelta(days=2 + number % 5)
        task.snooze_reason = "The customer is to answer"
        task.save(update_fields=["snoozed_until", "snooze_reason"])


def _done(task: Task, plan: Plan, rng: np.random.Generator, people: dict[int, User]) -> Task:
    due = task.due_on or plan.on
    late = int(rng.integers(1, 6)) if rng.random() < LATE_SHARE else 0
    task.state, task.done_on = Task.State.DONE, min(due + dt.timedelta(days=late), plan.on)
    task.done_at = dt.datetime.combine(task.done_on, dt.time(14), tzinfo=dt.UTC)
    task.done_by = people.get(task.assignee_id or 0)
    task.result = RESULTS[int(rng.integers(len(RESULTS)))] if rng.random() < 0.4 else ""
    return task
