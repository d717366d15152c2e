"""What was known of all customers on a day? A few queries that give columns, for a book of any size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db.models import Case, Count, IntegerField, Max, OuterRef, Subquery, Value, When
from numpy.typing import NDArray

from accounts.models import Account
from common.columns import NO_DAY, Cents, only_ids, read_columns
from health.models import HealthScore
from health.queries.indicators.book import day_number
from health.queries.scores import weekly_scores
from health.rules.trend import trend_slopes
from playbooks.rules.effect import Floats, Ints, Standing
from revenue.queries import arr_columns
from usage.models import AccountUsageDay

TIERS = [str(tier) for tier in Account.Tier.values]
BANDS = ["", *map(str, HealthScore.Band.values)]
# A score older than this says nothing of the day; the trend is that of four weeks.
FRESH_DAYS, TREND_WEEKS = 7, 5
USE_DAYS = 30
# Of who was not heard for so long it is not known whether they use anything.
HEARD_DAYS = 120


@dataclass(frozen=True)
class Known:
    """The customers of a day, with what was known of them then."""

    standing: Standing
    active_days: Floats

    def places(self, accounts: Ints) -> Ints:
        """Where accounts stand; those that were no customers are left out."""
        return np.flatnonzero(np.isin(self.standing.account, accounts))


def standing_on(on: dt.date) -> Known:
    """Read all customers of a day: tier, band, ARR, tenure, score, its trend, days of use."""
    accounts, cents = arr_columns(on)
    rows = read_columns(
        Account.objects.order_by("pk").annotate(number=_number("tier", TIERS)), pk="int", number="int", signed_on="day"
    )
    at = np.searchsorted(rows["pk"], accounts)
    signed = rows["signed_on"][at]
    bands = _bands(on)
    scored, weekly = weekly_scores(on, weeks=TREND_WEEKS)
    slopes = trend_slopes(np.arange(-(TREND_WEEKS - 1), 1, dtype=np.float64) * 7, weekly)
    return Known(
        Standing(
            account=accounts,
            tier=rows["number"][at],
            band=_given(bands[0], bands[1].astype(float), accounts, 0).astype(np.int64),
            arr=cents / 100,
            tenure=np.where(signed == NO_DAY, 0, np.maximum(day_number(on) - signed, 0)).astype(float),
            score=_given(scored, weekly[:, -1], accounts, np.nan),
            trend=_given(scored, slopes, accounts, np.nan),
        ),
        active_days=_active_days(on, accounts),
    )


def _number(field: str, words: list[str]) -> Case:
    whens = (When(**{field: word}, then=Value(number)) for number, word in enumerate(words))
    return Case(*whens, default=Value(0), output_field=IntegerField())


def _bands(on: dt.date) -> tuple[Ints, Ints]:
    """The band of each account's last score of these days."""
    rows = HealthScore.objects.filter(on__gt=on - dt.timedelta(days=FRESH_DAYS), on__lte=on).order_by("on")
    found = read_columns(rows.annotate(number=_number("band", BANDS)), account_id="int", number="int")
    # Rows come oldest first: the last of each account is the first of the turned-round list.
    accounts, first = np.unique(found["account_id"][::-1], return_index=True)
    return accounts, found["number"][::-1][first]


def _given(known: Ints, values: Floats, wanted: Ints, empty: float) -> Floats:
    """Values of some accounts (ascending) as a column of others."""
    full = np.full(len(wanted), empty)
    if len(known):
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        full = np.where(known[at] == wanted, values[at], empty)
    return np.asarray(full, dtype=float)


def _active_days(on: dt.date, accounts: Ints) -> Floats:
    """Days of use in the 30 days up to a day; not known of who was not heard for long."""
    since = on - dt.timedelta(days=USE_DAYS)
    used = AccountUsageDay.objects.filter(day__lte=on, events__gt=0).order_by()
    counts = read_columns(
        used.filter(day__gt=since).values("account_id").annotate(n=Count("pk")), account_id="int", n="int"
    )
    heard = read_columns(
        used.filter(day__gt=on - dt.timedelta(days=HEARD_DAYS)).values("account_id").annotate(last=Max("day")),
        account_id="int", last="day",
    )  # fmt: skip
    order = np.argsort(counts["account_id"])
    days = _given(counts["account_id"][order], counts["n"][order].astype(float), accounts, 0)
    return np.where(np.isin(accounts, heard["account_id"]), days, np.nan)


def later_on(on: dt.date, account_ids: list[int], since: dt.date) -> dict[int, tuple[float | None, float | None]]:
    """The last score by a day (not before another), and the days of use up to it, of some accounts.

    Who left keeps the last score that they had, and uses nothing.
    """
    scores = HealthScore.objects.filter(account_id=OuterRef("pk"), on__lte=on, on__gt=since, score__isnull=False)
    known = scores.exclude(band=HealthScore.Band.UNKNOWN).order_by("-on").annotate(cents=Cents("score"))
    rows = only_ids(Account.objects.order_by("pk"), "pk", account_ids)
    found = {
        pk: None if cents is None else cents / 100
        for pk, cents in rows.annotate(cents=Subquery(known.values("cents")[:1])).values_list("pk", "cents")
    }
    ids: NDArray[np.int64] = np.array(sorted(set(account_ids)), dtype=np.int64)
    days = _active_days(on, ids)
    return {
        int(pk): (found.get(int(pk)), None if np.isnan(used) else float(used))
        for pk, used in zip(ids, days, strict=True)
    }


def kept_on(on: dt.date) -> frozenset[int]:
    """Who pays on a day."""
    accounts, _cents = arr_columns(on)
    return frozenset(accounts.tolist())
