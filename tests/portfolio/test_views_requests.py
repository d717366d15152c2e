"""Do the pages keep what an account asks for in its own words, and who there speaks for us?"""

import pytest
from django.urls import reverse

from accounts.models import TimelineEntry
from advocacy.models import Advocate, Ask
from roadmap.models import FeatureRequest, RequestEvidence
from tests.factories import AT, make_account, make_advocate, make_contact, make_evidence, make_request, make_user
from usage.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def filled(owner=None, number=1):
    """Make an account with requests, voices, advocates and asks, as many of each as asked."""
    account = make_account(owner)
    for _ in range(number):
        make_evidence(account, contact=make_contact(account), verbatim="<b>We copy it by hand.</b>")
        advocate = make_advocate(account, note="Loves it.")
        Ask.objects.create(advocate=advocate, kind="review", asked_on=AT.date(), asked_by=owner)
    return account


def pages(account):
    """Give the addresses of an account's pages, and of what can only be posted to."""
    voice, advocate = account.request_evidence.first(), account.advocates.first()
    read = {
        "account_requests": account.pk, "request_add": account.pk, "evidence_edit": voice.pk,
        "advocate_add": account.pk, "advocate_ask": advocate.contact_id,
    }  # fmt: skip
    write = {"advocate_advance": advocate.pk, "ask_answer": advocate.asks.first().pk}
    return ([reverse(name, args=[pk]) for name, pk in found.items()] for found in (read, write))


def test_pages_of_an_own_account_open_and_of_a_foreign_one_are_not_there(client, csm):
    mine, _ = pages(filled(csm))
    foreign, acts = pages(filled(make_user()))
    assert {client.get(page).status_code for page in mine} == {200}
    assert {client.get(page).status_code for page in foreign} == {404}
    assert {client.post(page).status_code for page in [*foreign[1:], *acts]} == {404}


def test_a_viewer_reads_and_writes_nothing(client):
    read, write = pages(filled())
    client.force_login(make_user("viewer"))
    page = client.get(read[0]).content.decode().partition("<main")[2]
    assert "We copy it by hand." in page
    assert "<b>We copy" not in page
    assert 'method="post"' not in page
    assert {client.post(one).status_code for one in [*read[1:], *write]} == {404}


def test_a_product_manager_keeps_requests_but_not_advocates(client):
    account = filled()
    client.force_login(make_user("product_manager"))
    assert client.get(reverse("request_add", args=[account.pk])).status_code == 200
    assert client.get(reverse("advocate_add", args=[account.pk])).status_code == 404


def test_the_tab_costs_the_same_for_one_and_many_rows(client, csm, django_assert_max_num_queries):
    small, large = filled(csm, 1), filled(csm, 20)
    client.get(reverse("account_requests", args=[small.pk]))
    with django_assert_max_num_queries(25) as one:
        client.get(reverse("account_requests", args=[small.pk]))
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("account_requests", args=[large.pk]))


def test_a_request_is_noted_in_three_fields(client, csm):
    account = make_account(csm)
    address = reverse("request_add", args=[account.pk])
    fields = {"title": "Export to Excel", "verbatim": "Every month!", "importance": "3"}
    assert client.post(address, fields).status_code == 302
    assert RequestEvidence.objects.get().importance == 3
    assert "Every month!" in client.get(reverse("account_requests", args=[account.pk])).content.decode()


def test_a_need_that_was_asked_for_before_gets_one_more_voice(client, csm):
    known, account = make_request(title="Export to Excel"), make_account(csm)
    address = reverse("request_add", args=[account.pk])
    fields = {"title": "Excel export", "verbatim": "", "importance": "1"}
    asked = client.post(address, fields)
    assert asked.status_code == 422
    assert f'value="{known.pk}"' in asked.content.decode()
    assert not RequestEvidence.objects.exists()

    assert client.post(address, fields | {"request": known.pk}).status_code == 302
    assert RequestEvidence.objects.get().request == known
    assert client.post(address, fields | {"is_new": "1"}).status_code == 302
    assert FeatureRequest.objects.count() == 2


def test_likely_duplicates_come_while_the_title_is_typed(client, csm):
    make_request(title="Export to Excel")
    address = reverse("request_add", args=[make_account(csm).pk])
    part = client.get(address, {"title": "excel expo"}, headers={"HX-Request": "true"}).content.decode()
    assert "Export to Excel" in part
    assert "<html" not in part
    assert "Export to Excel" not in client.get(address, {"title": "Dark mode"}).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "\u200b"}, {"title": "x" * 201}, {"title": "\x00"}, {"importance": "9"},
     {"request": "999999"}, {"request": "x"}, {"request": "9" * 40}, {"verbatim": "x" * 10_001}],
)  # fmt: skip
def test_a_bad_value_answers_422_with_the_form(client, csm, wrong):
    address = reverse("request_add", args=[make_account(csm).pk])
    answer = client.post(address, {"title": "SSO", "verbatim": "", "importance": "1"} | wrong)
    assert answer.status_code == 422
    assert not FeatureRequest.objects.exists()


def test_a_double_click_notes_a_request_once(client, csm):
    address = reverse("request_add", args=[make_account(csm).pk])
    fields = {"title": "SSO", "verbatim": "", "importance": "1", "form_key": "0" * 32}
    assert client.post(address, fields).status_code == client.post(address, fields).status_code == 302
    assert RequestEvidence.objects.count() == 1


def test_words_are_corrected(client, csm):
    account = filled(csm)
    voice = account.request_evidence.get()
    fields = {"verbatim": "Better.", "importance": "2", "asked_on": "2026-01-05"}
    assert client.post(reverse("evidence_edit", args=[voice.pk]), fields).status_code == 302
    voice.refresh_from_db()
    assert (voice.verbatim, voice.importance) == ("Better.", 2)
    foreign = make_contact(make_account(csm))
    assert client.post(reverse("evidence_edit", args=[voice.pk]), fields | {"contact": foreign.pk}).status_code == 422


def test_an_advocate_is_found_asked_and_says_yes(client, csm):
    account = make_account(csm)
    contact = make_contact(account)
    client.post(reverse("advocate_add", args=[account.pk]), {"contact": contact.pk, "note": ""})
    advocate = Advocate.objects.get()
    given = {"evidence": "Said so on the phone.", "expires_on": "2099-01-01", "reason": ""}
    client.post(reverse("advocate_ask", args=[contact.pk]), {"kind": "case_study", **given})
    ask = Ask.objects.get()
    client.post(reverse("ask_answer", args=[ask.pk]), {"answer": "accepted"})
    client.post(reverse("advocate_advance", args=[advocate.pk]), {"stage": "active"})
    advocate.refresh_from_db()
    ask.refresh_from_db()
    assert (advocate.stage, ask.answer, ask.asked_by) == ("active", "accepted", csm)


def test_a_refusal_is_told_on_the_page(client, csm):
    advocate = make_advocate(make_account(csm), stage="active")
    answer = client.post(reverse("advocate_advance", args=[advocate.pk]), {"stage": "asked"}, follow=True)
    assert "one can go to" in answer.content.decode()


def test_a_wish_heard_in_a_call_is_noted_from_its_entry(client, csm):
    account = make_account(csm)
    contact = make_contact(account, name="Ada")
    entry = TimelineEntry.objects.create(account=account, kind="call", title="Weekly call", at=AT, author=csm,
                                         body="Each month we copy 200 rows by hand.")  # fmt: skip
    entry.contacts.add(contact)
    make_request(title="Copy rows by hand no more")
    timeline = client.get(reverse("account_timeline", args=[account.pk])).content.decode()
    assert f"{reverse('request_add', args=[account.pk])}?entry={entry.pk}" in timeline
    address = f"{reverse('request_add', args=[account.pk])}?entry={entry.pk}"
    page = client.get(address).content.decode()
    assert "Each month we copy 200 rows by hand." in page
    assert "Copy rows by hand no more" in page  # what they said is compared before a title is typed
    assert page.count("<textarea") + page.count('type="text"') + page.count("<select") == 3
    sent = {"title": "Excel", "verbatim": "We copy 200 rows by hand.", "importance": "blocks", "is_new": "1"}
    assert client.post(address, sent).status_code == 302
    voice = RequestEvidence.objects.get()
    assert (voice.entry, voice.contact, voice.source, voice.asked_on) == (entry, contact, "Call", AT.date())
    assert (voice.importance, voice.is_blocker) == (3, True)


def test_a_wish_in_a_ticket_is_noted_from_it(client, csm):
    account = make_account(csm)
    ticket = Ticket.objects.create(account=account, external_id="T-1", subject="Where is the export?", opened_at=AT,
                                   target_at=AT)  # fmt: skip
    address = f"{reverse('request_add', args=[account.pk])}?ticket={ticket.pk}"
    assert "Where is the export?" in client.get(address).content.decode()
    client.post(address, {"title": "Excel export", "verbatim": "", "importance": "1"})
    voice = RequestEvidence.objects.get()
    assert (voice.ticket, voice.source) == (ticket, "Ticket")


def test_a_private_note_and_another_accounts_entry_are_no_source(client, csm):
    account = make_account(csm)
    private = TimelineEntry.objects.create(
        account=account, kind="note", title="Secret", at=AT, author=csm, is_private=True
    )
    foreign = TimelineEntry.objects.create(account=make_account(csm), kind="note", title="Other", at=AT)
    system = TimelineEntry.objects.create(account=account, kind="stage", title="Stage", at=AT)
    for entry in (private, foreign, system):
        assert client.get(reverse("request_add", args=[account.pk]), {"entry": entry.pk}).status_code == 404
    for wild in ("x", "9" * 40, "-1"):
        assert client.get(reverse("request_add", args=[account.pk]), {"entry": wild}).status_code in (200, 404)


def test_ten_thousand_characters_are_kept_and_one_more_is_refused(client, csm):
    address = reverse("request_add", args=[make_account(csm).pk])
    sent = {"title": "SSO", "importance": "1"}
    refused = client.post(address, sent | {"verbatim": "x" * 10_001})
    assert refused.status_code == 422
    assert "x" * 10_000 in refused.content.decode()
    assert client.post(address, sent | {"verbatim": "导" * 10_000}).status_code == 302
    assert len(RequestEvidence.objects.get().verbatim) == 10_000


def test_a_voice_is_edited_from_the_requests_page_and_back(client, csm):
    account = make_account(csm)
    voice = make_evidence(account)
    back = reverse("feature_request", args=[voice.request_id])
    address = f"{reverse('evidence_edit', args=[voice.pk])}?next={back}"
    sent = {"verbatim": "Better.", "importance": "2", "asked_on": "2026-06-01", "contact": "", "source": "Call"}
    assert client.post(address, sent)["Location"] == back
    assert client.get(f"{reverse('evidence_edit', args=[voice.pk])}?next=https://evil.example/").status_code == 200
