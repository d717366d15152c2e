"""How does each end of contract get its talks, and how do they end?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import judge_triggers, leave_audit, leave_entry, rescore, today
from accounts.models import Account, Organisation, TimelineEntry, User
from common.errors import Refused
from revenue.actions.calls import call_renewals
from revenue.models import Renewal
from revenue.queries import read_lines
from revenue.rules.movements import OPEN, Lines, day_number, day_of
from revenue.rules.renewals import Chains, chains_of, contract_ends, verdict

Stage = Renewal.Stage
BATCH = 1_000


@dataclass(frozen=True)
class SyncedRenewals:
    """What the daily look at all contracts changed."""

    made: int
    moved: int
    dropped: int
    won: int
    lost: int


@transaction.atomic
def create_renewal(
    *,
    account: Account,
    due_on: dt.date,
    by: User | None,
    at: dt.datetime,
    stage: str = Stage.NOT_STARTED,
    external_id: str | None = None,
) -> Renewal:
    """Open the talks about an end of contract."""
    if Renewal.objects.filter(account=account, due_on=due_on).exists():
        raise Refused(_("This account has a renewal on that day already."), field="due_on", code="unique")
    if external_id and Renewal.objects.filter(external_id=external_id).exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
    renewal = Renewal.objects.create(
        account=account,
        due_on=due_on,
        stage=stage,
        external_id=external_id or None,
        stage_changed_on=today(at),
        changed_by=by,
    )
    leave_audit("renewal.created", renewal, by=by, at=at, changes={"stage": [None, str(stage)]})
    call_renewals(on=today(at), account_ids=[account.pk])
    rescore(account.pk)
    judge_triggers(account.pk)
    return Renewal.objects.get(pk=renewal.pk)


@transaction.atomic
def advance_renewal(*, renewal: Renewal, stage: str, by: User | None, at: dt.datetime) -> Renewal:
    """Move the talks to another stage; the timeline keeps who said so."""
    if stage not in Stage.values:
        raise Refused(_("Choose a stage of the renewal."), field="stage")
    locked = Renewal.objects.select_for_update(of=("self",)).select_related("account").get(pk=renewal.pk)
    if locked.stage == stage:
        return locked
    if locked.stage not in Renewal.OPEN and stage in Renewal.OPEN and locked.due_on < today(at):
        raise Refused(_("This renewal is over. Talks about a new contract belong to its own renewal."), field="stage")
    old = Stage(locked.stage)
    locked.stage, locked.stage_changed_on, locked.changed_by = stage, today(at), by
    locked.save(update_fields=["stage", "stage_changed_on", "changed_by"])
    leave_audit("renewal.advanced", locked, by=by, at=at, changes={"stage": [str(old), str(stage)]})
    words = {"due": locked.due_on.isoformat(), "old": old.label, "new": Stage(stage).label}
    leave_entry(
        locked.account, TimelineEntry.Kind.STAGE, _("Renewal of %(due)s: %(old)s → %(new)s") % words, by=by, at=at,
        details={"renewal": locked.pk, "from": str(old), "to": str(stage)},
    )  # fmt: skip
    call_renewals(on=today(at), account_ids=[locked.account_id])
    rescore(locked.account_id)
    return Renewal.objects.select_related("account").get(pk=locked.pk)


@dataclass
class _Changes:
    """What has to be written."""

    changed: list[Renewal] = field(default_factory=list)
    moved: list[Renewal] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    made: list[Renewal] = field(default_factory=list)


@transaction.atomic
def sync_renewals(*, on: dt.date, at: dt.datetime, account_ids: Iterable[int] | None = None) -> SyncedRenewals:
    """Give each account an open renewal at the end of its contract, and settle the ends that have passed.

    An end that was agreed anew keeps its talks: they move to the new day. What a person settled stays; what this
    settled as lost becomes won if a late contract closes the pause. Twice on a day changes nothing.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    gap_days = Organisation.load().renewal_gap_days
    lines = read_lines(ids).paying()
    spans = chains_of(lines, gap_days)
    rows = Renewal.objects.order_by("pk") if ids is None else Renewal.objects.filter(account__in=ids).order_by("pk")
    renewals = list(rows.only("account_id", "external_id", "due_on", "stage", "stage_changed_on", "changed_by_id"))
    wanted = {int(account): day_of(end) for account, end in zip(*spans.current(on), strict=True) if end < OPEN}
    changes = _Changes()
    _settle(renewals, spans, on, gap_days, changes)
    _follow_ends(renewals, lines, wanted, on, changes)
    taken = {(renewal.account_id, renewal.due_on) for renewal in renewals}
    changes.made = [
        Renewal(account_id=account, due_on=end, stage_changed_on=on)
        for account, end in wanted.items()
        if (account, end) not in taken
    ]
    _write(changes)
    call_renewals(on=on, account_ids=ids)
    if changes.made or changes.moved:
        judge_triggers(ids[0] if ids is not None and len(ids) == 1 else None)
    won = sum(renewal.stage == Stage.WON for renewal in changes.changed)
    return SyncedRenewals(len(changes.made), len(changes.moved), len(changes.dropped), won, len(changes.changed) - won)


def _settle(renewals: list[Renewal], spans: Chains, on: dt.date, gap_days: int, changes: _Changes) -> None:
    """Settle what has passed: won if the account goes on paying, else lost."""
    account = np.array([renewal.account_id for renewal in renewals], dtype=np.int64)
    due = np.array([day_number(renewal.due_on) for renewal in renewals], dtype=np.int64)
    goes_on, _end = spans.around(account, due)
    for renewal, pays in zip(renewals, goes_on, strict=True):
        by_us = renewal.stage == Stage.LOST and renewal.changed_by_id is None and renewal.external_id is None
        if renewal.stage not in Renewal.OPEN and not by_us:
            continue
        found = verdict(renewal.due_on, on, goes_on=bool(pays), gap_days=gap_days)
        if found is not None and found != renewal.stage:
            renewal.stage, renewal.stage_changed_on, renewal.changed_by_id = found, on, None
            changes.changed.append(renewal)


def _follow_ends(
    renewals: list[Renewal], lines: Lines, wanted: dict[int, dt.date], on: dt.date, changes: _Changes
) -> None:
    """Settle what was renewed early; move or drop what points at a day on which no contract ends any more."""
    ends = set(zip(lines.account.tolist(), lines.end.tolist(), strict=True))
    starts = set(zip(lines.account.tolist(), lines.start.tolist(), strict=True))
    taken = {(renewal.account_id, renewal.due_on) for renewal in renewals}
    for renewal in list(renewals):
        if renewal.stage not in Renewal.OPEN or renewal.due_on <= on:
            continue
        key, end = (renewal.account_id, day_number(renewal.due_on)), wanted.get(renewal.account_id)
        if key in ends and key in starts:
            renewal.stage, renewal.stage_changed_on = Stage.WON, on
            changes.changed.append(renewal)
        elif key in ends or renewal.external_id is not None:
            continue
        elif end is not None and (renewal.account_id, end) not in taken:
            taken.add((renewal.account_id, end))
            renewal.due_on = end
            changes.moved.append(renewal)
        elif renewal.stage == Stage.NOT_STARTED:
            renewals.remove(renewal)
            changes.dropped.append(renewal.pk)


def _write(changes: _Changes) -> None:
    """Write what changed, in bulk."""
    for start in range(0, len(changes.dropped), BATCH):
        Renewal.objects.filter(pk__in=changes.dropped[start : start + BATCH]).delete()
    fields = ["due_on", "stage", "stage_changed_on", "changed_by"]
    Renewal.objects.bulk_update([*changes.changed, *changes.moved], fields, batch_size=200)
    Renewal.objects.bulk_create(changes.made, batch_size=BATCH)


@transaction.atomic
def remember_renewals(*, on: dt.date, account_ids: Iterable[int] | None = None) -> int:
    """Write down the ends of contracts that passed before anybody looked, settled by what followed; returns how many.

    So a book that comes in with its history has its renewal rates too. What is written down already stays.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    gap_days = Organisation.load().renewal_gap_days
    lines = read_lines(ids).paying()
    account, due = contract_ends(lines)
    passed = due <= day_number(on)
    account, due = account[passed], due[passed]
    goes_on, _end = chains_of(lines, gap_days).around(account, due)
    rows = Renewal.objects.all() if ids is None else Renewal.objects.filter(account__in=ids)
    known = set(rows.order_by().values_list("account_id", "due_on"))
    made = []
    for pk, day, pays in zip(account.tolist(), due.tolist(), goes_on.tolist(), strict=True):
        end = day_of(day)
        found = verdict(end, on, goes_on=pays, gap_days=gap_days)
        if found is not None and (pk, end) not in known:
            made.append(Renewal(account_id=pk, due_on=end, stage=found, stage_changed_on=end))
    Renewal.objects.bulk_create(made, batch_size=BATCH)
    if made:
        call_renewals(on=on, account_ids={renewal.account_id for renewal in made})
    return len(made)
