"""How do triggers start playbooks: each cause once, however often, by however many workers it is judged?

What is read is judged without a lock. What is written is written some hundred accounts at a time, each under a lock on
the playbook's row, after another look at what has happened meanwhile; so two workers never start the same run, and one
that was killed leaves whole runs and no halves.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, F

from accounts.actions.traces import leave_audit
from common.bulk import Column, upsert_columns
from common.jobs import enqueue
from playbooks.actions.starting import Start, Starter
from playbooks.actions.traces import tell_new_assignees
from playbooks.models import Playbook, PlaybookVersion, Run, Task, TriggerFiring
from playbooks.queries.judging import KEPT_AS, Judged, causes_for, judge_found, started_lately
from playbooks.rules.firing import Verdict

Result = TriggerFiring.Result
Told = Callable[[int, int], object]
Kept = tuple[Judged, str, int | None]
CHUNK = 1_000
# What a firing may become while it waits.
CHANGED = ("result", "at", "on", "run_id", "snoozed_until", "snooze_reason", "seen_on")


@dataclass
class Evaluated:
    """What an evaluation of one playbook came to."""

    playbook: str
    counts: Counter[str] = field(default_factory=Counter)
    # A day before the one that was evaluated last is judged and not written.
    is_written: bool = True

    @property
    def started(self) -> int:
        """How many runs it started."""
        return self.counts[Result.STARTED]


def evaluate_triggers(
    *,
    on: dt.date,
    at: dt.datetime,
    playbook: Playbook | None = None,
    account_ids: Collection[int] | None = None,
    release: bool = False,
    told: Told | None = None,
) -> list[Evaluated]:
    """Judge the causes of a day for the playbooks that start by themselves, and start what is to start.

    Twice on a day starts nothing twice. `release`: somebody has looked at those that were held back, and all may start.
    """
    rows = Playbook.objects.filter(is_enabled=True, is_archived=False).order_by("position", "pk")
    chosen = [one for one in rows if playbook is None or one.pk == playbook.pk]
    outcomes = []
    for number, one in enumerate(chosen, start=1):
        outcomes.append(_evaluate(one, on, at, account_ids, release=release))
        if told:
            told(number, len(chosen))
    return outcomes


def _evaluate(
    playbook: Playbook, on: dt.date, at: dt.datetime, account_ids: Collection[int] | None, *, release: bool
) -> Evaluated:
    outcome = Evaluated(playbook.key)
    version = playbook.versions.select_related("playbook").order_by("-number").first()
    if version is None or not version.parsed.triggers:
        return outcome
    found = causes_for(version, on, account_ids)
    run = judge_found(version, found, on, account_ids, is_released=release)
    if playbook.evaluated_on is not None and on < playbook.evaluated_on:
        outcome.is_written = False
        outcome.counts.update(KEPT_AS.get(one.verdict, Result.STARTED) for one in run.judged)
        return outcome
    others = [one for one in run.judged if one.verdict != Verdict.START]
    for part in _parts(others):
        outcome.counts.update(_keep(version, part, on, at))
    starter = Starter(version, on=on, at=at, by=None)
    for part in _parts(run.of(Verdict.START)):
        outcome.counts.update(_start(starter, part))
    TriggerFiring.objects.filter(pk__in=found.seen_again).update(seen_on=on)
    if account_ids is None:
        TriggerFiring.objects.filter(pk__in=found.gone, result__in=(Result.HELD, Result.LIMITED)).delete()
        held = run.count(Verdict.HELD)
        Playbook.objects.filter(pk=playbook.pk).update(evaluated_on=on, held_count=held)
    return outcome


@transaction.atomic
def _keep(version: PlaybookVersion, judged: Sequence[Judged], on: dt.date, at: dt.datetime) -> Counter[str]:
    """Write why causes start nothing; a repeat is counted with the run that goes on, too."""
    _lock(version.playbook_id)
    # What is put off stands there already, and another occurrence of it waits until that is over.
    kept = [one for one in _still_open(version, judged) if one.verdict != Verdict.SNOOZED]
    _write(version, [(one, KEPT_AS[one.verdict], None) for one in kept], on, at)
    repeated = [one.cause.account_id for one in kept if one.verdict == Verdict.REPEAT]
    if repeated:
        going = Run.objects.unfinished().filter(playbook=version.playbook_id, account__in=repeated)
        TriggerFiring.objects.filter(run__in=going, result=Result.STARTED).update(repeats=F("repeats") + 1)
    return Counter(KEPT_AS[one.verdict] for one in judged)


@transaction.atomic
def _start(starter: Starter, judged: Sequence[Judged]) -> Counter[str]:
    """Start what nobody else has started meanwhile, as far as the limit goes."""
    version = starter.version
    playbook = _lock(version.playbook_id)
    if not playbook.is_enabled:
        return Counter()
    todo = _still_open(version, judged)
    accounts = [one.cause.account_id for one in todo]
    going = Run.objects.unfinished().filter(playbook=playbook, account__in=accounts)
    running = dict(going.values_list("account_id", "pk"))
    free = [one for one in todo if one.cause.account_id not in running]
    most = version.parsed.limits.most_starts
    left = len(free) if most is None else max(most - started_lately(version, starter.on), 0)
    chosen, late = free[:left], free[left:]
    starts = [Start(one.cause.account_id, one.cause.kind, one.cause.key) for one in chosen]
    runs = starter.start(starts, is_told=False)
    run_of = {run.account_id: run.pk for run in runs}
    results: list[Kept] = [(one, Result.STARTED, run_of[one.cause.account_id]) for one in chosen]
    results += [(one, Result.LIMITED, None) for one in late]
    results += [(one, Result.REPEAT, None) for one in todo if one.cause.account_id in running]
    _write(version, results, starter.on, starter.at)
    if runs:
        # What starts meanwhile joins this job, so that each person is told once of all that came to them.
        first = min(run.pk for run in runs)
        enqueue("playbooks.tell_starts", key=f"playbook:{playbook.pk}", playbook_id=playbook.pk, first_run=first)
        changes = {"accounts": [None, sorted(run_of)], "version": [None, version.number]}
        leave_audit("playbook.started_runs", playbook, by=None, at=starter.at, changes=changes)
    return Counter(result for _one, result, _run in results)


def tell_starts(*, playbook_id: int, first_run: int, at: dt.datetime) -> int:
    """Tell people which tasks came to them by runs that started by themselves, from one run on; return how many."""
    rows = Run.objects.filter(playbook=playbook_id, pk__gte=first_run).exclude(cause=Run.Cause.BY_HAND)
    runs = {run.pk: run for run in rows.select_related("playbook", "account").defer("baseline")}
    tasks = Task.objects.filter(run__in=rows, assignee__isnull=False).order_by()
    counts = Counter({(run, person): count for run, person, count in
                      tasks.values_list("run_id", "assignee_id").annotate(count=Count("pk"))})  # fmt: skip
    tell_new_assignees(list(runs.values()), counts, by=None, at=at)
    return len({person for _run, person in counts})


def _lock(playbook_id: int) -> Playbook:
    return Playbook.objects.select_for_update().get(pk=playbook_id)


def _still_open(version: PlaybookVersion, judged: Sequence[Judged]) -> list[Judged]:
    """Drop the causes that somebody else has settled since they were judged."""
    rows = TriggerFiring.objects.filter(
        playbook=version.playbook_id, account__in=[one.cause.account_id for one in judged]
    ).exclude(result__in=TriggerFiring.WAITING)
    settled = set(rows.values_list("account_id", "cause_key"))
    return [one for one in judged if (one.cause.account_id, one.cause.key) not in settled]


def _write(version: PlaybookVersion, kept: Sequence[Kept], on: dt.date, at: dt.datetime) -> None:
    """Write what became of causes: a new row, or in place of one that waited; what is settled stays."""
    kept = sorted(kept, key=lambda one: (one[0].cause.account_id, one[0].cause.key))
    columns: dict[str, Column] = {
        "playbook_id": [version.playbook_id] * len(kept),
        "account_id": [one.cause.account_id for one, _result, _run in kept],
        "cause": [str(one.cause.kind) for one, _result, _run in kept],
        "cause_key": [one.cause.key for one, _result, _run in kept],
        "result": [str(result) for _one, result, _run in kept],
        "at": [at] * len(kept),
        # One that waits keeps the day on which it came about: who waits longest is first.
        "on": [one.cause.on if result in TriggerFiring.WAITING else on for one, result, _run in kept],
        "seen_on": [on] * len(kept),
        "run_id": [run for _one, _result, run in kept],
        "repeats": [0] * len(kept),
        "snoozed_until": [None] * len(kept),
        "snooze_reason": [""] * len(kept),
    }
    waits = f"old.result IN ({', '.join(repr(str(result)) for result in TriggerFiring.WAITING)})"
    update = {
        name: f"CASE WHEN {waits} THEN new.{column} ELSE old.{column} END"
        for name, column in ((name, f'"{name}"') for name in CHANGED)
    }
    upsert_columns(TriggerFiring, columns, unique=["playbook_id", "account_id", "cause_key"], update=update)


def _parts(rows: Sequence[Judged]) -> Iterable[Sequence[Judged]]:
    return (rows[begin : begin + CHUNK] for begin in range(0, len(rows), CHUNK))
