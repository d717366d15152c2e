"""Can whoever may export take the figures of any picture away, with the page's rights and filters, and nobody else?"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
LINK = re.compile(r'href="([^"]*figures=[^"]*)"')


def book(role: str = "csm") -> tuple[object, Client]:
    user = make_user(role)
    account = make_account(user, name="Alpha")
    make_line(
        account, 120_000, starts_on=TODAY.replace(year=TODAY.year - 1), ends_on=TODAY.replace(year=TODAY.year + 1)
    )
    derive_movements()
    refresh_rows(on=TODAY, account_ids=[account.pk])
    AccountRow.objects.filter(pk=account.pk).update(band="red", score=30)
    client = Client()
    client.force_login(user)
    return account, client


def answered(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    return b"".join(response.streaming_content).decode()


def test_the_figures_of_a_picture_are_the_rows_of_the_table_below_it() -> None:
    account, client = book()
    page = client.get(f"/accounts/{account.pk}/revenue/").content.decode()
    assert LINK.findall(page) == [f"/accounts/{account.pk}/revenue/?figures=arr-chart"]

    lines = answered(client, LINK.findall(page)[0]).removeprefix("\ufeff").splitlines()

    figures = page.partition('id="arr-chart"')[2].partition("</figure>")[0]
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", figures)
    assert [cell for line in lines for cell in line.split(",")] == [cell.replace("&#39;", "'") for cell in cells]
    assert AuditEvent.objects.filter(verb="list.exported").count() == 1


def test_the_address_keeps_the_filters_of_the_page_and_no_filter_knows_of_it() -> None:
    _account, client = book("cs_manager")
    page = client.get("/revenue/compare/?by=tier&measure=nrr").content.decode()

    links = [link.replace("&amp;", "&") for link in LINK.findall(page)]

    assert "/revenue/compare/?by=tier&measure=nrr&figures=quadrant" in links
    assert "GRR" in answered(client, "/revenue/compare/?by=tier&measure=nrr&figures=quadrant")


def test_a_picture_that_the_page_does_not_have_is_not_found() -> None:
    _account, client = book()
    assert client.get("/today/?figures=other").status_code == 404


def test_who_may_not_export_is_offered_no_file_and_given_none() -> None:
    account, client = book("viewer")
    address = f"/accounts/{account.pk}/revenue/"

    assert "Show the figures" in client.get(address).content.decode()
    assert not LINK.findall(client.get(address).content.decode())
    assert client.get(f"{address}?figures=arr-chart").status_code == 404


def test_a_stranger_is_asked_to_sign_in_first() -> None:
    account, _client = book()
    answer = Client().get(f"/accounts/{account.pk}/revenue/?figures=arr-chart")
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]
