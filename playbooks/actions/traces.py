"""What do playbooks leave on the timeline of an account, and whom do they tell?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.notifications import notify_people
from accounts.models import TimelineEntry, User
from playbooks.models import Run, Task
from playbooks.rules.words import in_language

BATCH = 1_000
# Where people act on what they are told.
RUN_PATH = "/playbooks/runs/{}/"
TASKS_PATH = "/tasks/"

EVENTS = {
    "started": lambda name: _("Playbook started: %(name)s") % {"name": name},
    "paused": lambda name: _("Playbook paused: %(name)s") % {"name": name},
    "resumed": lambda name: _("Playbook goes on: %(name)s") % {"name": name},
    "ended": lambda name: _("Playbook ended: %(name)s") % {"name": name},
    "done": lambda name: _("Task done: %(name)s") % {"name": name},
    "skipped": lambda name: _("Task skipped: %(name)s") % {"name": name},
}


def event_title(event: str, name: str) -> str:
    """Say what happened, in the active language."""
    return Truncator(EVENTS[event](name)).chars(200)


def tell_runs(event: str, runs: Sequence[Run], *, by: User | None, at: dt.datetime, body: str = "") -> None:
    """Write on the timelines what happened to runs; each tells of itself once a moment."""
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account_id=run.account_id,
                external_id=f"playbook:{run.pk}:{event}:{at:%Y%m%d%H%M%S}",
                kind=TimelineEntry.Kind.PLAYBOOK,
                at=at,
                title=event_title(event, run.playbook.shown_name),
                body=body,
                author=by,
                details={"event": event, "playbook": run.playbook_id, "run": run.pk, "name": dict(run.playbook.name)},
            )
            for run in runs
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def tell_task(event: str, task: Task, *, by: User | None, at: dt.datetime, body: str = "") -> None:
    """Write on the timeline what became of a task."""
    TimelineEntry.objects.create(
        account_id=task.account_id,
        kind=TimelineEntry.Kind.PLAYBOOK,
        at=at,
        title=event_title(event, task.shown_title),
        body=body,
        author=by,
        details={"event": event, "task": task.pk, "run": task.run_id, "name": dict(task.title)},
    )


def tell_assignee(task: Task, *, at: dt.datetime, by: User | None) -> None:
    """Tell somebody that a task is now theirs; who gave it to themselves knows."""
    person = task.assignee
    if person is None or (by is not None and by.pk == person.pk):
        return
    notify_people(
        [person],
        kind="task",
        title=lambda: _("New task: %(name)s") % {"name": _in_reader(task.title)},
        body=task.account.name,
        cause=f"task:{task.pk}:{person.pk}:{task.version}",
        url=RUN_PATH.format(task.run_id) if task.run_id else TASKS_PATH,
        account=task.account,
        at=at,
    )


def tell_new_assignees(
    runs: Sequence[Run], counts: Mapping[tuple[int, int], int], *, by: User | None, at: dt.datetime
) -> None:
    """Tell people which tasks came to them: of one run by its name, of many in one sum.

    `counts`: tasks by (run, person).
    """
    by_pk = {run.pk: run for run in runs}
    of_person: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (run, person), count in counts.items():
        if by is None or person != by.pk:
            of_person[person].append((run, count))
    for person in User.objects.active().filter(pk__in=list(of_person)):
        given = sorted(of_person[person.pk])
        first = by_pk[given[0][0]]
        total = sum(count for _run, count in given)
        alone = len(given) == 1
        notify_people(
            [person],
            kind="playbook",
            title=lambda first=first: event_title("started", _in_reader(first.playbook.name)),
            body=lambda total=total, given=given: _given_words(total, len(given)),
            cause=f"run:{first.pk}:started" if alone else f"runs:{first.pk}-{given[-1][0]}:started",
            url=RUN_PATH.format(first.pk) if alone else TASKS_PATH,
            account=first.account if alone else None,
            at=at,
        )


def _given_words(tasks: int, accounts: int) -> str:
    said = ngettext("%(count)s task for you", "%(count)s tasks for you", tasks) % {"count": tasks}
    if accounts == 1:
        return said
    more = ngettext("at %(count)s account", "at %(count)s accounts", accounts) % {"count": accounts}
    return f"{said} · {more}"


def _in_reader(words: Mapping[str, str]) -> str:
    return in_language(words, translation.get_language())
