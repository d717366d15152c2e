"""How much money hangs on a need: is each account counted once, and only who may leave?"""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import ChurnRecord, ExpectationGap, Promise
from common.errors import Refused
from health.models import EarlyWarning, HealthOverride, HealthScore, ScorecardVersion, WarningRule
from revenue.models import ExchangeRate, Renewal
from roadmap import actions
from roadmap.models import FeatureRequest
from roadmap.queries import gap_of, gaps, needs_of
from tests.factories import AT, make_account, make_evidence, make_line, make_request, make_user
from tests.roadmap.ledgers import ledger_of

pytestmark = pytest.mark.django_db
ON = AT.date()
WHO = {"by": None, "at": AT}


@pytest.fixture
def admin():
    return make_user("admin")


def paying(arr, **fields):
    account = make_account(**fields)
    make_line(account, arr)
    ledger_of(account)
    return account


def renewal_of(account, days):
    return Renewal.objects.create(account=account, due_on=ON + dt.timedelta(days=days))


def all_gaps(user, **how):
    return gaps(FeatureRequest.objects.standing(), user, ON, **({"money": True} | how))


def test_an_account_with_many_reasons_and_voices_counts_once(admin):
    need, account = make_request(), paying(1_000)
    for _twice in range(2):
        make_evidence(account, need)
    renewal_of(account, 30)
    for text in ("a", "b"):
        gap = ExpectationGap.objects.create(account=account, text=text, found_on=ON)
        actions.link_request(request=need, target=gap, **WHO)
    found = gap_of(need, admin, ON, money=True)
    assert found.arr_at_risk == 1_000
    assert [one.reasons for one in found.at_risk] == [("gap", "renewal")]


def test_in_the_total_an_account_that_waits_for_two_things_counts_once(admin):
    first, second, account, other = make_request(), make_request(), paying(1_000), paying(50)
    for one in (account, other):
        renewal_of(one, 10)
    for need in (first, second):
        make_evidence(account, need)
    make_evidence(other, second)
    found = all_gaps(admin)
    assert [(row.request, row.arr, row.accounts) for row in found.rows] == [(second, 1_050, 2), (first, 1_000, 1)]
    assert (found.arr, found.accounts) == (1_050, 2)
    first = all_gaps(admin, most=1)
    assert ([row.request for row in first.rows], first.count) == ([found.rows[0].request], found.count)
    assert (first.arr, first.accounts, first.arr_lost) == (found.arr, found.accounts, found.arr_lost)


@pytest.mark.parametrize(("days", "stage", "counts"), [(180, "in_talks", True), (181, "in_talks", False),
                                                        (30, "won", False), (-1, "in_talks", False)])  # fmt: skip
def test_a_renewal_counts_while_it_is_open_and_near(admin, days, stage, counts):
    need, account = make_request(), paying(1_000)
    make_evidence(account, need)
    Renewal.objects.create(account=account, due_on=ON + dt.timedelta(days=days), stage=stage)
    assert bool(gap_of(need, admin, ON, money=True).at_risk) == counts


def test_red_health_and_grave_warnings_count_and_a_persons_word_goes_before(admin):
    need = make_request()
    red, green, said, warned, mild = (paying(100, name=name) for name in ("red", "green", "said", "warned", "mild"))
    for account in (red, green, said, warned, mild):
        make_evidence(account, need)
    for account, band in ((red, "red"), (green, "green"), (said, "red")):
        score_of(account, band)
    HealthOverride.objects.create(account=said, band="green", reason="Seen", starts_on=ON, made_at=AT,
                                  ends_on=ON + dt.timedelta(days=9))  # fmt: skip
    rule = WarningRule.objects.first()
    for account, severity in ((warned, 3), (mild, 2)):
        EarlyWarning.objects.create(account=account, rule=rule, severity=severity, opened_on=ON, last_seen_on=ON)
    found = gap_of(need, admin, ON, money=True)
    assert {one.account.name: one.reasons for one in found.at_risk} == {"red": ("red",), "warned": ("warning",)}


def score_of(account, band):
    version = ScorecardVersion.objects.first()
    HealthScore.objects.create(account=account, on=ON, score=20, band=band, version=version, coverage=1)


@pytest.mark.parametrize(("state", "counts"), [("open", True), ("broken", True), ("kept", False)])
def test_a_linked_promise_counts_until_it_is_kept_even_without_a_voice(admin, state, counts):
    need, account = make_request(), paying(1_000)
    promise = Promise.objects.create(account=account, text="By June", state=state)
    actions.link_request(request=need, target=promise, **WHO)
    assert bool(gap_of(need, admin, ON, money=True).at_risk) == counts


def test_who_pays_nothing_is_no_money_at_risk(admin):
    need, account = make_request(), make_account()
    make_evidence(account, need)
    renewal_of(account, 10)
    assert gap_of(need, admin, ON, money=True).at_risk == []
    assert all_gaps(admin).rows == []


def test_what_a_csm_may_not_see_is_not_counted(admin):
    csm, need = make_user(), make_request()
    for owner, arr in ((csm, 100), (None, 900)):
        account = paying(arr, owner=owner)
        make_evidence(account, need)
        renewal_of(account, 10)
    assert all_gaps(csm).arr == 100
    assert all_gaps(admin).arr == 1_000
    without = all_gaps(admin, money=False)
    assert (without.arr, without.rows[0].arr, without.accounts) == (None, None, 2)


def test_lost_customers_are_worth_what_was_recorded_else_what_they_paid(admin):
    need = make_request()
    told, untold = make_account(), make_account()
    make_line(untold, 700, starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2026, 3, 1))
    ledger_of(untold)
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2026, 1, 1), rate=Decimal("2"))
    records = [
        ChurnRecord.objects.create(account=told, on=dt.date(2026, 2, 1), arr_lost=Decimal(100), currency="EUR"),
        ChurnRecord.objects.create(account=told, on=dt.date(2025, 2, 1), arr_lost=Decimal(9_000)),
        ChurnRecord.objects.create(account=untold, on=dt.date(2026, 3, 1)),
    ]
    for record in records:
        actions.link_request(request=need, target=record, **WHO)
    found = gap_of(need, admin, ON, money=True)
    assert (found.arr_lost, found.lost_accounts) == (900, 2)
    every = all_gaps(admin)
    assert (every.arr_lost, every.rows[0].arr_lost, every.lost_accounts) == (900, 900, 2)


def test_one_thing_is_linked_once_and_only_one_at_a_time():
    need, account = make_request(), make_account()
    gap = ExpectationGap.objects.create(account=account, text="Offline", found_on=ON)
    promise = Promise.objects.create(account=account, text="By June")
    first = actions.add_link(request=need, gap=gap, **WHO)
    assert actions.add_link(request=need, gap=gap, **WHO) == first
    for wrong in ({}, {"gap": gap, "promise": promise}):
        with pytest.raises(Refused):
            actions.add_link(request=need, **wrong, **WHO)


def test_what_decides_a_renewal_is_what_is_not_settled():
    account, other = make_account(), make_account()
    asked, linked, shipped = make_request(), make_request(), make_request(state="shipped")
    make_evidence(account, asked)
    make_evidence(account, shipped)
    make_evidence(other)
    actions.link_request(request=linked, target=renewal_of(account, 40), **WHO)
    assert set(needs_of(account)) == {asked, linked}
