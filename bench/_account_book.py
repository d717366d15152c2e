"""Which accounts is the list measured on? A book of any size in seconds: accounts, owners, rows as refreshed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from accounts.models import Account, ServiceAssignment, Team, User
from common.bulk import insert_columns
from common.charts import sparkline
from health.rules.default import DEFAULT_DEFINITION
from health.rules.scorecard import parse_scorecard
from portfolio.models import AccountRow

ON = dt.date(2026, 6, 30)
AT = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
PLACES = ["North", "Harbour", "Silver", "Green", "Old Town", "Lake", "Summit", "Blue", "River", "Amber"]
TRADES = ["Foods", "Logistics", "Software", "Textiles", "Energy", "Dental", "Books", "Steel", "Travel", "Optics"]
INDUSTRIES = ["software", "retail", "health care", "manufacturing", "logistics", "education"]
REGIONS = ["EMEA", "APAC", "Americas"]
BANDS = ["green"] * 10 + ["yellow"] * 5 + ["red"] * 2 + ["onboarding", "unknown"]
STAGES = ["mature"] * 6 + ["adoption"] * 3 + ["onboarding", "renewal", "churned"]
INDICATORS = [row.key for row in parse_scorecard(DEFAULT_DEFINITION).indicators]
TEAM = 10


@dataclass(frozen=True)
class Book:
    """The people of the book, and who owns which account."""

    admin: User
    manager: User
    csm: User
    owner_of: dict[int, User]


def store_accounts(accounts: int, seed: int = 7) -> Book:
    """Write accounts, their CSMs and their list rows, as imports and refreshes would have left them."""
    draw = random.Random(seed)
    people = _people(max(2 * TEAM, min(200, accounts // 50)))
    csms = people["csms"]
    owners = [draw.choice(csms) for _ in range(accounts)]
    names = [f"{draw.choice(PLACES)} {draw.choice(TRADES)} {number:06}" for number in range(accounts)]
    shared = {
        "external_id": [f"A{number:06}" for number in range(accounts)],
        "name": names,
        "industry": [draw.choice(INDUSTRIES) for _ in names],
        "region": [draw.choice(REGIONS) for _ in names],
        "tier": [draw.choice(["elephant", "cheetah", "rabbit", "rabbit"]) for _ in names],
        "purchase_level": [draw.choice(["enterprise", "team", "team", "individual"]) for _ in names],
        "stage": [draw.choice(STAGES) for _ in names],
    }
    insert_columns(
        Account,
        {
            **shared,
            "domain": [f"{name.replace(' ', '-').lower()}.example" for name in names],
            "signed_on": [ON - dt.timedelta(days=draw.randrange(1, 900)) for _ in names],
            "currency": ["USD"] * accounts,
            "custom": [{}] * accounts,
            "version": [1] * accounts,
            "created_at": [AT] * accounts,
            "updated_at": [AT] * accounts,
        },
    )
    keys = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    insert_columns(
        ServiceAssignment,
        {
            "account_id": keys,
            "user_id": [owner.pk for owner in owners],
            "role": ["csm"] * accounts,
            "started_on": [ON - dt.timedelta(days=400)] * accounts,
        },
    )
    _store_rows(keys, owners, shared, draw)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return Book(people["admin"][0], people["manager"][0], csms[0], dict(zip(keys, owners, strict=True)))


def _people(csms: int) -> dict[str, list[User]]:
    teams = Team.objects.bulk_create(Team(name=f"Team {number}") for number in range(csms // TEAM))
    made = {
        "admin": [User(email="admin@example.com", name="Ada", role="admin", visibility="all")],
        "manager": [User(email="manager@example.com", name="Max", role="cs_manager", visibility="team", team=teams[0])],
        "csms": [
            User(email=f"csm{number}@example.com", name=f"CSM {number:03}", team=teams[number // TEAM % len(teams)])
            for number in range(csms)
        ],
    }
    for group in made.values():
        User.objects.bulk_create(group)
    return made


def _store_rows(keys: list[int], owners: list[User], shared: dict[str, list[str]], draw: random.Random) -> None:
    """Rows with a line of twelve weeks and three reasons, as wide as real ones."""
    bands = [draw.choice(BANDS) for _ in keys]
    trends = [[round(draw.uniform(20, 95), 1) for _ in range(12)] for _ in range(500)]
    paths = [" ".join(sparkline(trend).paths) for trend in trends]
    lines = [draw.randrange(len(trends)) for _ in keys]
    scores = [
        None if band == "unknown" else Decimal(str(trends[line][-1])) for band, line in zip(bands, lines, strict=True)
    ]
    ends = [ON + dt.timedelta(days=draw.randrange(1, 500)) if draw.random() < 0.8 else None for _ in keys]
    arr = [Decimal(draw.randrange(0, 4_000_000)) / 100 for _ in keys]
    reasons = [
        [{"indicator": key, "value": round(draw.random(), 4)} for key in draw.sample(INDICATORS, 3)] for _ in range(500)
    ]
    insert_columns(
        AccountRow,
        {
            **shared,
            "account_id": keys,
            "search_text": [
                f"{name} {external_id} {name.replace(' ', '-')}.example".lower()
                for name, external_id in zip(shared["name"], shared["external_id"], strict=True)
            ],
            "owner_id": [owner.pk for owner in owners],
            "owner_name": [owner.name for owner in owners],
            "arr": arr,
            "renewal_on": ends,
            "no_renewal": [end is None for end in ends],
            "score": scores,
            "unscored": [score is None for score in scores],
            "band": bands,
            "score_change": [None if score is None else Decimal(draw.randrange(-90, 90)) / 10 for score in scores],
            "trend": [trends[line] for line in lines],
            "trend_path": [paths[line] for line in lines],
            "drivers": [reasons[line] for line in lines],
            "touched_on": [ON - dt.timedelta(days=draw.randrange(90)) for _ in keys],
            "scored_on": [ON] * len(keys),
            "priority": [Decimal(draw.randrange(0, 1_000_000)) for _ in keys],
        },
    )
