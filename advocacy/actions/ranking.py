"""How does every customer get its advocate score, and every person who may be asked their row in the list?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import Account, Contact
from advocacy.models import AdvocacySettings, AdvocateRow, AdvocateScore
from advocacy.queries.measures import Customers, Requests, measure_customers, request_columns
from advocacy.queries.standing import People, people_on
from advocacy.rules.high_value import Figures, high_value, partners
from advocacy.rules.limits import Flags, Floats, Ints, as_bits, bit_of, hard_limits
from advocacy.rules.score import Measures, Scores, advocate_score, shares_adopted
from common.bulk import Coded, insert_columns
from common.columns import MANY_IDS, NO_DAY, masked, only_ids, read_columns

# At the account no person's own state counts: only what stands in the way of asking anybody there.
OF_ACCOUNT = bit_of("red") | bit_of("ticket") | bit_of("renewal") | bit_of("gone")
EPOCH = dt.date(1970, 1, 1)


@transaction.atomic
def rank_advocates(*, on: dt.date, requests: Requests) -> int:
    """Score all customers as of a day and write the month's rows anew; returns how many there are.

    requests: {account: (asked, adopted)}, which another app knows. Every row is derived, so running it again, or for a
    past day, gives the same rows.
    """
    settings = AdvocacySettings.load()
    customers = measure_customers(on)
    asked, adopted = request_columns(customers.accounts, requests)
    scores = advocate_score(
        Measures(
            referred=customers.referred,
            mentions=customers.mentions,
            core_days=customers.core_days,
            integrations=customers.integrations,
            adopted=shares_adopted(asked, adopted),
            answers=customers.answers,
        ),
        settings.weights(),
    )
    people = people_on(on, settings)
    month = on.replace(day=1)
    AdvocateScore.objects.filter(month=month).delete()
    columns = _score_columns(customers, scores, settings, asked, adopted) | _people_columns(customers, people, settings)
    count = len(customers.accounts)
    insert_columns(AdvocateScore, {"month": _same(month, count), "on": _same(on, count)} | columns)
    _write_people(people, settings, on, None)
    return count


@transaction.atomic
def refresh_people(*, on: dt.date, account_ids: Iterable[int] | None = None) -> int:
    """Bring the list of people to ask up to date, of all accounts or some; returns how many there are."""
    settings = AdvocacySettings.load()
    wanted = None if account_ids is None else sorted(set(account_ids))
    if wanted is not None and len(wanted) > MANY_IDS:
        wanted = None
    rows = Contact.objects.order_by("pk") if wanted is None else Contact.objects.filter(account__in=wanted)
    ids = None if wanted is None else list(rows.values_list("pk", flat=True))
    return _write_people(people_on(on, settings, ids), settings, on, wanted)


def _score_columns(
    customers: Customers, scores: Scores, settings: AdvocacySettings, asked: Ints, adopted: Ints
) -> dict[str, Any]:
    figures = Figures(
        active_days=customers.active_days,
        logins=customers.logins,
        modules_used=customers.modules_used,
        modules_entitled=customers.modules_entitled,
        goals_attained=customers.goals_attained,
        expansions=customers.expansions,
    )
    met = high_value(figures, settings.marks())
    technology, channel = partners(customers.integrations, customers.referred, settings.marks())
    count = len(customers.accounts)
    return {
        "account_id": customers.accounts.tolist(),
        **{name: _points(getattr(scores, name)) for name in ("score", "spread", "dependence", "feedback")},
        "rank": scores.rank.tolist(),
        "of": _same(count, count),
        **{
            name: getattr(customers, name).tolist()
            for name in (
                *("referred", "mentions", "core_days", "integrations", "answers", "active_days", "logins"),
                *("modules_used", "modules_entitled", "goals_attained", "expansions"),
            )
        },
        "requests": asked.tolist(),
        "adopted": adopted.tolist(),
        **{f"meets_{criterion}": flags.tolist() for criterion, flags in met.items()},
        "criteria_met": np.sum(list(met.values()), axis=0).tolist() if count else [],
        "is_technology_partner": technology.tolist(),
        "is_channel_partner": channel.tolist(),
    }


def _people_columns(customers: Customers, people: People, settings: AdvocacySettings) -> dict[str, Any]:
    """Promoters per account, those never asked, and what stands in the way of asking anybody there."""
    promoters = _promoters(people, settings) & ~people.standing.left
    at = np.searchsorted(customers.accounts, people.accounts)
    at = np.minimum(at, max(len(customers.accounts) - 1, 0))
    known = customers.accounts[at] == people.accounts if len(customers.accounts) else np.zeros(len(at), dtype=bool)
    count = len(customers.accounts)
    bits = as_bits(hard_limits(people.standing, settings.limits())) & OF_ACCOUNT
    excluded = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(excluded, at[known], bits[known])
    return {
        "promoters": np.bincount(at[known & promoters], minlength=count).tolist(),
        "never_asked": np.bincount(at[known & promoters & (people.asks_ever == 0)], minlength=count).tolist(),
        "excluded": excluded.tolist(),
    }


def _promoters(people: People, settings: AdvocacySettings) -> Flags:
    """Who promotes by their own latest answer, as long as it counts."""
    recent = people.own_nps_on > (people.on - EPOCH).days - settings.promoter_days
    with np.errstate(invalid="ignore"):
        return np.asarray((people.own_nps >= settings.promoter_from) & recent & (people.own_nps_on != NO_DAY))


def _write_people(people: People, settings: AdvocacySettings, on: dt.date, wanted: list[int] | None) -> int:
    """Write a row for each promoter who is there and each advocate, in place of the rows before."""
    promoters = _promoters(people, settings)
    is_advocate = np.array([bool(stage) for stage in people.stages], dtype=bool)
    there = np.flatnonzero((promoters & ~people.standing.left & ~people.standing.gone) | is_advocate)
    bits = as_bits(hard_limits(people.standing, settings.limits()))[there]
    contacts, accounts = people.contacts[there], people.accounts[there]
    names = _names(contacts)
    known = _accounts(accounts)
    scores = dict(AdvocateScore.objects.current().order_by().values_list("account_id", "score"))
    points = [scores.get(account) for account in accounts.tolist()]
    before = AdvocateRow.objects.order_by()
    (before if wanted is None else before.filter(account__in=wanted)).delete()
    insert_columns(
        AdvocateRow,
        {
            "contact_id": contacts.tolist(),
            "account_id": accounts.tolist(),
            "name": names,
            **{name: [known[account][place] for account in accounts.tolist()] for place, name in enumerate(OF_ROW)},
            "stage": [people.stages[row] for row in there.tolist()],
            "score": points,
            "unscored": [score is None for score in points],
            "nps": _whole(people.own_nps[there]),
            "is_promoter": promoters[there].tolist(),
            "last_asked_on": _days(people.last_asked[there]),
            "never_asked": (people.asks_ever[there] == 0).tolist(),
            "asks": people.standing.asks[there].tolist(),
            "has_consent": people.has_consent[there].tolist(),
            "excluded": bits.tolist(),
            "is_free": (bits == 0).tolist(),
            "on": _same(on, len(there)),
        },
    )
    return len(there)


OF_ROW = ("account_name", "industry", "region", "tier")


def _names(contacts: Ints) -> list[str]:
    ids = contacts.tolist()
    rows = only_ids(Contact.objects.order_by("pk"), "pk", ids)
    found = masked(read_columns(rows, pk="int", name="text"), "pk", ids)
    names: list[str] = found["name"]
    return names


def _accounts(accounts: Ints) -> dict[int, tuple[str, str, str, str]]:
    ids = np.unique(accounts).tolist()
    rows = only_ids(Account.objects.order_by("pk"), "pk", ids)
    found = rows.values_list("pk", "name", "industry", "region", "tier")
    return {pk: (name, industry, region, tier) for pk, name, industry, region, tier in found}


def _points(values: Floats) -> list[Decimal | None]:
    """Scores as they are stored: hundredths, none for what is not known."""
    known = ~np.isnan(values)
    hundredths = np.where(known, np.round(np.where(known, values, 0) * 100), 0).astype(np.int64)
    made = {number: Decimal(number) / 100 for number in np.unique(hundredths).tolist()}
    made = {number: value.quantize(Decimal("0.01")) for number, value in made.items()}
    return [made[number] if there else None for number, there in zip(hundredths.tolist(), known.tolist(), strict=True)]


def _whole(values: Floats) -> list[int | None]:
    return [None if np.isnan(value) else int(value) for value in values.tolist()]


def _days(values: Ints) -> list[dt.date | None]:
    return [None if day == NO_DAY else EPOCH + dt.timedelta(days=day) for day in values.tolist()]


def _same(value: object, count: int) -> Coded:
    return Coded([value], np.zeros(count, dtype=np.int64))
