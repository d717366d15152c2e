"""Books that others wrote, put into the tables the short way, for the tests and the benchmark of churn prediction."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from accounts.models import Account, ChurnRecord, Product
from common.bulk import insert_columns
from health.models import ChurnSettings
from revenue.actions import derive_movements
from revenue.models import ContractLine
from usage.actions import rebuild_rollups
from usage.models import Feature, Metric, Module, Reading, Ticket, UsageEvent

PROJECT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MAINSTAY_SAMPLE_DATA", PROJECT.parent / "shared" / "data"))
if not DATA.is_dir():
    # A worktree stands one folder deeper.
    DATA = PROJECT.parents[1] / "shared" / "data"
LAST_OBSERVED = dt.date(2023, 12, 31)
SPEAK = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def read(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def day(text: str) -> dt.date | None:
    """A day, or none."""
    return dt.date.fromisoformat(text[:10]) if text else None


def noon(on: dt.date | None) -> dt.datetime | None:
    """Noon of a day."""
    return None if on is None else dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)


def make_accounts(rows: Iterable[tuple[str, dt.date | None]], level: str) -> dict[str, int]:
    """Accounts by their id and the day on which they signed."""
    Account.objects.bulk_create(
        [
            Account(
                external_id=key, name=key, signed_on=signed, purchase_level=level, created_at=SPEAK, updated_at=SPEAK
            )
            for key, signed in rows
        ],
        batch_size=900,
    )
    return dict(Account.objects.values_list("external_id", "pk"))


def load_churn10k(keep: Callable[[int], bool] = lambda number: True) -> dict[str, int]:
    """Subscribers with monthly readings, payments and tickets; ends after the observed time are not known."""
    folder = DATA / "churn10k_dev"
    subscriptions = [row for row in read(folder / "subscriptions.csv") if keep(int(row["customer_id"]))]
    ids = make_accounts([(row["customer_id"], day(row["start_date"])) for row in subscriptions], "individual")
    product = Product.objects.create(external_id="p", name="Plan")
    ends = [day(row["churn_date"]) for row in subscriptions]
    fees = [Decimal(row["monthly_fee"]) * 12 for row in subscriptions]
    insert_columns(
        ContractLine,
        {
            "account_id": [ids[row["customer_id"]] for row in subscriptions],
            "product_id": [product.pk] * len(subscriptions),
            "arr": fees,
            "currency": ["USD"] * len(subscriptions),
            "starts_on": [day(row["start_date"]) for row in subscriptions],
            "ends_on": [end if end and end <= LAST_OBSERVED else None for end in ends],
            "is_payment_failed": [False] * len(subscriptions),
        },
    )
    figures: dict[str, dict[tuple[int, dt.date], Decimal]] = defaultdict(dict)
    for row in read(folder / "usage_metrics.csv"):
        if account := ids.get(row["customer_id"]):
            for name in ("sessions", "minutes_used"):
                figures[name][account, dt.date.fromisoformat(row["usage_month"])] = Decimal(row[name])
    for row in read(folder / "payments.csv"):
        if account := ids.get(row["customer_id"]):
            month = dt.date.fromisoformat(row["payment_date"]).replace(day=1)
            for name, state in (("payments_failed", "Failed"), ("payments_late", "Late")):
                figures[name][account, month] = Decimal(row["payment_status"] == state)
    for name, values in figures.items():
        metric = Metric.objects.create(external_id=name, name=name)
        insert_columns(
            Reading,
            {
                "account_id": [account for account, _ in values],
                "metric_id": [metric.pk] * len(values),
                "period": ["month"] * len(values),
                "on": [on for _, on in values],
                "value": list(values.values()),
            },
        )
    tickets = [row for row in read(folder / "support_tickets.csv") if row["customer_id"] in ids]
    insert_columns(Ticket, _tickets([(ids[row["customer_id"]], day(row["ticket_date"]), None) for row in tickets]))
    derive_movements()
    return ids


def load_ravenstack(*, with_usage: bool = True) -> dict[str, int]:
    """Accounts with about ten contract lines each, feature usage and tickets."""
    folder = DATA / "ravenstack"
    accounts = read(folder / "ravenstack_accounts.csv")
    ids = make_accounts([(row["account_id"], day(row["signup_date"])) for row in accounts], "team")
    product = Product.objects.create(external_id="p", name="Plan")
    lines = read(folder / "ravenstack_subscriptions.csv")
    lines = [row for row in lines if not row["end_date"] or row["end_date"] > row["start_date"]]
    owner = {row["subscription_id"]: ids[row["account_id"]] for row in lines}
    insert_columns(
        ContractLine,
        {
            "account_id": [ids[row["account_id"]] for row in lines],
            "product_id": [product.pk] * len(lines),
            "arr": [Decimal(row["arr_amount"]) for row in lines],
            "currency": ["USD"] * len(lines),
            "starts_on": [day(row["start_date"]) for row in lines],
            "ends_on": [day(row["end_date"]) for row in lines],
            "is_payment_failed": [False] * len(lines),
        },
    )
    if with_usage:
        _use_ravenstack(folder, product, owner)
    tickets = read(folder / "ravenstack_support_tickets.csv")
    insert_columns(
        Ticket,
        _tickets([(ids[row["account_id"]], day(row["submitted_at"]), day(row["closed_at"])) for row in tickets]),
    )
    events = read(folder / "ravenstack_churn_events.csv")
    ChurnRecord.objects.bulk_create(
        [ChurnRecord(account_id=ids[row["account_id"]], on=day(row["churn_date"])) for row in events], batch_size=500
    )
    ChurnSettings.objects.create(pk=1, counts_records=True)
    derive_movements()
    return ids


def _use_ravenstack(folder: Path, product: Product, owner: dict[str, int]) -> None:
    module = Module.objects.create(external_id="m", name="M", product=product)
    uses = {row["usage_id"]: row for row in read(folder / "ravenstack_feature_usage.csv")}
    uses = {key: row for key, row in uses.items() if row["subscription_id"] in owner}
    names = sorted({row["feature_name"] for row in uses.values()})
    features = {name: Feature.objects.create(external_id=name, name=name, module=module, kind="core") for name in names}
    days = [dt.date.fromisoformat(row["usage_date"]) for row in uses.values()]
    insert_columns(
        UsageEvent,
        {
            "source": ["test"] * len(uses),
            "message_id": list(uses),
            "account_id": [owner[row["subscription_id"]] for row in uses.values()],
            "person": [""] * len(uses),
            "feature_id": [features[row["feature_name"]].pk for row in uses.values()],
            "at": [noon(on) for on in days],
            "day": days,
            "quantity": [max(1, int(row["usage_count"])) for row in uses.values()],
        },
    )
    rebuild_rollups()


def _tickets(rows: list[tuple[int, dt.date | None, dt.date | None]]) -> dict[str, Sequence[object]]:
    opened = [noon(on) for _, on, _ in rows]
    closed = [noon(done) for _, _, done in rows]
    return {
        "account_id": [account for account, _, _ in rows],
        "subject": [""] * len(rows),
        "severity": ["normal"] * len(rows),
        "is_complaint": [True] * len(rows),
        "is_escalated": [False] * len(rows),
        "opened_at": opened,
        "target_at": [at + dt.timedelta(days=3) for at in opened if at],
        "resolved_at": [max(done, at) if done and at else None for done, at in zip(closed, opened, strict=True)],
    }


def telco() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The figures of the classic table, its words as flags, and who left."""
    rows = read(next((DATA / "telco").rglob("*.csv")))
    columns: dict[str, list[float]] = {}
    for name in rows[0]:
        if name in ("customerID", "Churn"):
            continue
        values = [row[name].strip() for row in rows]
        if name in ("tenure", "MonthlyCharges", "TotalCharges"):
            columns[name] = [float(value) if value else float("nan") for value in values]
        else:
            for word in sorted(set(values)):
                columns[f"{name}={word}"] = [float(value == word) for value in values]
    left = np.array([row["Churn"] == "Yes" for row in rows])
    return np.column_stack(list(columns.values())), left, list(columns)
