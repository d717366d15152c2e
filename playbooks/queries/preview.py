"""Who would enter a playbook today if it were published as it is drafted, and why, or why not?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account, User
from common.periods import add_months, month_start
from playbooks.models import PlaybookVersion
from playbooks.queries.drafting import Standing
from playbooks.queries.judging import DryRun, Judged, dry_run
from playbooks.queries.reasons import WORDS, cause_words, reason_of
from playbooks.queries.simulation import simulate
from playbooks.rules.firing import Verdict

SHOWN = 50
ENTERING = (Verdict.START, Verdict.HELD, Verdict.LIMITED)


@dataclass(frozen=True)
class Entry:
    """One account that a trigger names: because of what, and what becomes of it."""

    account: Account
    cause: str
    on: dt.date
    result: str


@dataclass(frozen=True)
class PlaybookPreview:
    """A draft tried on today: who would enter and who not, of those whom the reader sees; nothing was written."""

    on: dt.date
    entering: Sequence[Entry]
    passed: Sequence[Entry]
    entering_count: int
    passed_reasons: Sequence[tuple[str, int]]
    is_held: bool
    limited: int
    settled: int
    hold_above: int

    @property
    def passed_count(self) -> int:
        """How many accounts a trigger names that would not enter."""
        return sum(count for _reason, count in self.passed_reasons)


def trial_version(standing: Standing) -> PlaybookVersion:
    """The draft, or else the version in force, as a version that is not stored."""
    newest = standing.newest
    number = newest.number + 1 if newest else 1
    return PlaybookVersion(playbook=standing.playbook, number=number, definition=standing.body)


def preview_playbook(standing: Standing, user: User, on: dt.date) -> PlaybookPreview:
    """Judge today's causes by what is drafted, and show the accounts that a person sees."""
    judged = dry_run(trial_version(standing), on)
    seen = _seen(judged, user)
    entering = [one for one in judged.judged if one.verdict in ENTERING and one.cause.account_id in seen]
    passed = [one for one in judged.judged if one.verdict not in ENTERING and one.cause.account_id in seen]
    reasons = Counter(str(WORDS[one.verdict]) for one in passed)
    return PlaybookPreview(
        on=on,
        entering=_entries(entering, seen),
        passed=_entries(passed, seen),
        entering_count=len(entering),
        passed_reasons=reasons.most_common(),
        is_held=bool(judged.count(Verdict.HELD)),
        limited=judged.count(Verdict.LIMITED),
        settled=judged.settled,
        hold_above=standing.definition.limits.hold_above,
    )


@dataclass(frozen=True)
class PastStarts:
    """What a draft would have started in a past period, for the accounts that a person sees."""

    first: dt.date
    last: dt.date
    starts: Sequence[tuple[Account, dt.date, str]]
    count: int
    accounts: int
    months: Sequence[tuple[dt.date, int]]
    skipped: Sequence[tuple[str, int]]
    is_mute: bool


def past_starts(standing: Standing, user: User, first: dt.date, last: dt.date) -> PastStarts:
    """Run the draft over a past period; nothing is written."""
    past = simulate(trial_version(standing), first, last)
    named = past.accounts
    seen = named & set(Account.objects.visible_to(user).order_by().values_list("pk", flat=True)) if named else set()
    starts = [one for one in past.starts if one.account_id in seen]
    accounts = Account.objects.in_bulk([one.account_id for one in starts[:SHOWN]])
    months = Counter(month_start(one.on) for one in starts)
    return PastStarts(
        first=first,
        last=last,
        starts=[(accounts[one.account_id], one.on, cause_words(one.kind)) for one in starts[:SHOWN]],
        count=len(starts),
        accounts=len({one.account_id for one in starts}),
        months=[(month, months[month]) for month in months_of(first, last)],
        skipped=[(str(WORDS[Verdict(name)]), count) for name, count in past.skipped.most_common()],
        is_mute=bool(past.untold),
    )


def months_of(first: dt.date, last: dt.date) -> list[dt.date]:
    """The months that a period touches."""
    found = [month_start(first)]
    while (after := add_months(found[-1], 1)) <= last:
        found.append(after)
    return found


def _seen(judged: DryRun, user: User) -> set[int]:
    named = {one.cause.account_id for one in judged.judged}
    if not named:
        return set()
    visible = Account.objects.visible_to(user).order_by().values_list("pk", flat=True)
    return named & set(visible)


def _entries(judged: Sequence[Judged], seen: set[int]) -> list[Entry]:
    first = judged[:SHOWN]
    accounts = Account.objects.in_bulk([one.cause.account_id for one in first])
    return [
        Entry(accounts[one.cause.account_id], cause_words(one.cause.kind), one.cause.on, reason_of(one))
        for one in first
        if one.cause.account_id in accounts
    ]
