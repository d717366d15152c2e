"""Who would enter a playbook on a day, who would not, and why? Nothing is written: a dry run is the same judgement."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max

from accounts.models import Account
from common.columns import only_ids
from playbooks.models import PlaybookVersion, Run, TriggerFiring
from playbooks.queries.causes import STANDING, Cause, causes_on
from playbooks.queries.channels import channels_of_tiers
from playbooks.queries.claims import meeting
from playbooks.rules.definition import TriggerKind
from playbooks.rules.firing import Situation, Verdict, room, stem, verdict
from playbooks.rules.steps import Channel

Result = TriggerFiring.Result
# What each verdict is kept as; nothing is kept of a start before it is one.
KEPT_AS: dict[Verdict, str] = {
    Verdict.REPEAT: Result.REPEAT,
    Verdict.TOO_SOON: Result.TOO_SOON,
    Verdict.CHURNED: Result.NOT_MEANT,
    Verdict.NOT_MEANT: Result.NOT_MEANT,
    Verdict.NO_STEPS: Result.NOT_MEANT,
    Verdict.REACHED: Result.NOT_MEANT,
    Verdict.SNOOZED: Result.SNOOZED,
    Verdict.LOOP: Result.LOOP,
    Verdict.HELD: Result.HELD,
    Verdict.LIMITED: Result.LIMITED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One cause of one account, and what becomes of it."""

    cause: Cause
    verdict: Verdict
    # It waited already: held back, limited or put off.
    is_waiting: bool = False
    snoozed_until: dt.date | None = None


@dataclass(frozen=True)
class DryRun:
    """What an evaluation would do today: every new cause with its verdict, and how many it would hold back."""

    on: dt.date
    judged: Sequence[Judged]
    # Causes that were settled before: they start nothing any more.
    settled: int = 0

    def of(self, *verdicts: Verdict) -> list[Judged]:
        """Those with one of some verdicts."""
        return [one for one in self.judged if one.verdict in verdicts]

    def count(self, *verdicts: Verdict) -> int:
        """How many have one of some verdicts."""
        return len(self.of(*verdicts))


def dry_run(version: PlaybookVersion, on: dt.date, account_ids: Collection[int] | None = None) -> DryRun:
    """Judge the causes of a day by a version of a playbook, which need not be enabled, or even the newest."""
    return judge_found(version, causes_for(version, on, account_ids), on, account_ids)


def judge_found(
    version: PlaybookVersion,
    found: Found,
    on: dt.date,
    account_ids: Collection[int] | None = None,
    *,
    is_released: bool = False,
) -> DryRun:
    """Judge causes, and hold back or limit those of them that are too many."""
    judged = judge(version, found.causes, on, found.waiting)
    starting = [one for one in judged if one.verdict == Verdict.START]
    space = room(
        len(starting),
        version.parsed.limits,
        started_lately(version, on),
        is_released=is_released,
        was_held=account_ids is not None and bool(version.playbook.held_count),
    )
    stays = Verdict.HELD if space.is_held else Verdict.LIMITED
    beyond = {one.cause for one in starting[space.starts :]}
    return DryRun(on, [replace(one, verdict=stays) if one.cause in beyond else one for one in judged], found.settled)


@dataclass(frozen=True)
class Found:
    """The causes that are still to be judged, those that waited already, and how many were settled before."""

    causes: Sequence[Cause]
    waiting: dict[tuple[int, str], TriggerFiring]
    settled: int
    # Firings that wait for a cause that no longer stands.
    gone: Sequence[int] = ()
    seen_again: Sequence[int] = ()


def causes_for(version: PlaybookVersion, on: dt.date, account_ids: Collection[int] | None = None) -> Found:
    """Find the causes of a day and drop those that were settled before."""
    triggers = version.parsed.triggers
    causes = causes_on(triggers, on, account_ids)
    known = _firings(version.playbook_id, {cause.account_id for cause in causes}, account_ids)
    causes, seen = _in_views(causes, known, version.playbook.evaluated_on, on)
    waiting = {key: row for key, row in known.items() if row.result in TriggerFiring.WAITING}
    now = {(cause.account_id, cause.key) for cause in causes}
    # An event that was held back still is one, however long ago; what has to stand does not stand any more.
    kept = [
        Cause(row.account_id, row.cause, row.cause_key, row.on)
        for key, row in waiting.items()
        if key not in now and row.cause not in STANDING
    ]
    gone = [row.pk for key, row in waiting.items() if key not in now and row.cause in STANDING]
    fresh = [cause for cause in [*causes, *kept] if _is_open(known.get((cause.account_id, cause.key)))]
    fresh.sort(key=lambda cause: (cause.on, cause.account_id, cause.key))
    return Found(fresh, waiting, len(causes) + len(kept) - len(fresh), gone, seen)


def judge(
    version: PlaybookVersion, causes: Sequence[Cause], on: dt.date, waiting: dict[tuple[int, str], TriggerFiring]
) -> list[Judged]:
    """Judge causes one by one, in their order; of several of one account the first starts and the others repeat it."""
    ids = {cause.account_id for cause in causes}
    situations = _situations(version, ids, on)
    snoozed = _snoozed(version.playbook_id, on, ids)
    definition = version.parsed
    judged, starting = [], set()
    for cause in causes:
        until = snoozed.get((cause.account_id, stem(cause.key)))
        situation = replace(
            situations[cause.account_id],
            snoozed_until=until,
            is_running=situations[cause.account_id].is_running or cause.account_id in starting,
        )
        said = verdict(
            version.playbook_id, situation, definition.limits, on, with_churned=definition.with_churned
        )  # fmt: skip
        if said == Verdict.START:
            starting.add(cause.account_id)
        judged.append(Judged(cause, said, (cause.account_id, cause.key) in waiting, until))
    return judged


def started_lately(version: PlaybookVersion, on: dt.date) -> int:
    """How many runs of the playbook started by themselves within the days of its limit."""
    since = on - dt.timedelta(days=version.parsed.limits.within_days)
    runs = Run.objects.filter(playbook=version.playbook_id, started_on__gt=since, started_on__lte=on)
    return runs.exclude(cause=Run.Cause.BY_HAND).count()


def _firings(
    playbook: int, with_causes: Collection[int], account_ids: Collection[int] | None
) -> dict[tuple[int, str], TriggerFiring]:
    """What accounts with causes met before, and all that waits."""
    firings = TriggerFiring.objects.filter(playbook=playbook).order_by("pk")
    fields = ("account_id", "cause", "cause_key", "result", "on", "seen_on", "snoozed_until")
    waiting = only_ids(firings.filter(result__in=TriggerFiring.WAITING), "account_id", account_ids)
    rows = [*only_ids(firings, "account_id", with_causes).only(*fields), *waiting.only(*fields)]
    wanted = None if account_ids is None else frozenset(account_ids)
    return {(row.account_id, row.cause_key): row for row in rows if wanted is None or row.account_id in wanted}


def _is_open(firing: TriggerFiring | None) -> bool:
    return firing is None or firing.result in TriggerFiring.WAITING


def _in_views(
    causes: Sequence[Cause], known: dict[tuple[int, str], TriggerFiring], before: dt.date | None, on: dt.date
) -> tuple[list[Cause], list[int]]:
    """Give an account that is still in a view the cause by which it came in; who left and came back is a new cause."""
    last: dict[tuple[int, str], TriggerFiring] = {}
    for row in known.values():
        if row.cause == TriggerKind.SAVED_VIEW:
            last[row.account_id, stem(row.cause_key)] = row
    told, seen = [], []
    for cause in causes:
        met = last.get((cause.account_id, stem(cause.key))) if cause.kind == TriggerKind.SAVED_VIEW else None
        if met is not None and (before is None or (met.seen_on or met.on) >= min(before, on)):
            cause = replace(cause, key=met.cause_key, on=met.on)
            seen.append(met.pk)
        told.append(cause)
    return told, seen


def _situations(version: PlaybookVersion, ids: set[int], on: dt.date) -> dict[int, Situation]:
    """What is known of accounts: a handful of queries, whatever their number."""
    definition, channels = version.parsed, channels_of_tiers()
    meant = meeting(definition.entry, ids, on)
    reached = meeting(definition.goal, ids, on) if definition.goal else set()
    runs = only_ids(Run.objects.filter(playbook=version.playbook_id), "account_id", ids)
    running = set(runs.filter(state__in=Run.UNFINISHED).values_list("account_id", flat=True))
    ended = dict(runs.order_by().values_list("account_id").annotate(last=Max("ended_on")))
    today: dict[int, tuple[int, ...]] = defaultdict(tuple)
    by_themselves = Run.objects.filter(started_on=on).exclude(cause=Run.Cause.BY_HAND)
    for account, playbook in only_ids(by_themselves, "account_id", ids).values_list("account_id", "playbook_id"):
        today[account] += (playbook,)
    with_steps = {
        channel
        for channel in Channel
        if any(not step.channels or channel in step.channels for step in definition.steps)
    }
    rows: Any = only_ids(Account.objects.order_by(), "pk", ids).values_list("pk", "stage", "tier")
    return {
        pk: Situation(
            is_churned=stage == Account.Stage.CHURNED,
            is_meant=pk in meant,
            has_reached=pk in reached,
            has_steps=channels.get(tier, Channel.PERSON) in with_steps,
            is_running=pk in running,
            last_ended_on=ended.get(pk),
            started_today=today[pk],
        )
        for pk, stage, tier in rows
        if pk in ids
    }


def _snoozed(playbook: int, on: dt.date, ids: Collection[int]) -> dict[tuple[int, str], dt.date]:
    """Until when causes of accounts are put off."""
    rows = TriggerFiring.objects.filter(playbook=playbook, result=Result.SNOOZED, snoozed_until__gte=on)
    return {
        (account, stem(key)): until
        for account, key, until in only_ids(rows, "account_id", ids).values_list(
            "account_id", "cause_key", "snoozed_until"
        )
        if until is not None
    }
