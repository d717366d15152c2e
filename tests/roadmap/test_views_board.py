"""Is a request decided about and moved without dragging, and does the page for customers tell nothing private?"""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer, SharedRoadmap
from roadmap.queries import board
from tests.factories import (
    AT,
    make_account,
    make_contact,
    make_evidence,
    make_feature,
    make_line,
    make_module,
    make_request,
    make_user,
)
from tests.roadmap.ledgers import ledger_of

pytestmark = pytest.mark.django_db
WHO = {"by": None, "at": AT}


@pytest.fixture
def manager(client):
    user = make_user("product_manager")
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


def test_the_board_has_a_column_for_each_quarter_and_one_for_what_waits():
    user = make_user("admin")
    for state, quarter in (("planned", None), ("planned", "2026-01-01"), ("building", "2026-04-01"),
                           ("planned", "2026-07-01"), ("planned", "2029-01-01"), ("shipped", "2026-04-01"),
                           ("shipped", "2025-01-01"), ("declined", None), ("new", None),
                           ("under_review", None)):  # fmt: skip
        reason = "No." if state == "declined" else ""
        make_request(state=state, quarter=quarter, decline_reason=reason)
    columns = board(user, AT.date())
    assert [(column.title, column.count) for column in columns] == [
        ("No quarter yet", 2), ("Earlier quarters", 1), ("2026 Q2", 2), ("2026 Q3", 1), ("2026 Q4", 0), ("2027 Q1", 0),
        ("Later", 1),
    ]  # fmt: skip


def test_a_request_is_planned_for_a_quarter_and_customers_are_to_be_told(client, manager):
    need = make_request()
    make_evidence(make_account(), need)
    address = reverse("feature_request_decide", args=[need.pk])
    assert "1 account asks for this" in client.get(address).content.decode()
    answer = client.post(address, {"state": "planned", "quarter": "2026-07-01", "decline_reason": ""}, follow=True)
    assert "Customers to be told: 1." in answer.content.decode()
    need.refresh_from_db()
    assert (need.state, need.quarter) == ("planned", dt.date(2026, 7, 1))
    undo = re.search(r"/roadmap/decisions/\d+/undo/", answer.content.decode()).group()
    client.post(undo)
    need.refresh_from_db()
    assert (need.state, RequestAnswer.objects.count()) == ("new", 0)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "declined"}, {"state": "gone"}, {"state": "planned", "quarter": "x"},
     {"state": "planned", "quarter": "2026-08-05"}, {"state": "declined", "decline_reason": "x" * 4_001}],
)  # fmt: skip
def test_a_decision_that_makes_no_sense_answers_422(client, manager, wrong):
    need = make_request()
    answer = client.post(
        reverse("feature_request_decide", args=[need.pk]), {"quarter": "", "decline_reason": ""} | wrong
    )
    assert answer.status_code == 422
    need.refresh_from_db()
    assert need.state == "new"


def test_a_reason_from_before_does_not_stand_in_the_way(client, manager):
    need = make_request(state="declined", decline_reason="Too few.")
    sent = {"state": "planned", "quarter": "", "decline_reason": "Too few."}
    assert client.post(reverse("feature_request_decide", args=[need.pk]), sent).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.decline_reason) == ("planned", "")


def test_cards_move_by_buttons(client, manager):
    need = make_request(state="planned", quarter=dt.date(2026, 7, 1))
    body = client.get(reverse("roadmap_board")).content.decode()
    assert "Later: " in body
    assert "draggable" not in body
    address = reverse("feature_request_schedule", args=[need.pk])
    client.post(address, {"quarter": "2026-11-11"})
    need.refresh_from_db()
    assert need.quarter == dt.date(2026, 10, 1)
    client.post(address, {"quarter": ""})
    need.refresh_from_db()
    assert need.quarter is None
    assert client.post(address, {"quarter": "soon"}).status_code == 404
    assert AuditEvent.objects.filter(verb="feature_request.scheduled").count() == 2


def test_shipping_dates_itself_and_taking_it_back_undates(client):
    need = make_request(state="building", quarter=dt.date(2026, 1, 1))
    shipped = actions.change_state(request=need, state="shipped", **WHO)
    assert (shipped.shipped_on, shipped.quarter) == (AT.date(), dt.date(2026, 4, 1))
    back = actions.change_state(request=need, state="building", **WHO)
    assert (back.shipped_on, back.quarter) == (None, dt.date(2026, 4, 1))
    reviewed = actions.change_state(request=need, state="under_review", **WHO)
    assert reviewed.quarter is None


@pytest.mark.parametrize("role", ["csm", "cs_manager", "viewer"])
def test_who_does_not_plan_sees_no_button_and_no_address(client, role):
    need = make_request(state="planned", quarter=dt.date(2026, 7, 1))
    page = actions.share_roadmap(name="All", **WHO)
    client.force_login(make_user(role))
    assert "Later: " not in client.get(reverse("roadmap_board")).content.decode()
    for name, pk in (("feature_request_decide", need.pk), ("feature_request_merge", need.pk),
                     ("feature_request_plan", need.pk)):  # fmt: skip
        assert client.get(reverse(name, args=[pk])).status_code == 404
    for name, pk in (("feature_request_schedule", need.pk), ("feature_request_part", need.pk),
                     ("shared_roadmap_revoke", page.pk), ("feature_request_delete", need.pk)):  # fmt: skip
        assert client.post(reverse(name, args=[pk])).status_code == 404
    assert client.get(reverse("shared_roadmaps")).status_code == 404


# The page for customers
PRIVATE = "canary"


def shared(name="What is coming"):
    return actions.share_roadmap(name=name, **WHO)


def read(page, **headers):
    return Client().get(reverse("shared_roadmap", args=[page.token]), headers=headers)


def test_customers_read_the_texts_for_them_and_nothing_else():
    account = make_account(name=f"{PRIVATE} customer", external_id=f"{PRIVATE}-id", domain=f"{PRIVATE}.example")
    make_line(account, 737_373)
    ledger_of(account)
    author = make_user("product_manager", name=f"{PRIVATE} author", email=f"{PRIVATE}@example.com")
    for state in FeatureRequest.State.values:
        need = make_request(
            title=f"{PRIVATE} title", description=f"{PRIVATE} description", external_id=f"{PRIVATE} {state}",
            module=make_module(name=f"{PRIVATE} module"), feature=make_feature(name=f"{PRIVATE} feature"),
            shared_title=f"Shown {state}", shared_text=f"Text {state}", promised_on=dt.date(2033, 3, 3),
        )  # fmt: skip
        contact = make_contact(account, name=f"{PRIVATE} contact", email=f"{PRIVATE}@example.org")
        make_evidence(account, need, verbatim=f"{PRIVATE} verbatim", source=f"{PRIVATE} source", contact=contact)
        reason = f"{PRIVATE} reason" if state == "declined" else ""
        if state != "new":
            actions.change_state(request=need, state=state, decline_reason=reason, by=author, at=AT,
                                 quarter=dt.date(2026, 7, 1))  # fmt: skip
    make_request(title=f"{PRIVATE} without a text", state="planned")
    page = actions.share_roadmap(name="What is coming", by=author, at=AT)

    answer = read(page)
    body = answer.content.decode() + str(answer.headers)
    assert answer.status_code == 200
    assert PRIVATE not in body.casefold()
    assert not re.search(r"737|\$|2033|ARR|account|1 customer", body.partition("<main")[2])
    for state in ("planned", "building", "shipped"):
        assert f"Shown {state}" in body
        assert f"Text {state}" in body
    for state in ("new", "under_review", "declined"):
        assert f"Shown {state}" not in body


def test_it_tells_no_more_to_who_is_signed_in(client):
    make_evidence(make_account(name="Norvik"), make_request(state="planned", shared_title="Exports"))
    page = shared()
    client.force_login(make_user("admin"))
    signed_in = client.get(reverse("shared_roadmap", args=[page.token])).content.decode()
    assert "Norvik" not in signed_in
    assert "Sign out" not in signed_in


def test_it_is_found_by_no_search_engine_and_kept_by_no_cache():
    answer = read(shared())
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "Nothing to show yet" in answer.content.decode()


def test_an_address_is_not_guessed_and_not_counted_up():
    tokens = {actions.share_roadmap(name="All", **WHO).token for _one in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)
    for wrong in ("1", "x" * 43, next(iter(tokens))[:-1], "%00", "a" * 5_000):
        assert Client().get(f"/shared/roadmap/{wrong}/").status_code == 404


def test_a_revoked_address_answers_no_more(client, manager):
    page = shared()
    assert read(page).status_code == 200
    client.post(reverse("shared_roadmap_revoke", args=[page.pk]))
    assert read(page).status_code == 404
    assert page.token not in client.get(reverse("shared_roadmaps")).content.decode()
    client.post(reverse("shared_roadmap_revoke", args=[page.pk]))
    assert AuditEvent.objects.filter(verb="roadmap.share_revoked").count() == 1


def test_an_address_is_made_and_shown(client, manager):
    answer = client.post(reverse("shared_roadmaps"), {"name": "For all", "shipped_days": "30"}, follow=True)
    page = SharedRoadmap.objects.get()
    assert reverse("shared_roadmap", args=[page.token]) in answer.content.decode()
    for wrong in ({"name": ""}, {"name": "x" * 101}, {"shipped_days": "-1"}, {"shipped_days": "x"}):
        sent = {"name": "For all", "shipped_days": "30"} | wrong
        assert client.post(reverse("shared_roadmaps"), sent).status_code == 422


def test_what_was_shipped_long_ago_leaves_the_page():
    for days in (10, 31):
        make_request(state="shipped", shared_title=f"Shipped {days}", shipped_on=AT.date() - dt.timedelta(days=days))
    body = read(actions.share_roadmap(name="All", shipped_days=30, **WHO)).content.decode()
    assert "Shipped 10" in body
    assert "Shipped 31" not in body


def test_a_text_that_names_who_asked_later_is_held_back():
    need = make_request(state="planned", shared_title="As Norvik wants it")
    page = shared()
    assert "As Norvik wants it" in read(page).content.decode()
    make_evidence(make_account(name="Norvik"), need)
    assert "Norvik" not in read(page).content.decode()


def test_html_in_a_text_for_customers_is_text():
    make_request(state="planned", shared_title="<script>alert(1)</script>", shared_text="<img src=x onerror=alert(1)>")
    body = read(shared()).content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body


def test_a_merged_request_is_shown_once(manager):
    gone, kept = (make_request(state="planned", shared_title=f"Shown {name}") for name in ("gone", "kept"))
    actions.merge_requests(request=gone, into=kept, **WHO)
    body = read(shared()).content.decode()
    assert "Shown kept" in body
    assert "Shown gone" not in body


def test_it_reads_in_chinese():
    page = shared()
    assert '<html lang="zh-Hans"' in read(page, **{"Accept-Language": "zh-hans"}).content.decode()
