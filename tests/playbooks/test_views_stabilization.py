"""Is a plan begun, read and judged on its pages and over the API?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from playbooks.actions.stabilization import give_verdict, start_plan
from playbooks.models import StabilizationPlan
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_user
from tests.playbooks.made import score_of

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
ON = NOW.date()
PAGE = "/playbooks/stabilization/"
CRITERION = {"measure": "health_score", "comparison": "at_least", "threshold": 60.0}


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def csm(client: Client) -> User:
    user = make_user(name="Ana")
    client.force_login(user)
    return user


@pytest.fixture
def account(csm: User) -> Account:
    made = make_account(csm, name="Harbour")
    make_line(made, 12_000)
    derive_movements(account_ids=[made.pk])
    score_of(made, 41, on=ON)
    return made


def plan_of(account: Account, by: User, **given: Any) -> StabilizationPlan:
    drivers = [{"text": "Core use fell", "owner": by}]
    return start_plan(account=account, drivers=drivers, criteria=[CRITERION], by=by, at=NOW, **given)


def filled_in(text: str) -> dict[str, str]:
    """What a browser would send if nothing were changed."""
    sent = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', inside)
        sent[name] = chosen[1] if chosen else ""
    return {name: value for name, value in sent.items() if name != "length"} | {"length": "30"}


def test_the_form_comes_filled_in_and_is_started_as_it_stands(client: Client, csm: User, account: Account) -> None:
    # A score without parts has no drivers; the person names one.
    page = client.get(f"/accounts/{account.pk}/stabilization/add/")
    sent = filled_in(page.text) | {"driver-0-text": "Core use fell", "driver-0-owner": str(csm.pk)}
    answer = client.post(f"/accounts/{account.pk}/stabilization/add/", sent)

    plan = StabilizationPlan.objects.get()
    assert answer.headers["Location"] == f"{PAGE}{plan.pk}/"
    assert plan.owner == csm
    assert [(one.measure, one.threshold) for one in plan.criteria.all()] == [("health_score", 51.0)]
    assert [bool(one.planned) for one in plan.checkpoints.all()] == [True, True, True]
    page = client.get(f"{PAGE}{plan.pk}/")
    for words in ("Stabilization of Harbour", "Health score: at least 51", "Core use fell", "$12,000", "Plan started."):
        assert words in page.text
    assert client.get(f"/accounts/{account.pk}/stabilization/add/").status_code == 302


def test_what_is_missing_is_said_and_nothing_typed_is_lost(client: Client, csm: User, account: Account) -> None:
    url = f"/accounts/{account.pk}/stabilization/add/"
    sent = filled_in(client.get(url).text)
    empty = client.post(url, sent)
    assert empty.status_code == 422
    assert "Name at least one driver." in empty.text

    ownerless = client.post(url, sent | {"driver-0-text": "Use fell & rose", "criterion-0-threshold": "abc"})
    assert ownerless.status_code == 422
    assert "Every driver needs one owner." in ownerless.text
    assert "Use fell &amp; rose" in ownerless.text
    assert 'value="abc"' in ownerless.text
    assert not StabilizationPlan.objects.exists()


def test_a_verdict_is_refused_at_its_field_and_given_with_undo(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    refused = client.post(f"{PAGE}{plan.pk}/verdict/", {"verdict": "stabilized", "version": "0"})
    assert refused.status_code == 422
    assert "Not stabilized yet. Unmet: Health score: at least 60." in refused.text
    assert "override_reason" not in refused.text

    assert client.post(f"{PAGE}{plan.pk}/verdict/", {"verdict": "continue"}).status_code == 302
    page = client.get(f"{PAGE}{plan.pk}/")
    assert "Verdict noted." in page.text
    assert "Verdict for day 14" in page.text

    client.post(f"{PAGE}{plan.pk}/take-back/")
    assert "Verdict for day 7" in client.get(f"{PAGE}{plan.pk}/").text


def test_a_manager_is_asked_for_the_reason(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    manager = make_user("cs_manager", visibility="all")
    client.force_login(manager)
    assert "override_reason" in client.get(f"{PAGE}{plan.pk}/").text

    sent = {"verdict": "stabilized", "override_reason": "Signed for three years."}
    assert client.post(f"{PAGE}{plan.pk}/verdict/", sent).status_code == 302
    assert "Signed for three years." in client.get(f"{PAGE}{plan.pk}/").text


def test_two_tabs_do_not_judge_over_each_other(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    give_verdict(plan=plan, verdict="continue", by=csm, at=NOW)
    stale = client.post(f"{PAGE}{plan.pk}/verdict/", {"verdict": "continue", "version": str(plan.version)})
    assert stale.status_code == 409


def test_drivers_change_and_criteria_do_not(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    page = client.get(f"{PAGE}{plan.pk}/edit/")
    assert "criterion-" not in page.text
    sent = filled_in(page.text) | {"driver-0-text": "Sponsor left"}
    assert client.post(f"{PAGE}{plan.pk}/edit/", sent).status_code == 302
    assert [one.text for one in plan.drivers.all()] == ["Sponsor left"]


def test_undo_throws_the_plan_away(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    assert client.post(f"{PAGE}{plan.pk}/discard/").headers["Location"] == f"/accounts/{account.pk}/"
    assert not StabilizationPlan.objects.exists()


def test_the_list_shows_open_plans_those_due_first_and_exports_them(
    client: Client, csm: User, account: Account
) -> None:
    assert "Nobody is being stabilized" in client.get(PAGE).text
    plan_of(account, csm, length=90)
    ended = make_account(csm, name="Ended")
    score_of(ended, 80, on=ON)
    give_verdict(plan=plan_of(ended, csm), verdict="stabilized", by=csm, at=NOW)

    text = client.get(PAGE).text
    assert "Harbour" in text
    assert ">Ended<" not in text
    assert "Ended" in client.get(PAGE, {"state": "stabilized"}).text
    assert client.get(PAGE, {"state": "lost"}).status_code == 400
    assert "No plan matches" in client.get(PAGE, {"q": "zzz"}).text
    csv = b"".join(client.get(f"{PAGE}export/csv/")).decode("utf-8-sig")
    assert "Harbour" in csv
    assert "12000.00" in csv
    assert client.get(f"{PAGE}export/pdf/").status_code == 404


def test_who_may_not_see_money_or_the_account_does_not(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    client.force_login(make_user("product_manager", visibility="all"))
    page = client.get(f"{PAGE}{plan.pk}/")
    assert "12,000" not in page.text
    assert "Note verdict" not in page.text
    assert "12000" not in b"".join(client.get(f"{PAGE}export/csv/")).decode()
    assert "baseline_arr" not in client.get(f"/api/v1/stabilization-plans/{plan.pk}/").json()
    client.force_login(make_user())
    assert client.get(f"{PAGE}{plan.pk}/").status_code == 404
    assert client.post(f"{PAGE}{plan.pk}/verdict/", {"verdict": "continue"}).status_code == 404


def test_a_hundred_plans_cost_as_many_queries_as_one(client: Client, csm: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    plan_of(make_account(csm), csm)
    queries()
    few = queries()
    for _ in range(12):
        plan_of(make_account(csm), csm)
    assert queries() == few


def test_the_api_starts_lists_and_judges(client: Client, csm: User, account: Account) -> None:
    body = {
        "account": account.pk, "drivers": [{"text": "Use fell", "owner": csm.pk}], "criteria": [CRITERION],
        "planned": [{"day": 7, "planned": "Call them"}],
    }  # fmt: skip
    url = "/api/v1/stabilization-plans/"
    made = client.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.text
    plan = made.json()
    assert (plan["state"], plan["baseline_score"], plan["checkpoints"][0]["planned"]) == (
        "active",
        "41.00",
        "Call them",
    )

    refused = client.post(f"{url}{plan['id']}/verdict/", {"verdict": "stabilized"}, content_type="application/json")
    assert refused.status_code in (400, 409)
    assert "Unmet" in refused.text
    done = client.post(f"{url}{plan['id']}/verdict/", {"verdict": "continue"}, content_type="application/json")
    assert done.json()["checkpoints"][0]["verdict"] == "continue"
    back = client.post(f"{url}{plan['id']}/take_back/", content_type="application/json")
    assert back.json()["checkpoints"][0]["verdict"] == ""
    assert client.get(url, {"state": "active"}).json()["count"] == 1
    unknown = client.post(url, body | {"mood": 1}, content_type="application/json")
    assert unknown.status_code == 400
    nobody = client.post(url, body | {"drivers": []}, content_type="application/json")
    assert nobody.status_code == 400


def test_the_admin_shows_a_plan(client: Client, csm: User, account: Account) -> None:
    plan = plan_of(account, csm)
    client.force_login(make_user("admin", visibility="all"))
    assert client.get("/admin/playbooks/stabilizationplan/").status_code == 200
    assert client.get(f"/admin/playbooks/stabilizationplan/{plan.pk}/change/").status_code == 200
