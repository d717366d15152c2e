"""Does a CSM see whom to tell, tell several at once, and take it back?"""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.models import BulkRun, TimelineEntry
from roadmap import actions
from roadmap.models import DuplicatePair, FeatureRequest, RequestAnswer
from tests.factories import AT, make_account, make_evidence, make_request, make_user

pytestmark = pytest.mark.django_db
WHO = {"by": None, "at": AT}
LIST = "request_answers"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT + dt.timedelta(days=1), tick=True):
        yield


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def decided(owner, count=1, state="planned", words="We copy it by hand."):
    need = make_request(title="Export to Excel")
    for _one in range(count):
        make_evidence(make_account(owner), need, verbatim=words)
    reason = "Too few ask." if state == "declined" else ""
    actions.change_state(request=need, state=state, decline_reason=reason, **WHO)
    return need


def text(answer):
    return answer.content.decode()


def test_the_page_shows_ones_own_with_the_customers_words(client, csm):
    decided(csm, state="declined")
    other = make_user()
    make_evidence(make_account(other, name="Foreign Ltd"), FeatureRequest.objects.get())
    body = text(client.get(reverse(LIST)))
    assert "We copy it by hand." in body
    assert "Too few ask." in body
    assert "Foreign Ltd" not in body


def test_a_manager_sees_all_and_narrows_by_owner(client, csm):
    decided(csm)
    manager = make_user("admin")
    client.force_login(manager)
    assert "Export to Excel" in text(client.get(reverse(LIST)))
    assert "Export to Excel" in text(client.get(reverse(LIST), {"owner": csm.pk}))
    for wrong in ("none", "me", "x", "9" * 30):
        assert "Nothing matches" in text(client.get(reverse(LIST), {"owner": wrong}))
    assert client.get(reverse(LIST), {"state": "gone"}).status_code == 400


def test_one_is_told_and_that_is_taken_back(client, csm):
    decided(csm)
    answer = RequestAnswer.objects.get()
    client.post(reverse("request_answer_told", args=[answer.pk]))
    answer.refresh_from_db()
    assert (answer.state, answer.told_by) == ("told", csm)
    assert TimelineEntry.objects.filter(account=answer.account, kind="request").count() == 1
    client.post(reverse("request_answer_reopen", args=[answer.pk]))
    answer.refresh_from_db()
    assert answer.state == "waiting"


def test_many_are_told_at_once_and_undone_at_once(client, csm):
    need = decided(csm, 12)
    chosen = list(RequestAnswer.objects.values_list("pk", flat=True)[:5])
    said = client.post(reverse("request_answers_told"), {"selected": chosen}, follow=True)
    assert "5 customers told." in text(said)
    assert RequestAnswer.objects.filter(state="told").count() == 5
    client.post(BulkRun.objects.get().undo)
    assert RequestAnswer.objects.waiting().count() == 12
    client.post(reverse("request_answers_told"), {"all_matching": "1", "query": f"request={need.pk}"})
    assert not RequestAnswer.objects.waiting().exists()


def test_choosing_none_or_foreign_ones_tells_nobody(client, csm):
    decided(make_user())
    foreign = RequestAnswer.objects.get()
    for sent in ({}, {"selected": [foreign.pk]}, {"selected": ["x", "9" * 40]}):
        client.post(reverse("request_answers_told"), sent)
    for name in ("request_answer_told", "request_answer_reopen"):
        assert client.post(reverse(name, args=[foreign.pk])).status_code == 404
    for name in ("request_answer_reply", "request_answer_excuse"):
        assert client.get(reverse(name, args=[foreign.pk])).status_code == 404
    assert RequestAnswer.objects.get().state == "waiting"
    for wrong in (0, 10**30):
        assert client.post(f"/roadmap/answers/untold/{wrong}/").status_code in (302, 404)


def test_bulk_telling_costs_the_same_for_few_and_many(client, csm, django_assert_max_num_queries):
    decided(csm, 2)
    client.post(reverse("request_answers_told"), {"all_matching": "1"})
    decided(csm, 2)
    with django_assert_max_num_queries(60) as few:
        client.post(reverse("request_answers_told"), {"all_matching": "1"})
    decided(csm, 18)
    with django_assert_max_num_queries(len(few)):
        client.post(reverse("request_answers_told"), {"all_matching": "1"})
    assert not RequestAnswer.objects.waiting().exists()


def test_a_reply_and_an_excuse_are_written_down(client, csm):
    decided(csm, 2)
    replied, excused = RequestAnswer.objects.order_by("pk")
    assert (
        client.post(reverse("request_answer_reply", args=[replied.pk]), {"reply": "", "replied_on": ""}).status_code
        == 422
    )
    client.post(reverse("request_answer_reply", args=[replied.pk]), {"reply": "At last!", "replied_on": ""})
    client.post(reverse("request_answer_excuse", args=[excused.pk]), {"reason": "They stopped using it."})
    assert set(RequestAnswer.objects.values_list("state", flat=True)) == {"replied", "not_applicable"}
    body = text(client.get(reverse(LIST), {"owner": "", "state": ["replied", "not_applicable"]}))
    assert "At last!" in body
    assert "They stopped using it." in body


def test_the_account_shows_what_it_has_still_to_hear(client, csm):
    decided(csm, state="declined")
    answer = RequestAnswer.objects.get()
    body = text(client.get(reverse("account_requests", args=[answer.account_id])))
    assert "Answers to give" in body
    assert "Too few ask." in body
    client.post(reverse("request_answer_told", args=[answer.pk]), {"next": "/accounts/"})
    assert (
        "Answers to give"
        not in text(client.get(reverse("account_requests", args=[answer.account_id]))).partition("<main")[2]
    )


def test_a_viewer_reads_and_tells_nobody(client, csm):
    decided(csm)
    client.force_login(make_user("viewer"))
    body = text(client.get(reverse(LIST), {"owner": ""})).partition("<main")[2]
    assert "We copy it by hand." in body
    assert "formaction" not in body
    assert reverse("request_answers_told") not in body
    assert client.post(reverse("request_answer_told", args=[RequestAnswer.objects.get().pk])).status_code == 404
    assert client.post(reverse("request_answers_told"), {"all_matching": "1"}).status_code == 404


# Duplicates
@pytest.fixture
def planner(client):
    user = make_user("product_manager")
    client.force_login(user)
    return user


def test_a_duplicate_is_merged_from_the_list_into_the_one_that_more_share(client, planner):
    few, many = make_request(title="Excel exports"), make_request(title="Export to Excel")
    for _one in range(3):
        make_evidence(make_account(), many)
    make_evidence(make_account(), few)
    actions.find_duplicates()
    body = text(client.get(reverse("duplicate_requests")))
    assert "both say: " in body
    assert reverse("feature_request_merge", args=[few.pk]) in body
    done = client.post(reverse("feature_request_merge", args=[few.pk]), {"into": many.pk}, follow=True)
    assert "4" in text(done)
    assert many.evidence.count() == 4
    assert reverse("feature_request_part", args=[few.pk]) in text(done)
    assert "Part them again" in text(client.get(reverse("feature_request", args=[few.pk])))
    client.post(reverse("feature_request_part", args=[few.pk]))
    assert few.evidence.count() == 1


def test_merging_into_itself_or_nothing_answers_422(client, planner):
    need = make_request()
    address = reverse("feature_request_merge", args=[need.pk])
    for wrong in ({}, {"into": need.pk}, {"into": "999999"}, {"into": "x"}, {"into": "9" * 40}):
        assert client.post(address, wrong).status_code == 422


def test_the_request_to_merge_into_is_found_by_its_words(client, planner):
    need, other = make_request(title="SSO"), make_request(title="支持单点登录")
    make_request(title="Dark mode")
    body = text(client.get(reverse("feature_request_merge", args=[need.pk])))
    assert other.title in body
    assert "Dark mode" not in body
    assert "Dark mode" in text(client.get(reverse("feature_request_merge", args=[need.pk]), {"q": "dark"}))


def test_two_are_told_apart_and_suggested_again(client, planner):
    make_request(title="Excel exports")
    make_request(title="Export to Excel")
    actions.find_duplicates()
    pair = DuplicatePair.objects.get()
    client.post(reverse("duplicate_tell_apart", args=[pair.pk]))
    assert "Nothing looks alike" in text(client.get(reverse("duplicate_requests")))
    client.post(reverse("duplicate_suggest_again", args=[pair.pk]))
    assert "Excel exports" in text(client.get(reverse("duplicate_requests")))
