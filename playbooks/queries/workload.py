"""How much does everybody carry, which accounts have nobody, and what if somebody takes them or leaves?"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Account, ServiceAssignment, User
from accounts.queries.accounts import people_who_serve
from accounts.rules.roles import Capability
from playbooks.models import Run, Task, WorkloadSettings
from playbooks.rules.work import shared_out, used_share, weighted_load

SHOWN = 20
EVENLY = "evenly"
TIERS = tuple(Account.Tier.values)


@dataclass(frozen=True)
class PersonLoad:
    """What one person carries: accounts by tier with their weight, and what waits to be done."""

    user: User
    tiers: Mapping[str, int]
    load: float
    capacity: float
    tasks: int = 0
    overdue: int = 0
    week: int = 0
    runs: int = 0

    @property
    def accounts(self) -> int:
        """How many accounts."""
        return sum(self.tiers.values())

    @property
    def share(self) -> float | None:
        """Of what one person can carry."""
        return used_share(self.load, self.capacity)

    @property
    def tone(self) -> str:
        """Too much, much, or room."""
        share = self.share or 0
        return "risk" if share > 1 else "watch" if share > 0.85 else "healthy"


@dataclass(frozen=True)
class WhatIf:
    """What is asked: who leaves, whether accounts without an owner are given away, and to whom."""

    leaves: User | None = None
    with_unassigned: bool = False
    to: User | None = None

    def __bool__(self) -> bool:
        return bool(self.leaves or self.with_unassigned)


@dataclass(frozen=True)
class Workload:
    """The load of everybody now, the accounts without an owner, and the load after what is asked."""

    lines: Sequence[PersonLoad]
    unassigned: Sequence[Account]
    unassigned_tiers: Mapping[str, int]
    unassigned_load: float
    unowned_tasks: int
    settings: WorkloadSettings
    then: Mapping[int, PersonLoad] = field(default_factory=dict)
    moved: int = 0
    goes_nowhere: int = 0

    @property
    def unassigned_count(self) -> int:
        """How many accounts have nobody."""
        return sum(self.unassigned_tiers.values())

    def after(self, line: PersonLoad) -> PersonLoad | None:
        """A person's load after what is asked; nobody's where they left."""
        return self.then.get(line.user.pk)


def people_of_concern(user: User) -> QuerySet[User]:
    """Whose load a person sees: everybody's, the team's, or their own."""
    people = people_who_serve()
    if not user.can(Capability.ASSIGN_OWNERS):
        return people.filter(pk=user.pk)
    if user.visibility != User.Visibility.ALL and user.team_id:
        people = people.filter(Q(team=user.team_id) | Q(pk=user.pk))
    return people.order_by("name", "pk")


def workload(user: User, on: dt.date, asked: WhatIf | None = None) -> Workload:
    """Read the load of everybody whom a person may see: a fixed number of queries."""
    settings = WorkloadSettings.load()
    weights, capacity = settings.weights(), float(settings.capacity)
    people = list(people_of_concern(user))
    owned = _owned(user, people)
    tasks, runs = _tasks(people, on), _runs(people)
    lines = [
        _line(one, Counter(tier for _pk, tier in owned[one.pk]), weights, capacity, tasks.get(one.pk, {}),
              runs.get(one.pk, 0))
        for one in people
    ]  # fmt: skip
    # Who neither owns an account nor has a task is no part of the picture, unless nobody is.
    busy = [line for line in lines if line.accounts or line.tasks or line.user.role == User.Role.CSM] or lines
    unassigned = _unassigned(user)
    tiers = Counter(unassigned.order_by().values_list("tier", flat=True))
    then, moved, nowhere = _after(busy, owned, unassigned, asked, weights, capacity)
    return Workload(
        lines=busy,
        unassigned=list(unassigned.order_by("name", "pk")[:SHOWN]),
        unassigned_tiers=dict(tiers),
        unassigned_load=weighted_load(tiers, weights),
        unowned_tasks=Task.objects.visible_to(user).asking(on).filter(assignee=None).exclude(role="automatic").count(),
        settings=settings,
        then=then,
        moved=moved,
        goes_nowhere=nowhere,
    )


def _line(user: User, tiers: Mapping[str, int], weights: Mapping[str, float], capacity: float,
          tasks: Mapping[str, int], runs: int) -> PersonLoad:  # fmt: skip
    counts = {name: tasks.get(name, 0) for name in ("tasks", "overdue", "week")}
    return PersonLoad(user, dict(tiers), weighted_load(tiers, weights), capacity, runs=runs, **counts)


def _owned(user: User, people: Sequence[User]) -> dict[int, list[tuple[int, str]]]:
    """The accounts that each person owns now, with their tiers."""
    rows = ServiceAssignment.objects.visible_to(user).current().owners().filter(user__in=people)
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    kept = rows.exclude(account__stage=Account.Stage.CHURNED).order_by()
    for owner, account, tier in kept.values_list("user", "account", "account__tier"):
        found[owner].append((account, tier))
    return found


def _tasks(people: Sequence[User], on: dt.date) -> dict[int, dict[str, int]]:
    week = on + dt.timedelta(days=7)
    rows = Task.objects.asking(on).filter(assignee__in=people).order_by().values("assignee_id")
    counted = rows.annotate(
        tasks=Count("pk"),
        overdue=Count("pk", filter=Q(due_on__lt=on)),
        week=Count("pk", filter=Q(due_on__gte=on, due_on__lte=week)),
    )
    return {
        row["assignee_id"]: {"tasks": row["tasks"], "overdue": row["overdue"], "week": row["week"]} for row in counted
    }


def _runs(people: Sequence[User]) -> dict[int, int]:
    rows = Run.objects.unfinished().filter(owner__in=people).order_by().values("owner_id").annotate(runs=Count("pk"))
    return dict(rows.values_list("owner_id", "runs"))


def _unassigned(user: User) -> QuerySet[Account]:
    """Accounts without an owner, of customers who are still there."""
    owners = ServiceAssignment.objects.current().owners().filter(account=OuterRef("pk"))
    rows = Account.objects.visible_to(user).exclude(stage=Account.Stage.CHURNED)
    found: QuerySet[Account] = rows.filter(~Exists(owners))
    return found


def _after(
    lines: Sequence[PersonLoad],
    owned: Mapping[int, Sequence[tuple[int, str]]],
    unassigned: QuerySet[Account],
    asked: WhatIf | None,
    weights: Mapping[str, float],
    capacity: float,
) -> tuple[dict[int, PersonLoad], int, int]:
    """The load of everybody after what is asked, how many accounts moved, and how many found nobody."""
    if not asked:
        return {}, 0, 0
    gone = asked.leaves.pk if asked.leaves else None
    moving = list(owned.get(gone, ())) if gone is not None else []
    if asked.with_unassigned:
        moving += list(unassigned.order_by().values_list("pk", "tier"))
    stay = [line for line in lines if line.user.pk != gone]
    given = _given(moving, stay, asked, weights)
    more: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, tier in moving:
        if pk in given:
            more[given[pk]][tier] += 1
    then = {}
    for line in stay:
        tiers = Counter(line.tiers) + more[line.user.pk]
        counts = {"tasks": line.tasks, "overdue": line.overdue, "week": line.week}
        then[line.user.pk] = _line(line.user, tiers, weights, capacity, counts, line.runs)
    return then, len(given), len(moving) - len(given)


def _given(
    moving: Iterable[tuple[int, str]], stay: Sequence[PersonLoad], asked: WhatIf, weights: Mapping[str, float]
) -> dict[int, int]:
    """Who gets which account: all one person's, or shared out by who carries least."""
    if asked.to is not None:
        return {pk: asked.to.pk for pk, _tier in moving}
    load = {line.user.pk: line.load for line in stay if line.user.role == User.Role.CSM}
    return shared_out(load, {pk: weights.get(tier, 1) for pk, tier in moving})
