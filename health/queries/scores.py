"""Where does each account stand, how did it get there, and why?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery
from numpy.typing import NDArray

from accounts.models import Account
from common.columns import masked, only_ids, read_columns
from health.models import GroupName, HealthScore, IndicatorName
from health.queries.indicators.book import day_number
from health.rules.components import Move, read_components, strongest, what_moved
from health.rules.score import Floats, OneScore, score_one
from health.rules.scorecard import Group, Indicator, parse_scorecard
from health.rules.trend import Family, family_health, trend_slope
from revenue.queries import arr_by_account

WEEKS = 12
WEEK = dt.timedelta(weeks=1)
SHORT_TREND_DAYS, LONG_TREND_DAYS = 28, 91
# A family is looked through so many levels deep.
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Driver:
    """One reason for a score: an indicator, the points it costs, and what it did since a week ago."""

    key: str
    name: str
    value: float | None
    lost: Decimal
    contribution: Decimal
    change: Decimal | None


@dataclass(frozen=True, slots=True)
class BandShare:
    """How many accounts are in a band, and what they pay."""

    band: str
    label: str
    accounts: int
    arr: Decimal


@dataclass(frozen=True, slots=True)
class Slopes:
    """Where a score is heading, in points per week; None with fewer than two scores in the time."""

    weeks_4: float | None
    weeks_13: float | None


def latest_scores(on: dt.date, account_ids: Iterable[int] | None = None) -> QuerySet[HealthScore]:
    """The latest score of each account by a day."""
    newest = HealthScore.objects.filter(account_id=OuterRef("pk"), on__lte=on).order_by("-on").values("pk")[:1]
    accounts = only_ids(Account.objects.order_by(), "pk", account_ids)
    return HealthScore.objects.filter(pk__in=accounts.annotate(newest=Subquery(newest)).values("newest"))


def weekly_scores(
    on: dt.date, account_ids: Iterable[int] | None = None, *, weeks: int = WEEKS
) -> tuple[NDArray[np.int64], Floats]:
    """The last score of each week up to a day, in one query for any number of accounts.

    Returns account ids (ascending) and accounts × weeks, oldest first, nan for none; a week ends on the day's weekday.
    """
    ids = None if account_ids is None else sorted(set(account_ids))
    rows: QuerySet[HealthScore] = HealthScore.objects.filter(on__gt=on - weeks * WEEK, on__lte=on, score__isnull=False)
    rows = only_ids(rows.exclude(band=HealthScore.Band.UNKNOWN), "account_id", ids).order_by("on")
    found = masked(read_columns(rows, account_id="int", on="day", score="cents"), "account_id", ids)
    accounts = np.unique(found["account_id"]) if ids is None else np.array(ids, dtype=np.int64)
    matrix = np.full((len(accounts), weeks), np.nan)
    if len(found["account_id"]):
        week = weeks - 1 - (day_number(on) - found["on"]) // 7
        # Rows come oldest first, so the last of a week overwrites the earlier ones.
        matrix[np.searchsorted(accounts, found["account_id"]), week] = found["score"] / 100
    return accounts, matrix


def weekly_series(on: dt.date, account_ids: Sequence[int], *, weeks: int = WEEKS) -> dict[int, list[float | None]]:
    """The weekly scores of some accounts, ready to draw or to store as JSON."""
    accounts, matrix = weekly_scores(on, account_ids, weeks=weeks)
    return {
        account: [None if np.isnan(score) else score for score in row]
        for account, row in zip(accounts.tolist(), matrix.tolist(), strict=True)
    }


def drivers_by_account(
    on: dt.date, account_ids: Iterable[int] | None = None, *, count: int = 3
) -> dict[int, list[Driver]]:
    """The strongest reasons for each account's latest score, with their change since a week before it; two queries."""
    ids = None if account_ids is None else list(account_ids)
    before = dict(latest_scores(on - WEEK, ids).values_list("account_id", "components"))
    found = {}
    for account, components in latest_scores(on, ids).values_list("account_id", "components").iterator(chunk_size=2000):
        found[account] = _drivers(components, before.get(account), count, {})
    return found


def band_distribution(accounts: QuerySet[Account], on: dt.date) -> list[BandShare]:
    """How the accounts (those that a person may see) spread over the bands, by number and by ARR.

    A score older than a week is that of a customer who left, and counts no more.
    """
    lately = HealthScore.objects.filter(account_id=OuterRef("pk"), on__lte=on, on__gt=on - WEEK)
    newest = lately.order_by("-on").values("band")[:1]
    bands = dict(accounts.order_by().annotate(latest_band=Subquery(newest)).values_list("pk", "latest_band"))
    paid = arr_by_account(on, list(bands))
    return [
        BandShare(
            band=band.value,
            label=str(band.label),
            accounts=sum(found == band.value for found in bands.values()),
            arr=sum((paid.get(pk, Decimal(0)) for pk, found in bands.items() if found == band.value), Decimal(0)),
        )
        for band in HealthScore.Band
    ]


def reproduce(score: HealthScore) -> OneScore:
    """Work a stored score out again from its stored inputs and its scorecard version."""
    parts = score.parts
    card = parse_scorecard(score.version.definition)
    return score_one(card, {part.key: part.value for part in parts}, {part.key for part in parts if part.is_expired})


def is_reproduced(score: HealthScore) -> bool:
    """Say whether a stored score follows, to the hundredth, from its stored inputs and scorecard version."""
    again = reproduce(score)
    return (again.score, again.coverage, again.components) == (score.score, score.coverage, score.parts)


def explain_change(old: HealthScore, new: HealthScore) -> tuple[Move, ...]:
    """What moved a score between two days; a changed scorecard has its own line, and all add up exactly."""
    before, after = old.parts, new.parts
    if old.version_id == new.version_id:
        return what_moved(before, after)
    card = parse_scorecard(new.version.definition)
    expired = {part.key for part in before if part.is_expired}
    return what_moved(before, after, rescored=score_one(card, {p.key: p.value for p in before}, expired).components)


def slopes_of(account: Account, on: dt.date) -> Slopes:
    """Where an account's score was heading on a day: points per week over 4 and over 13 weeks."""
    days, scores = _history(account, on)
    return Slopes(_slope(days, scores, SHORT_TREND_DAYS), _slope(days, scores, LONG_TREND_DAYS))


def family_of(account: Account, on: dt.date) -> Family | None:
    """The worst score and the contract-weighted one of an account with all accounts below it; None without any."""
    members = {account.pk}
    level = {account.pk}
    for _ in range(DEEPEST):
        level = set(Account.objects.filter(parent__in=level).values_list("pk", flat=True)) - members
        if not level:
            break
        members |= level
    if len(members) == 1:
        return None
    scores = {row.account_id: row.shown_score for row in latest_scores(on, members)}
    paid = arr_by_account(on, members)
    return family_health((scores.get(member), paid.get(member, Decimal(0))) for member in sorted(members))


def indicator_name(indicator: Indicator) -> str:
    """What people call an indicator: the scorecard's own name for it, else the measure's."""
    return indicator.name or _label(IndicatorName, indicator.key) or _label(IndicatorName, indicator.source)


def group_name(group: Group) -> str:
    """What people call a group of indicators."""
    return _label(GroupName, group.key) or group.name or group.key


def _label(names: Any, key: str) -> str:
    return str(names(key).label) if key in names.values else ""


def _drivers(
    components: dict[str, Any], before: dict[str, Any] | None, count: int, names: dict[str, str]
) -> list[Driver]:
    earlier = {part.key: part.contribution for part in read_components(before or {})}
    return [
        Driver(
            key=part.key,
            name=names.get(part.key) or _label(IndicatorName, part.key) or part.key,
            value=part.value,
            lost=part.lost,
            contribution=part.contribution,
            change=part.contribution - earlier[part.key] if part.key in earlier else None,
        )
        for part in strongest(read_components(components), count)
    ]


def _history(account: Account, on: dt.date) -> tuple[list[int], list[float]]:
    """Days (0 is the last) and scores of the last 13 weeks."""
    rows = account.health_scores.filter(on__gt=on - dt.timedelta(days=LONG_TREND_DAYS), on__lte=on, score__isnull=False)
    known = rows.exclude(band=HealthScore.Band.UNKNOWN).order_by("on").values_list("on", "score")
    return [(day - on).days for day, _ in known], [float(score) for _, score in known if score is not None]


def _slope(days: Sequence[int], points: Sequence[float], within: int) -> float | None:
    pairs = [(day, score) for day, score in zip(days, points, strict=True) if day > -within]
    return trend_slope([day for day, _ in pairs], [score for _, score in pairs])
