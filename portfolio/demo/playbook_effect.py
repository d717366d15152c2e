"""For which demo customers did a playbook start in the past, and what did it really do for them?

The truth is planted in the story: from the month after the start on the hidden state of the treated is higher, so that
they use more and their scores rise. Whether they leave was drawn before: the playbook keeps nobody.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from accounts.models import Account, Notification, User
from playbooks.actions.effect import measure_effect
from playbooks.actions.starting import Start, Starter
from playbooks.models import EffectPolicy, Playbook, Run, Task
from portfolio.demo.load import Plan
from portfolio.demo.story import Story

KEY = "usage_drop"
# Weeks before the book's last day on which it started for some: later than the first weekly scores, long enough ago.
WEEKS_BACK = (24, 22, 20, 18)
# Which customers it was meant for, how many of them got it, and what it did: all of that nobody sees in life.
LOW, HIGH, SHARE, LIFT = 0.3, 0.8, 0.4, 0.4
YOUNGEST_DAYS = 100
# The demo's company reads retention early, so that all of these count.
KEPT_DAYS = 120
# In a huge book only so many of the first customers were looked at.
MOST = 2_000


def start_day(story: Story, plan: Plan) -> dt.date | None:
    """The day on which the playbook started for a customer; a coin decides among those who were alike."""
    rng = np.random.default_rng([plan.seed, story.number, 41])
    day = plan.on - dt.timedelta(weeks=int(rng.choice(WEEKS_BACK)))
    was_meant = story.pays_on(day) and (day - story.signed_on).days > YOUNGEST_DAYS and LOW < story.state_on(day) < HIGH
    return day if was_meant and story.number < MOST and rng.random() < SHARE else None


def plant(stories: Sequence[Story], plan: Plan) -> None:
    """Let the playbook help those for whom it started, from the next month on."""
    for story in stories:
        day = start_day(story, plan)
        if day is not None:
            since = (day.year - story.months[0].year) * 12 + day.month - story.months[0].month + 1
            story.state[since:] = np.clip(story.state[since:] + LIFT, 0, 1)
            plan.treated[story.external_id] = day


def start_past_runs(plan: Plan) -> int:
    """Start the playbook on those days, and finish most of its tasks in time."""
    playbook = Playbook.objects.filter(key=KEY).first()
    version = playbook.versions.order_by("-number").first() if playbook else None
    if version is None:
        return 0
    by_day: dict[dt.date, list[str]] = defaultdict(list)
    for external_id, day in plan.treated.items():
        by_day[day].append(external_id)
    for day, external_ids in sorted(by_day.items()):
        at = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
        starter = Starter(version, on=day, at=at, by=None)
        accounts = Account.objects.filter(external_id__in=external_ids).order_by("pk")
        starter.start([Start(one.pk) for one in accounts if starter.has_steps_for(one.tier)])
    _finish(Run.objects.filter(playbook=playbook, started_on__lt=plan.on - dt.timedelta(days=60)), plan)
    Notification.objects.filter(at__lt=plan.at - dt.timedelta(days=30)).update(read_at=plan.at)
    return len(plan.treated)


def judge_playbooks(plan: Plan) -> None:
    """Say of all playbooks what they brought, as the night would."""
    EffectPolicy.objects.update_or_create(pk=1, defaults={"kept_days": KEPT_DAYS})
    measure_effect(on=plan.on)


def _finish(runs: object, plan: Plan) -> None:
    """Do the tasks of past runs, four in five by their day, and end the runs."""
    rng = np.random.default_rng([plan.seed, 42])
    ended = list(runs)  # type: ignore[call-overload]
    people = {user.pk: user for user in User.objects.all()}
    tasks = list(Task.objects.unfinished().filter(run__in=ended).order_by("pk"))
    last = {run.pk: run.started_on for run in ended}
    for task in tasks:
        due = task.due_on or last[task.run_id or 0]
        late = 0 if rng.random() < 0.8 else int(rng.integers(1, 9))
        task.due_on = task.first_due_on = due
        task.state, task.done_on = Task.State.DONE, min(due + dt.timedelta(days=late), plan.on)
        task.done_at = dt.datetime.combine(task.done_on, dt.time(15), tzinfo=dt.UTC)
        task.done_by = people.get(task.assignee_id or 0)
        last[task.run_id or 0] = max(last[task.run_id or 0], task.done_on)
    fields = ["due_on", "first_due_on", "state", "done_on", "done_at", "done_by"]
    Task.objects.bulk_update(tasks, fields, batch_size=200)
    for run in ended:
        run.state, run.ended_on = Run.State.ENDED, last[run.pk]
        run.outcome = Run.Outcome.GOAL if rng.random() < 0.6 else Run.Outcome.COMPLETED
    Run.objects.bulk_update(ended, ["state", "ended_on", "outcome"], batch_size=200)
