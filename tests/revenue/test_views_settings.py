"""Can an admin set the marks that revenue figures are held against, and nobody else?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEvent
from revenue.forms import RevenueSettingsForm
from revenue.models import RevenueSettings
from tests.factories import make_user

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("admin"))
    return client


def filled(**changes: str) -> dict[str, str]:
    form = RevenueSettingsForm(instance=RevenueSettings())
    return {name: str(form[name].value()) for name in form.fields} | changes


def test_the_page_shows_the_published_marks_in_per_cent_and_stores_nothing(admin: Client) -> None:
    assert admin.get(reverse("revenue_benchmarks")).status_code == 200
    assert filled() == {
        "nrr_healthy": "100",
        "nrr_good": "110",
        "nrr_excellent": "120",
        "logo_grr_healthy": "80",
        "logo_grr_enterprise": "92",
        "logo_grr_team": "80",
        "logo_grr_individual": "55",
        "logo_churn_good": "10",
        "quadrant_grr": "90",
        "quadrant_nrr": "120",
        "masking_points": "5",
        "masking_min_accounts": "5",
        "small_cohort": "10",
        "too_few": "5",
        "keep_green": "95",
        "keep_yellow": "85",
        "keep_red": "60",
        "keep_unknown": "85",
        "touch_days_elephant": "30",
        "touch_days_cheetah": "60",
        "touch_days_rabbit": "90",
    }
    assert not RevenueSettings.objects.exists()


def test_a_change_is_stored_audited_and_told_on_the_page(admin: Client) -> None:
    url = reverse("revenue_benchmarks")
    assert admin.post(url, filled(logo_grr_team="82.5 %", small_cohort="8")).status_code == 302
    marks = RevenueSettings.load()
    assert (marks.logo_grr_team, marks.small_cohort) == (D("0.825"), 8)
    assert marks.logo_benchmarks() == {"enterprise": D("0.92"), "team": D("0.825"), "individual": D("0.55")}
    event = AuditEvent.objects.get(verb="revenue_settings.changed")
    assert set(event.changes) == {"logo_grr_team", "small_cohort"}
    said = admin.get(url).content.decode()
    assert "80% → 82.50%" in said
    assert "10 → 8" in said
    admin.post(url, filled(logo_grr_team="82.5", small_cohort="8"))
    assert AuditEvent.objects.filter(verb="revenue_settings.changed").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"nrr_good": "99"},
        {"nrr_excellent": "105"},
        {"logo_grr_team": "101"},
        {"logo_grr_team": "-1"},
        {"logo_churn_good": ""},
        {"masking_points": "NaN"},
        {"quadrant_nrr": "1e9"},
        {"small_cohort": "0"},
        {"too_few": "1.5"},
    ],
)
def test_a_mark_that_cannot_be_is_refused_at_its_field(admin: Client, wrong: dict[str, str]) -> None:
    answer = admin.post(reverse("revenue_benchmarks"), filled(**wrong))
    assert answer.status_code == 422
    assert f'href="#id_{next(iter(wrong))}"' in answer.content.decode()
    assert not RevenueSettings.objects.exists()


@pytest.mark.parametrize("role", ["csm", "cs_manager", "viewer", "product_manager"])
def test_nobody_but_an_admin_finds_the_page(client: Client, role: str) -> None:
    client.force_login(make_user(role))
    assert client.get(reverse("revenue_benchmarks")).status_code == 404


def test_the_api_reads_and_changes_the_marks() -> None:
    admin, csm = APIClient(), APIClient()
    admin.force_authenticate(make_user("admin"))
    csm.force_authenticate(make_user("csm"))
    url = "/api/v1/revenue-benchmarks/"
    assert csm.get(url).json()["nrr_good"] == "1.1000"
    assert csm.patch(url, {"too_few": 3}, format="json").status_code == 403
    assert admin.patch(url, {"too_few": 3, "masking_points": "0.1"}, format="json").json()["too_few"] == 3
    assert admin.patch(url, {"nrr_healthy": "1.3"}, format="json").status_code in (400, 409)
    assert admin.patch(url, {"too_few": 0}, format="json").status_code == 400
    assert RevenueSettings.load().masking_points == D("0.1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"pk": 2},
        {"nrr_good": 2},
        {"logo_grr_team": 2},
        {"too_few": 0},
        {"quadrant_nrr": 6},
        {"keep_red": 2},
        {"touch_days_rabbit": 0},
    ],
    ids=str,
)
def test_the_database_holds_the_marks_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RevenueSettings.objects.create(**{"pk": 1} | wrong)
