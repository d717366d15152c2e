"""Does the API show and change only what the person may, strictly and in words?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import (
    Account,
    AccountShare,
    BusinessGoal,
    ChurnRecord,
    CustomField,
    ExpectationGap,
    Handoff,
    ImplementationRecord,
    Product,
    Promise,
    SavedView,
    ServiceAssignment,
    Tag,
    TimelineEntry,
)
from tests.factories import make_account, make_contact, make_handoff, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
TODAY = NOW.date()
LISTS = (
    "accounts", "contacts", "service-assignments", "shares", "tags", "custom-fields", "products", "saved-views",
    "handoffs", "handoff-versions", "promises", "expectation-gaps", "implementation-records", "attachments", "goals",
    "goal-measurements", "timeline", "churn-records",
)  # fmt: skip


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def errors(answer) -> dict:
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def fill(account: Account, owner) -> None:
    """Give an account one row of everything."""
    contact = make_contact(account, email="ada@example.com")
    make_handoff(account).versions.create(number=1, state="draft", sections={}, saved_at=NOW)
    Promise.objects.create(account=account, text="Ship.", made_to=contact)
    ExpectationGap.objects.create(account=account, text="Offline.", found_on=TODAY)
    record = ImplementationRecord.objects.create(account=account, stage="training", on=TODAY, outcome="Done.")
    record.attachments.create(file="x", name="plan.pdf", content_type="application/pdf", size=1, added_at=NOW)
    goal = BusinessGoal.objects.create(account=account, name="Faster", baseline=10, target=2)
    goal.measurements.create(on=TODAY, value=4)
    entry = TimelineEntry.objects.create(account=account, title="Call", at=NOW, author=owner)
    entry.contacts.add(contact)
    ChurnRecord.objects.create(account=account, on=TODAY, arr_lost=100)
    AccountShare.objects.create(account=account, user=make_user(), shared_at=NOW)
    account.tags.add(Tag.objects.get_or_create(name="vip")[0])


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_own_rows_and_no_others(name):
    mine, other = make_user(), make_user()
    account, foreign = make_account(owner=mine), make_account(owner=other)
    fill(account, mine)
    fill(foreign, other)

    rows = api(mine).get(f"/api/v1/{name}/").json()["results"]

    assert {row["account"] for row in rows if "account" in row} <= {account.pk}
    if name == "accounts":
        assert [row["id"] for row in rows] == [account.pk]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_and_many_rows(name, django_assert_max_num_queries):
    admin = make_user("admin")
    client = api(admin)
    fill(make_account(owner=admin), admin)
    client.get(f"/api/v1/{name}/")  # the first call of a minute begins its rate-limit window
    with django_assert_max_num_queries(16) as one:
        assert client.get(f"/api/v1/{name}/").status_code == 200
    for _number in range(8):
        fill(make_account(owner=admin), admin)
    with django_assert_max_num_queries(len(one)):
        assert client.get(f"/api/v1/{name}/").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_gets_nothing(name):
    assert APIClient().get(f"/api/v1/{name}/").status_code in {401, 403}


@pytest.mark.parametrize("name", [name for name in LISTS if name != "handoff-versions"])
def test_a_viewer_writes_nothing(name):
    account = make_account()
    before = Account.objects.count(), TimelineEntry.objects.count(), Tag.objects.count()

    answer = api(make_user("viewer")).post(f"/api/v1/{name}/", {"account": account.pk, "name": "x"})

    assert answer.status_code == 403
    assert before == (Account.objects.count(), TimelineEntry.objects.count(), Tag.objects.count())


def test_an_account_is_made_read_and_changed_by_our_id_and_by_yours():
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    client = api(make_user())

    made = client.post(
        "/api/v1/accounts/", {"name": "Acme", "external_id": "A-1", "tags": ["vip"], "custom": {"seats": 5}}
    )
    assert made.status_code == 201, made.json()
    assert (made.json()["tags"], made.json()["custom"]) == (["vip"], {"seats": 5})
    found = client.get("/api/v1/accounts/by-external-id/A-1/").json()
    assert found["id"] == made.json()["id"]
    assert client.get("/api/v1/accounts/?external_id=A-1").json()["count"] == 1
    changed = client.patch("/api/v1/accounts/by-external-id/A-1/", {"version": 1, "industry": "Retail"})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)


def test_a_stale_version_answers_409_with_both_values():
    csm = make_user()
    account = make_account(owner=csm, industry="Retail", version=3)

    answer = api(csm).patch(f"/api/v1/accounts/{account.pk}/", {"version": 2, "industry": "Banking"})

    assert answer.status_code == 409
    assert answer.json()["conflict"] == {
        "version": {"stored": 3, "sent": 2},
        "industry": {"stored": "Retail", "sent": "Banking"},
    } or answer.json()["conflict"] == {"industry": {"stored": "Retail", "sent": "Banking"}}


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"name": "x", "role": "admin"}, "role", "Unknown field: role."),
        ({"name": "x", "id": 1}, "id", "Unknown field: id."),
        ({"name": "\u200b \u202e"}, "name", "Name needs a visible character."),
        ({"name": "x" * 1_000_000}, "name", "Name: at most 200 characters (got 1,000,000)."),
        ({"name": 5}, "name", "Name must be text."),
        ({"name": "x", "employees": 2**31}, "employees", "Employees cannot be above 2,147,483,647."),
        ({"name": "x", "employees": 1.5}, "employees", "Employees must be a whole number."),
        ({"name": "x", "currency": "eur"}, "currency", "Currency must be a three-letter code like EUR."),
        ({"name": "x", "signed_on": "2026-02-31"}, "signed_on", "31 February 2026 is not a date."),
        ({"name": "x", "tier": "whale"}, "tier", "Tier must be one of elephant, cheetah, rabbit."),
        ({"name": "x", "custom": {"a": {"b": 1}}}, "custom", "Custom field a must be one plain value."),
        ({"name": "x", "custom": {"a": 1}}, "custom", "Unknown custom field: a."),
        ({}, "name", "Name is required."),
    ],
)
def test_a_bad_value_is_refused_in_words(body, field, words):
    answer = api(make_user("admin")).post("/api/v1/accounts/", body)

    assert answer.status_code == 400
    assert errors(answer) == {field: words}
    assert not Account.objects.exists()


def test_a_foreign_account_is_refused_with_the_same_words_as_a_missing_one():
    mine, foreign = make_user(), make_account(owner=make_user())

    refused = api(mine).post("/api/v1/contacts/", {"account": foreign.pk, "name": "Ada"})
    missing = api(mine).post("/api/v1/contacts/", {"account": 999_999, "name": "Ada"})

    assert refused.status_code == missing.status_code == 400
    assert errors(refused)["account"] == f"Account {foreign.pk} does not exist."
    assert errors(missing)["account"] == "Account 999999 does not exist."


def test_an_account_under_a_foreign_parent_is_refused():
    mine, foreign = make_user(), make_account(owner=make_user())

    answer = api(mine).post("/api/v1/accounts/", {"name": "x", "parent": foreign.pk})

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_foreign_row_is_not_there(method):
    foreign = make_contact(make_account(owner=make_user()))

    answer = getattr(api(make_user()), method)(f"/api/v1/contacts/{foreign.pk}/", {})

    assert answer.status_code in {404, 405}


@pytest.mark.parametrize("pk", ["999999999999999999999", "abc", "١", "-1"])
def test_a_wild_id_is_not_found(pk):
    assert api(make_user("admin")).get(f"/api/v1/accounts/{pk}/").status_code == 404


@pytest.mark.parametrize("search", ["100%", "a_b", "back\\slash"])
def test_the_search_takes_signs_literally(search):
    make_account(name=f"Club {search}")
    make_account(name="100 aXb backslash")

    found = api(make_user("admin")).get("/api/v1/accounts/", {"q": search}).json()["results"]

    assert [row["name"] for row in found] == [f"Club {search}"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"_connector": "OR"}, "Unknown filter: _connector."),
        ({"name__regex": "("}, "Unknown filter: name__regex."),
        ({"q": "\x00"}, "The search text has a character that cannot be searched (code 0)."),
        ({"q": "x" * 201}, "Search for at most 200 characters."),
        ({"sort": "?"}, "Sort by one of: name, signed_on, updated_at, employees."),
        ({"signed_from": "abc"}, "Signed from must be a date like 2026-03-31."),
    ],
)
def test_a_bad_filter_is_refused_in_words(query, words):
    answer = api(make_user("admin")).get("/api/v1/accounts/", query)

    assert answer.status_code == 400
    assert answer.json()["detail"] == words


def test_a_custom_field_is_a_filter():
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    CustomField.objects.create(key="plan", label="Plan", kind="text")
    CustomField.objects.create(key="beta", label="Beta", kind="yes_no")
    wanted = make_account(custom={"seats": 5, "plan": "gold", "beta": True})
    make_account(custom={"seats": 6, "plan": "tin", "beta": False})
    client = api(make_user("admin"))

    for query in ("custom_seats=5", "custom_plan=gold", "custom_beta=true"):
        rows = client.get(f"/api/v1/accounts/?{query}").json()["results"]
        assert [row["id"] for row in rows] == [wanted.pk], query
    assert client.get("/api/v1/accounts/?custom_seats=NaN").status_code == 400


def test_contact_details_show_to_who_may_see_them():
    csm = make_user()
    account = make_account(owner=csm)
    make_contact(account, email="ada@example.com", phone="1")

    seen = api(csm).get("/api/v1/contacts/").json()["results"][0]
    hidden = api(make_user("viewer")).get("/api/v1/contacts/").json()["results"][0]

    assert seen["email"] == "ada@example.com"
    assert not {"email", "phone"} & set(hidden)


def test_money_shows_to_who_may_see_it():
    ChurnRecord.objects.create(account=make_account(), on=TODAY, arr_lost=Decimal(100))

    seen = api(make_user("viewer")).get("/api/v1/churn-records/").json()["results"][0]
    hidden = api(make_user("product_manager")).get("/api/v1/churn-records/").json()["results"][0]

    assert seen["arr_lost"] == "100.00"
    assert "arr_lost" not in hidden


def test_a_private_note_shows_to_its_author_and_to_managers_only():
    author = make_user()
    account = make_account(owner=author)
    TimelineEntry.objects.create(account=account, title="Private", at=NOW, author=author, is_private=True)
    counts = {role: api(make_user(role)).get("/api/v1/timeline/").json()["count"] for role in ("admin", "viewer")}

    assert counts == {"admin": 1, "viewer": 0}
    assert api(author).get("/api/v1/timeline/").json()["count"] == 1


def test_only_who_assigns_owners_changes_the_service_team():
    csm, manager = make_user(), make_user("cs_manager", visibility="all")
    account = make_account(owner=csm)
    body = {"account": account.pk, "user": make_user().pk, "role": "csm"}

    assert api(csm).post("/api/v1/service-assignments/", body).status_code == 403
    assert api(manager).post("/api/v1/service-assignments/", body).status_code == 201
    current = ServiceAssignment.objects.current().get(account=account)
    assert current.user_id == body["user"]
    assert api(manager).post(f"/api/v1/service-assignments/{current.pk}/end/", {}).status_code in {200, 204}


def test_a_handoff_walks_through_its_states():
    csm = make_user()
    account = make_account(owner=csm)
    client = api(csm)
    made = client.post("/api/v1/handoffs/", {"account": account.pk, "why_bought": "Speed."})
    assert (made.status_code, made.json()["completeness"]) == (201, 11)
    at = f"/api/v1/handoffs/{made.json()['id']}"

    assert client.post(f"{at}/submit/").json()["state"] == "submitted"
    refused = client.post(f"{at}/accept/")
    assert (refused.status_code, refused.json()["detail"][:22]) == (409, "Fill in these sections")
    assert client.post(f"{at}/return/", {}).status_code == 400
    assert client.post(f"{at}/return/", {"reasons": "Thin."}).json()["state"] == "returned"
    texts = dict.fromkeys(Handoff.SECTIONS, "Said.")
    version = client.get(f"{at}/").json()["version"]
    assert client.patch(f"{at}/", texts | {"version": version}).status_code == 200
    client.post(f"{at}/submit/")
    assert client.post(f"{at}/accept/").json()["state"] == "accepted"
    assert client.get(f"/api/v1/handoff-versions/?account={account.pk}").json()["count"] == 6
    assert client.post("/api/v1/handoffs/", {"account": account.pk}).status_code == 400


def test_a_promise_is_settled_over_the_api():
    csm = make_user()
    account = make_account(owner=csm)
    client = api(csm)
    made = client.post("/api/v1/promises/", {"account": account.pk, "text": "Ship.", "due_on": "2020-01-01"}).json()

    assert made["is_overdue"] is True
    settled = client.post(f"/api/v1/promises/{made['id']}/settle/", {"state": "kept"})
    assert (settled.status_code, settled.json()["state"]) == (200, "kept")
    assert client.post(f"/api/v1/promises/{made['id']}/settle/", {"state": "kept"}).status_code == 409


def test_a_goal_tells_how_far_it_is():
    csm = make_user()
    account = make_account(owner=csm)
    client = api(csm)
    goal = client.post("/api/v1/goals/", {"account": account.pk, "name": "Faster", "baseline": 10, "target": 2}).json()
    assert (goal["current"], goal["attainment"]) == (None, None)

    measured = client.post("/api/v1/goal-measurements/", {"goal": goal["id"], "on": "2026-01-05", "value": "4"})

    assert measured.status_code == 201
    assert client.get(f"/api/v1/goals/{goal['id']}/").json()["attainment"] == 0.75
    same = {"account": account.pk, "name": "x", "baseline": 1, "target": 1}
    assert errors(client.post("/api/v1/goals/", same)) == {"target": "Target must differ from the baseline."}


def test_a_file_comes_in_as_a_form_and_goes_out_as_a_download():
    csm = make_user()
    account = make_account(owner=csm)
    record = ImplementationRecord.objects.create(account=account, stage="training", on=TODAY, outcome="Done.")
    client = api(csm)
    upload = {"record": record.pk, "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.7")}

    made = client.post("/api/v1/attachments/", upload, format="multipart")
    assert made.status_code == 201, made.json()
    answer = client.get(f"/api/v1/attachments/{made.json()['id']}/download/")

    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert api(make_user()).get(f"/api/v1/attachments/{made.json()['id']}/download/").status_code == 404
    svg = {"record": record.pk, "file": SimpleUploadedFile("x.svg", b"<svg/>")}
    assert client.post("/api/v1/attachments/", svg, format="multipart").status_code == 400


def test_a_touch_is_logged_and_its_follow_up_ticked_off():
    csm = make_user()
    account = make_account(owner=csm)
    contact = make_contact(account)
    client = api(csm)
    body = {"account": account.pk, "kind": "call", "title": "Call", "contacts": [contact.pk],
            "follow_up_on": "2026-12-01"}  # fmt: skip

    made = client.post("/api/v1/timeline/", body)
    assert made.status_code == 201, made.json()
    done = client.post(f"/api/v1/timeline/{made.json()['id']}/follow-up-done/")
    assert done.json()["follow_up_done_at"]
    contact.refresh_from_db()
    assert contact.touched_on is not None
    naive = body | {"at": "2026-03-29T02:30:00"}
    assert errors(client.post("/api/v1/timeline/", naive))["at"].startswith("Give the time with an offset")
    assert "kind" in errors(client.post("/api/v1/timeline/", body | {"kind": "stage"}))


def test_catalogue_rows_need_their_own_rights():
    admin, csm = make_user("admin"), make_user()

    assert api(csm).post("/api/v1/tags/", {"name": "vip"}).status_code == 201
    tag = Tag.objects.get()
    assert api(csm).delete(f"/api/v1/tags/{tag.pk}/").status_code == 403
    assert api(admin).delete(f"/api/v1/tags/{tag.pk}/").status_code == 204
    field = {"key": "plan", "label": "Plan", "kind": "choice", "choices": ["gold"]}
    assert api(csm).post("/api/v1/custom-fields/", field).status_code == 403
    assert api(admin).post("/api/v1/custom-fields/", field).status_code == 201
    assert errors(api(admin).post("/api/v1/custom-fields/", field)) == {"key": "A field with this key exists already."}
    assert api(admin).post("/api/v1/products/", {"external_id": "P", "name": "Core"}).status_code == 201
    assert Product.objects.count() == 1


def test_a_view_is_saved_and_shared_with_the_team():
    client = api(make_user())

    made = client.post("/api/v1/saved-views/", {"name": "Risky", "query": "band=red"})
    assert made.status_code == 201, made.json()
    assert client.get("/api/v1/saved-views/?of_page=account_list").json()["count"] == 1
    assert client.get("/api/v1/saved-views/?of_page=another").json()["count"] == 0
    refused = client.post("/api/v1/saved-views/", {"name": "Risky", "query": "x" * 2001})
    assert refused.status_code == 400
    assert client.delete(f"/api/v1/saved-views/{made.json()['id']}/").status_code == 204
    assert not SavedView.objects.exists()


def test_a_touch_ahead_of_the_clock_is_refused():
    csm = make_user()
    account = make_account(owner=csm)
    ahead = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()

    answer = api(csm).post("/api/v1/timeline/", {"account": account.pk, "kind": "call", "title": "x", "at": ahead})

    assert errors(answer)["at"] == "A touch cannot be in the future."
