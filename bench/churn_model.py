"""Does the churn model find what is there in books that others wrote, and how long does it take?

churn10k: readings, payments and tickets by the month, observed to 2023-12; learnt from early months, tested on later
ones. A rule "usage halved" stands beside it. ravenstack: nothing in it tells who leaves, and the trainer has to say so.
telco: the classic table by the same trainer, five folds. Where a book is absent it is passed over.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from _measure import load, most_memory, on_empty_database, timed  # noqa: E402
from django.core.management import call_command  # noqa: E402

from health.actions import ensure_default_scorecard, ensure_shipped_rules  # noqa: E402
from health.actions.churn import score_churn_risk, train_churn_model  # noqa: E402
from health.actions.fitting import fit_columns  # noqa: E402
from health.actions.track_record import store_track_record  # noqa: E402
from health.models import ChurnModel, TrackRecord  # noqa: E402
from health.queries.snapshots import month_ends, snapshots  # noqa: E402
from health.rules.evaluation import flagged, roc_auc  # noqa: E402
from tests.health import third_party  # noqa: E402

LEAST = {"churn10k": 0.90, "telco": 0.83}
MOST_CHANCE = 0.65


def area(model: ChurnModel) -> float:
    """The area under the curve on the days held out."""
    found = model.measures.get("model", {}).get("auc")
    return float(found[0]) if found else float("nan")


def say_training(name: str, on: dt.date) -> ChurnModel:
    """Train, score and judge, and say what came of it."""
    made: list[ChurnModel] = []
    seconds = [
        timed(lambda: made.append(train_churn_model(on=on, at=third_party.SPEAK))),
        timed(lambda: score_churn_risk(on=on, at=third_party.SPEAK)),
        timed(lambda: store_track_record(on=on)),
    ]
    model = made[0]
    print(f"{name}: {model.verdict}, {model.churns} losses, {model.rows:,} looks, learnt until {model.learnt_until}, "
          f"tested from {model.tested_from}")  # fmt: skip
    for who in ("model", "prior"):
        row = model.measures.get(who)
        if row and row["auc"]:
            value, low, high = row["auc"]
            print(f"  {who}: ROC AUC {value:.3f} ({low:.3f} to {high:.3f}), average precision "
                  f"{row['average_precision']:.3f} against {row['base_rate']:.3f}, lift {row['lift']}")  # fmt: skip
    print(
        f"  train {seconds[0]:.1f} s, score {seconds[1]:.1f} s, judge {seconds[2]:.1f} s, {most_memory()} MB, {load()}"
    )
    return model


def usage_halved(on: dt.date) -> tuple[float, float]:
    """Precision and recall of a rule: minutes of the month at most half of the two months before; left in 90 days."""
    days = month_ends(dt.date(2022, 2, 1), on)
    looks = snapshots(days, on=on)
    minutes = dict(zip(zip(looks.accounts.tolist(), looks.days.tolist(), strict=True),
                       looks.columns()["reading:minutes_used:level"].tolist(), strict=True))  # fmt: skip
    places = {int(np.datetime64(day, "D").astype(int)): number for number, day in enumerate(days)}
    numbers = list(places)
    keep, flags = looks.observed(90, on), np.zeros(len(looks.days), dtype=bool)
    for row, (account, day) in enumerate(zip(looks.accounts.tolist(), looks.days.tolist(), strict=True)):
        before = [minutes.get((account, numbers[places[day] - back]), np.nan) for back in (1, 2) if places[day] >= back]
        keep[row] &= len(before) == 2
        flags[row] = len(before) == 2 and minutes[account, day] <= np.mean(before) / 2
    found = flagged(flags[keep], looks.left_within(90)[keep])
    return found.precision or 0.0, found.recall or 0.0


def telco_folds() -> list[float]:
    """The area of each of five folds."""
    x, left, names = third_party.telco()
    rng = np.random.default_rng(1)
    fold = rng.permutation(len(left)) % 5
    areas = []
    for number in range(5):
        learn = fold != number
        model = fit_columns(x[learn], left[learn], names, days=rng.permutation(int(learn.sum())), horizon=0)
        found = roc_auc(model.risk(x[~learn], names), left[~learn])
        areas.append(found.value if found else float("nan"))
    return areas


def main() -> None:
    """Run what there is, and fail where a promise does not hold."""
    failed = []
    if not third_party.DATA.is_dir():
        print("churn_model: passed over, for the third-party books are not on this machine (MAINSTAY_SAMPLE_DATA).")
        return
    on_empty_database()
    third_party.load_churn10k()
    model = say_training("churn10k", third_party.LAST_OBSERVED)
    failed += ["churn10k"] if not model.is_used or area(model) < LEAST["churn10k"] else []
    precision, recall = usage_halved(third_party.LAST_OBSERVED)
    print(f"  usage halved: precision {precision:.2f}, recall {recall:.2f}")
    call_command("flush", interactive=False, verbosity=0)
    ensure_default_scorecard()
    ensure_shipped_rules()
    third_party.load_ravenstack()
    model = say_training("ravenstack", dt.date(2024, 12, 31))
    failed += ["ravenstack"] if model.is_used or area(model) > MOST_CHANCE else []
    said = sorted({(row.subject, row.verdict) for row in TrackRecord.objects.exclude(subject="warning")})
    print("  " + ", ".join(f"{subject}: {verdict}" for subject, verdict in said))
    areas = telco_folds()
    print(f"telco: five folds, ROC AUC {np.mean(areas):.3f} ({min(areas):.3f} to {max(areas):.3f})")
    failed += ["telco"] if np.mean(areas) < LEAST["telco"] else []
    if failed:
        sys.exit(f"Missed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
