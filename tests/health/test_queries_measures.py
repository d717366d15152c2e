"""What do the measures give that plans and playbooks ask for?"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from accounts.models import Account
from health.models import MeasureName
from health.queries.indicators.book import Book, Catalogue
from health.queries.measures import MEASURES, measure_test
from health.rules.warnings import Test
from tests.health.book import ON, ago, make_account, make_milestone, make_renewal, make_ticket, reach
from tests.playbooks.made import score_of
from usage.models import Ticket

pytestmark = pytest.mark.django_db


def measured(measure: str, *accounts: Account, on: dt.date = ON) -> Any:
    """The values of a measure, in the order of the accounts' ids."""
    ids = np.array(sorted(one.pk for one in accounts), dtype=np.int64)
    book = Book(on=on, zone=ZoneInfo("UTC"), catalogue=Catalogue.load()).of(ids)
    values = measure_test(book, Test(measure, "at_least", 0)).values
    return [None if np.isnan(value) else float(value) for value in values]


def test_every_measure_has_a_reading() -> None:
    assert set(MEASURES) == set(MeasureName.values)


def test_the_band_is_that_of_the_last_score_of_these_days() -> None:
    good, bad, old, unknown = (make_account(name) for name in "abcd")
    score_of(good, 80, on=ago(1))
    score_of(good, 30, on=ago(5))
    score_of(bad, 20, on=ON)
    score_of(old, 80, on=ago(9))
    score_of(unknown, 80, on=ago(2))
    score_of(unknown, 44, on=ON, band="unknown")
    assert measured("health_band", good, bad, old, unknown) == [2.0, 0.0, None, None]


def test_the_talks_are_those_of_the_next_end_of_contract() -> None:
    near, won, over, later = (make_account(name) for name in "abcd")
    make_renewal(near, ago(-30), "in_talks")
    make_renewal(near, ago(-400), "not_started")
    make_renewal(won, ago(-30), "won")
    make_renewal(over, ago(30), "committed")
    make_renewal(later, ago(-30), "committed", changed_on=ago(-1))
    assert measured("renewal_talks", near, won, over, later) == [1.0, 3.0, None, None]


def test_critical_tickets_count_while_they_are_open() -> None:
    one, none = make_account("a"), make_account("b")
    make_ticket(one, ago(3), 5)
    make_ticket(one, ago(3), 5, resolved_days=1)
    Ticket.objects.update(severity="critical")
    make_ticket(one, ago(3), 5)
    Ticket.objects.filter(severity="normal").update(severity="high")
    assert measured("critical_tickets", one, none) == [1.0, 0.0]


def test_milestones_count_from_their_day_on() -> None:
    one, none = make_account("a"), make_account("b")
    reach(one, make_milestone("first", 30), ago(2))
    reach(one, make_milestone("second", 30), ago(-1))
    assert measured("milestones_reached", one, none) == [1.0, 0.0]
