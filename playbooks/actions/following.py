"""What happens to runs from day to day: goals, customers who left, dates that appear, people gone, automatic steps?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.actions.traces import leave_audit
from accounts.models import Account
from common.columns import only_ids
from playbooks.actions.settling import end_runs, settle_runs
from playbooks.actions.tasks import complete_task
from playbooks.actions.traces import tell_new_assignees
from playbooks.models import PlaybookVersion, Run, Task
from playbooks.queries.claims import meeting
from playbooks.queries.dates import RENEWAL, next_renewals
from playbooks.queries.team import NOBODYS, ServiceTeams
from playbooks.rules.steps import ACCOUNT_DATES, Kind, Role
from revenue.models import Renewal

BATCH = 500
Outcome = Run.Outcome
Told = Callable[[int, int], object]


def follow_runs(
    *, on: dt.date, at: dt.datetime, account_ids: Collection[int] | None = None, told: Told | None = None
) -> dict[str, int]:
    """Bring all runs, or those of some accounts, up to a day; return what happened to how many."""
    steps: Sequence[Callable[[dt.date, dt.datetime, Collection[int] | None], Counter[str]]] = (
        _end_by_claims, _settle_dates, _replace_people, _do_automatic,
    )  # fmt: skip
    counts: Counter[str] = Counter()
    for number, step in enumerate(steps, start=1):
        counts.update(step(on, at, account_ids))
        if told:
            told(number, len(steps))
    return dict(counts)


def _end_by_claims(on: dt.date, at: dt.datetime, account_ids: Collection[int] | None) -> Counter[str]:
    """End the runs of customers who left, of those that reached the goal, and of those to whom the playbook is over."""
    counts: Counter[str] = Counter()
    going = _of(Run.objects.unfinished(), account_ids)
    versions = PlaybookVersion.objects.filter(pk__in=going.order_by().values("version")).select_related("playbook")
    for version in versions:
        says, runs = version.parsed, going.filter(version=version)
        if not says.with_churned:
            counts["churned"] += _end(runs.filter(account__stage=Account.Stage.CHURNED), Outcome.CHURNED, on, at)
        for claim, outcome in ((says.goal, Outcome.GOAL), (says.exit, Outcome.EXITED)):
            if claim:
                # A run that began today is judged from tomorrow on: its start must show in the numbers first.
                accounts = set(runs.filter(started_on__lt=on).values_list("account_id", flat=True))
                met = meeting(claim, accounts, on)
                counts[str(outcome)] += sum(
                    _end(runs.filter(started_on__lt=on, account__in=part), outcome, on, at) for part in _parts(met)
                )
    return counts


@transaction.atomic
def _end(runs: Any, outcome: str, on: dt.date, at: dt.datetime) -> int:
    rows = list(runs.select_for_update(of=("self",)).select_related("playbook").order_by("pk"))
    end_runs(rows, outcome, on=on, at=at)
    return len(rows)


def _settle_dates(on: dt.date, at: dt.datetime, account_ids: Collection[int] | None) -> Counter[str]:
    """Give days to what is counted from a date of the account that became known or moved, and let begin what can."""
    return Counter(completed=settle_runs(_with_moved_dates(on, account_ids), on=on, at=at))


def _with_moved_dates(on: dt.date, account_ids: Collection[int] | None) -> set[int]:
    """The runs in which a task is counted from a day that is not the account's any more."""
    tasks = _of(Task.objects.unfinished().filter(run__state=Run.State.RUNNING), account_ids)
    rows = tasks.filter(step__anchor__in=list(ACCOUNT_DATES))
    fields = ("run_id", "account_id", "step__anchor", "anchor_on", "account__signed_on", "account__live_on",
              "run__baseline__renewal")  # fmt: skip
    found = list(rows.values_list(*fields).iterator())
    of_renewal = [row for row in found if row[2] == RENEWAL]
    pins = {int(row[6]) for row in of_renewal if row[6] is not None}
    due = dict(only_ids(Renewal.objects.order_by(), "pk", pins).values_list("pk", "due_on"))
    unpinned = {row[1] for row in of_renewal if row[6] is None}
    coming = next_renewals(unpinned, on) if unpinned else {}
    stale = set()
    for run, account, name, counted_from, signed, live, pin in found:
        if name == RENEWAL:
            known = due.get(int(pin)) if pin is not None else (dt.date.max if account in coming else None)
        else:
            known = signed if name == "signed_on" else live
        if known is not None and known != counted_from:
            stale.add(run)
    return stale


@transaction.atomic
def _replace_people(on: dt.date, at: dt.datetime, account_ids: Collection[int] | None) -> Counter[str]:
    """Give what people had to do who can no longer sign in to whoever serves the account now."""
    gone = Q(assignee__isnull=True) | Q(assignee__is_active=False)
    tasks = _of(Task.objects.unfinished().filter(gone), account_ids).exclude(role__in=NOBODYS)
    moved = list(tasks.select_related("run__playbook", "account").order_by("pk"))
    runs = list(
        _of(Run.objects.unfinished(), account_ids)
        .filter(Q(owner__isnull=True) | Q(owner__is_active=False))
        .order_by("pk")
    )
    teams = ServiceTeams.load({one.account_id for one in (*moved, *runs)}, on)
    for run in runs:
        run.owner_id = teams.person(run.account_id, Role.CSM)
    Run.objects.bulk_update(runs, ["owner"], batch_size=BATCH)
    given, counts = [], Counter[tuple[int, int]]()
    for task in moved:
        person = teams.person(task.account_id, task.role)
        if person != task.assignee_id:
            before, task.assignee_id = task.assignee_id, person
            task.version += 1
            given.append(task)
            leave_audit("task.reassigned", task, by=None, at=at, changes={"assignee": [before, person]})
            if person is not None and task.run_id is not None:
                counts[task.run_id, person] += 1
    Task.objects.bulk_update(given, ["assignee", "version"], batch_size=BATCH)
    named = {task.run.pk: task.run for task in given if task.run is not None}
    tell_new_assignees(list(named.values()), counts, by=None, at=at)
    return Counter(reassigned=len(given))


def _do_automatic(on: dt.date, at: dt.datetime, account_ids: Collection[int] | None) -> Counter[str]:
    """Finish what Mainstay itself has to do and is due; e-mails are sent by those who send them."""
    due = _of(Task.objects.asking(on).filter(role=Role.AUTOMATIC, due_on__lte=on), account_ids)
    count = 0
    for pk in list(due.exclude(kind=Kind.EMAIL).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            task = Task.objects.filter(pk=pk, state=Task.State.OPEN).first()
            if task is not None:
                complete_task(task=task, by=None, at=at)
                count += 1
    return Counter(automatic=count)


def _of(rows: Any, account_ids: Collection[int] | None) -> Any:
    return rows if account_ids is None else rows.filter(account__in=list(account_ids))


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[begin : begin + BATCH] for begin in range(0, len(ordered), BATCH))
