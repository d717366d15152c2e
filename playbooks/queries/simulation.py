"""For which accounts would a playbook have started in a past period, had it been there? From what history keeps.

Warnings by the day on which they opened (last), bands and stages by the timeline, handoffs, signings and renewals by
their days. Tests of the entry rule are judged as of each day; conditions on fields by what the fields hold today. A
run is taken to last until its last step that has a date, since nobody knows when it would have ended.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from accounts.models import Account
from common.columns import only_ids
from playbooks.models import PlaybookVersion
from playbooks.queries.calendars import Calendars
from playbooks.queries.causes import Cause, causes_between
from playbooks.queries.channels import channels_of_tiers
from playbooks.queries.claims import meeting
from playbooks.rules.definition import Definition, TriggerKind
from playbooks.rules.firing import Verdict, is_too_soon
from playbooks.rules.schedule import plan
from playbooks.rules.steps import Channel

# Longer than this a simulation judges more days than anybody waits for.
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class SimulatedStart:
    """One run that there would have been, and the day until which it would have gone on."""

    account_id: int
    on: dt.date
    until: dt.date
    kind: str
    key: str


@dataclass
class Simulation:
    """The runs that there would have been, why others would not have started, and which triggers history is mute of."""

    first: dt.date
    last: dt.date
    starts: list[SimulatedStart] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    untold: list[str] = field(default_factory=list)

    @property
    def accounts(self) -> set[int]:
        """The accounts for which it would have started, once or more often."""
        return {start.account_id for start in self.starts}


@dataclass(frozen=True)
class _Customer:
    tier: str
    region: str
    left: bool


def simulate(version: PlaybookVersion, first: dt.date, last: dt.date) -> Simulation:
    """Run a version of a playbook over a past period, both days included; nothing is written."""
    says, simulation = version.parsed, Simulation(first, last)
    simulation.untold = [str(one.kind) for one in says.triggers if one.kind == TriggerKind.SAVED_VIEW]
    causes = causes_between(says.triggers, first, last)
    customers = _customers({cause.account_id for cause in causes})
    lengths = _Lengths(says)
    until: dict[int, dt.date] = {}
    lately: deque[dt.date] = deque()
    for on, found in groupby(causes, key=lambda cause: cause.on):
        meant, waiting = _meant(says, list(found), on, simulation), Counter[int]()
        for cause in meant:
            customer = customers[cause.account_id]
            said = _verdict(says, customer, until.get(cause.account_id), cause.account_id in waiting, lengths, on)
            if said == Verdict.START and _is_full(says, lately, on):
                said = Verdict.LIMITED
            if said != Verdict.START:
                simulation.skipped[said] += 1
                continue
            ends = lengths.end(customer, on)
            until[cause.account_id] = ends
            waiting[cause.account_id] += 1
            lately.append(on)
            simulation.starts.append(SimulatedStart(cause.account_id, on, ends, str(cause.kind), cause.key))
    return simulation


def _meant(says: Definition, causes: Sequence[Cause], on: dt.date, simulation: Simulation) -> list[Cause]:
    """Drop the causes of accounts that the entry rule left out on the day."""
    if not says.entry:
        return list(causes)
    ids = meeting(says.entry, {cause.account_id for cause in causes}, on)
    kept = [cause for cause in causes if cause.account_id in ids]
    simulation.skipped[Verdict.NOT_MEANT] += len(causes) - len(kept)
    return kept


def _verdict(
    says: Definition, customer: _Customer, until: dt.date | None, started: bool, lengths: _Lengths, on: dt.date
) -> Verdict:
    if customer.left and not says.with_churned:
        return Verdict.CHURNED
    if not lengths.has_steps(customer):
        return Verdict.NO_STEPS
    if started or (until is not None and on <= until):
        return Verdict.REPEAT
    if is_too_soon(until, says.limits.again_after_days, on):
        return Verdict.TOO_SOON
    return Verdict.START


def _is_full(says: Definition, lately: deque[dt.date], on: dt.date) -> bool:
    """Say whether enough have started within the days of the limit."""
    while lately and (on - lately[0]).days >= says.limits.within_days:
        lately.popleft()
    return says.limits.most_starts is not None and len(lately) >= says.limits.most_starts


class _Lengths:
    """How long a run would have gone on, by how the account is served and where it is."""

    def __init__(self, says: Definition) -> None:
        self.says, self.channels, self.calendars = says, channels_of_tiers(), Calendars.load()

    def has_steps(self, customer: _Customer) -> bool:
        """Say whether there is anything to do for such a customer."""
        return any(True for _key in self._keys(customer))

    def end(self, customer: _Customer, on: dt.date) -> dt.date:
        """The day of the last step that has a date without the account's own."""
        planned = plan(self.says.steps, on, {}, self.calendars.of(customer.region), not_before=on)
        dated = [due for key in self._keys(customer) if (due := planned[key].due_on) is not None]
        return max(dated, default=on)

    def _keys(self, customer: _Customer) -> Iterator[str]:
        channel = self.channels.get(customer.tier, Channel.PERSON)
        return (step.key for step in self.says.steps if not step.channels or channel in step.channels)


def _customers(ids: set[int]) -> dict[int, _Customer]:
    rows = only_ids(Account.objects.order_by(), "pk", ids).values_list("pk", "tier", "region", "stage")
    return defaultdict(
        lambda: _Customer("", "", left=True),
        {pk: _Customer(tier, region, stage == Account.Stage.CHURNED) for pk, tier, region, stage in rows},
    )
