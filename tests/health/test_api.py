"""Does the API tell scores to those who may see the account, and refuse the rest in words?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ServiceAssignment, User
from health.actions import score_accounts
from health.models import HealthScore
from tests.health.book import AT, ON, ago, make_account
from tests.health.test_queries import little_book

pytestmark = pytest.mark.django_db


def person(email: str, role: str, visibility: str) -> User:
    return User.objects.create(email=email, name=email, role=role, visibility=visibility)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin@example.org", "admin", "all"))


def get(client: Client, path: str) -> Any:
    answer = client.get(f"/api/v1/{path}")
    return answer.status_code, answer.json()


def test_a_score_comes_with_parts_that_add_up(admin: Client):
    ada = little_book()
    score_accounts(on=ON, at=AT)
    status, page = get(admin, f"health-scores/?account={ada.pk}&on={ON}&band=yellow")
    assert (status, page["count"]) == (200, 1)
    (score,) = page["results"]
    assert (score["score"], score["band"], score["coverage"]) == ("61.34", "yellow", "1.0000")
    assert sum(Decimal(part["contribution"]) for part in score["components"]) == Decimal(score["score"])
    assert score["components"][0] == {
        "key": "login_frequency",
        "value": 0.43333333,
        "score": "66.67",
        "weight": "12.00",
        "contribution": "8.00",
        "is_missing": False,
        "is_expired": False,
        "is_stale": False,
    }
    assert get(admin, f"health-scores/{score['id']}/") == (200, score)


def test_scores_are_narrowed_by_day_and_band(admin: Client):
    ada = little_book()
    for days in (2, 1, 0):
        score_accounts(on=ago(days), at=AT)
    assert get(admin, f"health-scores/?since={ago(1)}")[1]["count"] == 2
    assert get(admin, f"health-scores/?until={ago(1)}&sort=on")[1]["results"][0]["on"] == str(ago(2))
    assert get(admin, "health-scores/?band=red&band=unknown")[1]["count"] == 0
    assert get(admin, f"health-scores/?account={ada.pk + 1}")[1]["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "on=31-12-2026",
        "band=blue",
        "account=x",
        "account=99999999999999999999",
        "score__gte=5",
        "sort=components",
        "on=%00",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(admin: Client, query: str):
    assert get(admin, f"health-scores/?{query}")[0] == 400


def test_a_csm_sees_the_scores_of_their_own_accounts_alone():
    ada, other = little_book(), make_account("Other")
    score_accounts(on=ON, at=AT)
    csm = person("csm@example.org", "csm", "own")
    ServiceAssignment.objects.create(account=ada, user=csm, started_on=dt.date(2025, 1, 1))
    client = signed_in(csm)
    assert [row["account"] for row in get(client, "health-scores/")[1]["results"]] == [ada.pk]
    hidden = HealthScore.objects.get(account=other)
    assert get(client, f"health-scores/{hidden.pk}/")[0] == 404
    assert get(client, f"health-scores/?account={other.pk}")[1]["count"] == 0


@pytest.mark.parametrize("path", ["health-scores/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(admin: Client, path: str, method: str):
    answer = getattr(admin, method)(f"/api/v1/{path}", {}, content_type="application/json")
    assert answer.status_code == 405


@pytest.mark.parametrize("path", ["health-scores/", "scorecards/"])
def test_strangers_see_nothing(path: str):
    assert Client().get(f"/api/v1/{path}").status_code in (401, 403)


def test_scorecards_come_with_their_versions(admin: Client):
    status, page = get(admin, "scorecards/")
    (card,) = page["results"]
    assert (status, card["name"], [version["number"] for version in card["versions"]]) == (200, "Default", [1])
    assert card["versions"][0]["definition"]["bands"] == {"green": 75, "yellow": 50}


@pytest.mark.parametrize("path", ["health-scores/99999999999999999999/", "health-scores/0/", "scorecards/x/"])
def test_a_wild_id_is_not_found(admin: Client, path: str):
    assert admin.get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("path", ["health-scores/", "scorecards/"])
def test_a_list_takes_the_same_queries_for_one_row_and_many(admin: Client, path: str):
    make_account("A")
    score_accounts(on=ON, at=AT)
    get(admin, path)  # the first request of a person counts against their limit
    with CaptureQueriesContext(connection) as one:
        get(admin, path)
    for n in range(30):
        make_account(f"B{n}")
    score_accounts(on=ON, at=AT)
    with CaptureQueriesContext(connection) as many:
        get(admin, path)
    assert len(one) == len(many)


def test_the_admin_shows_and_changes_nothing(admin: Client):
    little_book()
    score_accounts(on=ON, at=AT)
    score = HealthScore.objects.get()
    for path in (
        "healthscore/",
        f"healthscore/{score.pk}/change/",
        "scorecard/",
        f"scorecard/{score.version.scorecard_id}/change/",
        "scorecardversion/",
        f"scorecardversion/{score.version_id}/change/",
    ):
        assert admin.get(f"/admin/health/{path}").status_code == 200, path
    assert admin.get("/admin/health/scorecardversion/add/").status_code == 403
    assert admin.post(f"/admin/health/scorecardversion/{score.version_id}/change/", {}).status_code == 403
