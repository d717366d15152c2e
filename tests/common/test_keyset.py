"""Do pages that start after a row show every row once, in order, in both directions?"""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest

from accounts.models import Account
from common.keyset import Page, Sort, page
from portfolio.models import AccountRow

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)

SORTS = [
    Sort("name"),
    Sort("name", descending=True),
    Sort("arr"),
    Sort("arr", descending=True),
    Sort("score", missing_flag="unscored"),
    Sort("score", descending=True, missing_flag="unscored"),
]


def make_rows(scores: list[int | None]) -> None:
    """Make list rows with these scores; names and ARR repeat, so that ties are met."""
    for number, score in enumerate(scores):
        account = Account.objects.create(name=f"Firm {number % 4}", created_at=AT, updated_at=AT)
        AccountRow.objects.create(
            account=account,
            name=account.name,
            external_id=account.external_id,
            arr=Decimal(number % 3),
            score=score,
            unscored=score is None,
        )


def walk(sort: Sort, size: int) -> list[Page[AccountRow]]:
    """Follow the next cursors to the end."""
    pages = [page(AccountRow.objects.all(), sort, size=size)]
    while pages[-1].next:
        pages.append(page(AccountRow.objects.all(), sort, cursor=pages[-1].next, size=size))
    return pages


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("scores", [[50, None, 20, 50, None, 90, 20], [None, None, None], [1, 2, 3, 4]])
def test_every_row_stands_on_one_page_in_order_and_the_way_back_is_the_same(sort, scores):
    make_rows(scores)
    missing = [sort.missing_flag] if sort.missing_flag else []
    sign = "-" if sort.descending else ""
    expected = list(
        AccountRow.objects.order_by(*missing, f"{sign}{sort.field}", f"{sign}pk").values_list("pk", flat=True)
    )
    for size in (1, 2, 3, 50):
        pages = walk(sort, size)
        assert [row.pk for one in pages for row in one.rows] == expected
        for earlier, later in pairwise(pages):
            back = page(AccountRow.objects.all(), sort, cursor=later.previous, size=size)
            assert [row.pk for row in back.rows] == [row.pk for row in earlier.rows]
        assert pages[0].previous == ""


@pytest.mark.parametrize("cursor", ["abc", "-1", "9" * 5000, "W10", "WzAsMCwieCJd", "\x00"])
def test_a_damaged_cursor_shows_the_first_page(cursor):
    make_rows([1, 2])
    assert len(page(AccountRow.objects.all(), Sort("arr"), cursor=cursor).rows) == 2
