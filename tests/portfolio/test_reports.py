"""Do the sheets print what their reader may see and no more, and are mails half written for whom they may go to?"""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ServiceAssignment, TimelineEntry
from portfolio.actions import refresh_rows
from revenue.actions import derive_movements
from tests.factories import AT, make_account, make_contact, make_line, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client):
    user = make_user(team=make_team(), name="Ada Meyer")
    client.force_login(user)
    return user


def page(client, name, *args):
    answer = client.get(reverse(name, args=args))
    return answer.content.decode() if answer.status_code == 200 else answer.status_code


def make_book(csm, count=1):
    made = []
    for _each in range(count):
        account = make_account(csm, signed_on=dt.date(2025, 1, 1))
        make_line(
            account, 120_000, starts_on=dt.date(2026, 1, 1), ends_on=timezone.now().date() + dt.timedelta(days=40)
        )
        made.append(account)
    derive_movements()
    refresh_rows(on=timezone.now().date())
    return made


def test_the_review_of_an_account_has_all_its_parts(client, csm):
    [account] = make_book(csm)
    make_contact(account, name="Bo Lund", role="champion")
    TimelineEntry.objects.create(account=account, author=csm, at=timezone.now(), title="Spoke about seats", kind="call")

    text = page(client, "account_review", account.pk)

    for words in (
        "Health",
        "ARR",
        "$120",
        "Renewal",
        "Value proof",
        "Usage",
        "Bo Lund",
        "Spoke about seats",
        "Next step",
    ):
        assert words in text, words
    assert "data-print" in text
    assert f'href="{reverse("account_review", args=[account.pk])}"' in page(client, "account_overview", account.pk)


def test_money_and_private_notes_are_not_on_the_sheet_of_who_may_not_see_them(client, csm):
    [account] = make_book(csm)
    TimelineEntry.objects.create(
        account=account, author=csm, at=timezone.now(), title="Hush", kind="note", is_private=True
    )
    assert "Hush" not in page(client, "account_review", account.pk), "a sheet is passed on"
    client.force_login(make_user("product_manager"))

    assert "120,000" not in page(client, "account_review", account.pk)
    assert "$120" not in page(client, "account_review", account.pk)
    assert "$120" not in page(client, "portfolio_review")


def test_the_sheet_of_an_account_that_is_not_theirs_is_not_there(client, csm):
    assert page(client, "account_review", make_account(make_user()).pk) == 404


def test_an_account_without_anything_prints_too(client, csm):
    text = page(client, "account_review", make_account(csm).pk)

    assert "No usage in 12 weeks" in text
    assert "Nobody is known there." in text


def test_the_review_of_a_book_costs_the_same_for_few_and_for_many(client, csm):
    make_book(csm, 2)
    page(client, "portfolio_review")
    counts = []
    for number in (1, 12):
        make_book(csm, number)
        with CaptureQueriesContext(connection) as queries:
            text = page(client, "portfolio_review")
        counts.append(len(queries))

    assert "Renewals within 90 days" in text
    assert counts[0] == counts[1]


def test_an_empty_book_says_so(client, csm):
    assert "Nothing to print" in page(client, "portfolio_review")
    assert "Portfolio review" in page(client, "reports")


@pytest.mark.parametrize(("role", "board"), [("csm", True), ("product_manager", False), ("viewer", True)])
def test_the_three_reports_stand_on_one_page(client, role, board):
    client.force_login(make_user(role))
    text = page(client, "reports")

    assert (reverse("board_page") in text) is board


class TestMails:
    def hrefs(self, text):
        return [href.replace("&amp;", "&") for href in re.findall(r'href="(mailto:[^"]+)"', text)]

    def test_a_draft_names_who_when_and_who_writes(self, client, csm):
        [account] = make_book(csm)
        contact = make_contact(account, name="Bo & Co", email="bo+x@example.com")

        found = self.hrefs(page(client, "account_mail", account.pk))

        assert len(found) == 2
        for href in found:
            parts = urlsplit(href)
            sent = parse_qs(parts.query)
            assert parts.path == "bo%2Bx@example.com"
            assert "Hello Bo & Co," in sent["body"][0]
            assert sent["body"][0].endswith("Ada Meyer")
            assert account.name in sent["subject"][0]
        assert contact.pk

    def test_a_name_starts_no_header_of_its_own(self, client, csm):
        account = make_account(csm, name="A\nBcc: all@example.com&bcc=x@example.com?")
        make_contact(account, email="bo@example.com")

        for href in self.hrefs(page(client, "account_mail", account.pk)):
            assert set(parse_qs(urlsplit(href).query)) == {"subject", "body"}
            assert "%0A" not in href.partition("subject=")[2].partition("&")[0]

    def test_who_has_unsubscribed_left_or_has_no_address_is_not_written_to(self, client, csm):
        account = make_account(csm)
        make_contact(account, name="Unsubscribed", email="u@example.com", unsubscribed_at=AT)
        make_contact(account, name="Left", email="l@example.com", left_on=dt.date(2026, 1, 1))
        make_contact(account, name="Nameless", email="")

        assert "Nobody to write to" in page(client, "account_mail", account.pk)

    def test_a_sent_one_is_logged_once_and_counts_as_a_touch(self, client, csm):
        account = make_account(csm)
        contact = make_contact(account, email="bo@example.com")
        key = re.search(r'name="form_key" value="([0-9a-f]{32})"', page(client, "account_mail", account.pk))
        assert key
        sent = {"draft": "check_in", "to": contact.pk, "form_key": key[1]}

        client.post(reverse("account_mail_sent", args=[account.pk]), sent)
        client.post(reverse("account_mail_sent", args=[account.pk]), sent)

        entry = TimelineEntry.objects.get(kind="email")
        assert list(entry.contacts.all()) == [contact]
        assert "Ada Meyer" in entry.body
        wrong = client.post(reverse("account_mail_sent", args=[account.pk]), {"draft": "x", "to": contact.pk})
        assert wrong["Location"] == reverse("account_mail", args=[account.pk])
        assert TimelineEntry.objects.count() == 1

    def test_roles_without_contact_details_have_no_mails(self, client, csm):
        account = make_account(csm)
        client.force_login(make_user("viewer"))

        assert page(client, "account_mail", account.pk) == 404
        assert ServiceAssignment.objects.filter(account=account).exists()
