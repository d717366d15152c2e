"""Do the pages about expansion show what there is, refuse what makes no sense, and keep accounts apart?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ServiceAssignment
from portfolio.actions import profile_expansion, refresh_rows
from portfolio.models import AccountRow, ExpansionFit, ExpansionTrait
from portfolio.queries.expansion import Ground, fits, targets, whitespace
from revenue.actions import create_opportunity, derive_movements, set_target
from revenue.models import ExchangeRate, ExpansionSettings, ExpansionTarget, Opportunity
from revenue.rules.expansion import quarter_start
from tests.factories import make_account, make_feature, make_line, make_module, make_product, make_team, make_user
from usage.models import AccountFeatureUse

pytestmark = pytest.mark.django_db
NOW = dt.datetime.now(dt.UTC)
TODAY = NOW.date()
LATER = TODAY + dt.timedelta(days=20)
QUARTER = quarter_start(TODAY)
D = Decimal


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def chance(account, **fields):
    values = {"arr": D(1000), "currency": "USD", "expected_on": LATER, "by": None, "at": NOW} | fields
    return create_opportunity(account=account, **values)


def text(client, name, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_holds_open_opportunities_of_ones_own_accounts(client, csm):
    own, other = make_account(csm, name="Northwind"), make_account(make_user(), name="Elsewhere")
    chance(own, owner=csm)
    chance(other)
    page = text(client, "expansion")
    assert "Northwind" in page
    assert "Elsewhere" not in page
    assert "Northwind" not in text(client, "expansion", stage="won")
    assert client.get(reverse("expansion"), {"colour": "blue"}).status_code == 400


def test_an_empty_list_says_why(client, csm):
    assert "No open opportunity" in text(client, "expansion")
    assert "No opportunity matches" in text(client, "expansion", kind="seats")


def test_the_list_asks_as_often_for_many_as_for_one(client, csm):
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            text(client, "expansion")
        return len(found)

    chance(make_account(csm), owner=csm)
    asked()
    few = asked()
    for _ in range(6):
        chance(make_account(csm), owner=csm, product=make_product())
    assert asked() == few


def test_a_missing_rate_is_named_and_the_list_stays(client, csm):
    rate = ExchangeRate.objects.create(base="EUR", quote="USD", on=dt.date(2020, 1, 1), rate=D("1.1"))
    chance(make_account(csm, name="Northwind"), currency="EUR")
    rate.delete()
    page = text(client, "expansion")
    assert "No exchange rate from EUR to USD" in page
    assert "Northwind" in page
    assert "Northwind" in text(client, "expansion_board")


def test_the_export_has_what_the_list_has(client, csm):
    chance(make_account(csm, name="=Northwind"), probability=50, note="Soon.")
    body = b"".join(client.get(reverse("expansion_export", args=["csv"])).streaming_content).decode()
    assert "'=Northwind" in body
    assert ",1000.00,USD,50," in body
    assert client.get(reverse("expansion_export", args=["pdf"])).status_code == 404


def test_an_opportunity_is_added_edited_moved_won_and_lost_on_its_pages(client, csm):
    account = make_account(csm)
    product = make_product()
    address = reverse("opportunity_add", args=[account.pk])
    assert f'value="{product.pk}" selected' in text(client, "opportunity_add", account.pk, product=product.pk)
    sent = {"kind": "module", "product": product.pk, "arr": "1200", "currency": "USD", "expected_on": LATER.isoformat(),
            "stage": "identified", "owner": csm.pk}  # fmt: skip
    for wrong in ({"arr": "-1"}, {"probability": "101"}, {"expected_on": "2020-01-01"}, {"currency": "EUR"}):
        assert client.post(address, sent | wrong).status_code == 422
    assert client.post(address, sent).status_code == 302
    made = Opportunity.objects.get()
    assert client.post(reverse("opportunity_edit", args=[made.pk]), sent | {"arr": "1500"}).status_code == 302
    client.post(reverse("opportunity_advance", args=[made.pk]), {"stage": "proposed"})
    made.refresh_from_db()
    assert (made.arr, made.stage) == (D(1500), "proposed")
    assert client.post(reverse("opportunity_win", args=[made.pk]), {"won_on": ""}).status_code == 422
    assert client.post(reverse("opportunity_win", args=[made.pk]), {"won_on": TODAY.isoformat()}).status_code == 302
    assert client.post(reverse("opportunity_lose", args=[made.pk]), {"reason": ""}).status_code == 422
    assert client.post(reverse("opportunity_lose", args=[made.pk]), {"reason": "timing"}).status_code == 302
    made.refresh_from_db()
    assert (made.stage, made.won_on, made.lost_reason) == ("lost", None, "timing")
    assert "Not now" in text(client, "account_revenue", account.pk) or "No contract yet" in text(
        client, "account_revenue", account.pk
    )


def test_a_move_can_be_undone(client, csm):
    made = chance(make_account(csm))
    answer = client.post(reverse("opportunity_advance", args=[made.pk]), {"stage": "qualified"}, follow=True)
    token = answer.content.decode().split("/undo/")[1].split("/")[0]
    client.post(reverse("undo_change", args=[token]))
    made.refresh_from_db()
    assert made.stage == "identified"


def test_what_is_anothers_is_not_there(client, csm):
    made = chance(make_account(make_user()))
    for name in ("opportunity_edit", "opportunity_win", "opportunity_lose"):
        assert client.get(reverse(name, args=[made.pk])).status_code == 404
    assert client.post(reverse("opportunity_advance", args=[made.pk]), {"stage": "won"}).status_code == 404


def test_attainment_counts_movements_of_the_quarter_for_their_owner(client):
    team = make_team()
    boss, mate, left = (make_user("cs_manager", team=team), make_user("csm", team=team), make_user("csm", team=team))
    account = make_account(mate, name="Northwind")
    make_line(account, 1000, starts_on=dt.date(2020, 1, 1))
    make_line(account, 300, starts_on=QUARTER)
    derive_movements()
    set_target(user=mate, starts_on=QUARTER, amount=D(400), by=boss, at=NOW)
    set_target(user=left, starts_on=QUARTER, amount=D(900), by=boss, at=NOW)
    left.is_active = False
    left.save()
    chance(account, owner=mate, arr=D(500), probability=40, expected_on=TODAY)
    found = targets(Ground.of(boss, TODAY), QUARTER)
    line = next(one for one in found.lines if one.user == mate)
    assert (line.credited, line.rate, line.gap, line.pipeline.weighted, line.coverage) == (300, D("0.75"), 100, 200, 2)
    assert (found.total.target, found.total.credited) == (1300, 300)
    client.force_login(boss)
    assert "75%" in text(client, "expansion_targets")
    assert "Northwind" in text(client, "expansion_credited", owner=mate.pk)
    ServiceAssignment.objects.filter(account=account).update(ended_on=TODAY)
    client.force_login(mate)
    page = text(client, "expansion_credited")
    assert "Northwind" not in page
    assert "Accounts that you do not see" in page
    assert client.get(reverse("expansion_credited"), {"owner": boss.pk}).status_code == 404


def test_a_manager_sets_targets_and_a_wrong_amount_sets_none(client):
    team = make_team()
    boss, mate = make_user("cs_manager", team=team), make_user("csm", team=team)
    client.force_login(boss)
    address = reverse("expansion_targets_edit")
    assert client.post(address, {f"target_{mate.pk}": "-5"}).status_code == 422
    assert client.post(address, {f"target_{mate.pk}": "5000"}).status_code == 302
    assert ExpansionTarget.objects.get().amount == 5000
    assert client.get(reverse("expansion_targets"), {"quarter": "soon"}).status_code == 404


def fit(account, points):
    ExpansionFit.objects.create(account=account, points=points, traits=[["goal_attained", 1, 2]], on=TODAY)


def test_who_is_next_leaves_out_red_ones_notice_and_open_talks(client, csm):
    accounts = {name: make_account(csm, name=name) for name in ("Good", "Red", "Leaving", "Talking", "Unlike")}
    for account in accounts.values():
        make_line(account)
    make_line(accounts["Leaving"], notice_on=TODAY)
    derive_movements()
    refresh_rows(on=TODAY)
    AccountRow.objects.filter(name="Red").update(band="red")
    chance(accounts["Talking"])
    for name, account in accounts.items():
        fit(account, -5 if name == "Unlike" else 50)
    ExpansionTrait.objects.create(key="goal_attained", having=20, having_expanded=10, lacking=20, lacking_expanded=5,
                                  weight=D("0.5"), on=TODAY)  # fmt: skip
    ground = Ground.of(csm, TODAY)
    names = {key: [one.account.name for one in fits(ground, key)] for key in ("", "red", "notice", "open")}
    assert names == {"": ["Good"], "red": ["Red"], "notice": ["Leaving"], "open": ["Talking"]}
    page = text(client, "expansion_profile")
    assert "1 of 2 goals" in page
    assert "10 of 20" in page
    assert "Talking" in text(client, "expansion_profile", left_out="open")


def test_before_the_first_night_the_profile_says_so(client, csm):
    assert "Not worked out yet" in text(client, "expansion_profile")
    profile_expansion(on=TODAY)
    assert "Not worked out yet" in text(client, "expansion_profile")


def test_whitespace_tells_used_unused_and_not_owned_apart(client, csm):
    flow, insight = make_product(name="Flow"), make_product(name="Insight")
    board, automation = make_module(name="Board", product=flow), make_module(name="Automation", product=flow)
    make_module(name="Reports", product=insight)
    account, peer = make_account(csm, name="Northwind", tier="cheetah"), make_account(tier="cheetah")
    make_line(account, 1000, product=flow)
    make_line(peer, 700, product=insight)
    AccountFeatureUse.objects.create(account=account, feature=make_feature(module=board), first_on=TODAY, last_on=TODAY)
    AccountFeatureUse.objects.create(
        account=account, feature=make_feature(module=automation), first_on=dt.date(2020, 1, 1),
        last_on=TODAY - dt.timedelta(days=30),
    )  # fmt: skip
    derive_movements()
    refresh_rows(on=TODAY)
    found = whitespace(list(AccountRow.objects.filter(name="Northwind")), Ground.of(csm, TODAY))
    owned, lacking = found.rows[0].cells
    assert {module.name: used for module, used in owned.modules} == {"Board": True, "Automation": False}
    assert (lacking.is_owned, lacking.potential, found.rows[0].potential) == (False, D(700), D(700))
    page = text(client, "expansion_whitespace")
    assert f"product={insight.pk}&amp;arr=700.00" in page
    assert "No account matches" in text(client, "expansion_whitespace", tier="rabbit")


def test_an_admin_changes_the_marks(client):
    client.force_login(make_user("admin"))
    address = reverse("expansion_settings")
    sent = {
        "identified_percent": 5,
        "qualified_percent": 20,
        "proposed_percent": 50,
        "seats_full_percent": 90,
        "features_full_percent": 70,
        "tenure_days": 180,
        "horizon_days": 365,
        "windows": 2,
        "least_accounts": 5,
    }
    assert client.post(address, sent | {"proposed_percent": 101}).status_code == 422
    assert client.post(address, sent | {"horizon_days": 5}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert ExpansionSettings.load().percent_of["proposed"] == 50


@pytest.mark.parametrize("name", ["expansion", "expansion_board", "expansion_targets", "expansion_whitespace"])
def test_every_part_of_expansion_stays_under_the_tabs_of_the_section(client, csm, name):
    page = text(client, name)
    assert f'href="{reverse("retention")}"' in page.partition("</header>")[2]
    assert f'<a href="{reverse("expansion")}" aria-current="page">' in page
