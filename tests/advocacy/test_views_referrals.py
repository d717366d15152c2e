"""Do the pages of referrals show the loop, and only what their reader may see?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advocacy.models import Referral
from revenue.actions import derive_movements
from tests.factories import make_account, make_line, make_referral, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def signed_in(client: Client, role: str = "admin", **fields: Any) -> Any:
    user = make_user(role, **fields)
    client.force_login(user)
    return user


def page(client: Client, name: str = "referrals", query: str = "", **how: Any) -> str:
    answer = client.get(reverse(name, **how) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def some(owner: Any = None) -> list[Referral]:
    """A referral in each state, brought by one customer."""
    referrer = make_account(owner, name="Bright Bakery")
    days: dict[str, Any] = {"trial_on": TODAY, "using_on": TODAY, "shared_on": TODAY, "signed_on": TODAY}
    return [
        make_referral(referrer, company="Asked Ltd"),
        make_referral(referrer, company="Trying Ltd", state="trial", trial_on=TODAY),
        make_referral(referrer, company="Signed Ltd", state="signed", account=make_account(), **days),
        make_referral(referrer, company="Gone Ltd", state="lost", trial_on=TODAY, lost_on=TODAY, lost_reason="Budget"),
    ]


def test_the_funnel_counts_how_far_each_came(client: Client) -> None:
    signed_in(client)
    some()
    text = page(client)

    assert "1 of 4 companies brought have signed" in text
    # Lost ones count as far as they came; who signed passed every stage.
    for stage, count in (("Invited", "4"), ("On trial", "3 (75%)"), ("Using it", "1 (33%)"), ("Signed", "1 (100%)")):
        assert f'<th scope="row">{stage}</th><td data-kind="number">{count}</td>' in text
    assert "Still to thank" in text


def test_nobody_sees_referrals_of_customers_that_are_not_theirs(client: Client) -> None:
    found = some(make_user("csm"))
    signed_in(client, "csm")

    assert "Asked Ltd" not in page(client)
    for name in ("referral", "referral_edit", "referral_lose", "referral_thank"):
        assert client.get(reverse(name, args=[found[0].pk])).status_code == 404
    for name in ("referral_advance", "referral_delete", "referral_unthank"):
        assert client.post(reverse(name, args=[found[0].pk]), {"state": "trial"}).status_code == 404


def test_the_account_that_came_is_not_named_to_who_may_not_see_it(client: Client) -> None:
    me = signed_in(client, "csm")
    hidden = make_account(make_user(), name="Secret Steel")
    make_line(hidden, 987_654)
    derive_movements()
    found = make_referral(make_account(me), company="Steel people", account=hidden)

    for text in (
        page(client),
        page(client, "referral", args=[found.pk]),
        page(client, "referral_edit", args=[found.pk]),
    ):
        assert "Secret Steel" not in text
        assert "987" not in text
    # And saving the form leaves it as it is.
    client.post(reverse("referral_edit", args=[found.pk]), {"company": "Steel", "invited_on": "2026-01-05"})
    found.refresh_from_db()
    assert (found.company, found.account) == ("Steel", hidden)


def test_money_is_for_who_may_see_it(client: Client) -> None:
    signed_in(client, "product_manager")
    some()
    assert "ARR brought" not in page(client)


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", True), ("?state=trial", True), ("?state=signed", False), ("?reached=trial", True), ("?reached=using", False),
     ("?thanked=false", True), ("?thanked=true", False), ("?q=bakery+trying", True), ("?q=zebra", False),
     ("?since=2026-01-01", True), ("?until=2020-01-01", False)],
)  # fmt: skip
def test_the_list_is_narrowed(client: Client, query: str, shown: bool) -> None:
    signed_in(client)
    some()
    assert ("Trying Ltd</a>" in page(client, query=query)) == shown


def test_a_wrong_filter_lists_nothing(client: Client) -> None:
    signed_in(client)
    some()
    answer = client.get(reverse("referrals") + "?state=moon")
    assert answer.status_code == 400
    assert "Trying Ltd" not in answer.content.decode()


def test_more_rows_ask_no_more_queries(client: Client, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    signed_in(client)
    some()
    page(client)
    with django_assert_max_num_queries(60) as one:
        page(client)
    for _ in range(8):
        some()
    with django_assert_max_num_queries(len(one.captured_queries)):
        page(client)


def test_from_the_account_to_the_thank_you_with_undo(client: Client) -> None:
    me, account = signed_in(client), make_account(name="Bright Bakery")
    assert reverse("referral_add", args=[account.pk]) in page(client, "referral_new", "?q=bakery")
    url = reverse("referral_add", args=[account.pk])
    wrong = client.post(url, {"company": "Newcomer", "invited_on": "2999-01-01", "account": "Bright Bakery"})
    assert wrong.status_code == 422
    assert "Newcomer" in wrong.content.decode()
    wrong = client.post(url, {"company": "Newcomer", "invited_on": "2026-01-05", "account": "Bright Bakery"})
    assert (wrong.status_code, "cannot bring itself" in wrong.content.decode()) == (422, True)
    client.post(url, {"company": "Newcomer", "invited_on": "2026-01-05"})
    made = Referral.objects.get()
    answer = client.post(reverse("referral_advance", args=[made.pk]), {"state": "trial"}, follow=True)
    undo = reverse("referral_take_back", args=[made.pk, "trial"])
    assert undo in answer.content.decode()
    client.post(undo)
    made.refresh_from_db()
    assert (made.state, made.trial_on) == ("invited", None)
    assert client.post(reverse("referral_lose", args=[made.pk]), {"reason": "", "on": "2026-01-06"}).status_code == 422
    client.post(reverse("referral_lose", args=[made.pk]), {"reason": "Budget", "on": "2026-01-06"})
    client.post(reverse("referral_thank", args=[made.pk]), {"thanks": "A call", "thanked_on": "2026-01-07"})
    made.refresh_from_db()
    assert (made.state, made.lost_reason, made.thanks, made.thanked_by) == ("lost", "Budget", "A call", me)
    text = page(client, "referral", args=[made.pk])
    assert "A call" in text
    client.post(reverse("referral_unthank", args=[made.pk]))
    client.post(reverse("referral_delete", args=[made.pk]))
    assert not Referral.objects.exists()


def test_a_refused_step_says_why_and_changes_nothing(client: Client) -> None:
    signed_in(client)
    made = some()[2]
    answer = client.post(reverse("referral_advance", args=[made.pk]), {"state": "trial"}, follow=True)
    assert "cannot go from there" in answer.content.decode()


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_not_edit_sees_no_buttons_and_writes_nothing(client: Client, role: str) -> None:
    made = some()[0]
    signed_in(client, role)
    text = page(client) + page(client, "referral", args=[made.pk])
    assert "New referral" not in text
    assert reverse("referral_advance", args=[made.pk]) not in text
    assert client.post(reverse("referral_advance", args=[made.pk]), {"state": "trial"}).status_code == 404


def test_the_list_leaves_as_a_file(client: Client) -> None:
    signed_in(client)
    some()
    Referral.objects.filter(company="Asked Ltd").update(note="=HYPERLINK(1)")
    text = b"".join(client.get(reverse("referral_export", args=["csv"])).streaming_content).decode()
    assert text.splitlines()[0].endswith(",note,arr")
    assert "'=HYPERLINK(1)" in text
    assert len(text.splitlines()) == 5
    sheet = client.get(reverse("referral_export", args=["xlsx"]) + "?state=signed")
    assert (sheet.status_code, len(b"".join(sheet.streaming_content)) > 1000) == (200, True)
    assert client.get(reverse("referral_export", args=["pdf"])).status_code == 404
    signed_in(client, "product_manager")
    text = b"".join(client.get(reverse("referral_export", args=["csv"])).streaming_content).decode()
    assert ",arr" not in text.splitlines()[0]


def test_markup_in_a_name_stays_text(client: Client) -> None:
    signed_in(client)
    made = make_referral(make_account(), company="<img src=x onerror=alert(1)>")
    for text in (page(client), page(client, "referral", args=[made.pk])):
        assert "<img src=x" not in text
