"""Do the pages of advocacy show whom to ask, take an ask in five steps, and keep to who may see what?"""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import TimelineEntry
from advocacy import actions
from advocacy.actions.requests import add_request
from advocacy.models import AdvocacySettings, Advocate, Ask, Consent, PublicMention, ReferenceRequest
from portfolio.actions import rank_advocates
from portfolio.queries.entry_titles import entry_title
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_line, make_user
from usage.models import SurveyAnswer

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_june():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def csm():
    return make_user()


@pytest.fixture
def client(csm):
    client = Client()
    client.force_login(csm)
    return client


def promoter(owner, name="Ada Promoter", **fields):
    """A promoter of a paying customer with a consent."""
    account = make_account(owner, **({"industry": "Retail"} | fields))
    make_line(account)
    contact = make_contact(account, name=name)
    SurveyAnswer.objects.create(account=account, contact=contact, score=10, answered_on=TODAY - DAY)
    make_consent(contact)
    return contact


def text_of(answer) -> str:
    return answer.content.decode()


def test_the_landing_page_shows_promoters_by_industry_the_funnel_and_the_list(client, csm):
    contact = promoter(csm)
    promoter(make_user(), name="Foreign Person")
    advocate = make_advocate(make_account(csm))
    Ask.objects.create(advocate=advocate, kind="talk", asked_on=TODAY - 30 * DAY, answer="accepted",
                       answered_on=TODAY - 20 * DAY, done_on=TODAY - 10 * DAY)  # fmt: skip
    rank_advocates(on=TODAY)
    page = text_of(client.get(reverse("advocacy")))
    assert "1 promoter, 1 never asked, most of them in Retail" in page
    assert "100% of those who answered said yes" in page
    assert contact.name in page
    assert "Foreign Person" not in page
    assert "?industry=Retail&amp;is_promoter=true&amp;asked=never" in page


def test_the_list_is_narrowed_sorted_and_exported(client, csm):
    promoter(csm, name="Retail Person")
    promoter(csm, name="Energy Person", industry="Energy")
    rank_advocates(on=TODAY)
    found = text_of(client.get(reverse("advocacy"), {"industry": "Energy"}, headers={"HX-Request": "true"}))
    assert "Energy Person" in found
    assert "Retail Person" not in found
    for query in ({"asked": "never"}, {"stage": "none"}, {"is_free": "true"}, {"sort": "name"}, {"sort": "-asked"}):
        assert "Retail Person" in text_of(client.get(reverse("advocacy"), query))
    part = client.get(reverse("advocacy"), {"asked": "lately"}, headers={"HX-Request": "true"})
    assert "Nobody matches" in text_of(part)
    assert client.get(reverse("advocacy"), {"asked": "maybe"}).status_code == 400
    lines = b"".join(client.get(reverse("advocacy_export", args=["csv"])).streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert b"".join(client.get(reverse("advocacy_export", args=["xlsx"])).streaming_content).startswith(b"PK")
    assert client.get(reverse("advocacy_export", args=["pdf"])).status_code == 404


@pytest.mark.parametrize("name", ["advocacy", "advocate_ranking", "high_value", "asks", "reference_requests"])
def test_a_list_asks_the_database_as_often_for_many_rows_as_for_one(client, csm, name):
    counts = []
    for number in (1, 20):
        for _ in range(number):
            contact = promoter(csm, industry="Retail")
            advocate = make_advocate(contact.account)
            request = add_request(prospect="Quayside", kind="review", by=csm, at=AT)
            Ask.objects.create(advocate=advocate, kind="talk", asked_on=TODAY, request=request, asked_by=csm)
        rank_advocates(on=TODAY)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["advocacy", "advocate_ranking", "high_value", "asks", "reference_requests"])
def test_an_empty_book_says_what_belongs_there(client, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert 'data-state="none"' in text_of(answer)


def test_a_person_is_asked_and_the_ask_taken_back(client, csm):
    contact = promoter(csm)
    assert "May they be asked?" in text_of(client.get(reverse("advocate_person", args=[contact.pk])))
    page = text_of(client.get(reverse("advocate_ask", args=[contact.pk])))
    assert "A consent holds for:" in page
    sent = client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "reference_call"}, follow=True)
    ask = Ask.objects.get()
    assert (ask.asked_by, ask.kind, ask.state) == (csm, "reference_call", "waiting")
    assert reverse("ask_take_back", args=[ask.pk]) in text_of(sent)
    again = client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "talk"})
    assert again.status_code == 422
    assert "Asked today" in text_of(again)
    client.post(reverse("ask_take_back", args=[ask.pk]))
    assert not Ask.objects.exists()
    assert Advocate.objects.get().stage == "identified"


def test_the_story_of_an_ask_is_told_on_person_timeline_and_list(client, csm):
    contact = promoter(csm)
    client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "talk"})
    ask = Ask.objects.get()
    client.post(reverse("ask_answer", args=[ask.pk]), {"answer": "accepted"})
    assert client.get(reverse("ask_done", args=[ask.pk])).status_code == 200
    done = client.post(reverse("ask_done", args=[ask.pk]), {"done_on": str(TODAY), "outcome": "Forty people came."})
    assert done.status_code == 302
    client.post(reverse("ask_thank", args=[ask.pk]))
    ask.refresh_from_db()
    assert (ask.state, Advocate.objects.get().stage) == ("thanked", "active")
    titles = [entry_title(entry) for entry in TimelineEntry.objects.filter(kind="advocacy").order_by("pk")]
    assert titles == [
        f"{words}: Talk in a sharing session (Ada Promoter)"
        for words in ("Asked for", "Said yes", "Favour done", "Thanked for")
    ]
    assert "Forty people came." in text_of(client.get(reverse("asks"), {"state": "thanked"}))
    assert "Forty people came." not in text_of(client.get(reverse("asks"), {"state": "waiting"}))


def test_wrong_answers_and_days_are_refused_in_words(client, csm):
    contact = promoter(csm)
    client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "talk"})
    ask = Ask.objects.get()
    assert "Only what was agreed" in text_of(
        client.post(reverse("ask_done", args=[ask.pk]), {"done_on": str(TODAY), "outcome": ""})
    )
    client.post(reverse("ask_answer", args=[ask.pk]), {"answer": "accepted"})
    for day in (TODAY + DAY, TODAY - DAY, "yesterday", ""):
        answer = client.post(reverse("ask_done", args=[ask.pk]), {"done_on": str(day), "outcome": "Kept."})
        assert answer.status_code == 422
        assert "Kept." in text_of(answer)
    thanked = client.post(reverse("ask_thank", args=[ask.pk]), follow=True)
    assert "Thank them for what is done" in text_of(thanked)


def test_several_are_asked_at_once_and_who_is_not_is_named(client, csm):
    first, second = promoter(csm, name="First Person"), promoter(csm, name="Second Person")
    Consent.objects.filter(contact=second).delete()
    foreign = promoter(make_user(), name="Foreign Person")
    chosen = {"kind": "review", "selected": [first.pk, second.pk, foreign.pk]}
    page = text_of(client.post(reverse("advocates_ask"), chosen, follow=True))
    assert [ask.advocate.contact_id for ask in Ask.objects.all()] == [first.pk]
    assert "1 person asked, 1 skipped: There is no consent" in page
    assert re.search(r"Second Person, [^<]*: There is no consent", page)
    assert "Foreign Person" not in page
    for nothing in ({"kind": "review"}, {"kind": "gift", "selected": [first.pk]}, {"selected": ["x" * 30]}):
        client.post(reverse("advocates_ask"), nothing)
    assert Ask.objects.count() == 1


def test_consents_are_kept_and_taken_back(client, csm):
    contact = promoter(csm)
    Consent.objects.all().delete()
    address = reverse("consent_add", args=[contact.pk])
    assert client.get(address).status_code == 200
    good = {
        "scope": "case_study", "channel": "web", "given_on": str(TODAY), "expires_on": str(TODAY + 90 * DAY),
        "evidence": "Mail of 3 June.",
    }  # fmt: skip
    for wrong in ({"evidence": " "}, {"expires_on": str(TODAY)}, {"given_on": str(TODAY + DAY)}, {"scope": "all"}):
        answer = client.post(address, good | wrong)
        assert answer.status_code == 422
    assert not Consent.objects.exists()
    client.post(address, good)
    consent = Consent.objects.get()
    assert "Mail of 3 June." in text_of(client.get(reverse("advocate_person", args=[contact.pk])))
    client.post(reverse("consent_revoke", args=[consent.pk]))
    consent.refresh_from_db()
    assert consent.revoked_on == TODAY
    assert "Taken back" in text_of(client.get(reverse("advocate_person", args=[contact.pk])))


def test_public_mentions_are_kept_and_removed(client, csm):
    contact = promoter(csm)
    address = reverse("mention_add", args=[contact.pk])
    assert client.get(address).status_code == 200
    good = {"kind": "talk", "title": "Talk in Berlin", "url": "https://example.com/talk", "on": str(TODAY)}
    for wrong in ({"url": "javascript:alert(1)"}, {"on": str(TODAY + DAY)}, {"title": ""}):
        assert client.post(address, good | wrong).status_code == 422
    client.post(address, good)
    mention = PublicMention.objects.get()
    assert "Talk in Berlin" in text_of(client.get(reverse("advocate_person", args=[contact.pk])))
    client.post(reverse("mention_delete", args=[mention.pk]))
    assert not PublicMention.objects.exists()


def test_a_request_of_sales_is_made_matched_corrected_and_decided(client, csm):
    contact = promoter(csm, employees=300)
    rank_advocates(on=TODAY)
    assert client.get(reverse("reference_request_add")).status_code == 200
    fields = {"prospect": "Quayside", "kind": "reference_call", "industry": "Retail", "employees": "250", "arr": "1000",
              "currency": "USD"}  # fmt: skip
    wrong = client.post(reverse("reference_request_add"), fields | {"employees": "many"})
    assert wrong.status_code == 422
    assert 'value="Quayside"' in text_of(wrong)
    made = client.post(reverse("reference_request_add"), fields, follow=True)
    request = ReferenceRequest.objects.get()
    page = text_of(made)
    assert contact.name in page
    assert "300 employees" in page
    assert f"kind=reference_call&amp;request={request.pk}" in page
    client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "reference_call", "request": request.pk})
    assert Ask.objects.get().request == request
    assert "Asked for this" in text_of(client.get(reverse("reference_request", args=[request.pk])))
    client.post(reverse("reference_request_edit", args=[request.pk]), fields | {"prospect": "Quayside Brewing"})
    client.post(reverse("reference_request_decide", args=[request.pk]), {"outcome": "won", "decided_on": ""})
    request.refresh_from_db()
    assert (request.prospect, request.outcome, request.decided_on) == ("Quayside Brewing", "won", TODAY)
    assert "Quayside Brewing" in text_of(client.get(reverse("reference_requests"), {"outcome": "won"}))
    assert client.get(reverse("advocate_ask", args=[contact.pk])).status_code == 200


def test_money_of_a_deal_is_for_who_may_see_money(csm):
    add_request(prospect="Quayside", kind="review", arr=43_000, currency="USD", by=csm, at=AT)
    number = ReferenceRequest.objects.get().pk
    seen = {}
    for role in ("product_manager", "viewer"):
        client = Client()
        client.force_login(make_user(role))
        pages = [reverse("reference_requests"), reverse("reference_request", args=[number])]
        seen[role] = "".join(text_of(client.get(page)) for page in pages)
    assert "43K" not in seen["product_manager"]
    assert "$43K" in seen["viewer"]


def test_who_may_not_edit_sees_no_way_to_ask(csm):
    contact = promoter(csm)
    rank_advocates(on=TODAY)
    client = Client()
    client.force_login(make_user("viewer"))
    for page in (reverse("advocacy"), reverse("advocate_person", args=[contact.pk])):
        main = text_of(client.get(page)).partition("<main")[2]
        assert contact.name in main
        assert 'method="post"' not in main
    assert client.get(reverse("advocate_ask", args=[contact.pk])).status_code == 404


def test_settings_are_shown_changed_and_refused_in_words(csm):
    client = Client()
    client.force_login(make_user("cs_manager"))
    address = reverse("advocacy_settings")
    assert client.get(address).status_code == 200
    settings = AdvocacySettings.load()
    fields = {name: getattr(settings, name) for name in AdvocacySettings.FIELDS}
    assert client.post(address, fields | {"rest_days": 30, "most_asks": 2}).status_code == 302
    assert (AdvocacySettings.load().rest_days, AdvocacySettings.load().most_asks) == (30, 2)
    wrong = client.post(address, fields | {"spread_weight": 90})
    assert wrong.status_code == 422
    assert "add up to 100" in text_of(wrong)
    client.force_login(csm)
    assert client.get(address).status_code == 404


def test_the_criteria_and_the_parts_stand_on_their_pages(client, csm):
    contact = promoter(csm)
    PublicMention.objects.create(account=contact.account, title="Review", on=TODAY)
    rank_advocates(on=TODAY - 40 * DAY)
    rank_advocates(on=TODAY)
    ranking = text_of(client.get(reverse("advocate_ranking")))
    assert "1 mention" in ranking
    assert "in 12 months" in ranking
    assert "0 of 4" in text_of(client.get(reverse("high_value")))
    assert contact.account.name not in text_of(client.get(reverse("high_value"), {"criteria": "4"}))
    lines = b"".join(client.get(reverse("advocate_ranking_export", args=["csv"])).streaming_content).decode()
    assert contact.account.name in lines


def test_a_withdrawn_advocate_is_taken_up_again_from_their_page(client, csm):
    contact = promoter(csm)
    advocate = actions.add_advocate(contact=contact, by=csm, at=AT)
    client.post(reverse("advocate_advance", args=[advocate.pk]), {"stage": "withdrawn"})
    page = text_of(client.get(reverse("advocate_person", args=[contact.pk])))
    assert "by a person" in page
    back = client.post(
        reverse("advocate_advance", args=[advocate.pk]), {"stage": "identified", "next": "//evil.example"}
    )
    assert back["Location"] == reverse("advocate_person", args=[contact.pk])


def test_a_mention_leads_to_the_web_or_nowhere() -> None:
    assert PublicMention(url="https://reviews.example/1").link == "https://reviews.example/1"
    assert [PublicMention(url=url).link for url in ("javascript:alert(1)", "//evil.example", "")] == ["", "", ""]
