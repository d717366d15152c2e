"""Are downgrades found with what came of them, and does the follow-through count whom it should?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from revenue.actions import derive_movements
from revenue.models import ExchangeRate
from revenue.queries import downgrades, follow_through
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 6, 15)
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
START = dt.date(2024, 1, 1)


def paid(*steps: tuple[dt.date, int], until: dt.date | None = None, owner=None, currency: str = "USD", **fields):
    """An account that paid so much from each day on."""
    account = make_account(owner, **fields)
    ends = [day for day, _arr in steps[1:]] + [until]
    for (day, arr), end in zip(steps, ends, strict=True):
        make_line(account, arr, starts_on=day, ends_on=end, currency=currency)
    return account


def found(**span):
    return {one.account_id: one for one in downgrades(span.get("start", dt.date(2026, 1, 1)), ON, ON)}


def test_each_downgrade_says_how_much_and_what_came_of_it():
    fell = dt.date(2026, 3, 1)
    later = dt.date(2026, 5, 1)
    stayed = paid((START, 100), (fell, 80))
    further = paid((START, 100), (fell, 80), (later, 50))
    grew = paid((START, 100), (fell, 80), (later, 120))
    left = paid((START, 100), (fell, 80), until=later)
    paid((START, 100), (dt.date(2025, 3, 1), 80))
    derive_movements()
    known = found()
    assert {pk: one.since for pk, one in known.items()} == {
        stayed.pk: "stayed",
        further.pk: "fell_further",
        grew.pk: "grew_again",
        left.pk: "churned",
    }
    assert (known[stayed.pk].lost, known[stayed.pk].share) == (Decimal(20), Decimal("0.2000"))
    assert sum(one.account_id == further.pk for one in downgrades(dt.date(2026, 1, 1), ON, ON)) == 2


def test_a_moving_rate_is_no_fall_and_no_growth():
    account = paid((START, 100), (dt.date(2026, 3, 1), 80), currency="EUR")
    for day, rate in ((START, "1.0"), (dt.date(2026, 4, 1), "1.5")):
        ExchangeRate.objects.create(base="EUR", quote="USD", on=day, rate=Decimal(rate))
    derive_movements()
    assert (found()[account.pk].since, found()[account.pk].now) == ("stayed", Decimal(80))


def test_the_follow_through_counts_who_had_downgraded_and_left_in_the_year_after():
    before, after = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
    paid((START, 100), (before, 80), until=after)
    paid((START, 100), (before, 80))
    paid((START, 100), until=after)
    paid((START, 100))
    # Downgraded too late or too early to count as such; left before; new since.
    paid((START, 100), (dt.date(2025, 12, 1), 80))
    paid((dt.date(2023, 1, 1), 100), (dt.date(2023, 6, 1), 80))
    paid((START, 100), until=dt.date(2025, 3, 1))
    paid((dt.date(2025, 9, 1), 100), until=after)
    derive_movements()
    told = follow_through(ON)
    assert (told.downgraded, told.downgraded_left, told.others, told.others_left) == (2, 1, 4, 1)
    assert (told.rate, told.others_rate) == (Decimal("0.5"), Decimal("0.25"))


def test_no_history_has_no_rate():
    assert follow_through(ON).rate is None


@time_machine.travel(NOW, tick=False)
def test_the_page_lists_filters_and_exports(client: Client):
    csm = make_user()
    client.force_login(csm)
    page = "/revenue/downgrades/"
    assert "No downgrade in this time" in client.get(page).text
    paid((START, 100), (dt.date(2026, 3, 1), 80), owner=csm, name="Still here")
    paid((START, 100), (dt.date(2026, 3, 1), 80), until=dt.date(2026, 5, 1), owner=csm, name="Long gone")
    paid((START, 100), (dt.date(2026, 3, 1), 80), owner=make_user(), name="Somebody else’s")
    derive_movements()
    text = client.get(page).text
    assert "Still here" in text
    assert "Long gone" in text
    assert "Somebody else’s" not in text
    text = client.get(page, {"since": "churned"}).text
    assert "Still here" not in text
    assert "Long gone" in text
    assert "No downgrade matches" in client.get(page, {"first": "2026-04-01"}).text
    assert client.get(page, {"first": "2026-02-31"}).status_code == 400
    lines = b"".join(client.get(f"{page}export/csv/").streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert client.get(page, headers={"HX-Request": "true"}).text.count("<html") == 0
