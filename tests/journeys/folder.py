"""Which few CSV files make a first look worth it? A small company's book, told up to today."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Any

DAY = dt.timedelta(days=1)
NAMES = ("Alder Freight", "Birch Foods", "Cedar Clinics", "Dune Hotels", "Elm Logistics", "Fjord Fish", "Grove Retail",
         "Heath Energy", "Iris Press", "Juniper Tools", "Kestrel Air", "Larch Learning")  # fmt: skip
FEATURES = (("order", "core"), ("report", "basic"), ("forecast", "advanced"))


def folder(on: dt.date) -> list[dict[str, Any]]:
    """The files as a browser sends them."""
    return [
        {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": _written(rows).encode()}
        for name, rows in _tables(on).items()
    ]


def _written(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _tables(on: dt.date) -> dict[str, list[Sequence[object]]]:
    accounts = [f"A-{number}" for number in range(1, len(NAMES) + 1)]
    return {
        "products": [("external_id", "name"), ("desk", "Desk")],
        "modules": [("external_id", "name", "product"), ("main", "Main", "desk")],
        "features": [("external_id", "name", "module", "kind"),
                     *((key, key.capitalize(), "main", kind) for key, kind in FEATURES)],
        "accounts": [("external_id", "name", "tier", "stage", "signed_on", "currency"),
                     *((key, name, "cheetah", "mature", on - 400 * DAY, "USD")
                       for key, name in zip(accounts, NAMES, strict=True))],
        "contract_lines": [("external_id", "account", "product", "seats", "arr", "currency", "starts_on", "ends_on"),
                           *((f"L-{key}", key, "desk", 20, 4000 + 1500 * place, "USD", on - 300 * DAY,
                              on + (20 + 25 * place) * DAY) for place, key in enumerate(accounts))],
        "usage_days": [("account", "feature", "day", "person", "events"), *_use(accounts, on)],
        "tickets": [("external_id", "account", "subject", "severity", "opened_at", "target_at"),
                    *((f"T-{number}", accounts[0], "It stops", "high", f"{on - 20 * DAY} 09:00",
                       f"{on - 15 * DAY} 09:00") for number in range(4))],
    }  # fmt: skip


def _use(accounts: Sequence[str], on: dt.date) -> Iterator[Sequence[object]]:
    """Most use it on every working day; the first third has fallen silent."""
    for place, key in enumerate(accounts):
        for back in range(1, 61):
            if place < len(accounts) // 3 and back < 21:
                continue
            for feature, _kind in FEATURES[: 1 + place % 3]:
                yield key, feature, on - back * DAY, f"user{back % 4}", 3
