"""What has this person to do today, what is late in the team, and how did playbooks end lately?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.rules.roles import Capability
from common import charts
from common.charts import Chart
from common.formats import number
from playbooks.models import Run, Task
from playbooks.queries.work import colleagues, listed, snoozes

SHOWN = 8
RESULT_DAYS = 90


@dataclass(frozen=True)
class TodayWork:
    """The tasks of the day: a person's own, and for a manager the late ones of the team and what came of playbooks."""

    on: dt.date
    tasks: Sequence[Task]
    count: int
    late: Sequence[tuple[str, int | None, int]] = ()
    late_count: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    is_manager: bool = False
    me: int = 0
    colleagues: Sequence[User] = ()

    @property
    def snoozes(self) -> list[tuple[str, str, str]]:
        """What a task can be put off by in one choice."""
        return snoozes(self.on)

    @property
    def ended(self) -> int:
        """How many runs ended lately."""
        return sum(self.outcomes.values())

    @property
    def results(self) -> list[tuple[str, int]]:
        """Each outcome that there was with how many runs had it, the most first."""
        names = dict(Run.Outcome.choices)
        found = [(str(names[key]), count) for key, count in self.outcomes.items() if count]
        return sorted(found, key=lambda one: -one[1])

    @property
    def chart(self) -> Chart:
        """How playbooks ended, as bars."""
        items = [charts.Item(name, count) for name, count in self.results]
        return charts.bars(items, heads=(pgettext("of a playbook", "Outcome"), _("Runs")), height=180)

    @property
    def finding(self) -> str:
        """How many of the playbooks that ended did what they were for."""
        reached = self.outcomes.get(Run.Outcome.GOAL, 0)
        words = ngettext(
            "%(reached)s of %(ended)s playbook reached its goal",
            "%(reached)s of %(ended)s playbooks reached their goal",
            self.ended,
        )
        return words % {"reached": number(reached), "ended": number(self.ended)}


def work_of_today(user: User, on: dt.date) -> TodayWork:
    """Read what Today says of work: own tasks that are due, and what a manager watches."""
    mine = Task.objects.visible_to(user).filter(assignee=user).asking(on).filter(due_on__lte=on)
    tasks = list(listed(mine).order_by("due_on", "position", "pk")[:SHOWN])
    count = mine.count() if len(tasks) == SHOWN else len(tasks)
    found = TodayWork(on=on, tasks=tasks, count=count, me=user.pk, colleagues=colleagues(user) if tasks else ())
    if not user.can(Capability.ASSIGN_OWNERS):
        return found
    late = Task.objects.visible_to(user).overdue(on).exclude(role=Task.Role.AUTOMATIC).order_by()
    by_person = (
        late.values("assignee", "assignee__name").annotate(tasks=Count("pk")).order_by("-tasks", "assignee__name")
    )
    people = [(row["assignee__name"] or "", row["assignee"], row["tasks"]) for row in by_person]
    since = on - dt.timedelta(days=RESULT_DAYS)
    ended = Run.objects.visible_to(user).filter(state=Run.State.ENDED, ended_on__gte=since).order_by()
    # What has no goal cannot reach it: a renewal's end is told by the renewal.
    ended = ended.exclude(version__definition__goal={})
    return TodayWork(
        on=on,
        tasks=found.tasks,
        count=found.count,
        late=people[:SHOWN],
        late_count=sum(count for _who, _pk, count in people),
        outcomes=Counter(dict(ended.values_list("outcome").annotate(runs=Count("pk")))),
        is_manager=True,
        me=found.me,
        colleagues=found.colleagues,
    )
