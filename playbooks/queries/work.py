"""Which tasks does a page show, in which groups, and who could take one over?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import ServiceAssignment, User
from accounts.queries.accounts import people_who_serve
from common.formats import date
from playbooks.models import Task
from playbooks.models.tasks import TaskQuerySet

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class TaskGroup:
    """Tasks that stand under one heading: a day, or an account."""

    title: str
    tasks: Sequence[Task]
    href: str = ""
    tone: str = "none"


@dataclass(frozen=True)
class TaskCounts:
    """How many tasks ask for somebody, by when."""

    overdue: int
    today: int
    week: int
    waiting: int


def listed(rows: TaskQuerySet) -> QuerySet[Task]:
    """Tasks with all that a list shows of them, and whether they have a day."""
    flag = ExpressionWrapper(Q(due_on__isnull=True), output_field=BooleanField())
    found: QuerySet[Task] = rows.select_related("account", "assignee", "run__playbook").annotate(is_undated=flag)
    return found


def due_within(rows: TaskQuerySet, word: str, on: dt.date) -> TaskQuerySet:
    """Those of a stretch of days, counted from a day."""
    ranges = {
        "overdue": Q(due_on__lt=on),
        "today": Q(due_on=on),
        "week": Q(due_on__gte=on, due_on__lte=on + WEEK),
        "later": Q(due_on__gt=on + WEEK),
        "none": Q(due_on__isnull=True),
    }
    return rows.filter(ranges[word]) if word in ranges else rows


def counts_of(rows: TaskQuerySet, on: dt.date) -> TaskCounts:
    """Count tasks by when they are due, in one query."""
    asking = Q(state=Task.State.OPEN) & ~Q(snoozed_until__gte=on) & ~Q(run__state="paused")
    found = rows.order_by().aggregate(
        overdue=Count("pk", filter=asking & Q(due_on__lt=on)),
        today=Count("pk", filter=asking & Q(due_on=on)),
        week=Count("pk", filter=asking & Q(due_on__gt=on, due_on__lte=on + WEEK)),
        waiting=Count("pk", filter=Q(state=Task.State.WAITING)),
    )
    return TaskCounts(**found)


def by_day(tasks: Sequence[Task], on: dt.date) -> list[TaskGroup]:
    """Tasks in the order of their days: overdue ones together, then a heading per day, those without one last."""
    late = [task for task in tasks if task.due_on and task.due_on < on]
    ahead = sorted((task for task in tasks if task.due_on and task.due_on >= on), key=lambda task: task.due_on or on)
    groups = [TaskGroup(_("Overdue"), late, tone="risk")] if late else []
    for day, found in groupby(ahead, key=lambda task: task.due_on):
        name = date(day, "full") if day != on else _("Today")
        groups.append(TaskGroup(name, list(found)))
    undated = [task for task in tasks if task.due_on is None]
    return [*groups, *([TaskGroup(_("No date"), undated)] if undated else [])]


def by_account(tasks: Sequence[Task]) -> list[TaskGroup]:
    """Tasks under the names of their accounts, the account with the earliest first."""
    groups: dict[int, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.account_id, []).append(task)
    return [TaskGroup(found[0].account.name, found, href=str(pk)) for pk, found in groups.items()]


def snoozes(on: dt.date) -> list[tuple[str, str, str]]:
    """What a task can be put off by in one choice: until when, what the choice says, and the reason kept."""
    choices = (
        (1, _("Until tomorrow: no time today"), _("No time today")),
        (3, _("For 3 days: the customer is to answer"), _("The customer is to answer")),
        (7, _("For a week: agreed with the customer"), _("Agreed with the customer")),
    )
    return [((on + dt.timedelta(days=days)).isoformat(), label, why) for days, label, why in choices]


def colleagues(user: User) -> list[User]:
    """Whom a person may give work to: those of the team, or everybody who serves, by name."""
    people = people_who_serve().exclude(pk=user.pk)
    if user.visibility != User.Visibility.ALL and user.team_id:
        people = people.filter(team=user.team_id)
    return list(people.order_by("name", "pk"))


def people_for(account_id: int) -> list[User]:
    """Who serves an account now, then everybody else who serves: whom a task of it may be given to."""
    serving = ServiceAssignment.objects.current().filter(account=account_id).values("user")
    people = people_who_serve().annotate(
        is_near=Case(When(pk__in=serving, then=Value(0)), default=Value(1), output_field=IntegerField())
    )
    return list(people.order_by("is_near", "name", "pk"))
