"""How did a playbook run: how many, how punctual, and how long after the warning did somebody speak to the customer?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Organisation, TimelineEntry
from health.models import EarlyWarning
from playbooks.models import Run, Task

# A playbook, and one version of it or (None) all of them.
Key = tuple[int, int | None]
WARNING = "warning:"


@dataclass
class Figures:
    """How a playbook, or one version of it, ran."""

    started: int = 0
    ended: int = 0
    reached: int = 0
    tasks_due: int = 0
    tasks_on_time: int = 0
    leads: list[int] = field(default_factory=list)

    @property
    def lead_days(self) -> float | None:
        """The middle number of days from warning to first touch."""
        return float(median(self.leads)) if self.leads else None


def figures_of(on: dt.date) -> dict[Key, Figures]:
    """Read how all playbooks ran, each as a whole and by version; four queries."""
    found: dict[Key, Figures] = defaultdict(Figures)
    ended = Q(state=Run.State.ENDED)
    runs = Run.objects.filter(started_on__lte=on).order_by().values("playbook", "version")
    counted = runs.annotate(n=Count("pk"), over=Count("pk", filter=ended), goal=Count("pk", filter=Q(outcome="goal")))
    for playbook, version, started, over, goal in counted.values_list("playbook", "version", "n", "over", "goal"):
        for figures in _both(found, playbook, version):
            figures.started += started
            figures.ended += over
            figures.reached += goal
    for playbook, version, due, in_time in _punctual(on):
        for figures in _both(found, playbook, version):
            figures.tasks_due += due
            figures.tasks_on_time += in_time
    for playbook, version, days in _leads(on):
        for figures in _both(found, playbook, version):
            figures.leads.append(days)
    return dict(found)


def _both(found: dict[Key, Figures], playbook: int, version: int) -> tuple[Figures, Figures]:
    return found[playbook, None], found[playbook, version]


def _punctual(on: dt.date) -> Iterable[tuple[int, int, int, int]]:
    """Tasks of people that were due, by their first day due, and those of them that were finished by it.

    What is left out or was cancelled counts on neither side; what is open and not yet due neither.
    """
    counted = Task.objects.filter(run__isnull=False, first_due_on__isnull=False)
    counted = counted.exclude(state__in=[Task.State.SKIPPED, Task.State.CANCELLED])
    counted = counted.exclude(role=Task.Role.AUTOMATIC)
    due = counted.filter(Q(first_due_on__lt=on) | Q(state=Task.State.DONE))
    in_time = Q(state=Task.State.DONE, done_on__lte=F("first_due_on"))
    rows = due.order_by().values("run__playbook", "run__version")
    summed = rows.annotate(n=Count("pk"), timely=Count("pk", filter=in_time))
    return summed.values_list("run__playbook", "run__version", "n", "timely")


def _leads(on: dt.date) -> Iterable[tuple[int, int, int]]:
    """Days from the warning that started a run to the first touch afterwards."""
    rows = Run.objects.filter(cause=Run.Cause.WARNING, cause_key__startswith=WARNING, started_on__lte=on)
    runs = {}
    for playbook, version, key in rows.values_list("playbook", "version", "cause_key"):
        # "warning:silent_7d:412:0": the rule, the warning, how often it was reopened; or the warning alone.
        parts = key.split(":")
        number = parts[2] if len(parts) > 2 else parts[1]
        if number.isdigit():
            runs[int(number)] = (playbook, version)
    zone = Organisation.load().zone
    touches = TimelineEntry.objects.filter(account=OuterRef("account"), kind__in=TimelineEntry.TOUCHES)
    day = TruncDate("at", tzinfo=zone)
    first = touches.annotate(day=day).filter(day__gte=OuterRef("opened_on"), day__lte=on).order_by("day")
    warnings = EarlyWarning.objects.annotate(first=Subquery(first.values("day")[:1])).exclude(first=None)
    for pk, opened, touched in warnings.values_list("pk", "opened_on", "first").iterator():
        if pk in runs:
            yield (*runs[pk], (touched - opened).days)
