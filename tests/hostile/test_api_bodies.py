"""Rows 18–62: what does the API answer to wild bodies, where real rows would be made?"""

from __future__ import annotations

import gzip
import time

import pytest
from django.utils import timezone

from accounts.models import Account, Contact
from revenue.models import ContractLine
from tests.factories import make_feature, make_product
from tests.hostile.conftest import problem
from usage.models import UsageEvent, WaitingEvent

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
UTF8 = "Send UTF-8 without a byte-order mark."
NEST = "properties: at most 5 levels."


@pytest.mark.parametrize(
    ("row", "body", "said"),
    [
        ("18", b"", "The body is not complete JSON (line 1, column 1)."),
        ("18", b'{"name":', "The body is not complete JSON (line 1, column 9)."),
        *[("19", body, "Send one object.") for body in (b"[]", b"null", b"7", b'"a"')],
        ("20", b'\xff{"name": "a"}', UTF8),
        ("20", '{"name": "a"}'.encode("utf-16"), UTF8),
        ("20", b'\xef\xbb\xbf{"name": "a"}', UTF8),
        ("21", rb'{"name": "a\u0000"}', "name has a character that cannot be stored (code 0)."),
        ("22", rb'{"name": "a\ud800"}', "name has a character that cannot be stored (code D800)."),
        ("37", rb'{"custom": {"a": "\u0000"}}', "custom.a has a character that cannot be stored (code 0)."),
        ("38", rb'{"custom": {"a": "\ud800"}}', "custom.a has a character that cannot be stored (code D800)."),
        ("39", b'{"custom": {"a": NaN}}', "NaN is not a JSON number."),
        ("40", b'{"properties": ' + b"[" * 40 + b"]" * 40 + b"}", NEST),
        ("41", b'{"properties": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", NEST),
        ("42", b'{"name": "a", "name": "b"}', "name is given twice."),
    ],
)
@pytest.mark.parametrize("path", ["accounts/", "contacts/", "contract-lines/", "timeline/"])
def test_a_body_is_refused_in_words(send, account, path, row, body, said):
    begun = time.perf_counter()
    answer = problem(send(path, body), 400)

    assert answer["detail"] == said
    assert time.perf_counter() - begun < 5
    assert Account.objects.count() == 1


BELOW = "ARR must be below 1,000,000,000,000."
NUMBER = "ARR must be a number, like 12000 or 12000.50."


@pytest.mark.parametrize(
    ("row", "field", "value", "said"),
    [
        *[("25", "arr", value, NUMBER) for value in ("NaN", "Infinity", "-Infinity", "abc")],
        *[("26", "arr", value, BELOW) for value in ("1e400", 10**12, "9" * 5000)],
        ("26", "arr", "1e-400", "ARR: at most 2 decimals."),
        ("27", "arr", 0.1 + 0.2, "ARR: at most 2 decimals."),
        *[("28", "arr", value, NUMBER) for value in (True, [], {})],
        ("29", "arr", -1, "ARR cannot be below 0."),
        ("31", "seats", 2**31, "Seats cannot be above 2,147,483,647."),
        ("31", "seats", 2**70, "Seats cannot be above 2,147,483,647."),
        ("31", "seats", 1.5, "Seats must be a whole number."),
        ("32", "starts_on", "0000-00-00", None),
        ("32", "starts_on", "9999-12-31", None),
        ("10", "starts_on", "2026-02-31", "31 February 2026 is not a date."),
        ("62", "role", "admin", "Unknown field: role."),
        ("62", "id", 1, "Unknown field: id."),
        ("62", "owner", 1, "Unknown field: owner."),
    ],
)
def test_a_wrong_value_of_a_contract_line_is_refused(send, account, row, field, value, said):
    line = {
        "account": account.pk,
        "product": make_product().pk,
        "arr": 1200,
        "currency": "USD",
        "starts_on": "2026-01-01",
    }

    answer = problem(send("contract-lines/", line | {field: value}), 400)

    assert ContractLine.objects.count() == 0
    if said:
        assert answer["detail"] == said
    else:
        assert answer["detail"].endswith("must be between 2000 and 2100.")


@pytest.mark.parametrize(("row", "currency"), [("30", "XXX"), ("30", "usd"), ("30", ""), ("30", 7)])
def test_row_30_a_currency_is_one_of_those_there_are(send, account, row, currency):
    line = {
        "account": account.pk,
        "product": make_product().pk,
        "arr": 1,
        "currency": currency,
        "starts_on": "2026-01-01",
    }

    assert problem(send("contract-lines/", line), 400)["errors"][0]["field"] == "currency"
    assert ContractLine.objects.count() == 0


@pytest.mark.parametrize(
    ("row", "field", "value", "said"),
    [
        ("23", "name", "x" * 1_000_000, "Name: at most 200 characters (got 1,000,000)."),
        *[("24", "name", value, "Name needs a visible character.") for value in (" ", "\u200b", "\u202e")],
        ("31", "employees", 2**31, "Employees cannot be above 2,147,483,647."),
        ("43", "custom", {f"k{number}": 1 for number in range(10_000)}, None),
        ("62", "is_staff", True, "Unknown field: is_staff."),
        ("62", "version", "x", None),
        ("50", "tier", "x" * 51, None),
        ("28", "name", [], "Name must be text."),
    ],
)
def test_a_wrong_value_of_an_account_is_refused(send, account, row, field, value, said):
    answer = problem(send("accounts/", {"name": "Beta", "external_id": "beta"} | {field: value}), 400)

    assert Account.objects.count() == 1
    assert said is None or answer["detail"] == said


@pytest.mark.parametrize(
    ("row", "value", "status"),
    [
        ("94", "a@b", 400),
        ("94", "x@" + "y" * 250 + ".example", 400),
        ("94", "a@b.example\r\nBcc: x@y.example", 400),
        ("94", "tester@例子.example", 201),
    ],
)
def test_row_94_an_address_that_mail_cannot_go_to_is_refused(send, account, row, value, status):
    answer = send("contacts/", {"account": account.pk, "name": "Ada", "email": value})

    assert answer.status_code == status, answer.content
    assert Contact.objects.count() == (status == 201)


@pytest.mark.parametrize("text", ["😀", "é", "👩‍👩‍👧‍👦", "\u200d" * 150 + "x", "漢字", "ﷺ"])
def test_row_105_text_is_stored_exactly(send, account, text):
    made = send("accounts/", {"name": f"A{text}", "external_id": "z"})

    assert made.status_code == 201, made.content
    assert Account.objects.get(external_id="z").name == f"A{text}"


def event(**values):
    return {"message_id": "1", "account": "acme", "feature": "F", "at": timezone.now().isoformat()} | values


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("33", {"at": "9999-12-31T23:59:59-14:00"}),
        ("33", {"at": "0001-01-01T00:00:00+14:00"}),
        ("34", {"at": "2026-03-29T02:30:00"}),
        ("36", {"at": 1711676400}),
        ("36", {"at": 1711676400000}),
        ("36", {"at": "1969-07-20T20:17:00Z"}),
        ("47", {"message_id": "x" * 129}),
        ("47", {"message_id": []}),
        ("50", {"source": "x" * 51}),
        ("51", {"message_id": None}),
        ("31", {"quantity": 2**31}),
        ("62", {"day": "2026-01-01"}),
    ],
)
def test_a_wrong_event_is_refused_and_the_others_are_kept(send, account, row, values):
    make_feature(external_id="F")

    answer = send("usage-events/", [event(), event(message_id="2") | values])

    assert answer.status_code == 202, answer.content
    assert [one["outcome"] for one in answer.json()["events"]] in (["accepted", "invalid"], ["accepted", "too_old"])
    assert UsageEvent.objects.count() == 1


def test_row_34_a_time_without_its_offset_is_told_how_to_write_it(send, account):
    make_feature(external_id="F")

    answer = send("usage-events/", [event(at="2026-03-29T02:30:00")]).json()

    said = answer["events"][0]["errors"][0]["message"]
    assert said == "Give the time with an offset, like 2026-03-29T02:30:00+01:00."


def test_rows_35_45_46_and_49_each_event_is_told_what_became_of_it(send, account):
    make_feature(external_id="F")
    first = event()
    ahead = event(message_id="3", at=(timezone.now() + timezone.timedelta(minutes=11)).isoformat())
    sent = [first, first, first | {"quantity": 2}, ahead, event(message_id="4", account="nobody")]

    outcomes = [one["outcome"] for one in send("usage-events/", sent).json()["events"]]

    assert outcomes == ["accepted", "duplicate", "conflict", "in_future", "unknown_account"]
    assert (UsageEvent.objects.count(), WaitingEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize("count", [0, 1001])
def test_row_48_a_batch_has_its_bounds(send, account, count):
    answer = problem(send("usage-events/", [event(message_id=str(number)) for number in range(count)]), 400)

    assert answer["detail"] == f"Send 1 to 1,000 events (got {count:,})."


@pytest.mark.parametrize(
    ("row", "content_type", "body"),
    [
        ("52", "application/xml", b"<a/>"),
        ("52", "", b"{}"),
        ("53", "application/json; charset=bogus", b"{}"),
        ("44", "application/x-www-form-urlencoded", b"props=null"),
        ("55", "multipart/form-data", b"x"),
        (
            "44",
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="p"\r\n\r\nnull\r\n--x--\r\n',
        ),
    ],
)
def test_rows_44_and_52_to_55_only_json_is_read(send, account, row, content_type, body):
    assert problem(send("accounts/", body, content_type), 415)["detail"] == "Send application/json."


def test_rows_43_and_56_a_large_body_is_refused(send, account):
    body = b'{"name": "' + b"a" * 3 * MEGABYTE + b'"}'

    problem(send("accounts/", body), 413)


def test_row_54_gzip_is_read_and_a_bomb_refused(send, account):
    packed = gzip.compress(b'{"name": "Packed", "external_id": "p"}')
    bomb = gzip.compress(b'{"name": "' + b"a" * 40 * MEGABYTE + b'"}')

    assert send("accounts/", packed, **{"Content-Encoding": "gzip"}).status_code == 201
    assert problem(send("accounts/", bomb, **{"Content-Encoding": "gzip"}), 413)["detail"] == "Send at most 10 MB."


def test_rows_58_and_59_other_formats_and_verbs_are_refused(browser, account):
    problem(browser.get("/api/v1/accounts/", headers={"Accept": "foo/bar"}), 406)
    assert browser.get("/api/v1/accounts/?format=zzz").status_code in (400, 404)
    for verb in ("TRACE", "BREW"):
        problem(browser.generic(verb, "/api/v1/accounts/"), 405)
        assert browser.generic(verb, "/accounts/").status_code == 405
