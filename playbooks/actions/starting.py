"""How do runs of a playbook come to be, one or ten thousand, with all of their tasks?

Whoever calls holds the lock on the playbook's row and has seen that none of the accounts has an unfinished run, so that
nothing starts twice; the constraint on runs says it again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import Account, User
from common.bulk import Coded, JSONText, insert_columns
from playbooks.actions.traces import tell_new_assignees, tell_runs
from playbooks.models import PlaybookVersion, Run, Task
from playbooks.queries.baseline import baselines
from playbooks.queries.calendars import Calendars
from playbooks.queries.channels import channels_of_tiers
from playbooks.queries.dates import RENEWAL, Dates, dates_of, next_renewals, renewal_of
from playbooks.queries.team import ServiceTeams
from playbooks.rules.schedule import Planned, held_by, plan
from playbooks.rules.steps import Channel, Step, dump_step

State = Task.State
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Start:
    """One account for which a playbook is to start, and the very thing that causes it."""

    account_id: int
    cause: str = Run.Cause.BY_HAND
    cause_key: str = ""


@dataclass
class _Rows:
    """The columns of the tasks to be written."""

    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, **values: Any) -> None:
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)


class Starter:
    """Starts one version of a playbook for accounts: what does not depend on the account is worked out once."""

    def __init__(self, version: PlaybookVersion, *, on: dt.date, at: dt.datetime, by: User | None) -> None:
        self.version, self.on, self.at, self.by = version, on, at, by
        self.definition = version.parsed
        self.channels = channels_of_tiers()
        self.calendars = Calendars.load()
        self.steps = {channel: self._steps_for(channel) for channel in Channel}
        self._held = {channel: held_by(steps) for channel, steps in self.steps.items()}
        self._texts = {step.key: JSONText(json.dumps(dump_step(step))) for step in self.definition.steps}
        self._titles = {step.key: JSONText(json.dumps(dict(step.title))) for step in self.definition.steps}
        self._positions = {step.key: number for number, step in enumerate(self.definition.steps)}
        self._plans: dict[tuple[Any, ...], dict[str, Planned]] = {}

    def channel_of(self, tier: str) -> Channel:
        """How accounts of a tier are served."""
        return self.channels.get(tier, Channel.PERSON)

    def has_steps_for(self, tier: str) -> bool:
        """Say whether the playbook has anything for accounts of a tier."""
        return bool(self.steps[self.channel_of(tier)])

    @transaction.atomic
    def start(self, starts: Sequence[Start], *, is_told: bool = True) -> list[Run]:
        """Write runs, tasks and timeline entries: a fixed number of statements for some hundreds.

        `is_told`: whether the people hear of it here and now; who starts thousands has them told later, once each.
        """
        by_account = {start.account_id: start for start in starts}
        ids = sorted(by_account)
        accounts = Account.objects.only("name", "tier", "region").in_bulk(ids)
        teams, like = ServiceTeams.load(ids, self.on), baselines(ids, self.on)
        pinned = self._renewals(by_account)
        dates = dates_of(ids, self.on, pinned)
        runs = [
            Run(
                playbook=self.version.playbook,
                version=self.version,
                account=accounts[pk],
                owner_id=teams.person(pk, "csm"),
                channel=self.channel_of(accounts[pk].tier),
                cause=by_account[pk].cause,
                cause_key=by_account[pk].cause_key,
                started_on=self.on,
                started_by=self.by,
                baseline=like.get(pk, {}) | ({"renewal": pinned[pk]} if pk in pinned else {}),
            )
            for pk in ids
            if pk in accounts
        ]
        Run.objects.bulk_create(runs, batch_size=BATCH)
        counts = self._write_tasks(runs, teams, dates)
        tell_runs("started", runs, by=self.by, at=self.at)
        if is_told:
            tell_new_assignees(runs, counts, by=self.by, at=self.at)
        return runs

    def _renewals(self, by_account: Mapping[int, Start]) -> dict[int, int]:
        """Which renewal each run is about: the one that caused it, else the next, where a step is counted from it."""
        named = {pk: renewal_of(start.cause_key) for pk, start in by_account.items()}
        pinned = {pk: renewal for pk, renewal in named.items() if renewal is not None}
        if RENEWAL in {step.anchor for step in self.definition.steps}:
            return next_renewals(list(by_account), self.on) | pinned
        return pinned

    def _write_tasks(self, runs: Sequence[Run], teams: ServiceTeams, dates: dict[int, Dates]) -> Counter[Any]:
        """Write the tasks of runs as columns; return how many each person got of each run."""
        rows, counts = _Rows(), Counter[Any]()
        for run in runs:
            channel = Channel(run.channel)
            planned = self._plan(run.account.region, dates[run.account_id])
            for step in self.steps[channel]:
                when, person = planned[step.key], teams.person(run.account_id, step.role)
                waits = when.due_on is None or self._held[channel][step.key]
                rows.add(
                    account_id=run.account_id, run_id=run.pk, step_key=step.key, position=self._positions[step.key],
                    step=self._texts[step.key], title=self._titles[step.key], kind=str(step.kind),
                    role=str(step.role), assignee_id=person, state=str(State.WAITING if waits else State.OPEN),
                    due_on=when.due_on, anchor_on=when.counted_from, first_due_on=when.due_on,
                )  # fmt: skip
                if person is not None:
                    counts[run.pk, person] += 1
        if rows.columns:
            same = np.zeros(len(rows.columns["run_id"]), dtype=np.int64)
            fixed = {"snooze_reason": "", "result": "", "created_at": self.at, "version": 1}
            fixed["created_by_id"] = self.by.pk if self.by else None
            insert_columns(Task, rows.columns | {name: Coded([value], same) for name, value in fixed.items()})
        return counts

    def _plan(self, region: str, dates: Dates) -> dict[str, Planned]:
        """The dates of all steps; accounts of one region with the same dates share them."""
        used = {step.anchor for step in self.definition.steps}
        known = {name: day for name, day in dates.items() if name in used}
        calendar = self.calendars.of(region)
        key = (calendar, *sorted(known.items()))
        if key not in self._plans:
            if len(self._plans) > BATCH:
                self._plans.clear()
            self._plans[key] = plan(self.definition.steps, self.on, known, calendar, not_before=self.on)
        return self._plans[key]

    def _steps_for(self, channel: Channel) -> tuple[Step, ...]:
        return tuple(step for step in self.definition.steps if not step.channels or channel in step.channels)
