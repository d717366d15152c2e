"""How long does it take when one cause meets every account of a book at once, against the least that a write needs?

Floor: `INSERT … SELECT` of the finished rows (runs, tasks, firings, timeline entries) into tables like the real ones.
Product: all accounts get a warning on one day; the first evaluation holds them back, somebody looks at the preview and
lets them go, the second evaluation starts a run of four tasks for each, and a third finds that nothing is left to do.
Every account has one run with its tasks and one firing after that, or the program fails. For growth and memory a
process of its own does the same with a tenth, half and all of the accounts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from _account_book import AT, ON, store_accounts  # noqa: E402
from _measure import load, most_memory, on_empty_database, timed  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.models import Account, TimelineEntry  # noqa: E402
from common.bulk import insert_columns  # noqa: E402
from health.models import EarlyWarning, WarningRule  # noqa: E402
from playbooks import actions  # noqa: E402
from playbooks.models import Playbook, PlaybookVersion, Run, Task, TriggerFiring  # noqa: E402
from playbooks.queries.judging import dry_run  # noqa: E402
from playbooks.rules.definition import dump_definition, parse_definition  # noqa: E402
from playbooks.rules.firing import Verdict  # noqa: E402

STEPS = [
    {"key": "look", "title": {"en": "Look at what fell"}, "offset": 1, "unit": "working"},
    {"key": "call", "title": {"en": "Call the champion"}, "anchor": "step:look", "offset": 2, "unit": "working"},
    {"key": "agree", "title": {"en": "Agree on a plan"}, "kind": "gate", "offset": 10, "depends_on": ["call"]},
    {"key": "check", "title": {"en": "See whether it helped"}, "anchor": "renewal_on", "offset": -60},
]
TABLES: tuple[Any, ...] = (Run, Task, TriggerFiring, TimelineEntry)


def store_book(accounts: int) -> Playbook:
    """Write accounts with a warning each, and the playbook that a warning starts."""
    store_accounts(accounts)
    # Whoever left is out by rule; here everybody is to match.
    Account.objects.filter(stage="churned").update(stage="mature")
    rule = WarningRule.objects.get(key="silent_7d")
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    same: dict[str, Any] = {
        "rule_id": rule.pk, "state": "open", "severity": 2, "opened_on": ON, "last_seen_on": ON, "evidence": [],
        "arr_at_risk": 0, "rank": 0, "reopened": 0, "snooze_reason": "", "resolved_cause": "", "resolved_reason": "",
        "is_gone": False,
    }  # fmt: skip
    insert_columns(EarlyWarning, {"account_id": ids, **{name: [value] * len(ids) for name, value in same.items()}})
    Playbook.objects.update(is_enabled=False)
    body = {
        "name": {"en": "Everybody at once"}, "steps": STEPS, "limits": {"hold_above": 10},
        "triggers": [{"kind": "warning", "keys": ["silent_7d"]}],
        "entry": {"conditions": [{"field": "stage", "operator": "is_not", "value": "churned"}]},
    }  # fmt: skip
    definition = dump_definition(parse_definition(body))
    playbook = Playbook.objects.create(key="everybody", name=definition["name"], is_enabled=True, position=1)
    PlaybookVersion.objects.create(playbook=playbook, number=1, definition=definition, published_at=AT)
    return playbook


def floor_write() -> float:
    """Write the finished rows by one INSERT … SELECT a table, into empty tables with the same columns and indexes."""
    seconds = 0.0
    with connection.cursor() as cursor:
        for model in TABLES:
            table = model._meta.db_table
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            else:
                _copy_table(cursor, table)
            seconds += timed(lambda table=table: cursor.execute(f"INSERT INTO bench_{table} SELECT * FROM {table}"))
            cursor.execute(f"DROP TABLE bench_{table}")
    return seconds


def _copy_table(cursor: Any, table: str) -> None:
    """Make a table of SQLite anew under another name, with its indexes."""
    cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
    for kind, name, sql in cursor.fetchall():
        made = sql.replace(f'"{table}"', f'"bench_{table}"', 1)
        if kind == "index":
            made = made.replace(f'"{name}"', f'"bench_{name}"', 1).replace(f'ON "{table}"', f'ON "bench_{table}"', 1)
        cursor.execute(made)


def evaluate(**values: Any) -> dict[str, int]:
    """Judge the day; what came of it."""
    counts: dict[str, int] = {}
    for one in actions.evaluate_triggers(on=ON, at=AT, **values):
        counts |= {str(name): count for name, count in one.counts.items() if count}
    return counts


def expect(what: str, found: Any, wanted: Any) -> None:
    """End with an error where the answer is wrong: a fast wrong answer is none."""
    if found != wanted:
        sys.exit(f"{what}: {found}, and not {wanted}")


def measure(accounts: int) -> dict[str, float]:
    """Hold, preview, let go, find nothing left; return the seconds of each."""
    on_empty_database()
    playbook = store_book(accounts)
    seconds, start = {}, time.perf_counter()
    expect("held", evaluate(), {"held": accounts})
    seconds["hold back"] = time.perf_counter() - start
    version = playbook.versions.select_related("playbook").get()
    start = time.perf_counter()
    expect("previewed", dry_run(version, ON).count(Verdict.HELD), accounts)
    seconds["preview"] = time.perf_counter() - start
    start = time.perf_counter()
    expect("started", evaluate(release=True), {"started": accounts})
    seconds["start all"] = time.perf_counter() - start
    start = time.perf_counter()
    expect("once more", evaluate(), {})
    seconds["once more"] = time.perf_counter() - start
    start = time.perf_counter()
    actions.follow_runs(on=ON + dt.timedelta(days=1), at=AT + dt.timedelta(days=1))
    seconds["the day after"] = time.perf_counter() - start
    expect("runs", (Run.objects.count(), Task.objects.count()), (accounts, accounts * len(STEPS)))
    expect("accounts", Run.objects.values("account").distinct().count(), accounts)
    expect("firings", TriggerFiring.objects.filter(result="started").count(), accounts)
    return seconds


def main() -> None:
    """Measure, and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--alone", action="store_true", help="one size, as JSON: for growth and memory")
    options = parser.parse_args()
    if options.alone:
        print(json.dumps({"seconds": measure(options.accounts), "memory": most_memory()}))
        return
    seconds = measure(options.accounts)
    floor = floor_write()
    print(f"playbook_triggers, {options.accounts:,} accounts, {connection.vendor}, {load()}")
    print(f"  floor: write the finished rows        {floor:8.2f} s")
    for name, taken in seconds.items():
        print(f"  {name:<38}{taken:8.2f} s {taken / floor:8.1f} × the floor")
    if connection.vendor == "sqlite":
        for size in (options.accounts // 10, options.accounts // 2, options.accounts):
            grown = alone(size)
            per = grown["seconds"]["start all"] / size * 1_000
            print(f"  alone with {size:>7,} accounts: {per:6.2f} s per 1,000 starts, {grown['memory']} MB at most")


def alone(accounts: int) -> dict[str, Any]:
    """Do it in a process and a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{Path(folder) / 'alone.sqlite3'}"}
        command = [sys.executable, __file__, "--alone", "--accounts", str(accounts)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
