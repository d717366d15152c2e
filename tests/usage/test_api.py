"""Does the API take in facts about use, from whom and for whom it should?"""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from common.models import Job
from tests.factories import make_account, make_feature, make_line, make_product, make_user
from usage.models import (
    AccountUsageDay,
    Feature,
    Metric,
    Milestone,
    Scenario,
    SurveyAnswer,
    Ticket,
    UsageEvent,
    WaitingEvent,
)

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user, path, data):
    return client_of(user).post(f"/api/v1/{path}/", data, format="json")


def get(user, path, **query):
    return client_of(user).get(f"/api/v1/{path}/", query)


@pytest.fixture
def csm():
    return make_user("csm")


@pytest.fixture
def own(csm):
    return make_account(csm, external_id="acme")


# --- catalogue -------------------------------------------------------------------------------------------------------


def test_a_product_manager_keeps_the_catalogue_and_a_csm_reads_it(csm):
    manager = make_user("product_manager")
    product = make_product()
    module = post(manager, "modules", {"external_id": "m", "name": "Core", "product": product.pk})
    assert module.status_code == 201
    feature = {"external_id": "f", "name": "Run", "module": module.json()["id"], "kind": "core"}
    number = post(manager, "features", feature).json()["id"]
    scenario = post(manager, "scenarios", {"external_id": "s", "name": "Month end", "features": [number]})
    assert scenario.status_code == 201
    assert list(Scenario.objects.get().features.values_list("pk", flat=True)) == [number]
    assert post(csm, "features", feature | {"external_id": "g"}).status_code == 403
    assert get(csm, "features", kind="core").json()["results"][0]["name"] == "Run"


def test_an_external_id_is_refused_the_second_time_at_its_field():
    manager = make_user("product_manager")
    post(manager, "metrics", {"external_id": "calls", "name": "Calls"})
    answer = post(manager, "metrics", {"external_id": "calls", "name": "Other"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "external_id")


def test_one_milestone_alone_means_the_core_process():
    manager = make_user("product_manager")
    first = {"external_id": "a", "name": "Configured", "due_after_days": 30, "is_core_process": True}
    assert post(manager, "milestones", first).status_code == 201
    assert post(manager, "milestones", first | {"external_id": "b"}).status_code == 400


def test_a_change_of_kind_has_the_days_counted_anew():
    feature = make_feature()
    client = client_of(make_user("product_manager"))
    assert client.patch(f"/api/v1/features/{feature.pk}/", {"kind": "core"}, format="json").status_code == 200
    assert Job.objects.get(task="usage.refresh_days_of_feature").kwargs == {"feature_id": feature.pk}


def test_what_is_in_use_is_not_deleted(own):
    feature = make_feature(external_id="run")
    manager, admin = make_user("product_manager"), make_user("admin")
    post(admin, "usage-events", {"message_id": "1", "account": "acme", "feature": "run", "at": "2026-06-01T00:00:00Z"})
    assert client_of(manager).delete(f"/api/v1/features/{feature.pk}/").status_code == 409
    assert client_of(manager).delete(f"/api/v1/modules/{feature.module_id}/").status_code == 409
    assert Feature.objects.exists()


# --- events ----------------------------------------------------------------------------------------------------------


def sent(message_id="1", **fields):
    return {"message_id": message_id, "account": "acme", "feature": "run", "at": "2026-06-01T10:00:00+02:00"} | fields


def test_a_batch_is_answered_event_by_event(own):
    make_feature("core", external_id="run")
    admin = make_user("admin")
    answer = post(
        admin,
        "usage-events",
        [
            sent("1", person="ann", quantity=2),
            sent("1", person="ann", quantity=2),
            sent("1", quantity=9),
            sent("2", feature="unheard"),
            sent("3", account="nobody"),
            sent("4", at="2026-03-29T02:30:00"),
            sent("5", at="2099-01-01T00:00:00Z"),
            sent("6", quantity=0),
            "no object",
            sent("7", role="admin"),
        ],
    )
    assert answer.status_code == 202
    outcomes = [event["outcome"] for event in answer.json()["events"]]
    assert outcomes == [
        *("accepted", "duplicate", "conflict", "unknown_feature", "unknown_account"),
        *("invalid", "in_future", "invalid", "invalid", "invalid"),
    ]
    assert "offset" in answer.json()["events"][5]["errors"][0]["message"]
    assert UsageEvent.objects.count() == 1
    assert AccountUsageDay.objects.get().core_events == 2
    assert WaitingEvent.objects.get().account_external_id == "nobody"


def test_a_single_event_needs_no_list(own):
    make_feature(external_id="run")
    assert post(make_user("admin"), "usage-events", sent()).json()["counts"] == {"accepted": 1}


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_1_to_1000_events(own, count):
    answer = post(make_user("admin"), "usage-events", [sent(str(number)) for number in range(count)])
    assert answer.status_code == 400
    assert "Send 1 to 1,000 events" in answer.json()["detail"]


def test_a_csm_writes_events_of_own_accounts_and_learns_nothing_of_others(csm, own):
    make_feature(external_id="run")
    make_account(external_id="foreign")
    answer = post(csm, "usage-events", [sent("1"), sent("2", account="foreign"), sent("3", account="nobody")])
    outcomes = [event["outcome"] for event in answer.json()["events"]]
    assert outcomes == ["accepted", "unknown_account", "unknown_account"]
    assert not WaitingEvent.objects.exists()


def test_events_and_days_are_listed_by_account_and_day(csm, own):
    make_feature(external_id="run")
    other = make_account(external_id="other")
    admin = make_user("admin")
    post(admin, "usage-events", [sent("1"), sent("2", account="other"), sent("3", at="2026-06-02T00:00:00Z")])
    for path in ("usage-events", "usage-days"):
        assert len(get(csm, path).json()["results"]) == 2
        assert len(get(admin, path, account=other.pk).json()["results"]) == 1
        assert len(get(admin, path, day="2026-06-02").json()["results"]) == 1
    assert client_of(csm).post("/api/v1/usage-days/", {}, format="json").status_code == 405


def test_a_viewer_takes_no_events_in(own):
    assert post(make_user("viewer"), "usage-events", sent()).status_code == 403


# --- facts -----------------------------------------------------------------------------------------------------------


def test_a_ticket_gets_the_target_of_its_severity_and_is_closed(csm, own):
    answer = post(
        csm, "tickets", {"account": own.pk, "subject": "Slow", "severity": "high", "opened_at": "2026-06-01T00:00:00Z"}
    )
    assert answer.status_code == 201, answer.json()
    assert answer.json()["target_at"] == "2026-06-02T00:00:00Z"
    path = f"/api/v1/tickets/{answer.json()['id']}/"
    client = client_of(csm)
    assert client.patch(path, {"severity": "critical"}, format="json").json()["target_at"] == "2026-06-01T08:00:00Z"
    assert client.patch(path, {"resolved_at": "2026-05-01T00:00:00Z"}, format="json").status_code == 400
    assert client.patch(path, {"resolved_at": "2026-06-01T07:00:00Z"}, format="json").status_code == 200
    assert get(csm, "tickets", is_open="true").json()["results"] == []


def test_a_contact_of_another_account_is_refused(csm, own):
    from accounts.models import Contact

    foreign = Contact.objects.create(account=make_account(csm), name="Other")
    data = {"account": own.pk, "contact": foreign.pk, "kind": "nps", "score": 9, "answered_on": "2026-06-01"}
    assert post(csm, "survey-answers", data).status_code == 400
    unseen = Contact.objects.create(account=make_account(), name="Unseen")
    assert post(csm, "survey-answers", data | {"contact": unseen.pk}).status_code == 400
    assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize(
    ("kind", "score", "status"), [("nps", 0, 201), ("nps", 11, 400), ("csat", 0, 400), ("csat", 5, 201)]
)
def test_an_answer_lies_in_its_range(csm, own, kind, score, status):
    data = {"account": own.pk, "kind": kind, "score": score, "answered_on": "2026-06-01"}
    assert post(csm, "survey-answers", data).status_code == status


def test_a_reading_sent_again_replaces_the_earlier(csm, own):
    metric = Metric.objects.create(external_id="calls", name="Calls")
    data = {"account": own.pk, "metric": metric.pk, "period": "week", "on": "2026-06-01"}
    first = post(csm, "readings", data | {"value": "1.5"})
    again = post(csm, "readings", data | {"value": "2.25"})
    assert first.json()["id"] == again.json()["id"]
    assert get(csm, "readings", metric=metric.pk).json()["results"][0]["value"] == "2.2500"
    client = client_of(csm)
    path = f"/api/v1/readings/{first.json()['id']}/"
    assert client.patch(path, {"value": "3"}, format="json").json()["value"] == "3.0000"
    assert client.patch(path, {"on": "2026-06-08"}, format="json").status_code == 400


def test_milestones_integrations_and_attendances_come_in_and_go(csm, own):
    milestone = Milestone.objects.create(external_id="m", name="First report")
    rows = {
        "milestones-reached": {"milestone": milestone.pk, "on": "2026-06-01"},
        "integrations": {"name": "ERP", "connected_on": "2026-06-01"},
        "attendances": {"kind": "campaign", "name": "Launch", "on": "2026-06-01"},
    }
    changes = {
        "milestones-reached": {"on": "2026-06-02"},
        "integrations": {"disconnected_on": "2026-06-03"},
        "attendances": {"name": "Re-launch"},
    }
    for path, data in rows.items():
        answer = post(csm, path, {"account": own.pk} | data)
        assert answer.status_code == 201, answer.json()
        address = f"/api/v1/{path}/{answer.json()['id']}/"
        assert client_of(csm).patch(address, changes[path], format="json").status_code == 200
        assert client_of(make_user("csm")).patch(address, changes[path], format="json").status_code == 404
        assert client_of(make_user("viewer")).delete(address).status_code == 403
        assert client_of(csm).delete(address).status_code == 204
    assert Job.objects.filter(task="health.score_accounts").count() == 1


FACTS = ["milestones-reached", "readings", "tickets", "survey-answers", "integrations", "attendances"]


@pytest.mark.parametrize("path", FACTS)
def test_a_day_to_come_and_a_foreign_account_are_refused(csm, own, path):
    milestone = Milestone.objects.create(external_id="m", name="First report")
    metric = Metric.objects.create(external_id="x", name="X")
    day = "2099-01-01"
    data = {
        "milestones-reached": {"milestone": milestone.pk, "on": day},
        "readings": {"metric": metric.pk, "on": day, "value": "1"},
        "tickets": {"opened_at": f"{day}T00:00:00Z"},
        "survey-answers": {"score": 1, "answered_on": day},
        "integrations": {"name": "ERP", "connected_on": day},
        "attendances": {"name": "Launch", "on": day},
    }[path]
    assert post(csm, path, {"account": own.pk} | data).status_code == 400
    past = {name: str(value).replace("2099", "2026") if "2099" in str(value) else value for name, value in data.items()}
    assert post(csm, path, {"account": make_account().pk} | past).status_code == 400
    assert post(csm, path, {"account": own.pk} | past).status_code == 201


@pytest.mark.parametrize(
    "path", [*FACTS, "modules", "features", "scenarios", "milestones", "metrics", "usage-events", "usage-days"]
)
def test_strangers_and_wrong_filters_are_turned_away(csm, path):
    assert APIClient().get(f"/api/v1/{path}/").status_code in (401, 403)
    assert get(csm, path, _connector="OR").status_code == 400


def test_a_product_manager_sees_use_but_no_money(own):
    make_line(own)
    manager = make_user("product_manager")
    assert get(manager, "usage-days").status_code == 200
    assert get(manager, "contract-lines").status_code == 403
    assert Ticket.objects.count() == 0
