"""Does a product manager see what was asked, shipped and told, who waits, and what is used?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from roadmap.models import FeatureRequest, RequestAnswer, RequestChange
from roadmap.queries.landing import roadmap_landing
from tests.factories import AT, make_account, make_evidence, make_feature, make_request, make_team, make_user
from usage.models import AccountFeatureUse

pytestmark = pytest.mark.django_db
ON = AT.date()


def shipped(title: str, *accounts: Account, told: int = 0, late: bool = False) -> FeatureRequest:
    """A request that was shipped: the first of the customers heard of it, the others wait."""
    request = make_request(title=title, state=FeatureRequest.State.SHIPPED, shipped_on=ON)
    planned = RequestChange.objects.create(request=request, before="new", after="planned", at=AT)
    change = RequestChange.objects.create(request=request, before="planned", after="shipped", at=AT)
    for place, account in enumerate(accounts):
        make_evidence(account, request)
        make_evidence(account, request)
        answer = {"request": request, "account": account, "since": ON}
        due = ON - dt.timedelta(days=1) if late else ON + dt.timedelta(days=9)
        RequestAnswer.objects.create(change=planned, state="told", told_at=AT, due_on=due, **answer)
        state = {"state": "told", "told_at": AT} if place < told else {}
        RequestAnswer.objects.create(change=change, due_on=due, **answer, **state)
    return request


def test_each_customer_counts_once_for_a_need_and_is_told_of_what_was_shipped() -> None:
    one, two, three = make_account(), make_account(), make_account()
    shipped("Done", one, two, three, told=2)
    late = shipped("Late", one, late=True)
    wish = make_request(title="Wish")
    make_evidence(one, wish)

    found = roadmap_landing(make_user("product_manager"), ON)

    # Five asks: three and one of what was shipped, one of a wish; two heard that it is there, not that it was planned.
    assert found.loop_title == "Of 5 asks 4 were shipped, and 2 heard of it"
    assert [row[1] for row in found.loop.figures.rows] == ["5", "4", "2"]
    first = found.shipped[0]
    assert (first.request, first.waiting, first.overdue, first.told) == (late, 1, 1, 0)
    assert (found.waiting, found.overdue) == (2, 1)


def test_who_sees_a_part_of_the_customers_is_told_of_that_part() -> None:
    csm = make_user("csm", team=make_team(), visibility="own")
    shipped("Done", make_account(csm), make_account(make_user("csm", team=make_team())))

    assert roadmap_landing(csm, ON).loop_title == "Of 1 asks 1 were shipped, and 0 heard of it"


def test_the_share_that_uses_a_feature_is_of_those_who_use_anything() -> None:
    busy, rare = make_feature(name="Board"), make_feature(name="Export")
    accounts = [make_account() for _number in range(4)]
    for place, account in enumerate(accounts):
        days = 5 if place < 3 else 40
        AccountFeatureUse.objects.create(
            account=account, feature=busy, first_on=ON - dt.timedelta(days=90), last_on=ON - dt.timedelta(days=days)
        )
    AccountFeatureUse.objects.create(account=accounts[0], feature=rare, first_on=ON, last_on=ON)

    found = roadmap_landing(make_user("product_manager"), ON).adoption

    # Three of the four used anything in 30 days: all of them the board, one of them the export.
    assert found is not None
    assert found.title == "100% of customers use Board, 33% use Export"


def test_more_customers_take_no_more_queries() -> None:
    planner, feature = make_user("product_manager"), make_feature()

    def grow(number: int) -> None:
        accounts = [make_account() for _index in range(number)]
        shipped(f"Done {number}", *accounts)
        for account in accounts:
            AccountFeatureUse.objects.create(account=account, feature=feature, first_on=ON, last_on=ON)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            roadmap_landing(planner, ON)
        return len(queries)

    grow(1)
    first = asked()
    grow(8)
    assert asked() == first
