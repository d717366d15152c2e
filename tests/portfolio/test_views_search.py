"""Does the search find what somebody means, literally, and only what they may see?"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SavedView
from portfolio.queries.search import actions_of, pages_of
from tests.factories import AT, make_account, make_contact, make_request, make_user

pytestmark = pytest.mark.django_db
PALETTE = {"HX-Request": "true", "HX-Target": "search-results"}


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def options(client, words):
    """The labels that the palette offers."""
    answer = client.get(reverse("search"), {"q": words}, headers=PALETTE).content.decode()
    return re.findall(r'role="option"[^>]*href="([^"]+)"[^>]*>.*?<span>([^<]*)</span>', answer)


def labels(client, words):
    return [label for _href, label in options(client, words)]


def test_an_account_is_found_by_name_external_id_and_domain(client, csm):
    account = make_account(csm, name="Boreal Credit", external_id="C-77", domain="boreal.example")

    for words in ("boreal c", "c-77", "boreal.ex"):
        assert options(client, words)[0] == (reverse("account_overview", args=[account.pk]), "Boreal Credit")


def test_what_one_may_not_see_is_not_found(client, csm):
    foreign = make_account(make_user(), name="Zephyr Secret")
    make_contact(foreign, name="Zephyr Person")
    SavedView.objects.create(owner=make_user(), name="Zephyr view", created_at=AT)

    assert labels(client, "Zephyr") == []
    page = client.get(reverse("search"), {"q": "Zephyr"}).content.decode()
    assert "Zephyr Secret" not in page
    assert "Nothing found" in page


@pytest.mark.parametrize("words", ["100%", "a_b", "back\\slash", "<b>&", "'; --"])
def test_special_characters_mean_themselves(client, csm, words):
    make_account(csm, name="100 percent axb backXslash")
    wanted = make_account(csm, name=f"Odd {words} name")

    assert [href for href, _label in options(client, words)] == [reverse("account_overview", args=[wanted.pk])]


@pytest.mark.parametrize(
    "words", ["", " ", "\x00", "a" * 5000, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
def test_odd_words_are_answered(client, csm, words):
    assert client.get(reverse("search"), {"q": words}).status_code == 200
    assert client.get(reverse("search"), {"q": words}, headers=PALETTE).status_code == 200


def test_the_palette_offers_at_most_eight_of_all_kinds(client, csm):
    for number in range(20):
        account = make_account(csm, name=f"Acme accounts {number}")
        make_contact(account, name=f"Ann Accountant {number}")
    SavedView.objects.create(owner=csm, name="Accounts at risk", query="band=red", created_at=AT)

    found = labels(client, "acc")

    assert len(found) == 8
    assert "Accounts at risk" in found
    assert "Accounts" in found
    assert any(label.startswith("Ann") for label in found)


def test_a_request_is_found_by_its_title_as_far_as_it_is_seen_and_not_once_it_is_merged(client, csm):
    need, gone = make_request(title="Export to Parquet"), make_request(title="Parquet files")
    gone.merged_into, gone.merged_at = need, AT
    gone.save()

    assert options(client, "parquet") == [(reverse("feature_request", args=[need.pk]), "Export to Parquet")]
    client.force_login(make_user("viewer"))
    assert ("Export to Parquet" in labels(client, "parquet")) == (
        client.get(reverse("feature_request", args=[need.pk])).status_code == 200
    )


def test_a_saved_view_opens_the_list_as_it_was_saved(client, csm):
    view = SavedView.objects.create(owner=csm, name="My red ones", query="band=red&sort=-arr", created_at=AT)

    place = f"{reverse('account_list')}?band=red&amp;sort=-arr&amp;view={view.pk}"
    assert options(client, "my red") == [(place, "My red ones")]


def test_before_anything_is_typed_the_accounts_opened_lately_come_first(client, csm):
    accounts = [make_account(csm, name=f"Account {letter}") for letter in "ABCDEFG"]
    gone = make_account(csm, name="Gone from me")
    for account in [gone, *accounts, accounts[3]]:
        assert client.get(reverse("account_people", args=[account.pk])).status_code == 200
    gone.assignments.update(ended_on="2026-01-01")

    found = labels(client, "")

    assert found[:5] == ["Account D", "Account G", "Account F", "Account E", "Account C"]
    assert len(found) == 8
    client.force_login(make_user())
    assert not [label for label in labels(client, "") if label.startswith("Account ")]


def test_pages_inside_sections_and_settings_are_found_as_far_as_one_may_open_them(client, csm):
    assert labels(client, "renewals") == ["Renewals within 90 days", "Renewals"]
    assert labels(client, "usage mon") == ["Usage monitor"]
    assert labels(client, "audit") == []
    client.force_login(make_user("admin"))
    assert labels(client, "audit") == ["Audit log"]
    assert "Import a book" in labels(client, ">imp")


def test_every_offered_page_and_act_opens(client):
    for role in ("csm", "cs_manager", "product_manager", "admin", "viewer"):
        user = make_user(role)
        client.force_login(user)
        for hit in [*pages_of(user), *actions_of(user)]:
            assert client.get(hit.href).status_code == 200, (role, hit.href)


def test_after_the_sign_only_acts_are_offered_and_to_a_viewer_none_that_write(client, csm):
    make_account(csm, name="Log House")

    assert labels(client, ">log") == ["Log a touch"]
    client.force_login(make_user("viewer"))
    assert labels(client, ">") == ["New API token", "Choose what you hear of"]


def test_an_e_mail_finds_its_person_only_for_who_may_see_it(client, csm):
    contact = make_contact(make_account(csm), name="Ada", email="ada@secret.example")

    assert options(client, "secret.example")[0][0] == reverse("account_people", args=[contact.account_id])
    client.force_login(make_user("product_manager"))
    assert labels(client, "secret.example") == []


def test_it_costs_the_same_for_one_answer_and_for_many(client, csm):
    counts = []
    client.get(reverse("search"))  # a new session costs more once
    for number in (1, 12):
        for place in range(number):
            make_contact(make_account(csm, name=f"Same {number} {place}"), name=f"Same {place}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("search"), {"q": "same"}, headers=PALETTE)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8
