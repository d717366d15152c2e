"""Who is set beside whom, and what came of both?

Each start is looked at once, as things were known on its day; each outcome is read once, when its day has come. So a
night costs what is new in it, and nobody can choose whom to compare after seeing what came.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef

from playbooks.models import EffectPolicy, EffectSubject, Run
from playbooks.queries.effect.standing import BANDS, TIERS, Known, kept_on, later_on, standing_on
from playbooks.rules.effect import Calipers, match_untreated

Told = Callable[[int, int], None]
DAY = dt.timedelta(days=1)


def observe_starts(*, on: dt.date, told: Told = lambda *_: None) -> int:
    """Set untreated accounts beside those for which a playbook started before a day; returns how many were treated."""
    seen = EffectSubject.objects.filter(playbook=OuterRef("playbook"), account=OuterRef("account"), is_treated=True)
    fresh = Run.objects.filter(started_on__lt=on).exclude(Exists(seen)).order_by("started_on", "pk")
    by_day: dict[dt.date, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    first: set[tuple[int, int]] = set()
    for pk, playbook, account, day in fresh.values_list("pk", "playbook", "account", "started_on"):
        if (playbook, account) not in first:  # a customer who went through it twice counts with the first time
            first.add((playbook, account))
            by_day[day][playbook][account] = pk
    policy, count = EffectPolicy.load(), 0
    for number, (day, playbooks) in enumerate(sorted(by_day.items())):
        known = standing_on(day)
        for playbook, runs in playbooks.items():
            count += _observe(known, playbook, runs, day, policy)
        told(number + 1, len(by_day))
    return count


@transaction.atomic
def _observe(known: Known, playbook: int, runs: dict[int, int], day: dt.date, policy: EffectPolicy) -> int:
    """Write down the starts of one playbook on one day, each with its partners."""
    ours = known.places(np.array(list(runs), dtype=np.int64))
    started = Run.objects.filter(playbook=playbook, started_on__lte=day).order_by().values_list("account", flat=True)
    partners = EffectSubject.objects.filter(playbook=playbook, is_treated=False).values_list("account", flat=True)
    taken = np.array([*started, *partners], dtype=np.int64)
    pool = np.flatnonzero(~np.isin(known.standing.account, taken))
    treated_at, pool_at = match_untreated(known.standing.at(ours), known.standing.at(pool), Calipers())
    run_of = [runs[int(account)] for account in known.standing.account[ours]]
    rows = [_subject(known, int(place), playbook, run_of[n], day, policy, True) for n, place in enumerate(ours)]
    rows += [
        _subject(known, int(pool[theirs]), playbook, run_of[int(mine)], day, policy, False)
        for mine, theirs in zip(treated_at, pool_at, strict=True)
    ]
    EffectSubject.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(ours)


def _subject(
    known: Known, place: int, playbook: int, run: int, day: dt.date, policy: EffectPolicy, is_treated: bool
) -> EffectSubject:
    standing = known.standing
    return EffectSubject(
        playbook_id=playbook,
        run_id=run,
        account_id=int(standing.account[place]),
        is_treated=is_treated,
        started_on=day,
        tier=TIERS[int(standing.tier[place])],
        band=BANDS[int(standing.band[place])],
        arr=round(Decimal(str(standing.arr[place])), 2),
        tenure=int(standing.tenure[place]),
        score=_plain(standing.score[place]),
        trend=_plain(standing.trend[place]),
        active_days=_plain(known.active_days[place]),
        due_on=day + dt.timedelta(days=policy.health_days),
        kept_due_on=day + dt.timedelta(days=policy.kept_days),
    )


def _plain(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def read_outcomes(*, on: dt.date) -> int:
    """Read what came of the accounts whose day has come; returns how many were read.

    A partner who got the playbook itself meanwhile is read on the day before: what it did for him is not counted, and
    that he fared badly until then is.
    """
    return _read_later(on) + _read_kept(on)


@transaction.atomic
def _read_later(on: dt.date) -> int:
    waiting = list(EffectSubject.objects.filter(is_read=False, due_on__lte=on).order_by("pk"))
    by_day = _by_day(waiting, lambda one: one.due_on)
    for (day, since), subjects in by_day.items():
        found = later_on(day, [one.account_id for one in subjects], since)
        for one in subjects:
            one.score_after, one.active_days_after = found.get(one.account_id, (None, None))
            one.is_read = True
    EffectSubject.objects.bulk_update(waiting, ["score_after", "active_days_after", "is_read"], batch_size=300)
    return len(waiting)


@transaction.atomic
def _read_kept(on: dt.date) -> int:
    waiting = list(EffectSubject.objects.filter(is_kept=None, kept_due_on__lte=on).order_by("pk"))
    days: dict[dt.date, list[EffectSubject]] = defaultdict(list)
    for (day, _since), subjects in _by_day(waiting, lambda one: one.kept_due_on).items():
        days[day] += subjects
    for day, subjects in days.items():
        paying = kept_on(day)
        for one in subjects:
            one.is_kept = one.account_id in paying
    EffectSubject.objects.bulk_update(waiting, ["is_kept"], batch_size=300)
    return len(waiting)


def _by_day(
    waiting: Iterable[EffectSubject], due: Callable[[EffectSubject], dt.date]
) -> dict[tuple[dt.date, dt.date], list[EffectSubject]]:
    """Put accounts together by the day on which they are read and the day since which scores count."""
    rows = list(waiting)
    own = _own_starts(rows)
    found: dict[tuple[dt.date, dt.date], list[EffectSubject]] = defaultdict(list)
    for one in rows:
        day = due(one)
        if not one.is_treated:
            later = [start for start in own.get((one.playbook_id, one.account_id), ()) if start > one.started_on]
            day = min([day, *(start - DAY for start in later)])
        found[day, one.started_on - DAY].append(one)
    return found


def _own_starts(rows: Iterable[EffectSubject]) -> dict[tuple[int, int], list[dt.date]]:
    """When partners got the playbook themselves."""
    keys = {(one.playbook_id, one.account_id) for one in rows if not one.is_treated}
    found: dict[tuple[int, int], list[dt.date]] = defaultdict(list)
    runs = Run.objects.filter(playbook__in={playbook for playbook, _account in keys}).order_by("started_on", "pk")
    for playbook, account, day in runs.values_list("playbook", "account", "started_on").iterator():
        if (playbook, account) in keys:
            found[playbook, account].append(day)
    return found
