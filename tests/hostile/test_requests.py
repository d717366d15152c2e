"""Rows 60 and 63–70: what do hosts, headers, addresses, old pages and double clicks come to?"""

from __future__ import annotations

import logging
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from common import jobs
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CONTACT = {"name": "Ada", "role": "champion", "sentiment": "positive"}


@pytest.mark.parametrize("path", ["/", "/accounts/", "/api/v1/accounts/", "/sign-in/login/", "/admin/"])
def test_row_63_a_foreign_host_is_refused(browser, path):
    assert browser.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_row_63_a_forwarded_host_changes_no_link(browser, settings):
    person = make_user(email="reader@example.com", password="correct horse battery staple")
    stranger = Client()

    stranger.post("/sign-in/password/reset/", {"email": person.email}, headers={"X-Forwarded-Host": "evil.example"})

    jobs.run_due(timezone.now())
    assert len(mail.outbox) == 1
    assert "evil" not in mail.outbox[0].body
    links = re.findall(r"https?://[^/\s]+", mail.outbox[0].body)
    assert set(links) <= {settings.SITE_URL.rstrip("/")}


def test_row_64_a_header_with_a_line_break_stays_one_line_in_the_log(browser, caplog):
    with caplog.at_level(logging.INFO):
        answer = browser.get("/nowhere/", headers={"X-Request-ID": "a\r\nb", "User-Agent": "x\r\ny" * 16_000})

    assert answer.status_code == 404
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert "\n" not in answer["X-Request-ID"]


@pytest.mark.parametrize(
    "path", ["/a%0d%0aSet-Cookie:x=1/", "/%2e%2e/etc/passwd", "//evil.example", "/%5Cevil.example", "/accounts/%2e%2e/"]
)
@pytest.mark.parametrize("who", ["admin", "stranger"])
def test_row_65_a_path_with_tricks_leads_nowhere(browser, path, who):
    client = browser if who == "admin" else Client(raise_request_exception=False)
    answer = client.get(
        "/", PATH_INFO=path.replace("%0d", "\r").replace("%0a", "\n").replace("%2e", ".").replace("%5C", "\\")
    )

    assert answer.status_code == 404
    assert "Location" not in answer
    assert "Set-Cookie" not in str(answer.headers)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "https://evil.example/",
        "/\\evil.example",
        "\t//evil.example",
    ],
)
def test_row_66_a_foreign_target_leads_home(target):
    make_user(email="reader@example.com", password="correct horse battery staple")
    client = Client()

    answer = client.post(
        "/sign-in/login/", {"login": "reader@example.com", "password": "correct horse battery staple", "next": target}
    )

    assert answer.status_code == 302
    assert answer["Location"] == reverse("home")


@pytest.mark.parametrize("target", ["//evil.example", "https:evil.example", "javascript:alert(1)"])
def test_row_66_a_menu_leads_to_our_pages_alone(browser, target):
    for name, fields in (("set_language", {"language": "en"}), ("change_appearance", {"theme": "dark"})):
        answer = browser.post(reverse(name), fields | {"next": target}, headers={"Referer": "https://evil.example/"})

        assert answer.status_code == 302
        assert answer["Location"] == reverse("home")


@pytest.mark.parametrize("token", ["", "x", "a" * 64])
@pytest.mark.parametrize("is_htmx", [False, True])
def test_row_67_an_old_page_keeps_what_was_typed(admin, account, token, is_htmx):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    headers = {"HX-Request": "true"} if is_htmx else {}

    fields = CONTACT | {"name": "Typed for long", "csrfmiddlewaretoken": token}
    answer = client.post(reverse("contact_add", args=[account.pk]), fields, headers=headers)

    assert answer.status_code == 403
    assert "This page is too old. Reload and try again." in answer.content.decode()
    assert is_htmx or "Typed for long" in answer.content.decode()
    assert Contact.objects.count() == 0


def test_row_67_the_api_asks_a_browser_for_its_token_too(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    answer = client.post("/api/v1/accounts/", b'{"name": "x"}', content_type="application/json")

    assert answer.status_code == 403
    assert Account.objects.count() == 0


def test_row_68_a_second_tab_is_shown_both_values(browser, account):
    address = reverse("account_edit", args=[account.pk])
    fields = {"name": "First tab", "external_id": "acme", "tier": "rabbit", "purchase_level": account.purchase_level}
    fields |= {"stage": account.stage, "currency": "USD", "version": account.version}

    first = browser.post(address, fields)
    second = browser.post(address, fields | {"name": "Second tab"})

    assert first.status_code == 302, first.content[-3000:]
    assert second.status_code == 409
    shown = second.content.decode()
    assert "First tab" in shown
    assert "Second tab" in shown
    assert Account.objects.get().name == "First tab"


FORMS = [
    ("contact_add", CONTACT, Contact),
    ("account_add", {"name": "Beta", "external_id": "beta", "currency": "USD"}, Account),
]


@pytest.mark.parametrize(("name", "fields", "model"), FORMS)
def test_rows_69_and_70_a_form_sent_twice_makes_one_row(browser, account, name, fields, model):
    address = reverse(name, args=[account.pk] if name == "contact_add" else [])
    page = browser.get(address).content.decode()
    filled = dict(fields)
    for select in re.findall(r"<select.*?</select>", page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]+)" selected', select) or re.search(r'<option value="([^"]+)"', select)
        field = re.search(r'name="([^"]+)"', select)
        if chosen and field:
            filled.setdefault(field[1], chosen[1])
    filled["form_key"] = page.partition('name="form_key" value="')[2][:32]
    before = model.objects.count()

    first, second = browser.post(address, filled), browser.post(address, filled)

    assert first.status_code == 302, first.content[-3000:]
    assert second.status_code == 302
    assert model.objects.count() == before + 1


def test_row_60_a_thousand_fields_and_a_hundred_files_are_refused(browser, account):
    address = reverse("contact_add", args=[account.pk])

    answer = browser.post(address, CONTACT | {f"f{number}": "1" for number in range(1_001)})

    assert answer.status_code == 400
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("path", ["/accounts/", "/today/", "/settings/", "/api/v1/accounts/"])
def test_an_answer_to_a_person_is_kept_by_no_cache(browser, account, path):
    answer = browser.get(path)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
