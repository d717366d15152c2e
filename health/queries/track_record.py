"""Was the score right, were the warnings, was the model: what did each say on past days, and what came?

Every account that was a customer is looked at as of the last day of each month, with what was known then. Nothing is
written and nothing is changed here.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import QuerySet, Subquery

from accounts.models import ChurnRecord, Organisation
from common.columns import codes, only_ids, read_columns
from health.models import ChurnModel, ChurnSettings, HealthScore, TrackRecord
from health.queries.indicators.book import day_number
from health.queries.predictions import fired, flags_of, measures_of, prior_of, ranking_of, rounded
from health.queries.scorecards import cards_on
from health.queries.snapshots import Snapshots, first_customer_day, losses, month_ends, snapshots
from health.rules.components import read_components
from health.rules.evaluation import (
    Auc,
    Flags,
    Floats,
    Ints,
    flag_verdict,
    flagged,
    lead_days,
    separation,
    verdict,
    weights_by_separation,
)
from health.rules.features import SPAN
from health.rules.model import matrix_of, score_model
from revenue.queries import load_rates
from revenue.rules.movements import day_of
from revenue.rules.rates import MissingRate, Rates, converted, from_cents, rate_on

HORIZONS = (30, 60, 90, 180)
# Looks go back so many months.
MOST_LOOKS = 18
# A score of the last so many days stands for a look.
SCORE_DAYS = 7
# Before a loss the last score of a month will do: an older history may have been scored by months.
REVIEW_DAYS = 31
SETTLE_DAYS = 30
BANDS = [str(band) for band in HealthScore.Band.values]
# Parts of scores are read for so many looks at accounts, the latest ones.
MOST_PARTS = 20_000
SUGGESTED = 6
LONGEST_LEAD = 20_000
Subject = TrackRecord.Subject


@dataclass(frozen=True)
class Judged:
    """One line of the track record, ready to be stored."""

    subject: str
    key: str
    horizon: int
    days: tuple[dt.date, dt.date] | None
    rows: int
    events: int
    verdict: str
    measures: dict[str, Any]


@dataclass(frozen=True)
class Loss:
    """One loss and the bands before it, by days ahead ("" where there was no score)."""

    account: int
    on: dt.date
    arr: Decimal | None
    bands: dict[int, str]


@dataclass(frozen=True)
class _Looks:
    """The looks with what the score said at each, and from how many losses on a figure is judged."""

    snaps: Snapshots
    on: dt.date
    bands: Ints
    scores: Floats
    least: int

    def known(self, horizon: int, keep: Flags) -> tuple[Snapshots, Flags]:
        """The looks whose outcome is known, and which those are."""
        whole = keep & self.snaps.observed(horizon, self.on)
        return self.snaps.only(whole), whole


def track_record(on: dt.date) -> list[Judged]:
    """Judge score, warnings, model and prior by what came until a day."""
    settings = ChurnSettings.load()
    first = first_customer_day(on)
    days = month_ends(first + dt.timedelta(days=SETTLE_DAYS), on, most=MOST_LOOKS) if first else []
    snaps = snapshots(days, on=on)
    if not len(snaps.days):
        return []
    bands, scores = scores_at(snaps.accounts, snaps.days)
    looks = _Looks(snaps, on, bands, scores, settings.least_events)
    said = fired(snaps)
    found = [*_of_score(looks), *_of_risk(looks, settings, said), *_of_warnings(looks, said)]
    return found + _of_indicators(looks)


def _line(looks: _Looks, subject: str, key: str, horizon: int, snaps: Snapshots, measures: dict[str, Any]) -> Judged:
    """Put a line together with its verdict, from the area that its measures hold."""
    events = int(snaps.left_within(horizon).sum())
    area = measures.get("auc")
    span = (day_of(int(snaps.days.min())), day_of(int(snaps.days.max()))) if len(snaps.days) else None
    word = verdict(Auc(*area) if area else None, events, looks.least)
    return Judged(subject, key, horizon, span, len(snaps.days), events, word, measures)


def _of_score(looks: _Looks) -> Iterator[Judged]:
    """The score as a figure, and its red band as a warning; new customers and unknown scores are left out."""
    for horizon in HORIZONS:
        snaps, keep = looks.known(horizon, np.isfinite(looks.scores))
        left = snaps.left_within(horizon)
        red = looks.bands[keep] == BANDS.index(HealthScore.Band.RED)
        green = looks.bands[keep] == BANDS.index(HealthScore.Band.GREEN)
        lead = lead_days(snaps.days, snaps.accounts, red, snaps.left_on)
        measures = {
            **ranking_of(-looks.scores[keep], left, snaps.accounts),
            "red": flags_of(flagged(red, left), _of_the_lost(lead)),
            "green": flags_of(flagged(green, left), np.empty(0, dtype=np.int64)),
        }
        yield _line(looks, Subject.SCORE, "", horizon, snaps, measures)


def _of_the_lost(lead: Ints) -> Ints:
    """Leads of the accounts that did leave: for the others it goes to the end of the calendar."""
    return lead[lead < LONGEST_LEAD]


def _of_risk(looks: _Looks, settings: ChurnSettings, said: tuple[tuple[str, ...], Flags]) -> Iterator[Judged]:
    """The model on the days held out when it was made, and the prior on the same days (on all, without a model)."""
    model = ChurnModel.objects.filter(is_used=True).first()
    held = np.ones(len(looks.snaps.days), dtype=bool)
    if model is not None and model.tested_from is not None:
        held = looks.snaps.days >= day_number(model.tested_from)
        x = matrix_of(looks.snaps.columns(), model.features, len(looks.snaps.days))
        risk = score_model(model.parameters, x)[0]
        yield from (_of_one_risk(looks, Subject.MODEL, risk, held, horizon) for horizon in HORIZONS)
    for horizon, prior in zip(HORIZONS, prior_of(settings.prior, looks.snaps, HORIZONS, said), strict=True):
        yield _of_one_risk(looks, Subject.PRIOR, prior.risk, held, horizon)


def _of_one_risk(looks: _Looks, subject: str, risk: Floats, held: Flags, horizon: int) -> Judged:
    snaps, keep = looks.known(horizon, held)
    judge = measures_of if keep.any() else ranking_of
    measures = judge(risk[keep], snaps.left_within(horizon), snaps.accounts)
    return _line(looks, subject, "", horizon, snaps, measures)


def _of_warnings(looks: _Looks, said: tuple[tuple[str, ...], Flags]) -> Iterator[Judged]:
    keys, fires = said
    for place, key in enumerate(keys):
        for horizon in HORIZONS:
            snaps, keep = looks.known(horizon, np.ones(len(fires), dtype=bool))
            flags, left = fires[keep, place], snaps.left_within(horizon)
            lead = lead_days(snaps.days, snaps.accounts, flags, snaps.left_on)
            counted = flagged(flags, left)
            measures = {
                **(ranking_of(flags.astype(np.float64), left, snaps.accounts) if flags.any() else {}),
                **flags_of(counted, _of_the_lost(lead)),
            }
            line = _line(looks, Subject.WARNING, key, horizon, snaps, measures)
            area = measures.get("auc")
            yield replace(line, verdict=flag_verdict(Auc(*area) if area else None, counted, looks.least))


def _of_indicators(looks: _Looks) -> list[Judged]:
    """Each indicator of the default scorecard alone, 90 days ahead, with weights that would follow from it."""
    horizon = 90
    snaps, keep = looks.known(horizon, np.isfinite(looks.scores))
    some = np.flatnonzero(keep)[-MOST_PARTS:]
    chosen = np.zeros(len(keep), dtype=bool)
    chosen[some] = True
    snaps = looks.snaps.only(chosen)
    left = snaps.left_within(horizon)
    cards = cards_on(looks.on)
    if not cards or not len(left) or not left.any():
        return []
    weights = {indicator.key: indicator.weight / 100 for indicator in cards[-1].definition.indicators}
    alone = {key: area for key, area, _ in separation(_parts_at(snaps, list(weights)), left)}
    keys = [key for key in weights if key in alone]
    suggested = dict(zip(keys, weights_by_separation([alone[key] for key in keys]), strict=True))
    table = [[key, rounded(alone.get(key)), weights[key], suggested.get(key)] for key in weights]
    figures = {name: values for name, values in snaps.columns().items() if not name.startswith(("score", "level_"))}
    others = [[key, rounded(area), rows] for key, area, rows in separation(figures, left)[:SUGGESTED]]
    measures = {"indicators": table, "figures": others, **ranking_of(-looks.scores[chosen], left, snaps.accounts)}
    return [_line(looks, Subject.INDICATORS, "", horizon, snaps, measures)]


def _near(days: Ints, within: int = SCORE_DAYS) -> QuerySet[HealthScore]:
    """The scores with a colour in so many days up to each of some days."""
    wanted = {day_of(int(day) - back) for day in np.unique(days) for back in range(within)}
    rows = HealthScore.objects.filter(on__in=sorted(wanted), score__isnull=False)
    return rows.filter(band__in=[HealthScore.Band.GREEN, HealthScore.Band.YELLOW, HealthScore.Band.RED])


def scores_at(accounts: Ints, days: Ints, within: int = SCORE_DAYS) -> tuple[Ints, Floats]:
    """Band (a place in `BANDS`, −1 for none) and score of accounts on days: the last of so many days before."""
    found = read_columns(
        _near(days, within).order_by("account_id", "on"), account_id="int", on="day", band="text", score="cents"
    )
    band, _ = codes(found["band"], list(BANDS))
    keys = found["account_id"] * SPAN + found["on"]
    wanted = accounts * SPAN + days
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64), np.full(len(wanted), np.nan)
    place = np.searchsorted(keys, wanted, side="right") - 1
    at = np.maximum(place, 0)
    there = (place >= 0) & (keys[at] > wanted - within)
    return np.where(there, band[at], -1), np.where(there, found["score"][at] / 100, np.nan)


def _parts_at(snaps: Snapshots, keys: Sequence[str]) -> dict[str, Floats]:
    """What each indicator scored at each look, nan where it was missing."""
    looks = dict(zip(zip(snaps.accounts.tolist(), snaps.days.tolist(), strict=True), itertools.count()))
    ends = np.unique(snaps.days)
    made = {key: np.full(len(snaps.days), np.nan) for key in keys}
    rows = only_ids(_near(snaps.days), "account_id", np.unique(snaps.accounts).tolist()).order_by("on")
    for account, on, components in rows.values_list("account_id", "on", "components").iterator(chunk_size=2_000):
        end = ends[np.minimum(np.searchsorted(ends, day_number(on)), len(ends) - 1)]
        row = looks.get((account, int(end)))
        if row is None:
            continue
        for part in read_components(components):
            if part.key in made:
                made[part.key][row] = np.nan if part.score is None else float(part.score)
    return made


def review_losses(on: dt.date) -> list[Loss]:
    """The losses of the last year up to a day, with the band of each account so many days before."""
    rows = losses(on).filter(on__gt=on - dt.timedelta(days=365)).order_by("account_id", "on")
    amount = "arr_lost" if rows.model is ChurnRecord else "amount"
    lost: dict[tuple[int, dt.date], Decimal | None] = {}
    reporting = Organisation.load().reporting_currency
    listed = list(rows.values_list("account_id", "on", "currency", amount))
    rates = load_rates({currency for _, _, currency, _ in listed}, reporting)
    for account, day, currency, value in listed:
        worth = _worth(rates, currency, reporting, day, value)
        before = lost.get((account, day), Decimal(0))
        lost[account, day] = None if before is None or worth is None else before + worth
    accounts = np.array([account for account, _ in lost], dtype=np.int64)
    days = np.array([day_number(day) for _, day in lost], dtype=np.int64)
    bands = {ahead: scores_at(accounts, days - ahead, REVIEW_DAYS)[0] for ahead in HORIZONS}
    return [
        Loss(account, day, arr, {ahead: BANDS[found[row]] if found[row] >= 0 else "" for ahead, found in bands.items()})
        for row, ((account, day), arr) in enumerate(lost.items())
    ]


def _worth(rates: Rates, currency: str, reporting: str, on: dt.date, value: Decimal | None) -> Decimal | None:
    """An amount lost in the reporting currency; None where it, or its rate, is not known."""
    if value is None:
        return None
    try:
        cents = converted(np.array([int(abs(value).scaleb(2))]), rate_on(rates, currency, reporting, on))
        return from_cents(int(cents[0]))
    except MissingRate:
        return None


def warning_records(horizon: int = 90) -> dict[str, TrackRecord]:
    """What is stored of each warning rule, by key, so many days ahead: the latest record of each."""
    newest = TrackRecord.objects.order_by("-on").values("on")[:1]
    rows = TrackRecord.objects.filter(subject=Subject.WARNING, horizon_days=horizon, on=Subquery(newest))
    return {row.key: row for row in rows}
