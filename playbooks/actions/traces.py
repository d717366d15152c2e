"""What do playbooks leave on the timeline of an account, and whom do they tell?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.notifications import Notice, notify_each, notify_people
from accounts.models import TimelineEntry, User
from common.bulk import upsert_columns
from playbooks.models import Run, Task
from playbooks.queries.event_titles import event_title
from playbooks.rules.words import in_language

# Where people act on what they are told.
RUN_PATH = "/playbooks/runs/{}/"
TASKS_PATH = "/playbooks/tasks/"


def tell_runs(event: str, runs: Sequence[Run], *, by: User | None, at: dt.datetime, body: str = "") -> None:
    """Write on the timelines what happened to runs; each tells of itself once a moment."""
    if not runs:
        return
    titles = {run.playbook_id: event_title(event, run.playbook.shown_name) for run in runs}
    names = {run.playbook_id: dict(run.playbook.name) for run in runs}
    columns: dict[str, Sequence[Any]] = {
        "account_id": [run.account_id for run in runs],
        "external_id": [f"playbook:{run.pk}:{event}:{at:%Y%m%d%H%M%S}" for run in runs],
        "title": [titles[run.playbook_id] for run in runs],
        "details": [
            {"event": event, "playbook": run.playbook_id, "run": run.pk, "name": names[run.playbook_id]} for run in runs
        ],
    }
    same = {"kind": str(TimelineEntry.Kind.PLAYBOOK), "at": at, "body": body, "author_id": by.pk if by else None,
            "is_private": False}  # fmt: skip
    columns |= {name: [value] * len(runs) for name, value in same.items()}
    upsert_columns(TimelineEntry, columns, unique=["external_id"])


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
    notices = []
    for person in User.objects.active().filter(pk__in=list(of_person)):
        given = sorted(of_person[person.pk])
        first = by_pk[given[0][0]]
        total = sum(count for _run, count in given)
        alone = len(given) == 1
        notices.append(
            Notice(
                person=person,
                kind="playbook",
                title=partial(_started_words, first),
                body=partial(_given_words, total, len(given)),
                cause=f"run:{first.pk}:started" if alone else f"runs:{first.pk}-{given[-1][0]}:started",
                url=RUN_PATH.format(first.pk) if alone else TASKS_PATH,
                account=first.account if alone else None,
            )
        )
    notify_each(notices, at=at)


def _started_words(run: Run) -> str:
    return event_title("started", _in_reader(run.playbook.name))


def _given_words(tasks: int, accounts: int) -> str:
    said = ngettext("%(count)s task for you", "%(count)s tasks for you", tasks) % {"count": tasks}
    if accounts == 1:
        return said
    more = ngettext("at %(count)s account", "at %(count)s accounts", accounts) % {"count": accounts}
    return f"{said} · {more}"


def _in_reader(words: Mapping[str, str]) -> str:
    return in_language(words, translation.get_language())
