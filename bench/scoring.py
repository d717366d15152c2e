"""How long does it take to score a whole book, against the least that any program could need for it?

Floor: the facts as columns in files, read from disk, the same ten indicators and the score with numpy, plus one
INSERT … SELECT of the finished rows into a table like the real one. (A columnar engine over its own files would do the
same work; none is among our dependencies.) Product: `score_accounts` from the stored rollups, with locks, hysteresis,
JSON and timeline; then once more, and once from every single use, which has to give the same rows. They run in turn,
the ratio is the median over the rounds; the answers are compared in full, and a sample with the slow per-account
reference. For growth and memory a process of its own scores a tenth, half and all of the accounts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from _measure import load, most_memory, on_empty_database, ratio, timed  # noqa: E402
from _scoring_book import AT, DUE_AFTER, FEATURES, KINDS, ON, PEOPLE, Columns, draw_book, store_book  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.models import Account  # noqa: E402
from health.actions import scoring  # noqa: E402
from health.actions.scoring import score_accounts  # noqa: E402
from health.models import HealthScore  # noqa: E402
from health.rules import indicators as rules  # noqa: E402
from health.rules.default import DEFAULT_DEFINITION, RENEWAL_EXPECTED  # noqa: E402
from health.rules.score import score_columns  # noqa: E402
from health.rules.scorecard import parse_scorecard  # noqa: E402
from tests.health import reference  # noqa: E402

CARD = parse_scorecard(DEFAULT_DEFINITION)
PROGRESS = np.array([0, 0.5, 0.8, 1, 0])


def distinct(keys: Any, accounts: int, span: int) -> Any:
    """Count the distinct keys of each account."""
    seen = np.zeros(accounts * span, dtype=bool)
    seen[keys] = True
    return seen.reshape(accounts, span).sum(axis=1)


def floor_scores(book: Columns) -> Any:
    """Work out every score in hundredths from the arrays alone."""
    n = book.accounts
    lately = book.use_ago < 30
    account, ago = book.use_account[lately].astype(np.int64), book.use_ago[lately]
    feature, person = book.use_feature[lately], book.use_person[lately]
    events = book.use_events[lately]
    heard = np.bincount(book.use_account, minlength=n) > 0
    core_kind, deep_kind = (np.array([kind == wanted for kind in KINDS]) for wanted in ("core", "advanced"))
    day = account * 30 + ago
    active = distinct(day, n, 30)
    user_days = distinct(day * PEOPLE + person, n, 30 * PEOPLE)
    core = np.bincount(account, events * core_kind[feature], minlength=n)
    everybody = distinct(account * PEOPLE + person, n, PEOPLE)
    deep = deep_kind[feature]
    reaching = distinct(account[deep] * PEOPLE + person[deep], n, PEOPLE)
    used = np.zeros((n, FEATURES), dtype=bool)
    used[account, feature] = True
    entitled = (np.arange(FEATURES) % 2) == book.product[:, None]
    used &= entitled
    jobs = [np.isin(np.arange(FEATURES), [k * 4 + k % 2, k * 4 + k % 2 + 2]) for k in range(6)]
    covered, open_to = rules.scenario_coverage(used, entitled, jobs, "all")
    due = book.signed[:, None] >= np.array(DUE_AFTER)
    fresh = book.answers["ago"] < 180
    asked = {name: values[fresh] for name, values in book.answers.items()}
    order = np.lexsort((np.arange(len(asked["ago"])), -asked["ago"]))
    latest = np.full(n * 2, -1)
    latest[(asked["account"] * 2 + asked["contact"])[order]] = asked["score"][order]
    by_contact = latest.reshape(n, 2)
    open_tickets = book.tickets["ago"] < 90
    ticket = {name: values[open_tickets] for name, values in book.tickets.items()}
    done = ticket["taken"] <= ticket["ago"]
    in_time = done & (ticket["taken"] <= ticket["target"])
    ripe = done | (ticket["target"] <= ticket["ago"])
    growth = np.unique(book.expansions["account"].astype(np.int64) * 1_000 + book.expansions["ago"])
    near = (book.end > 0) & (book.end <= 180)
    talks = rules.renewal_progress(book.end, PROGRESS[book.renewal_stage], RENEWAL_EXPECTED)
    talks = np.where(book.renewal_stage == 3, 1.0, talks)
    values = {
        "login_frequency": rules.login_frequency(active, 30, heard),
        "feature_coverage": rules.share(used.sum(axis=1), entitled.sum(axis=1), heard),
        "core_intensity": rules.use_rate(core, user_days, heard),
        "advanced_penetration": rules.use_rate(reaching, everybody, heard),
        "milestone_rate": rules.share(((book.reached >= 0) & due).sum(axis=1), due.sum(axis=1)),
        "scenario_coverage": rules.share(covered, open_to, heard),
        "nps": rules.net_promoter_score(
            (by_contact >= 9).sum(axis=1),
            ((by_contact >= 0) & (by_contact <= 6)).sum(axis=1),
            (by_contact >= 0).sum(axis=1),
        ),
        "issue_resolution": rules.share(
            np.bincount(ticket["account"], in_time, minlength=n), np.bincount(ticket["account"], ripe, minlength=n)
        ),
        "renewal_progress": np.where(near, talks, 1.0),
        "expansion_density": np.bincount((growth // 1_000)[growth % 1_000 < 365], minlength=n).astype(float),
    }
    return score_columns(CARD, np.column_stack([values[row.key] for row in CARD.indicators])).score


def save_columns(book: Columns, folder: Path) -> None:
    """Write the facts as one file per column."""
    for field in fields(Columns):
        value = getattr(book, field.name)
        for name, column in value.items() if isinstance(value, dict) else [("", value)]:
            np.save(folder / f"{field.name}.{name}.npy", np.asarray(column))


def load_columns(folder: Path) -> Columns:
    """Read all columns back into memory."""
    found: dict[str, Any] = {}
    for file in folder.glob("*.npy"):
        name, part = file.name.removesuffix(".npy").split(".")
        column = np.load(file)
        if part:
            found.setdefault(name, {})[part] = column
        else:
            found[name] = int(column) if name == "accounts" else column
    return Columns(**found)


def floor_write() -> float:
    """Write the finished rows by one INSERT … SELECT into an empty table with the same columns and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bench_copy")
        return timed(lambda: cursor.execute("INSERT INTO bench_copy SELECT * FROM health_healthscore"))


class Stopwatch:
    """Adds up how long some functions of the scoring take."""

    def __init__(self, *names: str) -> None:
        self.seconds = 0.0
        for name in names:
            setattr(scoring, name, self._timed(getattr(scoring, name)))

    def _timed(self, work: Any) -> Any:
        def run(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                self.seconds += time.perf_counter() - start

        return run

    def lap(self) -> float:
        """The seconds since the last lap."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def rows() -> list[tuple[Any, ...]]:
    """What was written, in order."""
    return list(HealthScore.objects.order_by("account_id").values_list("account_id", "score", "band", "components"))


def measure(book: Columns, rounds: int, folder: Path) -> bool:
    """Run floor and product in turn, print the ratios, and say whether both ways of counting gave the same rows."""
    save_columns(book, folder)
    score_accounts(on=ON, at=AT, refresh=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy AS SELECT * FROM health_healthscore")
        cursor.execute('CREATE UNIQUE INDEX bench_copy_once ON bench_copy (account_id, "on")')
        cursor.execute('CREATE INDEX bench_copy_by_day ON bench_copy ("on", band)')
    floors, computed, written, spent = [], [], [], []
    runs: dict[str, list[float]] = {"first run": [], "again": [], "audit": []}
    same = True
    watch = Stopwatch("_write", "dump_components")
    for _ in range(rounds):
        computed.append(timed(lambda: floor_scores(load_columns(folder))))
        written.append(floor_write())
        floors.append(computed[-1] + written[-1])
        HealthScore.objects.all().delete()
        watch.lap()
        runs["first run"].append(timed(lambda: score_accounts(on=ON, at=AT, refresh=False)))
        spent.append(watch.lap())
        kept = rows()
        runs["again"].append(timed(lambda: score_accounts(on=ON, at=AT, refresh=False)))
        HealthScore.objects.all().delete()
        runs["audit"].append(timed(lambda: score_accounts(on=ON, at=AT, refresh=False, from_days=True)))
        same &= rows() == kept
    print(f"floor      compute {statistics.median(computed):.2f} s + write {statistics.median(written):.2f} s")
    for name, seconds in runs.items():
        print(f"{name:<10} {statistics.median(seconds):.2f} s = {ratio(seconds, floors):.1f} × floor")
    print(f"write      {statistics.median(spent):.2f} s = {ratio(spent, written):.1f} × INSERT … SELECT")
    some = Account.objects.order_by("?").values_list("pk", flat=True)[: 2 * rounds]
    one = statistics.median(
        timed(partial(score_accounts, on=ON, at=AT, account_ids=[pk], refresh=False)) for pk in some
    )
    print(f"one account {one * 1000:.0f} ms")
    print(f"equal      from the kept figures {'as' if same else 'NOT as'} from every single use")
    return same


def grow(accounts: int) -> None:
    """Score a tenth, half and all of the accounts in a process of its own each: cost and memory."""
    for count in (accounts // 10, accounts // 2, accounts):
        HealthScore.objects.all().delete()
        command = [sys.executable, __file__, "--only", str(count)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"growth     {count:>7} accounts {told['seconds'] / count * 1000:.3f} s per 1,000, "
            f"{told['most']} MB at most, {told['most'] - told['before']} MB of it for scoring"
        )


def score_only(count: int) -> int:
    """Score the first accounts of a book that another process has made, and tell how it went."""
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True)[:count])
    score_accounts(on=ON, at=AT, account_ids=ids[:1], refresh=False)
    before = most_memory()
    seconds = timed(lambda: score_accounts(on=ON, at=AT, account_ids=ids, refresh=False))
    print(json.dumps({"seconds": seconds, "before": before, "most": most_memory()}))
    return 0


def compare(book: Columns, sample: int) -> bool:
    """Hold every score against the floor's, and a sample against the slow reference."""
    scores = HealthScore.objects.order_by("account_id").values_list("score", flat=True)
    found = [None if score is None else int(score * 100) for score in scores]
    same = found == floor_scores(book).tolist()
    wrong = 0
    for account in Account.objects.order_by("?")[:sample]:
        score, coverage = reference.score_of(DEFAULT_DEFINITION, reference.values_of(account, ON))
        row = HealthScore.objects.get(account=account, on=ON)
        wrong += (row.score, row.coverage) != (score, coverage)
    print(
        f"equal      {len(found)} scores {'as' if same else 'NOT as'} the floor's; "
        f"{wrong} of {sample} unlike the slow reference"
    )
    return same and not wrong


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=300, help="daily rows of use per account")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    given, _ = parser.parse_known_args()
    if given.only:
        return score_only(given.only)
    on_empty_database()
    book = draw_book(given.accounts, given.rows)
    seconds = timed(lambda: store_book(book))
    print(
        f"scoring    {given.accounts} accounts, {len(book.use_account)} daily rows on {connection.vendor}, "
        f"stored in {seconds:.0f} s, {load()}"
    )
    with tempfile.TemporaryDirectory(prefix="mainstay-columns-") as folder:
        same = measure(book, given.rounds, Path(folder))
    same &= compare(book, given.sample)
    grow(given.accounts)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
