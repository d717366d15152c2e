"""Does a request of sales find the fittest, say why, and leave in peace whom a limit protects?"""

from __future__ import annotations

import datetime as dt

import pytest

from advocacy import actions
from advocacy.actions.requests import add_request, change_request, decide_request
from advocacy.models import ReferenceRequest
from advocacy.queries.landing import influence
from advocacy.queries.matching import matches_for
from common.errors import Conflict, Refused
from tests.factories import (
    AT,
    make_account,
    make_advocate,
    make_consent,
    make_feature,
    make_line,
    make_product,
    make_user,
)
from usage.models import AccountFeatureUse, Scenario

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)


def advocate_of(csm=None, **fields):
    advocate = make_advocate(make_account(csm, **fields))
    make_consent(advocate.contact)
    return advocate


@pytest.fixture
def manager():
    return make_user("cs_manager", visibility="all")


def found(request, user):
    actions.refresh_people(on=TODAY)
    return matches_for(request, user, TODAY)


def test_the_fittest_come_first_with_their_reasons(manager):
    product = make_product()
    feature = make_feature("core")
    case = Scenario.objects.create(external_id="s1", name="Monthly close")
    case.features.add(feature)
    twin = advocate_of(industry="Retail", region="EU", employees=240)
    make_line(twin.account, product=product, starts_on=TODAY - 10 * DAY)
    AccountFeatureUse.objects.create(account=twin.account, feature=feature, first_on=TODAY - DAY, last_on=TODAY)
    near = advocate_of(industry="retail", region="US", employees=1_200)
    advocate_of(industry="Energy", region="US", employees=9_000)
    request = add_request(
        prospect="Quayside", kind="reference_call", industry="Retail", region="EU", employees=300, product=product,
        use_case=case, by=manager, at=AT,
    )  # fmt: skip
    matches = found(request, manager)
    assert [one.row.pk for one in matches.free[:2]] == [twin.contact_id, near.contact_id]
    assert matches.free[0].fit.points == 100
    assert [how for how, _words in matches.free[0].reasons] == ["yes"] * 5
    assert matches.free[1].fit.met["industry"] == "yes"
    assert matches.free[1].fit.met["size"] == "near"
    assert matches.free[2].fit.points < matches.free[1].fit.points


def test_whom_a_limit_protects_stands_below_with_the_reason(manager):
    tired = advocate_of(industry="Retail")
    request = add_request(prospect="Quayside", kind="review", industry="Retail", by=manager, at=AT)
    actions.record_ask(advocate=tired, kind="talk", by=manager, at=AT)
    matches = found(request, manager)
    assert matches.free == []
    assert "Asked today" in matches.blocked[0].judged.forbidden[0]


def test_only_a_missing_consent_does_not_take_somebody_off_the_list(manager):
    promoter = make_advocate(make_account())
    request = add_request(prospect="Quayside", kind="review", by=manager, at=AT)
    match = found(request, manager).free[0]
    assert (match.row.pk, match.needs_consent) == (promoter.contact_id, True)


def test_one_sees_matches_among_ones_own_accounts_and_nobody_twice():
    mine, other = make_user(), make_user()
    own, foreign = advocate_of(mine), advocate_of(other)
    request = add_request(prospect="Quayside", kind="review", by=mine, at=AT)
    assert [one.row.pk for one in found(request, mine).free] == [own.contact_id]
    actions.record_ask(advocate=own, kind="review", request=request, by=mine, at=AT)
    assert found(request, mine).free == []
    assert found(request, mine).blocked == []
    assert foreign.contact_id in [one.row.pk for one in found(request, other).free]


def test_of_one_account_only_the_first_two_are_named(manager):
    account = make_account()
    for _ in range(4):
        make_consent(make_advocate(account).contact)
    request = add_request(prospect="Quayside", kind="review", by=manager, at=AT)
    assert len(found(request, manager).free) == 2


def test_matching_asks_the_database_as_often_for_many_as_for_one(manager):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    request = add_request(
        prospect="Quayside", kind="review", industry="Retail", product=make_product(), by=manager, at=AT
    )
    counts = []
    for number in (1, 20):
        for _ in range(number):
            advocate_of(industry="Retail")
        actions.refresh_people(on=TODAY)
        with CaptureQueriesContext(connection) as asked:
            matches_for(request, manager, TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_closed_request_asks_nobody_and_its_deal_counts_as_influenced(manager):
    advocate = advocate_of()
    request = add_request(prospect="Quayside", kind="review", arr=1_000, currency="USD", by=manager, at=AT)
    ask = actions.record_ask(advocate=advocate, kind="review", request=request, by=manager, at=AT)
    assert influence(manager, TODAY, with_money=True).won == 0
    actions.record_answer(ask=ask, answer="accepted", by=manager, at=AT)
    decide_request(request=request, outcome="won", by=manager, at=AT)
    found_ = influence(manager, TODAY, with_money=True)
    assert (found_.won, found_.arr, found_.open) == (1, 1_000, 0)
    assert influence(manager, TODAY, with_money=False).arr is None
    with pytest.raises(Refused, match="closed"):
        actions.record_ask(
            advocate=advocate_of(), kind="review", request=ReferenceRequest.objects.get(), by=manager, at=AT
        )


def test_wrong_requests_are_refused_in_words(manager):
    with pytest.raises(Refused, match="later day"):
        add_request(prospect="Quayside", kind="review", needed_by=TODAY - DAY, by=manager, at=AT)
    with pytest.raises(Refused) as refused:
        add_request(prospect="", kind="review", by=manager, at=AT)
    assert refused.value.field == "prospect"
    request = add_request(prospect="Quayside", kind="review", by=manager, at=AT)
    with pytest.raises(Refused, match="future"):
        decide_request(request=request, outcome="won", decided_on=TODAY + DAY, by=manager, at=AT)
    with pytest.raises(Refused, match="before it was requested"):
        decide_request(request=request, outcome="won", decided_on=TODAY - DAY, by=manager, at=AT)
    change_request(request=request, industry="Retail", by=manager, at=AT)
    with pytest.raises(Conflict):
        change_request(request=request, industry="Energy", version=1, by=manager, at=AT)
