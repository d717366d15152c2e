"""Which book of accounts is the scoring measured on? Drawn as columns from a seed, kept in memory for the floor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from accounts.models import Account, Contact, Product
from common.bulk import insert_columns
from revenue.models import ContractLine, Movement, Renewal
from usage.models import (
    AccountFeatureUse,
    AccountPersonUse,
    AccountUsageDay,
    Feature,
    FeatureUsageDay,
    Milestone,
    MilestoneReached,
    Module,
    Scenario,
    SurveyAnswer,
    Ticket,
)

ON = dt.date(2026, 6, 30)
AT = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
FEATURES, PEOPLE, DAYS = 24, 6, 100
KINDS = ["basic"] * 8 + ["core"] * 8 + ["advanced"] * 4 + ["retention"] * 4
DUE_AFTER = [10, 30, 60, 120]
STAGES = ["not_started", "in_talks", "committed", "won", "lost"]
SLICE = 1_000_000


@dataclass
class Columns:
    """The facts of the book as arrays; accounts, features and people count from 0, days count back from the day."""

    accounts: int
    signed: Any
    product: Any
    end: Any
    renewal_stage: Any
    use_account: Any
    use_ago: Any
    use_feature: Any
    use_person: Any
    use_events: Any
    reached: Any
    answers: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, Any] = field(default_factory=dict)
    expansions: dict[str, Any] = field(default_factory=dict)


def draw_book(accounts: int, rows: int, seed: int = 7) -> Columns:
    """Draw the book: about `rows` daily rows of use per account over the last 100 days."""
    rng = np.random.default_rng(seed)
    span = DAYS * FEATURES * PEOPLE
    parts = []
    for begin in range(0, accounts, 2_000):
        block = np.arange(begin, min(begin + 2_000, accounts))
        # Every account is busy to a degree of its own; one in twenty is silent.
        busy = np.where(rng.random(len(block)) < 0.05, 0, rng.beta(2, 1, len(block)))
        draws = rng.integers(0, span, (len(block), rows))
        kept = rng.random(draws.shape) < (busy / max(busy.mean(), 0.01))[:, None]
        parts.append(np.unique((draws + block[:, None] * span)[kept]))
    code = np.concatenate(parts)
    order = np.argsort(code // (FEATURES * PEOPLE) % DAYS * -1, kind="stable")  # as it arrived: oldest day first
    code = code[order]
    reached = np.where(
        rng.random((accounts, len(DUE_AFTER))) < 0.7, rng.integers(0, 300, (accounts, len(DUE_AFTER))), -1
    )

    def some(most: int) -> Any:
        return np.repeat(np.arange(accounts), rng.integers(0, most + 1, accounts))

    answering, asking, growing = some(3), some(3), some(2)
    return Columns(
        accounts=accounts,
        signed=rng.integers(1, 900, accounts),
        product=rng.integers(0, 2, accounts),
        end=np.where(rng.random(accounts) < 0.6, rng.integers(1, 400, accounts), 0),
        renewal_stage=rng.integers(0, 4, accounts),
        use_account=(code // span).astype(np.int32),
        use_ago=(code // (FEATURES * PEOPLE) % DAYS).astype(np.int16),
        use_feature=(code // PEOPLE % FEATURES).astype(np.int16),
        use_person=(code % PEOPLE).astype(np.int16),
        use_events=rng.integers(1, 9, len(code)).astype(np.int16),
        reached=reached,
        answers={
            "account": answering,
            "contact": rng.integers(0, 2, len(answering)),
            "score": rng.integers(0, 11, len(answering)),
            "ago": rng.integers(0, 300, len(answering)),
        },
        tickets={
            "account": asking,
            "ago": rng.integers(0, 150, len(asking)),
            "target": rng.integers(1, 6, len(asking)),
            "taken": rng.integers(0, 9, len(asking)),
        },
        expansions={"account": growing, "ago": rng.integers(0, 700, len(growing))},
    )


def store_book(book: Columns) -> None:
    """Write the book into the database, as the importers would."""
    days = [ON - dt.timedelta(days=n) for n in range(1_000)]
    products = [Product.objects.create(external_id=name, name=name) for name in "AB"]
    modules = [Module.objects.create(external_id=p.name, name=p.name, product=p) for p in products]
    features = Feature.objects.bulk_create(
        Feature(external_id=f"f{n}", name=f"F{n}", kind=kind, module=modules[n % 2]) for n, kind in enumerate(KINDS)
    )
    for n in range(6):
        scenario = Scenario.objects.create(external_id=f"s{n}", name=f"S{n}")
        scenario.features.set([features[n * 4 + n % 2], features[n * 4 + n % 2 + 2]])
    milestones = Milestone.objects.bulk_create(
        Milestone(external_id=f"m{n}", name=f"M{n}", due_after_days=days) for n, days in enumerate(DUE_AFTER)
    )
    n = book.accounts
    empty = {name: [""] * n for name in ("domain", "industry", "region")}
    insert_columns(
        Account,
        {
            "external_id": [f"A{i}" for i in range(n)],
            "name": [f"Account {i}" for i in range(n)],
            **empty,
            "tier": ["rabbit"] * n,
            "purchase_level": ["team"] * n,
            "stage": ["mature"] * n,
            "signed_on": [days[k] for k in book.signed.tolist()],
            "currency": ["USD"] * n,
            "custom": [{}] * n,
            "version": [1] * n,
            "created_at": [AT] * n,
            "updated_at": [AT] * n,
        },
    )
    first = Account.objects.order_by("pk").values_list("pk", flat=True)[0]
    _store_use(book, days, first, np.array([feature.pk for feature in features]))
    _store_facts(book, days, first, products, milestones)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _store_use(book: Columns, days: list[dt.date], first: int, features: Any) -> None:
    for begin in range(0, len(book.use_account), SLICE):
        part = slice(begin, begin + SLICE)
        insert_columns(
            FeatureUsageDay,
            {
                "account_id": (book.use_account[part] + first).tolist(),
                "day": [days[ago] for ago in book.use_ago[part].tolist()],
                "feature_id": features[book.use_feature[part]].tolist(),
                "person": [f"person {person}" for person in book.use_person[part].tolist()],
                "events": book.use_events[part].tolist(),
            },
        )
    key = book.use_account.astype(np.int64) * DAYS + (DAYS - 1 - book.use_ago)
    unique, at = np.unique(key, return_inverse=True)
    core = np.isin(book.use_feature, [n for n, kind in enumerate(KINDS) if kind == "core"])
    people = np.unique(key * PEOPLE + book.use_person) // PEOPLE
    order = np.argsort(unique % DAYS, kind="stable")
    columns = {
        "account_id": unique // DAYS + first,
        "events": np.bincount(at, book.use_events).astype(np.int64),
        "core_events": np.bincount(at, book.use_events * core).astype(np.int64),
        "people": np.bincount(np.searchsorted(unique, people), minlength=len(unique)),
    }
    insert_columns(
        AccountUsageDay,
        {name: values[order].tolist() for name, values in columns.items()}
        | {"day": [days[DAYS - 1 - day] for day in (unique % DAYS)[order].tolist()]},
    )
    pair = book.use_account.astype(np.int64) * FEATURES + book.use_feature
    unique, at = np.unique(pair, return_inverse=True)
    oldest, newest = np.zeros(len(unique), dtype=np.int64), np.full(len(unique), DAYS)
    np.maximum.at(oldest, at, book.use_ago)
    np.minimum.at(newest, at, book.use_ago)
    insert_columns(
        AccountFeatureUse,
        {
            "account_id": (unique // FEATURES + first).tolist(),
            "feature_id": features[unique % FEATURES].tolist(),
            "first_on": [days[ago] for ago in oldest.tolist()],
            "last_on": [days[ago] for ago in newest.tolist()],
        },
    )
    _store_people(book, days, first)


def _store_people(book: Columns, days: list[dt.date], first: int) -> None:
    pair = book.use_account.astype(np.int64) * PEOPLE + book.use_person
    unique, at = np.unique(pair, return_inverse=True)
    newest, deepest = np.full(len(unique), DAYS), np.full(len(unique), DAYS)
    np.minimum.at(newest, at, book.use_ago)
    deep = np.isin(book.use_feature, [n for n, kind in enumerate(KINDS) if kind == "advanced"])
    np.minimum.at(deepest, at[deep], book.use_ago[deep])
    insert_columns(
        AccountPersonUse,
        {
            "account_id": (unique // PEOPLE + first).tolist(),
            "person": [f"person {person}" for person in (unique % PEOPLE).tolist()],
            "last_on": [days[ago] for ago in newest.tolist()],
            "last_advanced_on": [None if ago == DAYS else days[ago] for ago in deepest.tolist()],
        },
    )


def _store_facts(book: Columns, days: list[dt.date], first: int, products: Any, milestones: Any) -> None:
    n = book.accounts
    ends = [ON + dt.timedelta(days=end) if end else None for end in book.end.tolist()]
    insert_columns(
        ContractLine,
        {
            "account_id": list(range(first, first + n)),
            "product_id": [products[k].pk for k in book.product.tolist()],
            "arr": [Decimal(1200)] * n,
            "currency": ["USD"] * n,
            "starts_on": [days[ago] for ago in book.signed.tolist()],
            "ends_on": ends,
            "is_payment_failed": [False] * n,
        },
    )
    due = [k for k, end in enumerate(ends) if end]
    insert_columns(
        Renewal,
        {
            "account_id": [first + k for k in due],
            "due_on": [ends[k] for k in due],
            "stage": [STAGES[book.renewal_stage[k]] for k in due],
            **dict.fromkeys(("arr", "expected_arr"), [Decimal(1200)] * len(due)),
            **dict.fromkeys(("computed_call", "band", "csm_call", "final_call"), [""] * len(due)),
            "reasons": [[]] * len(due),
            "version": [0] * len(due),
        },
    )
    account, milestone = np.nonzero(book.reached >= 0)
    insert_columns(
        MilestoneReached,
        {
            "account_id": (account + first).tolist(),
            "milestone_id": [milestones[k].pk for k in milestone.tolist()],
            "on": [days[ago] for ago in book.reached[account, milestone].tolist()],
        },
    )
    insert_columns(
        Contact,
        {
            "account_id": np.repeat(np.arange(first, first + n), 2).tolist(),
            "name": ["Ann", "Bob"] * n,
            **{name: [""] * 2 * n for name in ("title", "email", "phone")},
            "role": ["end_user"] * 2 * n,
            "sentiment": ["unknown"] * 2 * n,
            "version": [1] * 2 * n,
        },
    )
    contact = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
    answers = book.answers
    insert_columns(
        SurveyAnswer,
        {
            "account_id": (answers["account"] + first).tolist(),
            "contact_id": (answers["account"] * 2 + answers["contact"] + contact).tolist(),
            "kind": ["nps"] * len(answers["ago"]),
            "score": answers["score"].tolist(),
            "comment": [""] * len(answers["ago"]),
            "answered_on": [days[ago] for ago in answers["ago"].tolist()],
        },
    )
    tickets = book.tickets
    opened = [dt.datetime.combine(days[ago], dt.time(12), tzinfo=dt.UTC) for ago in tickets["ago"].tolist()]
    insert_columns(
        Ticket,
        {
            "account_id": (tickets["account"] + first).tolist(),
            "subject": ["Help"] * len(opened),
            "severity": ["normal"] * len(opened),
            "is_complaint": [False] * len(opened),
            "is_escalated": [False] * len(opened),
            "opened_at": opened,
            "target_at": [at + dt.timedelta(days=k) for at, k in zip(opened, tickets["target"].tolist(), strict=True)],
            "resolved_at": [at + dt.timedelta(days=k) for at, k in zip(opened, tickets["taken"].tolist(), strict=True)],
        },
    )
    keys = np.unique(book.expansions["account"].astype(np.int64) * 1_000 + book.expansions["ago"])
    insert_columns(
        Movement,
        {
            "account_id": (keys // 1_000 + first).tolist(),
            "on": [days[ago] for ago in (keys % 1_000).tolist()],
            "kind": ["expansion"] * len(keys),
            "currency": ["USD"] * len(keys),
            "amount": [Decimal(100)] * len(keys),
            "arr_after": [Decimal(1300)] * len(keys),
        },
    )
