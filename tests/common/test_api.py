"""Does the API read one meaning into a body, page a list, and refuse in the words that were promised?"""

import gzip
import json
import time
from decimal import Decimal

import pytest
from django.urls import path
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.exceptions import Throttled
from rest_framework.response import Response

from accounts.models import Account
from common.api import flatten
from common.errors import Conflict, Refused
from common.filters import DayFilter, NumberFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.money import check_currency
from common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictDateTimeField,
    StrictDecimalField,
    StrictEmailField,
    StrictIntegerField,
    StrictModelSerializer,
    StrictSerializer,
)
from tests.factories import make_account, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
MEGABYTE = 1024 * 1024


class Line(StrictSerializer):
    name = StrictCharField(max_length=200)
    arr = StrictDecimalField(max_digits=14, decimal_places=2, min_value=Decimal(0), label="ARR", required=False)
    seats = StrictIntegerField(required=False, min_value=0)
    renewal = StrictDateField(required=False)
    at = StrictDateTimeField(required=False)
    email = StrictEmailField(required=False, label="E-mail")
    active = StrictBooleanField(required=False)
    tier = serializers.ChoiceField(["elephant", "rabbit"], required=False)
    currency = StrictCharField(required=False, validators=[check_currency])
    properties = serializers.JSONField(required=False)


class AccountSerializer(StrictModelSerializer):
    class Meta:
        model = Account
        fields = ["id", "name", "employees", "tier", "parent", "signed_on", "tags", "version"]


class AccountFilters(StrictFilterSet):
    q = SearchFilter("name", "domain")
    min_employees = NumberFilter(field_name="employees", lookup_expr="gte", label="minimum ARR")
    since = DayFilter(field_name="signed_on", lookup_expr="gte")
    live = YesFilter(field_name="live_on", lookup_expr="isnull", exclude=True)
    sort = SortFilter({"name": "name", "arr": "employees", "health": "tier", "renewal": "live_on"})

    class Meta(StrictFilterSet.Meta):
        model = Account
        fields = ["tier"]


class AccountViewSet(viewsets.ModelViewSet):
    queryset = Account.objects.order_by("name", "pk")
    serializer_class = AccountSerializer
    filterset_class = AccountFilters


@api_view(["POST"])
def lines(request):
    line = Line(data=request.data)
    line.is_valid(raise_exception=True)
    return Response(line.data, status=201)


@api_view(["POST"])
def many(request):
    line = Line(data=request.data, many=True)
    line.is_valid(raise_exception=True)
    return Response(status=204)


@api_view(["GET"])
def fails(request, how):
    raise {
        "refused": Refused("A renewal is open already."),
        "field": Refused("Choose an owner.", field="owner"),
        "conflict": Conflict("Someone else saved first.", {"name": ("A", "B")}),
        "throttled": Throttled(wait=6.2),
        "forbidden": PermissionError,
    }[how]


urlpatterns = [
    path("lines/", lines),
    path("many/", many),
    path("fails/<how>/", fails),
    path("accounts/", AccountViewSet.as_view({"get": "list", "post": "create"})),
    path("accounts/<int:pk>/", AccountViewSet.as_view({"get": "retrieve", "patch": "partial_update", "put": "update"})),
]


@pytest.fixture
def api(client):
    client.force_login(make_user("admin"))
    return client


def send(api, body, to="/lines/", content_type="application/json", **headers):
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return api.post(to, raw, content_type=content_type, headers=headers)


def problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"title", "status", "detail", "errors", "request_id"} <= set(body)
    assert body["status"] == status
    assert body["request_id"] == response["X-Request-ID"]
    return body


UTF8 = "Send UTF-8 without a byte-order mark."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body is not complete JSON (line 1, column 1)."),
        (b'{"name":', "The body is not complete JSON (line 1, column 9)."),
        (b'{"name": "a"} x', "The body is not complete JSON (line 1, column 15)."),
        (b'{"name": "a\x00"}', "The body is not complete JSON (line 1, column 12)."),
        *[(body, "Send one object.") for body in (b"[]", b"null", b"7", b'"a"', b"true")],
        (b'\xff{"name": "a"}', UTF8),
        (b'\xef\xbb\xbf{"name": "a"}', UTF8),
        ('{"name": "a"}'.encode("utf-16"), UTF8),
        ('{"name": "a"}'.encode("utf-16-le"), UTF8),
        (rb'{"name": "a\u0000"}', "name has a character that cannot be stored (code 0)."),
        (rb'{"name": "a\ud800"}', "name has a character that cannot be stored (code D800)."),
        (rb'{"properties": {"a": "\u0000"}}', "properties.a has a character that cannot be stored (code 0)."),
        (
            rb'{"properties": {"a": [1, "\ud800"]}}',
            "properties.a[1] has a character that cannot be stored (code D800).",
        ),
        (rb'{"properties": {"\u0000": 1}}', "properties.\x00 has a character that cannot be stored (code 0)."),
        (b'{"properties": {"a": NaN}}', "NaN is not a JSON number."),
        (b'{"arr": Infinity}', "Infinity is not a JSON number."),
        (b'{"arr": -Infinity}', "-Infinity is not a JSON number."),
        (b'{"arr": 1e400}', "1e400 is out of range; send a number below 1,000,000,000,000 with at most 2 decimals."),
        (b'{"arr": 1e-400}', "1e-400 is out of range; send a number below 1,000,000,000,000 with at most 2 decimals."),
        (b'{"arr": ' + b"9" * 5000 + b"}", "A number has 5,000 digits; at most 40 are read."),
        (b'{"arr": 1, "arr": 2}', "arr is given twice."),
        (b'{"properties": {"a": {"b": 1, "b": 2}}}', "b is given twice."),
    ],
)
def test_a_body_with_two_meanings_or_none_is_refused_in_words(api, body, said):
    assert problem(send(api, body), 400)["detail"] == said.replace("\x00", "\ufffd")


@pytest.mark.parametrize("depth", [6, 33, 900, 100_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused_at_once(api, depth, pair):
    body = '{"name": "a", "properties": ' + pair[0] * depth + "1" + pair[1] * depth + "}"
    send(api, b"[]")  # the first request of a process imports what answers it
    start = time.process_time()
    assert problem(send(api, body), 400)["detail"] == "properties: at most 5 levels."
    assert time.process_time() - start < 0.3, "the bar is 0.1 s; a busy machine gets some more"


def test_five_levels_and_brackets_in_text_are_fine(api):
    body = {"name": "[" * 150, "properties": {"a": {"b": {"c": {"d": '{"[\\'}}}}}
    assert send(api, body).status_code == 201


def test_an_unfinished_text_does_not_hold_the_parser(api):
    send(api, b"[]")
    start = time.process_time()
    problem(send(api, b'{"a": "' + b'\\"[' * 300_000), 400)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("content_type", ["text/xml", "text/plain", "application/octet-stream"])
def test_only_json_is_read(api, content_type):
    body = problem(send(api, b"{}", content_type=content_type), 415)
    assert body["detail"] == "Send application/json."


@pytest.mark.parametrize("content_type", ["", "application/json; charset=bogus", "application/json; charset=utf-16"])
def test_json_in_another_or_no_charset_is_refused(api, content_type):
    problem(api.generic("POST", "/lines/", b"{}", content_type=content_type), 415)


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_forms_are_refused_and_never_a_crash(api, content_type):
    problem(send(api, b"props=null", content_type=content_type), 415)


def test_a_body_of_three_megabytes_is_refused(api):
    body = problem(send(api, b'{"name": "' + b"a" * 3 * MEGABYTE + b'"}'), 413)
    assert body["detail"] == "Send at most 2 MB."


def test_gzip_is_unpacked_and_a_bomb_refused(api):
    packed = gzip.compress(b'{"name": "packed"}')
    assert send(api, packed, **{"Content-Encoding": "gzip"}).json()["name"] == "packed"
    bomb = gzip.compress(b'{"name": "' + b"a" * 200 * MEGABYTE + b'"}')
    assert problem(send(api, bomb, **{"Content-Encoding": "gzip"}), 413)["detail"] == "Send at most 10 MB."
    for broken in (packed[:-4], b"no gzip"):
        assert (
            problem(send(api, broken, **{"Content-Encoding": "gzip"}), 400)["detail"] == "The body is not valid gzip."
        )
    problem(send(api, b"{}", **{"Content-Encoding": "br"}), 415)


ARR_BELOW = "ARR must be below 1,000,000,000,000."
ARR_NUMBER = "ARR must be a number, like 12000 or 12000.50."
OFFSET = "Give the time with an offset, like 2026-03-29T02:30:00+01:00."
TIME = "At must be a time like 2026-03-29T02:30:00+01:00."


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "x" * 1_000_000, "Name: at most 200 characters (got 1,000,000)."),
        *[("name", blank, "Name needs a visible character.") for blank in ("", "  ", "\u200b", "\u202e")],
        *[("name", value, "Name must be text.") for value in (1, True, [], {})],
        ("name", None, "Name is required."),
        *[("arr", value, ARR_NUMBER) for value in ("NaN", "Infinity", "abc", True, [], {})],
        ("arr", "1e400", ARR_BELOW),
        ("arr", 10**12, ARR_BELOW),
        ("arr", 0.1 + 0.2, "ARR: at most 2 decimals."),
        ("arr", "1e-400", "ARR: at most 2 decimals."),
        ("arr", -1, "ARR cannot be below 0."),
        ("seats", 2**31, "Seats cannot be above 2,147,483,647."),
        ("seats", 2**70, "Seats cannot be above 2,147,483,647."),
        *[("seats", value, "Seats must be a whole number.") for value in (1.5, "5", True, [])],
        ("seats", -1, "Seats cannot be below 0."),
        ("renewal", "0000-00-00", "Renewal must be between 2000 and 2100."),
        ("renewal", "9999-12-31", "Renewal must be between 2000 and 2100."),
        ("renewal", "2026-02-31", "31 February 2026 is not a date."),
        ("renewal", 20260301, "Renewal must be a date like 2026-03-31."),
        ("at", "9999-12-31T23:59:59-14:00", "At must be between 2000 and 2100."),
        ("at", "2026-03-29T02:30:00", OFFSET),
        *[("at", value, TIME) for value in (1711676400, 1711676400000, "now", [])],
        ("email", "a@b", "Enter a valid email address."),
        ("email", "a@b.example\r\nBcc: x@y.example", "Enter a valid email address."),
        ("active", "true", "Active must be true or false."),
        ("active", 1, "Active must be true or false."),
        ("tier", "{x}", "Tier must be one of elephant, rabbit."),
        ("tier", [], "Tier must be one of elephant, rabbit."),
        ("role", "admin", "Unknown field: role."),
        ("id", 1, "Unknown field: id."),
    ],
)
def test_a_wrong_value_is_refused_with_its_field_and_reason(api, field, value, said):
    body = problem(send(api, {"name": "Acme", field: value}), 400)
    assert [(error["field"], error["message"]) for error in body["errors"]] == [(field, said)]
    assert body["detail"] == said
    assert body["errors"][0]["code"]


def test_good_values_are_kept_exactly(api):
    sent = {
        "name": " 客户 👩‍🚀 ",
        "arr": 12000.5,
        "seats": 3,
        "renewal": "2026-03-31",
        "active": False,
        "at": "2026-03-29T03:30:00+02:00",
        "tier": "rabbit",
        "properties": {"a": [1, None, "ü"]},
    }
    body = send(api, sent).json()
    assert body["name"] == "客户 👩‍🚀"
    assert (body["arr"], body["at"]) == ("12000.50", "2026-03-29T01:30:00Z")
    assert body["properties"] == {"a": [1, None, "ü"]}


def test_the_errors_of_a_batch_carry_their_index(api):
    body = problem(send(api, [{"name": "a"}, {"name": "", "x": 1}, 7], to="/many/"), 400)
    found = {(error["index"], error["field"], error["code"]) for error in body["errors"]}
    assert found == {(1, "name", "blank"), (1, "x", "unknown_field"), (2, None, "not_an_object")}
    assert body["detail"] == "3 values were refused; see errors."


def test_errors_of_nested_rows_carry_their_path():
    assert flatten({"lines": [{}, {"arr": ["x"]}]})[0]["field"] == "lines.1.arr"


def test_refusals_of_actions_are_409_or_400_with_the_field(api):
    assert problem(api.get("/fails/refused/"), 409)["detail"] == "A renewal is open already."
    body = problem(api.get("/fails/field/"), 400)
    assert body["errors"] == [{"index": None, "field": "owner", "code": "refused", "message": "Choose an owner."}]
    assert problem(api.get("/fails/conflict/"), 409)["conflict"] == {"name": {"stored": "A", "sent": "B"}}


def test_too_many_requests_say_when_to_come_back(api):
    response = api.get("/fails/throttled/")
    problem(response, 429)
    assert response["Retry-After"] == "7"


def test_strangers_wrong_methods_and_missing_rows_get_problems_too(api, client):
    assert problem(api.get("/accounts/99999/"), 404)["detail"] == "Not found."
    assert problem(api.delete("/accounts/"), 405)["title"] == "Method Not Allowed"
    problem(api.get("/accounts/", headers={"Accept": "foo/bar"}), 406)
    problem(api.get("/accounts/?format=zzz"), 404)
    client.logout()
    response = client.get("/accounts/")
    problem(response, 401)
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("0", "Page 0 does not exist. Pages run from 1 to 7."),
        ("8", "Page 8 does not exist. Pages run from 1 to 7."),
        ("abc", "Page abc does not exist. Pages run from 1 to 7."),
        ("-1", "Page -1 does not exist. Pages run from 1 to 7."),
        ("1" + "0" * 30, f"Page 1{'0' * 30} does not exist. Pages run from 1 to 7."),
        ("9" * 5000, f"Page {'9' * 40}… does not exist. Pages run from 1 to 7."),
        ("١", "Page ١ does not exist. Pages run from 1 to 7."),
    ],
)
def test_a_page_that_does_not_exist_is_named(api, page, said):
    for _ in range(13):
        make_account()
    assert problem(api.get("/accounts/", {"page": page, "page_size": "2"}), 404)["detail"] == said


def test_pages_hold_what_was_asked(api):
    for _ in range(3):
        make_account()
    body = api.get("/accounts/", {"page": "2", "page_size": "2"}).json()
    assert (body["count"], len(body["results"]), body["next"]) == (3, 1, None)
    assert body["previous"]
    for size in ("0", "201", "abc", "1e3", ""):
        assert problem(api.get("/accounts/", {"page_size": size}), 400)["errors"][0]["field"] == "page_size"


NUMBER = "Minimum ARR must be a number, like 12000 or 12000.50."
SORT = "Sort by one of: name, arr, health, renewal."


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("q=a%00b", "q", "The search text has a character that cannot be searched (code 0)."),
        ("q=" + "a" * 100_000, "q", "Search for at most 200 characters."),
        *[(f"min_employees={value}", "min_employees", NUMBER) for value in ("abc", "NaN", "Infinity", "%00")],
        *[
            (f"min_employees={value}", "min_employees", "Minimum ARR must be below 1,000,000,000,000.")
            for value in ("1e400", "1e99999999")
        ],
        ("since=2026-02-31", "since", "31 February 2026 is not a date."),
        ("since=abc", "since", "Since must be a date like 2026-03-31."),
        ("since=0000-01-01", "since", "Since must be a date like 2026-03-31."),
        *[(f"sort={value}", "sort", SORT) for value in ("unknown", "a__b", "%22;--", "?", "--name", "%00")],
        ("tier=dragon", "tier", "Tier must be one of elephant, cheetah, rabbit."),
        ("live=maybe", "live", "Live must be one of true, false."),
        *[(f"{name}=1", None, f"Unknown filter: {name}.") for name in ("_connector", "name__regex", "tier__in")],
        ("%00=1", None, "Unknown filter: \ufffd."),
    ],
)
def test_a_wrong_filter_is_refused_in_words(api, query, field, said):
    body = problem(api.get(f"/accounts/?{query}"), 400)
    assert [(error["field"], error["message"]) for error in body["errors"]] == [(field, said)]


def test_filters_find_what_they_say(api):
    for name, employees in (("100%", 5), ("100x", 50), ("a_b", 7), ("aXb", 8), ("Äpfel \\ Birnen", 9)):
        make_account(name=name, employees=employees, signed_on="2026-01-05")

    def names(**query):
        return [row["name"] for row in api.get("/accounts/", query).json()["results"]]

    assert names(q="100%") == ["100%"]
    assert names(q="a_b") == ["a_b"]
    assert names(q="\\") == ["Äpfel \\ Birnen"]
    assert names(q="birnen pfel") == ["Äpfel \\ Birnen"]
    assert names(q="") == names()
    assert names(min_employees="９") == ["100x", "Äpfel \\ Birnen"]
    assert names(sort="-arr")[0] == "100x"
    assert names(since="2026-01-06") == []
    assert names(live="true") == []
    assert len(names(live="false")) == 5
    assert api.get("/accounts/?q=%ff%ed%a0%80").status_code == 200


def test_a_stale_version_is_refused_with_both_values(api):
    account = make_account(name="Acme")
    address = f"/accounts/{account.pk}/"

    def patch(**values):
        return api.patch(address, json.dumps(values), content_type="application/json")

    assert patch(name="Acme AG", version=1).status_code == 200
    Account.objects.update(version=2)
    body = problem(patch(name="Acme Ltd", version=1), 409)
    assert body["conflict"]["name"] == {"stored": "Acme AG", "sent": "Acme Ltd"}
    assert problem(patch(name="Acme Ltd"), 400)["errors"][0]["field"] == "version"
    account.refresh_from_db()
    assert account.name == "Acme AG"


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"employees": 2**31}, "employees", "Employees cannot be above 2,147,483,647."),
        ({"employees": -1}, "employees", "Employees cannot be below 0."),
        ({"tier": "dragon"}, "tier", "Tier must be one of elephant, cheetah, rabbit."),
        ({"parent": 2**70}, "parent", f"Parent account {2**70} does not exist."),
        ({"parent": True}, "parent", "Parent account must be an id."),
        ({"parent": "\x00"}, None, "parent has a character that cannot be stored (code 0)."),
        ({"tags": ["x"]}, "tags", "Tags x does not exist."),
        ({"name": "\u3164"}, "name", "Name needs a visible character."),
    ],
)
def test_the_fields_of_a_model_are_as_strict(api, values, field, said):
    account = make_account()
    address = f"/accounts/{account.pk}/"
    response = api.patch(address, json.dumps({"version": 1, **values}), content_type="application/json")
    body = problem(response, 400)
    assert body["detail"] == said
    assert [error["field"] for error in body["errors"]] == ([field] if field else [])


def test_a_new_row_needs_no_version():
    new = AccountSerializer(data={"name": "New"})
    assert new.is_valid(), new.errors
    assert "version" not in new.validated_data
