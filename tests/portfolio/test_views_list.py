"""Does the account list show the right rows, counts and parts, however they are found?"""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.models import AuditEvent
from portfolio.models import AccountRow
from portfolio.views import account_listing as views
from tests.factories import make_account, make_team, make_user

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 5, 1)
BOOK = [("Örebro Steel", "red", 100), ("Örebro Foods", "green", 50), ("Lake Steel", "green", 30), ("Gone", "red", 7)]


def make_book(owner):
    """Make four accounts with rows; the last one has left."""
    for name, band, arr in BOOK:
        stage = "churned" if name == "Gone" else "mature"
        account = make_account(owner, name=name, stage=stage)
        AccountRow.objects.create(
            account=account,
            name=name,
            external_id=account.external_id,
            search_text=name.casefold(),
            stage=stage,
            band=band,
            arr=Decimal(arr),
            owner=owner,
        )


def listing(query, user):
    """Read the list as an address asks for, in dollars."""
    return views.account_listing(QueryDict(query), user, ON, "USD")


@pytest.mark.parametrize("named", [0, 1, 2_000])
@pytest.mark.parametrize(
    ("query", "names", "strip"),
    [
        ("", ["Lake Steel", "Örebro Foods", "Örebro Steel"], {"green": (2, 80), "red": (1, 100)}),
        ("band=red", ["Örebro Steel"], {"green": (2, 80), "red": (1, 100)}),
        ("q=STEEL", ["Lake Steel", "Örebro Steel"], {"green": (1, 30), "red": (1, 100)}),
        ("q=ÖREBRO&band=green", ["Örebro Foods"], {"green": (1, 50), "red": (1, 100)}),
        ("q=gone", ["Gone"], {"red": (1, 7)}),
        ("q=nobody", [], {}),
    ],
)
def test_rows_count_and_strip_agree_however_many_a_search_finds(monkeypatch, named, query, names, strip):
    user = make_user("csm")
    make_book(user)
    make_book(make_user("csm"))  # nobody else's rows are shown
    monkeypatch.setattr(views, "NAMED", named)
    found = listing(query, user)
    assert [row.name for row in found.page.rows] == names
    assert found.count == len(names)
    assert {band.band: (band.accounts, band.arr) for band in found.bands} == strip


def test_a_team_sees_what_any_of_it_serves_and_each_account_once():
    team = make_team()
    manager = make_user("cs_manager", visibility="team", team=team)
    make_book(make_user("csm", team=team))
    make_book(make_user("csm"))
    assert listing("", manager).count == 3


def test_a_filter_keeps_its_choice_in_the_form(client):
    user = make_user("csm")
    make_book(user)
    client.force_login(user)
    page = client.get("/accounts/?owner=me&band=red").content.decode()
    assert re.search(r'<select name="owner" id="id_owner">.*<option value="me" selected>', page)
    assert "Örebro Steel" in page
    assert "Lake Steel" not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_takes_the_list_away_stands_in_the_audit_with_the_rows(client, kind):
    admin = make_user("admin")
    make_book(admin)
    client.force_login(admin)

    body = b"".join(client.get(reverse("account_export", args=[kind]), {"band": "red"}).streaming_content)

    assert b"Lake Steel" not in body
    event = AuditEvent.objects.get(verb="list.exported")
    assert (event.actor, event.changes["filters"], event.address) == (admin, [None, ["band"]], "127.0.0.1")
    # The one that left is not in the list.
    assert (event.changes["rows"], event.changes["file"]) == (1, f"accounts.{kind}")
