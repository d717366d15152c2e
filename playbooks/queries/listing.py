"""Which playbooks are there, how often did each run, how did it end, and was its work done in time?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from accounts.models import User
from playbooks.models import Playbook, PlaybookDraft, Run, Task
from playbooks.models.tasks import TaskQuerySet
from playbooks.rules.work import share_on_time

PERIOD_DAYS = 365


@dataclass(frozen=True)
class PlaybookLine:
    """One playbook with what came of it in the last year."""

    playbook: Playbook
    version: int
    has_draft: bool
    going: int = 0
    started: int = 0
    ended: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    due: int = 0
    on_time: int = 0

    @property
    def on_time_rate(self) -> float | None:
        """The share of its tasks that were done in time."""
        return share_on_time(self.on_time, self.due)

    @property
    def worked(self) -> int:
        """Runs that ended with all done or the goal reached."""
        return self.outcomes.get(Run.Outcome.GOAL, 0) + self.outcomes.get(Run.Outcome.COMPLETED, 0)

    @property
    def reached(self) -> int:
        """Runs that ended because their goal was reached."""
        return self.outcomes.get(Run.Outcome.GOAL, 0)

    @property
    def funnel(self) -> list[tuple[str, int, float]]:
        """Started, worked through, goal reached: what each is called by, how many, and the share of those started."""
        steps = (("started", self.started), ("worked", self.worked), ("reached", self.reached))
        return [(name, count, count / self.started if self.started else 0.0) for name, count in steps]


def playbook_lines(user: User, on: dt.date, *, archived: bool = False) -> list[PlaybookLine]:
    """List the playbooks with the runs of the last year that a person sees: a fixed number of queries."""
    drafts = PlaybookDraft.objects.filter(playbook=OuterRef("pk"))
    rows = Playbook.objects.visible_to(user).filter(is_archived=archived)
    rows = rows.annotate(number=Max("versions__number"), has_draft=Exists(drafts)).order_by("position", "pk")
    since = on - dt.timedelta(days=PERIOD_DAYS)
    counts, times = _counts(user, since), _times(user, since, on)
    return [_line(row, counts.get(row.pk, {}), times.get(row.pk, (0, 0))) for row in rows]


def _line(row: Playbook, counts: Mapping[str, int], times: tuple[int, int]) -> PlaybookLine:
    return PlaybookLine(
        playbook=row,
        version=row.number or 0,  # type: ignore[attr-defined]
        has_draft=row.has_draft,  # type: ignore[attr-defined]
        going=counts.get("going", 0),
        started=counts.get("started", 0),
        ended=counts.get("ended", 0),
        outcomes={outcome: counts.get(outcome, 0) for outcome in Run.Outcome.values},
        due=times[0],
        on_time=times[1],
    )


def _counts(user: User, since: dt.date) -> dict[int, dict[str, int]]:
    """By playbook: how many go on, were started, ended, and how."""
    late = Q(started_on__gte=since)
    outcomes = {name: Count("pk", filter=late & Q(outcome=name)) for name in Run.Outcome.values}
    rows = (
        Run.objects.visible_to(user)
        .order_by()
        .values("playbook_id")
        .annotate(
            going=Count("pk", filter=Q(state__in=Run.UNFINISHED)),
            started=Count("pk", filter=late),
            ended=Count("pk", filter=late & Q(state=Run.State.ENDED)),
            **outcomes,
        )
    )
    return {row["playbook_id"]: row for row in rows}


def _times(user: User, since: dt.date, on: dt.date) -> dict[int, tuple[int, int]]:
    """By playbook: how many tasks were due, and how many of them were done by their day."""
    rows = (
        due_tasks(since, on)
        .visible_to(user)
        .filter(run__isnull=False)
        .order_by()
        .values("run__playbook_id")
        .annotate(due=Count("pk"), on_time=Count("pk", filter=ON_TIME))
    )
    return {row["run__playbook_id"]: (row["due"], row["on_time"]) for row in rows}


ON_TIME = Q(state=Task.State.DONE, done_on__lte=F("first_due_on"))


def due_tasks(since: dt.date, on: dt.date) -> TaskQuerySet:
    """Tasks of people whose first day lies in a period that is over; skipped and cancelled ones do not count.

    The first day counts, so that nobody is on time by moving it.
    """
    over = Q(first_due_on__gte=since, first_due_on__lt=on)
    left_out = (Task.State.SKIPPED, Task.State.CANCELLED)
    found: TaskQuerySet = Task.objects.filter(over).exclude(state__in=left_out).exclude(role=Task.Role.AUTOMATIC)
    return found
