"""Do the pages show who asks for what and what hangs on it, to whom they may, and keep their shape?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import ChurnRecord, ExpectationGap
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer, RequestEvidence, RequestLink
from tests.factories import (
    AT,
    make_account,
    make_contact,
    make_evidence,
    make_line,
    make_module,
    make_request,
    make_user,
)
from tests.roadmap.ledgers import ledger_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user("product_manager")
    client.force_login(user)
    return user


@pytest.fixture
def admin(client):
    user = make_user("admin")
    client.force_login(user)
    return user


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def full_request(number=1, owner=None):
    """Make a request with everything on it, as many accounts as asked."""
    need = make_request(title="Export to Excel", module=make_module())
    make_request(title="Excel exports please")
    for _one in range(number):
        account = make_account(owner)
        make_evidence(account, need, contact=make_contact(account), verbatim="<script>alert(1)</script>", importance=3,
                      is_blocker=True)  # fmt: skip
        gap = ExpectationGap.objects.create(account=account, text="Offline", found_on=AT.date())
        actions.link_request(request=need, target=gap, by=None, at=AT)
    actions.find_duplicates()
    actions.change_state(request=need, state="planned", by=None, at=AT)
    return need


PAGES = ["feature_requests", "duplicate_requests", "roadmap_board", "request_answers", "request_gaps"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["csm", "cs_manager", "product_manager", "admin", "viewer"])
def test_every_page_opens_for_everybody_empty_and_full(client, name, role):
    client.force_login(make_user(role))
    page(client, name)
    full_request()
    page(client, name)


@pytest.mark.parametrize("role", ["csm", "cs_manager", "product_manager", "admin", "viewer"])
def test_a_request_opens_for_everybody_and_its_html_is_text(client, role):
    client.force_login(make_user(role))
    body = page(client, "feature_request", full_request().pk)
    assert "<script>alert" not in body
    assert ("&lt;script&gt;" in body) == (role in ("product_manager", "admin", "viewer"))


def test_a_csm_reads_only_the_voices_of_their_accounts(client):
    csm = make_user()
    client.force_login(csm)
    need = full_request(owner=csm)
    make_evidence(make_account(name="Secret Ltd"), need, verbatim="Nobody may know.")
    body = page(client, "feature_request", need.pk)
    assert "Secret Ltd" not in body
    assert "Nobody may know." not in body
    assert "Secret Ltd" not in client.get(reverse("feature_request_export", args=[need.pk, "csv"])).getvalue().decode()


@pytest.mark.parametrize("name", [*PAGES, "feature_request"])
def test_a_page_costs_the_same_for_one_and_many_rows(client, admin, django_assert_max_num_queries, name):
    need = full_request(1)
    args = [need.pk] if name == "feature_request" else []
    page(client, name, *args)
    with django_assert_max_num_queries(45) as one:
        page(client, name, *args)
    for _more in range(15):
        account = make_account()
        make_evidence(account, need, contact=make_contact(account))
    full_request(20)
    with django_assert_max_num_queries(len(one)):
        page(client, name, *args)


def test_the_list_is_sorted_by_how_many_share_it_and_narrowed(client, manager):
    few, many = make_request(title="Dark mode"), make_request(title="Export", shared_title="Exports")
    for _one in range(3):
        make_evidence(make_account(), many)
    make_evidence(make_account(), few)
    body = page(client, "feature_requests")
    assert body.index("Export") < body.index("Dark mode")
    assert "Dark mode" not in page(client, "feature_requests", q="export")
    assert "Dark mode" not in page(client, "feature_requests", is_shared="true")
    assert client.get(reverse("feature_requests"), {"sort": "arr"}).status_code == 400
    assert client.get(reverse("feature_requests"), {"after": "9" * 40}).status_code == 200


def test_a_long_list_is_read_page_by_page(client, manager):
    for number in range(55):
        make_request(title=f"Need number {number:02}")
    first = page(client, "feature_requests", sort="title")
    second = page(client, "feature_requests", sort="title", after="50")
    assert "Need number 00" in first
    assert "Need number 54" not in first
    assert "Need number 54" in second


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["feature_requests_export", "request_answers_export", "request_gaps_export"])
def test_lists_leave_as_files(client, admin, name, kind):
    full_request()
    answer = client.get(reverse(name, args=[kind]), {"owner": ""} if "answers" in name else {})
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content) if answer.streaming else answer.content) > 50
    assert client.get(reverse(name, args=["pdf"])).status_code == 404


def test_accounts_are_linked_in_four_steps_and_the_revenue_behind_is_seen(client, admin):
    need, account = make_request(), make_account(name="Norvik")
    make_line(account, 120_000)
    ledger_of(account)
    # 1: the request; 2: link accounts; 3: type a name and tick; 4: save.
    assert reverse("feature_request_link", args=[need.pk]) in page(client, "feature_request", need.pk)
    found = page(client, "feature_request_link", need.pk, q="norv")
    assert f'value="{account.pk}"' in found
    answer = client.post(reverse("feature_request_link", args=[need.pk]), {"accounts": [account.pk]}, follow=True)
    body = answer.content.decode()
    assert "ARR behind it" in body
    assert "$120" in body
    assert need.evidence.get().account == account


def test_a_product_manager_without_money_sees_the_share_of_arr(client, manager):
    need, account, other = make_request(), make_account(), make_account()
    make_line(account, 30_000)
    make_line(other, 70_000)
    ledger_of(account, other)
    make_evidence(account, need)
    body = page(client, "feature_request", need.pk)
    assert "Share of ARR behind it" in body
    assert "30.0%" in body
    assert "30,000" not in body


def test_linking_nothing_or_a_foreign_account_is_refused(client):
    csm = make_user()
    client.force_login(csm)
    need, foreign = make_request(), make_account()
    address = reverse("feature_request_link", args=[need.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"accounts": [foreign.pk]}).status_code == 422
    assert client.post(address, {"accounts": ["x", "9" * 30]}).status_code == 422
    assert not RequestEvidence.objects.exists()


def test_what_was_ticked_stays_while_one_types_on(client, manager):
    need, ticked, other = make_request(), make_account(name="Ticked"), make_account(name="Other")
    part = client.get(
        reverse("feature_request_link", args=[need.pk]),
        {"q": "oth", "accounts": [ticked.pk]},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert f'value="{ticked.pk}" checked' in part
    assert f'value="{other.pk}"' in part
    assert "<html" not in part


def test_a_request_is_noted_with_its_duplicates_shown_first(client, manager):
    make_request(title="Export to Excel")
    address = reverse("feature_request_add")
    assert "Export to Excel" in page(client, "feature_request_add", title="excel exports")
    fields = {"title": "Excel exports", "description": "", "module": ""}
    asked = client.post(address, fields)
    assert asked.status_code == 422
    assert "Both say" in asked.content.decode()
    assert client.post(address, fields | {"is_new": "1"}).status_code == 302
    assert FeatureRequest.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "x" * 201}, {"module": "9" * 30}, {"description": "x" * 10_001}]
)
def test_a_bad_request_answers_422_and_keeps_what_was_typed(client, manager, wrong):
    fields = {"title": "A wish", "description": "typed", "module": ""} | wrong
    answer = client.post(reverse("feature_request_add"), fields)
    assert answer.status_code == 422
    assert not FeatureRequest.objects.exists()
    if "description" not in wrong:
        assert "typed" in answer.content.decode()


def test_a_request_is_worded_and_planned(client, manager):
    need = make_request()
    fields = {"title": "Better", "description": "For us.", "module": ""}
    assert client.post(reverse("feature_request_edit", args=[need.pk]), fields).status_code == 302
    plan = {"shared_title": "Exports", "shared_text": "", "promised_on": "2026-09-30", "use_goal_percent": "60",
            "use_goal_on": "2026-12-31", "feature": ""}  # fmt: skip
    assert client.post(reverse("feature_request_plan", args=[need.pk]), plan).status_code == 302
    need.refresh_from_db()
    assert (need.title, need.shared_title, need.use_goal_percent) == ("Better", "Exports", 60)
    answer = client.post(reverse("feature_request_plan", args=[need.pk]), plan | {"use_goal_percent": "101"})
    assert answer.status_code == 422


def test_a_text_for_customers_names_no_customer(client, manager):
    need = make_request()
    make_evidence(make_account(name="Norvik Group"), need)
    fields = {"shared_title": "What Norvik GROUP wanted", "shared_text": "", "promised_on": "", "feature": "",
              "use_goal_percent": "", "use_goal_on": ""}  # fmt: skip
    answer = client.post(reverse("feature_request_plan", args=[need.pk]), fields)
    assert answer.status_code == 422
    assert "Leave out the name of a customer: Norvik Group" in answer.content.decode()


def test_only_an_unvoiced_request_is_deleted(client, manager):
    voiced, bare = make_request(), make_request()
    make_evidence(make_account(), voiced)
    client.post(reverse("feature_request_delete", args=[voiced.pk]))
    client.post(reverse("feature_request_delete", args=[bare.pk]))
    assert list(FeatureRequest.objects.all()) == [voiced]


def test_gaps_losses_and_promises_are_linked_and_taken_off(client, admin):
    need, account = make_request(), make_account(name="Norvik")
    make_evidence(account, need)
    lost = ChurnRecord.objects.create(
        account=account, on=dt.date(2026, 3, 1), arr_lost=Decimal(500), would_have_saved="Exports"
    )
    address = reverse("request_link_add", args=[need.pk])
    assert "Exports" in page(client, "request_link_add", need.pk)
    client.post(address, {"target": f"churn_record-{lost.pk}"})
    link = RequestLink.objects.get()
    assert (link.target, link.account) == (lost, account)
    assert "It would have kept 1 customer." in page(client, "feature_request", need.pk)
    for wrong in ("churn_record-9", "user-1", "", "gap-x", f"gap-{'9' * 30}"):
        assert "Choose what to link." in client.post(address, {"target": wrong}, follow=True).content.decode()
    assert RequestLink.objects.get() == link
    client.post(reverse("request_link_delete", args=[link.pk]))
    assert not RequestLink.objects.exists()


def test_a_voice_that_never_was_is_taken_away_with_what_waits_for_it(client, admin):
    need = full_request()
    voice = need.evidence.get()
    client.post(reverse("evidence_delete", args=[voice.pk]))
    assert not need.evidence.exists()
    assert not RequestAnswer.objects.waiting().exists()
