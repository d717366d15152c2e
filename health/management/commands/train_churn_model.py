"""How does an operator have the churn model trained now, or see what would have come of it on another day?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation
from common.errors import Refused
from common.periods import parse_day
from health.actions.churn import train_churn_model
from health.models import ChurnModel


class Command(BaseCommand):
    """Train the churn model."""

    help = "Fit the churn model to the history, measure it on time held out, and use it if it is better than the prior."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day, and how to answer."""
        parser.add_argument("--on", metavar="DATE", help="train with what was known on a day (default today)")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="how to answer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train and say what came out."""
        at = timezone.now()
        try:
            on = parse_day(options["on"], "--on") if options["on"] else Organisation.load().day_of(at)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        model = train_churn_model(on=on, at=at)
        self.stdout.write(json.dumps(_as_json(model), indent=2) if options["format"] == "json" else _in_words(model))


def _as_json(model: ChurnModel) -> dict[str, Any]:
    spans = {
        name: str(day) if day else None
        for name, day in (
            ("learnt_from", model.learnt_from), ("learnt_until", model.learnt_until),
            ("tested_from", model.tested_from), ("tested_until", model.tested_until),
        )
    }  # fmt: skip
    return {
        "version": model.number, "on": str(model.on), "verdict": model.verdict, "is_used": model.is_used,
        "kind": model.kind, "horizon_days": model.horizon_days, **spans, "churns": model.churns, "rows": model.rows,
        "base_rate": model.base_rate, "features": model.features, "measures": model.measures,
    }  # fmt: skip


def _in_words(model: ChurnModel) -> str:
    said = f"{model.on}: version {model.number}, {model.get_verdict_display()} ({model.churns} losses)."
    for name in ("model", "prior"):
        row = model.measures.get(name)
        if row and row["auc"]:
            area, low, high = row["auc"]
            said += f"\n{name}: ROC AUC {area:.3f} ({low:.3f} to {high:.3f}), AP {row['average_precision']:.3f}"
    return said
