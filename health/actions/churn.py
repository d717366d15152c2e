"""How is churn predicted: trained on the own history where that is better, and written down per account and day?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max

from accounts.actions import audit
from accounts.models import Account, User
from common.bulk import JSONText, upsert_columns
from health.actions.fitting import CannotFit, Fitted, fit_columns
from health.models import ChurnModel, ChurnRisk, ChurnSettings
from health.queries.predictions import fired, measures_of, prior_of
from health.queries.snapshots import LeakFound, Snapshots, first_customer_day, month_ends, snapshots
from health.rules import churn as rules
from health.rules.evaluation import Floats, is_better
from health.rules.features import Flags, Source
from health.rules.model import matrix_of, score_model, time_split
from revenue.rules.movements import day_of

Verdict = ChurnModel.Verdict
# A first look lies so many days after the first contract: before, there is nothing to compare with.
SETTLE_DAYS = 60
REASONS = 5
# No risk is written as certain.
SUREST = 0.99


@dataclass(frozen=True)
class _Split:
    """The looks at accounts, who left, and which looks are learnt from and which are held out."""

    snaps: Snapshots
    left: Flags
    learn: Flags
    held: Flags

    @property
    def churns(self) -> int:
        """How many losses the looks saw: each once."""
        lost = np.column_stack([self.snaps.accounts[self.left], self.snaps.left_on[self.left]])
        return len(np.unique(lost, axis=0))


@dataclass(frozen=True)
class _Outcome:
    """What one training came to."""

    verdict: str
    split: _Split | None = None
    fitted: Fitted | None = None
    measures: dict[str, Any] | None = None


def train_churn_model(
    *, on: dt.date, at: dt.datetime, horizon: int = rules.SOON, sources: Sequence[Source] | None = None
) -> ChurnModel:
    """Fit a model to the history known by a day, measure it on time held out, and use it only if it is better.

    Whatever comes out is kept with its reason; where no model is used, the prior stays in use.
    """
    return _store(_train(ChurnSettings.load(), on, horizon, sources), on, at, horizon)


def _train(settings: ChurnSettings, on: dt.date, horizon: int, sources: Sequence[Source] | None) -> _Outcome:
    first = first_customer_day(on)
    days = month_ends(first + dt.timedelta(days=SETTLE_DAYS), on - dt.timedelta(days=horizon)) if first else []
    if len(days) < 2:
        return _Outcome(Verdict.TOO_SHORT)
    try:
        snaps = snapshots(days, on=on, check=True, sources=sources)
    except LeakFound:
        return _Outcome(Verdict.LEAK)
    left = snaps.left_within(horizon)
    split = _Split(snaps, left, *time_split(snaps.days, horizon))
    if not left.any() or left.all():
        return _Outcome(Verdict.ONE_CLASS, split)
    if split.churns < settings.least_churns:
        return _Outcome(Verdict.TOO_FEW_CHURNS, split)
    if not split.learn.any() or not left[split.held].any() or left[split.held].all():
        return _Outcome(Verdict.TOO_SHORT, split)
    return _fit(settings, split, horizon)


def _fit(settings: ChurnSettings, split: _Split, horizon: int) -> _Outcome:
    """Fit to the days learnt from, and judge on the days held out, beside the prior."""
    snaps, learn = split.snaps, split.learn
    x = snaps.figures.astype(np.float64)
    try:
        fitted = fit_columns(x[learn], split.left[learn], snaps.names, days=snaps.days[learn], horizon=horizon)
    except CannotFit as reason:
        return _Outcome(reason.code, split)
    tested, left = snaps.only(split.held), split.left[split.held]
    model = measures_of(fitted.risk(x[split.held], snaps.names), left, tested.accounts)
    prior = measures_of(prior_of(settings.prior, tested, [horizon])[0].risk, left, tested.accounts)
    measures = {"model": model, "prior": prior, "tried": fitted.tried, "rows": len(left), "events": int(left.sum())}
    areas = [(row["auc"][0], row["log_loss"]) for row in (model, prior)]
    verdict = Verdict.USED if is_better(*areas) else Verdict.NOT_BETTER
    return _Outcome(Verdict.NO_SIGNAL if model["auc"][1] <= 0.5 else verdict, split, fitted, measures)


@transaction.atomic
def _store(found: _Outcome, on: dt.date, at: dt.datetime, horizon: int) -> ChurnModel:
    """Keep what a training found, and take the model before it out of use."""
    for former in ChurnModel.objects.select_for_update().filter(is_used=True):
        former.is_used, former.verdict = False, Verdict.REPLACED
        former.save(update_fields=["is_used", "verdict"])
    last = ChurnModel.objects.aggregate(number=Max("number"))["number"] or 0
    return ChurnModel.objects.create(
        number=last + 1, on=on, made_at=at, verdict=found.verdict, is_used=found.verdict == Verdict.USED,
        horizon_days=horizon, **(_spans(found.split) if found.split else {}),
        features=list(found.fitted.names) if found.fitted else [],
        parameters=found.fitted.parameters if found.fitted else {}, measures=found.measures or {},
    )  # fmt: skip


def _spans(split: _Split) -> dict[str, Any]:
    """From which days was learnt, and on which tested."""
    made: dict[str, Any] = {"churns": split.churns, "rows": len(split.left)}
    for name, part in (("learnt", split.learn), ("tested", split.held)):
        if part.any():
            days = split.snaps.days[part]
            made |= {f"{name}_from": day_of(int(days.min())), f"{name}_until": day_of(int(days.max()))}
    if split.learn.any():
        made["base_rate"] = float(split.left[split.learn].mean())
    return made


def score_churn_risk(*, on: dt.date, at: dt.datetime, account_ids: Collection[int] | None = None) -> int:
    """Write the risk of every customer of a day, by the model in use or the prior; return how many.

    A second run for the day gives the same rows; who is no customer on the day has none.
    """
    settings = ChurnSettings.load()
    model = ChurnModel.objects.filter(is_used=True).first()
    snaps = snapshots([on], on=on, account_ids=_all(account_ids))
    if len(snaps.days):
        p90, p365, reasons = _risk(settings, model, snaps)
        _write(snaps, on, p90, p365, reasons, model)
    stale = ChurnRisk.objects.filter(on=on)
    if account_ids is not None:
        stale = stale.filter(account_id__in=list(account_ids))
    scored = set(snaps.accounts.tolist())
    gone = [pk for pk, account in stale.values_list("pk", "account_id") if account not in scored]
    ChurnRisk.objects.filter(pk__in=gone).delete()
    return len(snaps.days)


def _all(account_ids: Collection[int] | None) -> Collection[int]:
    return account_ids if account_ids is not None else list(Account.objects.order_by("pk").values_list("pk", flat=True))


def _risk(settings: ChurnSettings, model: ChurnModel | None, snaps: Snapshots) -> tuple[Floats, Floats, Any]:
    """Both risks and the reasons, by the model or by the prior."""
    if model is None:
        said = fired(snaps, looking_back=False)
        soon, later = prior_of(settings.prior, snaps, [rules.SOON, rules.LATER], said)
        risks = soon.risk, np.maximum(later.risk, soon.risk)
        return *risks, rules.shares(soon.pushes, settings.prior.keys, REASONS)
    x = matrix_of(snaps.columns(), model.features, len(snaps.days))
    risk, pushes = score_model(model.parameters, x)
    risk = np.clip(risk, 0, SUREST)
    return risk, rules.beyond(risk, model.base_rate or 0.0), rules.shares(pushes, model.features, REASONS)


def _write(snaps: Snapshots, on: dt.date, p90: Floats, p365: Floats, reasons: Any, model: ChurnModel | None) -> None:
    order = np.argsort(snaps.accounts, kind="stable")
    count = len(order)
    upsert_columns(
        ChurnRisk,
        {
            "account_id": snaps.accounts[order].tolist(),
            "on": [on] * count,
            "p90": [Decimal(f"{value:.4f}") for value in p90[order].tolist()],
            "p365": [Decimal(f"{value:.4f}") for value in np.maximum(p365, p90)[order].tolist()],
            "reasons": [JSONText(json.dumps(reasons[place])) for place in order.tolist()],
            "model_id": [model.pk if model else None] * count,
        },
        unique=["account_id", "on"],
        update={name: f"new.{name}" for name in ("p90", "p365", "reasons", "model_id")},
    )


@transaction.atomic
def change_churn_settings(*, by: User, at: dt.datetime, **values: Any) -> ChurnSettings:
    """Change how churn is predicted; risks follow with the next scoring."""
    settings = ChurnSettings.objects.select_for_update().filter(pk=1).first() or ChurnSettings(pk=1)
    changes = audit.differences(settings, values)
    for name, value in values.items():
        setattr(settings, name, value)
    if changes:
        settings.save()
        audit.record("churn_settings.changed", by=by, at=at, obj=settings, changes=changes)
    return settings
