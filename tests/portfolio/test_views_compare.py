"""Does the page that compares segments say what the rules say, judge only what is large enough, and add up?"""

from __future__ import annotations

import csv
import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.queries.compare_page import compare_page
from portfolio.queries.compare_rows import MOST_ROWS
from revenue.actions import derive_movements
from revenue.models import ContractLine
from tests.factories import make_account, make_line, make_product, make_user

pytestmark = pytest.mark.django_db
YEARS = {"from": "2025-01-01", "to": "2025-12-31"}
SPAN = dt.date(2025, 1, 1), dt.date(2026, 1, 1)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def customers(kept: int, lost: int, year: int, since: int | None = None, **fields: Any) -> None:
    """Customers who signed in the year before (or in another), and stay, or leave in the middle of the year."""
    product = make_product()
    for number in range(kept + lost):
        end = None if number < kept else dt.date(year, 7, 1)
        start = dt.date(since or year - 1, 6, 1)
        make_line(make_account(**fields), 100, starts_on=start, ends_on=end, product=product)


def reversed_book() -> None:
    """Key accounts keep 8 of 10, then 9 of 10; small ones 2 of 5, then 10 of 20: both rise, the whole falls."""
    customers(0, 2, 2024, tier="elephant")
    customers(7, 1, 2025, since=2023, tier="elephant")
    customers(2, 0, 2025, tier="elephant")
    customers(0, 3, 2024, tier="rabbit")
    customers(2, 0, 2025, since=2023, tier="rabbit")
    customers(8, 10, 2025, tier="rabbit")
    derive_movements()


def page(client: Client, **query: Any) -> str:
    answer = client.get(reverse("compare"), {**YEARS, **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_effects_add_up_to_the_change_exactly() -> None:
    customers(3, 1, 2025, tier="elephant")
    customers(2, 5, 2025, tier="rabbit")
    customers(1, 2, 2024, tier="rabbit")
    customers(3, 0, 2024, tier="cheetah")
    derive_movements()
    for measure in ("nrr", "grr_revenue", "grr_logo"):
        found = compare_page(*SPAN, accounts=None, by="tier", measure=measure, link=str)
        assert found.foot.change is not None
        effects = [(row.rate_effect or 0) + (row.mix_effect or 0) for row in found.rows]
        assert sum(effects, Fraction(0)) == found.foot.change
        assert (found.foot.rate_effect or 0) + (found.foot.mix_effect or 0) == found.foot.change
        assert sum((row.opening for row in found.rows), 0) == found.foot.opening
        assert sum(row.share_now or 0 for row in found.rows) == 1


def test_the_page_tells_of_a_reversal_with_both_numbers(admin: Client) -> None:
    reversed_book()
    said = page(admin, measure="grr_logo")
    assert "GRR, customers rose in every segment but fell overall" in said
    assert "At the mix of the period before it would be" in said
    assert "Rate effect" in said
    assert "Look at GRR, customers" in page(admin)


def test_a_small_segment_is_shown_but_not_judged(admin: Client) -> None:
    customers(6, 2, 2025, tier="elephant")
    customers(0, 2, 2025, tier="rabbit")
    derive_movements()
    said = page(admin)
    assert "2 customers, too few to judge" in said
    assert "NRR is 60.0%" in said
    assert "No segment is expansion ground" in said
    assert "Marks are meant for twelve months" not in said
    assert "Marks are meant for twelve months" in page(admin, to="2025-06-30")


def test_expansion_ground_opens_its_accounts(admin: Client) -> None:
    product = make_product()
    for _number in range(5):
        account = make_account(tier="elephant")
        make_line(account, 100, starts_on=dt.date(2024, 6, 1), product=product)
        make_line(account, 50, starts_on=dt.date(2025, 6, 1), product=product)
    derive_movements()
    said = page(admin)
    assert "1 segment is expansion ground" in said
    assert "Only one segment" in said
    assert "no period before to compare with" in said
    href = f"{reverse('retention_accounts')}?from=2025-01-01&amp;to=2025-12-31&amp;figure=opening&amp;by=tier"
    assert f"{href}&amp;segment=elephant" in said
    behind = admin.get(f"{href}&segment=elephant".replace("&amp;", "&"))
    assert behind.status_code == 200
    assert account.name in behind.content.decode()


def test_it_says_when_there_is_nothing_and_what_is_wrong(admin: Client) -> None:
    assert "Nobody paid in this period" in page(admin)
    customers(6, 0, 2025, tier="elephant")
    derive_movements()
    assert "No customer matches" in page(admin, tier="rabbit")
    for wrong in ({"by": "colour"}, {"measure": "luck"}, {"from": "x"}, {"cat": 1}, YEARS | {"to": "2024-01-01"}):
        answer = admin.get(reverse("compare"), wrong)
        assert answer.status_code == 400
        assert "There is a problem" in answer.content.decode()
    ContractLine.objects.update(currency="EUR")
    derive_movements()
    assert "from EUR to USD" in page(admin)


def test_many_segments_are_told_as_others_and_still_add_up() -> None:
    product = make_product()
    for number in range(MOST_ROWS + 3):
        account = make_account(industry=f"Trade {number:03}")
        make_line(account, 100 + number, starts_on=dt.date(2023, 6, 1), product=product)
    derive_movements()
    found = compare_page(*SPAN, accounts=None, by="industry", measure="nrr", link=str)
    assert len(found.rows) == MOST_ROWS + 1
    assert found.rows[-1].label == "3 other segments"
    assert found.rows[-1].accounts == 3
    assert sum((row.opening for row in found.rows), 0) == found.foot.opening


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_segments_leave_as_a_file(admin: Client, kind: str) -> None:
    reversed_book()
    answer = admin.get(reverse("compare_export", args=[kind]), {**YEARS, "measure": "grr_logo"})
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if kind == "csv":
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        assert [row["Segment"] for row in rows] == ["Key account", "Small", "All"]
        assert rows[-1]["GRR, customers"].startswith("0.6333")
    assert admin.get(reverse("compare_export", args=["pdf"])).status_code == 404


def test_only_what_one_sees_is_compared_and_only_with_the_right(client: Client) -> None:
    customers(6, 0, 2025, tier="elephant")
    derive_movements()
    client.force_login(make_user("csm"))
    assert "Nobody paid in this period" in page(client)
    client.force_login(make_user("product_manager"))
    assert client.get(reverse("compare")).status_code == 404


def test_many_segments_take_the_queries_of_one(admin: Client) -> None:
    customers(1, 0, 2025, industry="One")
    derive_movements()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(admin, by="industry")
        return len(captured)

    few = queries()
    for number in range(12):
        customers(1, 0, 2025, industry=f"Trade {number}")
    derive_movements()
    assert queries() <= few
