"""Do the pages of the track record, of the risk and of its settings show what is stored, to whom it belongs?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from common.models import Job
from health.actions.churn import score_churn_risk
from health.actions.track_record import store_track_record
from health.models import ChurnModel, ChurnRisk, ChurnSettings, HealthScore, LossReview, ScorecardVersion, TrackRecord
from tests.factories import make_user
from tests.health.book import AT, make_account, make_line
from tests.health.churn_book import make_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_rules")]


def visit(role: str, name: str, *args: object, **query: str):
    client = Client()
    client.force_login(make_user(role, visibility="all"))
    return client.get(reverse(name, args=args), query)


def today():
    return Organisation.load().day_of(timezone.now())


def test_track_record_says_that_nothing_was_judged_yet():
    answer = visit("csm", "track_record")
    assert answer.status_code == 200
    assert "Nothing has been judged yet" in answer.content.decode()


def test_track_record_shows_what_was_judged_for_the_days_asked_for():
    make_history(12, 4)
    store_track_record(on=today())
    LossReview.objects.update(band_30="green")
    page = visit("admin", "track_record", ahead="30").content.decode()
    for words in ("Published figures", "Silent for a week", "Green, then lost", "H-0", "Which risk is in use"):
        assert words in page
    assert "<span>Healthy</span>" in page


def test_track_record_keeps_money_from_who_may_not_see_it():
    account = make_account("Ada")
    make_history(6, 0)
    store_track_record(on=today())
    LossReview.objects.create(account=account, on=today(), arr_lost=Decimal(987654), band_90="green")
    assert "$987.7K" in visit("admin", "track_record").content.decode()
    hidden = visit("product_manager", "track_record").content.decode()
    assert "ARR lost" not in hidden
    assert "Ada" in hidden
    rows = b"".join(visit("product_manager", "track_record_export").streaming_content).decode()
    assert "Ada" in rows
    assert "987654" not in rows
    assert visit("viewer", "track_record_export").status_code == 404


@pytest.mark.parametrize("losses", [1, 30])
def test_track_record_asks_no_more_queries_for_more_losses(losses: int, django_assert_max_num_queries):
    make_history(30, 0)
    store_track_record(on=today())
    for number in range(losses):
        LossReview.objects.create(account=make_account(f"L{number}"), on=today(), band_90="green")
    client = Client()
    client.force_login(make_user("admin", visibility="all"))
    with django_assert_max_num_queries(20):
        client.get(reverse("track_record"))


def test_track_record_refresh_is_a_job_that_managers_ask_for():
    client = Client()
    client.force_login(make_user("cs_manager"))
    assert client.post(reverse("track_record_refresh")).status_code == 302
    assert Job.objects.filter(task="health.predict_churn").count() == 1
    client.force_login(make_user("csm"))
    assert client.post(reverse("track_record_refresh")).status_code == 404


def test_churn_settings_keep_what_was_set_and_refuse_nonsense():
    client = Client()
    client.force_login(make_user("cs_manager"))
    page = client.get(reverse("churn_settings"))
    assert page.status_code == 200
    given = {
        "enterprise_rate": "5", "team_rate": "20", "individual_rate": "45", "cap": "90", "least_churns": "60",
        "least_events": "20", "effect_silent_7d": "2.5", "effect_core_drop_30": "0.6", "effect_complaints_5": "0.65",
        "effect_milestone_30d": "1.7", "effect_shallow_use": "0.79", "effect_renewal_quiet_90d": "4",
        "effect_ka_no_expansion": "0.35", "effect_nps_falling": "1.1",
    }  # fmt: skip
    assert client.post(reverse("churn_settings"), given).status_code == 302
    stored = ChurnSettings.load()
    assert (stored.enterprise_rate, stored.effects, stored.least_churns) == (Decimal(5), {"silent_7d": 2.5}, 60)
    wrong = given | {"effect_core_drop_30": "1.4", "least_churns": "3", "cap": "nan"}
    assert client.post(reverse("churn_settings"), wrong).status_code == 422
    assert ChurnSettings.load().least_churns == 60


def test_account_health_shows_the_risk_its_reasons_and_who_says_so():
    ada = make_account("Ada")
    make_line(ada)
    version = ScorecardVersion.objects.first()
    HealthScore.objects.create(account=ada, on=today(), score=Decimal(40), band="red", coverage=1, version=version)
    score_churn_risk(on=today(), at=AT)
    page = visit("csm", "account_health", ada.pk).content.decode()
    assert "Risk of leaving" in page
    assert "By published figures" in page
    model = ChurnModel.objects.create(
        number=3, on=today(), made_at=AT, verdict="used", is_used=True, base_rate=0.04,
        measures={"model": {"auc": [0.8, 0.7, 0.9]}},
    )  # fmt: skip
    reasons = [["days_silent", 0.6], ["reading:calls:trend", -0.4]]
    ChurnRisk.objects.update(model=model, p90=Decimal("0.2"), p365=Decimal("0.5"), reasons=reasons)
    page = visit("csm", "account_health", ada.pk).content.decode()
    for words in (
        "20.0%",
        "on average 4.0%",
        "Days since the last use",
        "calls against the quarter before",
        "version 3",
    ):
        assert words in page


def test_api_gives_risks_models_and_records_to_who_sees_the_account():
    ids = make_history(12, 4)
    store_track_record(on=today())
    score_churn_risk(on=today(), at=AT)
    client = Client()
    client.force_login(make_user("csm"))
    assert client.get("/api/v1/churn-risks/").json()["results"] == []
    client.force_login(make_user("admin", visibility="all"))
    risks = client.get("/api/v1/churn-risks/", {"sort": "-p90"}).json()["results"]
    assert {risk["account"] for risk in risks} <= set(ids)
    assert set(risks[0]) == {"id", "account", "on", "p90", "p365", "reasons", "model"}
    found = client.get("/api/v1/track-record/", {"subject": "warning", "horizon_days": "90"}).json()["results"]
    assert {row["subject"] for row in found} == {"warning"}
    assert len(found) == TrackRecord.objects.filter(subject="warning", horizon_days=90).count()
    assert client.get("/api/v1/churn-models/").json()["results"] == []
    assert client.post("/api/v1/track-record/", {}).status_code == 405
