"""Does an opportunity move as it should, and is expansion credited to who owned the account that day?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent, ServiceAssignment, TimelineEntry, User
from common.errors import Refused
from revenue import actions, queries
from revenue.models import ExchangeRate, ExpansionSettings, ExpansionTarget, Opportunity
from tests.factories import make_account, make_line, make_product, make_team, make_user

pytestmark = pytest.mark.django_db
D = Decimal
AT = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
TODAY = AT.date()
LATER = TODAY + dt.timedelta(days=30)
QUARTER = dt.date(2026, 10, 1)


@pytest.fixture
def csm():
    return make_user("csm")


@pytest.fixture
def own(csm):
    return make_account(csm)


def chance(account, **fields):
    values = {"arr": D(1000), "currency": "USD", "expected_on": LATER, "by": None, "at": AT} | fields
    return actions.create_opportunity(account=account, **values)


def refused(code: str, act, **values) -> str:
    with pytest.raises(Refused) as caught:
        act(**values)
    assert caught.value.code == code
    return caught.value.field or ""


def test_an_opportunity_leaves_an_audit_row_and_a_timeline_entry_without_its_amount(csm, own):
    made = chance(own, arr=D("98765"), by=csm, owner=csm)
    assert made.stage == "identified"
    assert made.stage_changed_on == TODAY
    entry = TimelineEntry.objects.get(account=own, details__opportunity=made.pk)
    assert "98" not in entry.title + entry.body
    assert AuditEvent.objects.filter(verb="opportunity.created", object_id=str(made.pk), actor=csm).exists()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"arr": D(-5)}, "not_positive", "arr"),
        ({"arr": D(0)}, "not_positive", "arr"),
        ({"probability": 101}, "out_of_range", "probability"),
        ({"probability": -1}, "out_of_range", "probability"),
        ({"expected_on": TODAY - dt.timedelta(days=1)}, "past", "expected_on"),
        ({"currency": "EUR"}, "rate_missing", "currency"),
        ({"currency": "XXX"}, "unknown_currency", "currency"),
        ({"stage": "won"}, "refused", "stage"),
        ({"kind": "gift"}, "refused", "kind"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(own, fields, code, field):
    assert refused(code, lambda: chance(own, **fields)) == field
    assert not Opportunity.objects.exists()


def test_who_left_or_may_not_sell_cannot_own_one(own):
    gone, viewer = make_user("csm", is_active=False), make_user("viewer")
    assert refused("no_owner", lambda: chance(own, owner=gone)) == "owner"
    assert refused("no_owner", lambda: chance(own, owner=viewer)) == "owner"


def test_an_opportunity_outlives_its_owner(own):
    owner = make_user("csm")
    made = chance(own, owner=owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    changed = actions.change_opportunity(opportunity=made, by=None, at=AT, arr=D(2000))
    assert (changed.arr, changed.owner_id) == (D(2000), owner.pk)
    AuditEvent.objects.all().delete()
    owner.delete()
    made.refresh_from_db()
    assert made.owner is None
    assert queries.pipeline_by("owner_id", Opportunity.objects.all(), TODAY, ExpansionSettings()).keys() == {None}


def test_it_is_won_on_a_day_and_can_be_opened_again(csm, own):
    made = chance(own, by=csm)
    refused("won_without_day", actions.advance_opportunity, opportunity=made, stage="won", by=csm, at=AT)
    refused("won_without_day", actions.win_opportunity, opportunity=made, won_on=None, by=csm, at=AT)
    refused("in_future", actions.win_opportunity, opportunity=made, won_on=LATER, by=csm, at=AT)
    won = actions.win_opportunity(opportunity=made, won_on=TODAY, by=csm, at=AT)
    assert (won.stage, won.won_on) == ("won", TODAY)
    refused("closed", actions.change_opportunity, opportunity=won, by=csm, at=AT, arr=D(7))
    assert actions.change_opportunity(opportunity=won, by=csm, at=AT, note="Signed.").note == "Signed."
    again = actions.advance_opportunity(opportunity=won, stage="proposed", by=csm, at=AT)
    assert (again.stage, again.won_on) == ("proposed", None)


def test_it_is_lost_for_a_reason(csm, own):
    made = chance(own)
    refused("lost_without_reason", actions.lose_opportunity, opportunity=made, reason="", by=csm, at=AT)
    lost = actions.lose_opportunity(opportunity=made, reason="budget", note="Next year.", by=csm, at=AT)
    assert (lost.stage, lost.lost_reason, lost.lost_on) == ("lost", "budget", TODAY)
    assert TimelineEntry.objects.filter(body="No budget\nNext year.").exists()
    # Twice is no second entry.
    actions.lose_opportunity(opportunity=lost, reason="budget", by=csm, at=AT)
    assert AuditEvent.objects.filter(verb="opportunity.advanced").count() == 1


def test_the_pipeline_adds_up_in_the_reporting_currency_by_own_or_stage_probability(own):
    ExchangeRate.objects.create(base="EUR", quote="USD", on=QUARTER, rate=D("1.10"))
    chance(own, arr=D(1000))
    chance(own, arr=D(1000), currency="EUR", probability=50)
    chance(own, arr=D(500), stage="proposed")
    sums = queries.pipeline_by("stage", Opportunity.objects.open(), TODAY, ExpansionSettings())
    assert sums["identified"] == queries.StageSum(2, D(2100), D(650))
    assert sums["proposed"] == queries.StageSum(1, D(500), D(300))
    ExchangeRate.objects.all().delete()
    with pytest.raises(queries.RateMissing):
        queries.pipeline_by("stage", Opportunity.objects.all(), TODAY, ExpansionSettings())


def test_expansion_is_credited_to_who_owned_the_account_on_its_day_at_the_openings_rates():
    first, second = make_user("csm"), make_user("csm")
    handed, foreign, alone = make_account(), make_account(), make_account()
    change = dt.date(2026, 11, 1)
    ServiceAssignment.objects.create(account=handed, user=first, started_on=dt.date(2026, 1, 1), ended_on=change)
    ServiceAssignment.objects.create(account=handed, user=second, started_on=change)
    ServiceAssignment.objects.create(account=foreign, user=second, started_on=dt.date(2026, 1, 1))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2026, 1, 1), rate=D("1.10"))
    ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2026, 10, 15), rate=D("2"))
    for account, currency in ((handed, "USD"), (foreign, "EUR"), (alone, "USD")):
        make_line(account, 1000, currency=currency)
    make_line(handed, 100, starts_on=dt.date(2026, 10, 31))
    make_line(handed, 40, starts_on=change)
    make_line(foreign, 50, currency="EUR", starts_on=dt.date(2026, 11, 2))
    make_line(alone, 7, starts_on=dt.date(2026, 11, 2))
    make_line(alone, 9, starts_on=dt.date(2027, 1, 1))
    actions.derive_movements()
    credited = queries.expansion_credited(QUARTER, dt.date(2027, 1, 1))
    assert credited == {first.pk: D(100), second.pk: D(95), None: D(7)}
    assert queries.expansion_credited(QUARTER, dt.date(2027, 1, 1), [handed.pk]) == {first.pk: D(100), second.pk: D(40)}
    assert queries.expansion_credited(dt.date(2020, 1, 1), dt.date(2020, 4, 1)) == {}


def test_a_target_is_for_a_quarter_and_nothing_takes_it_away(csm):
    boss = make_user("cs_manager")
    who = {"by": boss, "at": AT}
    refused("no_quarter", actions.set_target, user=csm, starts_on=TODAY, amount=D(5), **who)
    refused("negative", actions.set_target, user=csm, starts_on=QUARTER, amount=D(-5), **who)
    assert actions.set_targets(amounts={csm: D(5000), boss: None}, starts_on=QUARTER, **who) == 1
    assert actions.set_target(user=csm, starts_on=QUARTER, amount=D(6000), **who).amount == 6000
    actions.set_target(user=csm, starts_on=QUARTER, amount=None, **who)
    assert not ExpansionTarget.objects.exists()
    assert AuditEvent.objects.filter(verb="expansion_target.removed").count() == 1


def test_targets_are_seen_like_books_and_only_by_who_sees_money():
    team = make_team()
    boss, mate, other = make_user("cs_manager", team=team), make_user("csm", team=team), make_user("csm")
    for user in (mate, other):
        actions.set_target(user=user, starts_on=QUARTER, amount=D(5), by=boss, at=AT)
    seen = {user.role: ExpansionTarget.objects.visible_to(user).count() for user in (boss, mate, make_user("viewer"))}
    assert seen == {"cs_manager": 1, "csm": 1, "viewer": 2}
    assert not ExpansionTarget.objects.visible_to(make_user("product_manager")).exists()


def test_the_median_of_a_product_is_over_owners_of_the_tier():
    product = make_product()
    for arr in (100, 200, 900):
        make_line(make_account(tier="cheetah"), arr, product=product)
    make_line(make_account(tier="rabbit"), 7, product=product)
    found = queries.product_arr_by_tier(TODAY)
    assert found == {(product.pk, "cheetah"): (D(200), 3), (product.pk, "rabbit"): (D(7), 1)}


def test_seats_are_those_of_the_product_with_most(own):
    one, two = make_product(), make_product()
    make_line(own, product=one, seats=10)
    make_line(own, product=one, seats=5)
    make_line(own, product=two, seats=8)
    assert queries.seats_on(TODAY) == {own.pk: 15}


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_api_writes_moves_and_ends_an_opportunity(csm, own):
    client, day = api(csm), (dt.date.today() + dt.timedelta(days=40)).isoformat()
    sent = {"account": own.pk, "arr": "500.00", "currency": "USD", "expected_on": day, "kind": "module"}
    made = client.post("/api/v1/opportunities/", sent, format="json")
    assert made.status_code == 201, made.json()
    path = f"/api/v1/opportunities/{made.json()['id']}/"
    assert client.post(f"{path}advance/", {"stage": "qualified"}, format="json").json()["stage"] == "qualified"
    assert client.post(f"{path}win/", {}, format="json").status_code == 400
    assert client.post(f"{path}lose/", {"reason": "timing"}, format="json").json()["stage"] == "lost"
    assert client.patch(path, {"arr": "-1"}, format="json").status_code in (400, 409)
    assert client.get("/api/v1/opportunities/", {"is_open": "true"}).json()["results"] == []
    assert client.get("/api/v1/opportunities/", {"stage": "lost"}).json()["results"][0]["lost_reason"] == "timing"
    assert api(make_user("product_manager")).get("/api/v1/opportunities/").status_code == 403
    assert client.delete(path).status_code == 204


def test_the_api_lets_managers_set_targets_of_their_team():
    team = make_team()
    boss, mate, other = make_user("cs_manager", team=team), make_user("csm", team=team), make_user("csm")

    def send(user, person):
        sent = {"user": person.pk, "starts_on": "2026-10-01", "amount": "5000.00"}
        return api(user).post("/api/v1/expansion-targets/", sent, format="json").status_code

    assert (send(boss, mate), send(boss, other), send(mate, mate)) == (201, 400, 403)
