"""Which book are the pages of every day measured on? The demo's, as large as asked for, with use drawn in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Mod
from django.utils import timezone

from accounts.models import Account, Organisation, ServiceAssignment, Team, User
from accounts.rules.roles import Role
from common.bulk import Coded, insert_columns
from playbooks.actions import settle_runs
from playbooks.actions.starting import Start, Starter
from playbooks.models import Playbook, Run, Task
from portfolio.demo.derive import derive_all
from portfolio.demo.load import Plan, load_facts
from portfolio.demo.playbook_effect import plant
from portfolio.demo.story import Story
from portfolio.models import AccountRow
from roadmap.actions.ranking import rank_all
from roadmap.models import FeatureRequest, RequestEvidence
from usage.models import Feature, Module, UsageEvent

SEED, MONTHS = 7, 24
ACCOUNTS_OF_A_CSM = 100
SLICE = 500_000
REQUESTS_PER_ACCOUNT, VOTES_PER_ACCOUNT = 0.4, 8
# Playbooks at work on so large a share of the accounts, beside those of the demo, begun so many days ago.
AT_WORK = {"renewal": (0.15, 20), "advocate_care": (0.15, 10), "onboarding": (0.1, 35)}
Say = Callable[[str], None]


@dataclass
class Uses:
    """Product events as arrays: which account, by how many days before the book's last, which person and feature."""

    account: Any
    ago: Any
    person: Any
    feature: Any


def store_book(accounts: int, events: int, say: Say) -> None:
    """Write the demo's facts for so many accounts, so many product events, and all that follows from both."""
    at = timezone.now()
    on = Organisation.load().day_of(at)
    plan = Plan(accounts=accounts, months=MONTHS, seed=SEED, on=on, at=at, with_usage=False)
    stories: list[Story] = []

    def keep(told: list[Story], told_plan: Plan) -> None:
        plant(told, told_plan)
        stories.extend(told)

    load_facts(plan, plant=keep)
    say("facts")
    _spread_over_csms(accounts)
    _store_events(draw_uses(stories, on, events), [story.external_id for story in stories], on)
    say(f"{UsageEvent.objects.count():,} product events")
    derive_all(replace(plan, with_usage=True))
    say("what follows from them")
    _start_playbooks(plan)
    _ask_for_more(plan)
    say("more runs and requests")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def is_stored(accounts: int, events: int) -> bool:
    """Whether this database holds the book already."""
    return Account.objects.count() == accounts and abs(UsageEvent.objects.count() - events) <= events // 100


def _spread_over_csms(accounts: int) -> None:
    """Give each CSM a book of about a hundred accounts; the demo alone would give each of its six a sixth."""
    teams = list(Team.objects.order_by("pk"))
    known = list(User.objects.filter(role=Role.CSM, team__isnull=False).order_by("pk"))
    more = max(accounts // ACCOUNTS_OF_A_CSM - len(known), 0)
    User.objects.bulk_create(
        User(email=f"csm{n}@demo.invalid", name=f"Csm {n:03}", role=Role.CSM, team=teams[n % len(teams)])
        for n in range(more)
    )
    csms = list(User.objects.filter(role=Role.CSM, team__isnull=False).order_by("pk").values_list("pk", flat=True))
    served = ServiceAssignment.objects.filter(role="csm", ended_on=None).annotate(turn=Mod(F("account_id"), len(csms)))
    with transaction.atomic():
        for turn, pk in enumerate(csms):
            served.filter(turn=turn).update(user_id=pk)


def draw_uses(stories: list[Story], on: dt.date, events: int) -> Uses:
    """Draw who used what on which day, as the demo does but by whole accounts, and keep exactly so many of them."""
    features = list(Feature.objects.order_by("pk").values_list("pk", flat=True))
    parts = [_of_account(number, story, on, len(features)) for number, story in enumerate(stories)]
    columns = [np.concatenate([part[place] for part in parts]) for place in range(4)]
    rng = np.random.default_rng([SEED, 1])
    found = len(columns[0])
    kept = np.sort(rng.permutation(found)[:events]) if found > events else np.arange(found)
    account, ago, person, feature = (column[kept] for column in columns)
    order = np.argsort(-ago.astype(np.int32), kind="stable")  # as they came: the oldest day first
    return Uses(account[order], ago[order], person[order], np.array(features)[feature[order]])


def _of_account(number: int, story: Story, on: dt.date, features: int) -> tuple[Any, Any, Any, Any]:
    """One account's uses: more people come, more often and to more features, while its hidden state is high."""
    rng = np.random.default_rng([SEED, number, 2])
    first = max(story.signed_on, story.months[0])
    last = min(on, (story.churned_on or on) - dt.timedelta(days=1))
    ago = np.arange((on - last).days, max((on - first).days, (on - last).days) + 1)
    ago = ago[[(on - dt.timedelta(days=int(n))).weekday() < 5 for n in ago]]
    state = np.array([story.state_on(on - dt.timedelta(days=int(n))) for n in ago])
    people = max(int(story.seats * rng.uniform(0.5, 1.0)), 1)
    comes = rng.random((len(ago), people)) < (0.15 + 0.6 * state)[:, None] * rng.uniform(0.3, 0.9, people)[None, :]
    day, person = np.nonzero(comes)
    adopted = rng.permutation(features)[: max(int(features * rng.uniform(0.3, 0.9)), 3)]
    # Two or three features of those that are known, fewer of them at a low state.
    reach = np.maximum((len(adopted) * (0.35 + 0.65 * state[day])).astype(np.int64), 1)
    draws = rng.integers(0, reach, (3, len(day)))
    cell = np.concatenate([(day * people + person) * len(adopted) + draw for draw in draws])
    cell = np.unique(cell)
    which = cell // len(adopted)
    return (
        np.full(len(cell), number, dtype=np.int32),
        ago[which // people].astype(np.int16),
        (which % people).astype(np.int16),
        adopted[cell % len(adopted)].astype(np.int16),
    )


def _store_events(uses: Uses, external_ids: list[str], on: dt.date) -> None:
    """Write the events; each stands at noon UTC, which is the same day in the demo's zone."""
    keys = dict(Account.objects.values_list("external_id", "pk"))
    accounts = np.array([keys[external_id] for external_id in external_ids])
    longest = int(uses.ago.max()) + 1
    days = [on - dt.timedelta(days=n) for n in range(longest)]
    instants = [dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC) for day in days]
    people = [f"u{n + 1}" for n in range(int(uses.person.max()) + 1)]
    rng = np.random.default_rng([SEED, 3])
    for begin in range(0, len(uses.account), SLICE):
        part = slice(begin, begin + SLICE)
        count = len(uses.account[part])
        insert_columns(
            UsageEvent,
            {
                "source": ["demo"] * count,
                "message_id": [f"m{begin + n}" for n in range(count)],
                "account_id": accounts[uses.account[part]].tolist(),
                "person": Coded(people, uses.person[part].astype(np.int64)),
                "feature_id": uses.feature[part].tolist(),
                "at": Coded(instants, uses.ago[part].astype(np.int64)),
                "day": Coded(days, uses.ago[part].astype(np.int64)),
                "quantity": rng.integers(1, 9, count).tolist(),
            },
        )


def _start_playbooks(plan: Plan) -> None:
    """Set playbooks to work on a share of the customers, and do what was due more than a week ago."""
    started: list[int] = []
    for key, (share, back) in AT_WORK.items():
        playbook = Playbook.objects.get(key=key)
        version = playbook.versions.latest("number")
        on, at = plan.on - dt.timedelta(days=back), plan.at - dt.timedelta(days=back)
        starter = Starter(version, on=on, at=at, by=None)
        busy = Run.objects.unfinished().filter(playbook=playbook).values("account")
        rows = AccountRow.objects.exclude(stage="churned").exclude(account__in=busy).order_by("-arr", "pk")
        chosen = [row for row in rows[: int(plan.accounts * share)] if starter.has_steps_for(row.tier)]
        for begin in range(0, len(chosen), 500):
            started += [run.pk for run in starter.start([Start(row.pk) for row in chosen[begin : begin + 500]])]
    late = Task.objects.filter(run__in=Run.objects.filter(pk__in=started), state=Task.State.OPEN)
    late.filter(due_on__lt=plan.on - dt.timedelta(days=7)).update(
        state=Task.State.DONE, done_on=F("due_on"), done_at=plan.at
    )
    for begin in range(0, len(started), 500):
        settle_runs(started[begin : begin + 500], on=plan.on, at=plan.at)


def _ask_for_more(plan: Plan) -> None:
    """Add requests and voices: some are asked for by many, most by few."""
    rng = np.random.default_rng([SEED, 4])
    modules = list(Module.objects.order_by("pk").values_list("pk", flat=True))
    count, votes = max(int(plan.accounts * REQUESTS_PER_ACCOUNT), 10), plan.accounts * VOTES_PER_ACCOUNT
    asked = [plan.on - dt.timedelta(days=int(n)) for n in rng.integers(5, 500, count)]
    FeatureRequest.objects.bulk_create(
        [
            FeatureRequest(
                external_id=f"B-{n}", title=f"Need {n}", module_id=int(rng.choice(modules)), created_on=asked[n]
            )
            for n in range(count)
        ],
        batch_size=500,
    )
    requests = list(FeatureRequest.objects.filter(external_id__startswith="B-").order_by("pk"))
    likely = rng.pareto(1.1, count) + 0.05
    accounts = np.array(Account.objects.order_by("pk").values_list("pk", flat=True))
    which = rng.choice(count, votes, p=likely / likely.sum())
    blank = [""] * votes
    insert_columns(
        RequestEvidence,
        {
            "request_id": [requests[n].pk for n in which.tolist()],
            "account_id": rng.choice(accounts, votes).tolist(),
            "verbatim": blank,
            "asked_on": [plan.on - dt.timedelta(days=int(n)) for n in rng.integers(0, 400, votes)],
            "importance": rng.integers(0, 4, votes).tolist(),
            "is_blocker": [False] * votes,
            "source": blank,
        },
    )
    rank_all(on=plan.on)
