"""Rows 1–17, 61 and 104: what do lists and addresses answer to wild parameters?"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.utils.html import escape

from tests.factories import make_account
from tests.hostile.conftest import problem

pytestmark = pytest.mark.django_db

LONG = "9" * 5000
UNSEARCHABLE = "The search text has a character that cannot be searched (code 0)."
NUMBER = "Minimum ARR must be a number, like 12000 or 12000.50."
BELOW = "Minimum ARR must be below 1,000,000,000,000."
BIG = "1" + "0" * 30


@pytest.mark.parametrize(
    "query", [f"{name}={value}" for name in ("page", "after", "before") for value in ("abc", "-1", BIG, LONG)]
)
def test_row_1_a_wild_page_shows_a_page(browser, account, query):
    assert browser.get(f"/accounts/?{query}").status_code == 200


@pytest.mark.parametrize(("page", "shown"), [("0", "0"), (BIG, BIG), (LONG, "9" * 40 + "…")])
def test_row_2_the_api_names_its_pages(browser, account, page, shown):
    body = problem(browser.get(f"/api/v1/accounts/?page={page}"), 404)

    assert body["detail"] == f"Page {shown} does not exist. Pages run from 1 to 1."


ON_BOTH = [
    ("3", "q=a%00b", UNSEARCHABLE),
    ("5", "q=" + "a" * 100_000, "Search for at most 200 characters."),
    ("7", "min_arr=abc", NUMBER),
    ("8", "min_arr=NaN", NUMBER),
    ("8", "min_arr=Infinity", NUMBER),
    ("9", "min_arr=1e400", BELOW),
    ("9", "min_arr=1e99999999", BELOW),
    ("10", "since=2026-02-31", "31 February 2026 is not a date."),
    ("11", "since=abc", "Since must be a date like 2026-03-31."),
    ("12", "since=0000-01-01", "Since must be a date like 2026-03-31."),
    ("61", "_connector=OR", "Unknown filter: _connector."),
    ("61", "name__regex=(", "Unknown filter: name__regex."),
    ("61", "%00=1", "Unknown filter: \ufffd."),
    ("104", "min_arr=%D9%A1%D9%A2%D9%A3", NUMBER),
]


@pytest.mark.parametrize(("row", "query", "said"), ON_BOTH)
def test_a_wrong_filter_of_the_page_is_refused_in_words(browser, account, row, query, said):
    answer = browser.get(f"/accounts/?{query}")

    assert answer.status_code == 400
    assert str(escape(said)) in answer.content.decode()


@pytest.mark.parametrize(
    "row_and_query", [("13", "unknown"), ("13", "a__b"), ("13", '";--'), ("14", "?"), ("13", "\x00")]
)
def test_rows_13_and_14_an_order_that_is_not_there_names_those_that_are(browser, account, row_and_query):
    page = browser.get(f"/accounts/?sort={quote(row_and_query[1])}")
    api = problem(browser.get(f"/api/v1/accounts/?sort={quote(row_and_query[1])}"), 400)

    assert page.status_code == 400
    assert "Sort by one of: name, " in page.content.decode()
    assert api["detail"].startswith("Sort by one of: name, ")


API_LISTS = ("accounts", "contacts", "contract-lines", "tickets", "usage-events", "timeline", "health-scores", "users")


@pytest.mark.parametrize("name", API_LISTS)
@pytest.mark.parametrize(
    ("row", "query", "status"),
    [
        ("3", "q=a%00b", 400),
        ("5", "q=" + "a" * 100_000, 400),
        ("11", "since=abc", 400),
        ("13", "sort=a__b", 400),
        ("14", "sort=?", 400),
        ("15", f"account={BIG}", 400),
        ("15", f"account={LONG}", 400),
        ("16", "account=abc", 400),
        ("16", "account=%00", 400),
        ("17", "account=%D9%A1", 400),
        ("61", "_connector=OR", 400),
        ("61", "pk__in=1", 400),
        ("61", "name__regex=(", 400),
    ],
)
def test_a_wrong_filter_of_the_api_is_refused(browser, account, name, row, query, status):
    """A list that has not this filter says that it is unknown, with the same status."""
    problem(browser.get(f"/api/v1/{name}/?{query}"), status)


@pytest.mark.parametrize(
    ("row", "query"), [("4", "q=%ff%fe"), ("4", "q=%ed%a0%80"), ("6", "q=%25"), ("6", "q=_"), ("6", "q=%5C")]
)
def test_rows_4_and_6_signs_mean_themselves(browser, account, row, query):
    make_account(name="100 % _ \\ done")
    page, api = browser.get(f"/accounts/?{query}"), browser.get(f"/api/v1/accounts/?{query}")

    assert (page.status_code, api.status_code) == (200, 200)
    assert api.json()["count"] == (1 if row == "6" else 0)
    assert "Acme" not in page.content.decode().partition("<main")[2]


PATHS = ["/accounts/{}/", "/accounts/{}/timeline/", "/contacts/{}/edit/", "/attachments/{}/", "/api/v1/accounts/{}/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("row", "key"), [("15", BIG), ("15", LONG), ("16", "abc"), ("16", "%00"), ("17", quote("١")), ("15", "-1")]
)
def test_rows_15_to_17_a_wild_key_is_not_there(browser, account, path, row, key):
    assert browser.get(path.format(key)).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("row", "query"), [("3", "q=%00"), ("7", "min_arr=abc"), ("13", "sort=a__b"), ("61", "x=1"), ("1", "columns=zzz")]
)
def test_an_export_refuses_what_the_list_refuses(browser, account, kind, row, query):
    answer = browser.get(f"/accounts/export/{kind}/?{query}")
    if answer.streaming:
        assert b"".join(answer.streaming_content)

    assert answer.status_code == (200 if row == "1" else 400)


def test_an_export_of_an_unknown_kind_is_not_there(browser):
    assert browser.get("/accounts/export/pdf/").status_code == 404
