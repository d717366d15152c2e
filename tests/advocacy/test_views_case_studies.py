"""Do the pages of case studies lead to the public page, and does that show what was approved and nothing else?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.goals import delete_goal
from accounts.models import TimelineEntry
from advocacy.actions.consents import revoke_consent
from advocacy.models import CaseStudy
from revenue.actions import derive_movements
from tests.factories import make_account, make_case, make_consent, make_contact, make_goal, make_line, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
DAY = dt.timedelta(days=1)


def signed_in(client: Client, role: str = "admin", **fields: Any) -> Any:
    user = make_user(role, **fields)
    client.force_login(user)
    return user


def page(client: Client, name: str = "case_studies", query: str = "", **how: Any) -> str:
    answer = client.get(reverse(name, **how) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, case: CaseStudy, **data: Any) -> Any:
    return client.post(reverse(name, args=[case.pk]), data, follow=True)


def published(client: Client, owner: Any = None, **texts: str) -> CaseStudy:
    """Walk the pages up to the publication, as an admin."""
    signed_in(client)
    account = make_account(owner, name="Bright Bakery", industry="Food")
    contact = make_contact(account, name="Mei Lin", email="mei@secret.example", phone="+49 30 5551234")
    make_consent(contact, scope="case_study", channel="web", expires_on=TODAY + 400 * DAY)
    goal = make_goal(account, 9, 6, 4, name="Faster approvals")
    data = {"title": "Approvals in four days", "shown_as": "Bright Bakery", "situation": "Ten days.",
            "solution": "One form.", "outcome": "Four days.", "goals": [goal.pk]} | texts  # fmt: skip
    client.post(reverse("case_study_add", args=[account.pk]), data)
    case = CaseStudy.objects.get()
    post(client, "case_study_send", case)
    approval = {"approved_by": contact.pk, "approved_on": TODAY.isoformat(), "approval_note": "Mail by Mei"}
    post(client, "case_study_approve", case, **approval)
    post(client, "case_study_publish", case, expires_on=(TODAY + 90 * DAY).isoformat())
    case.refresh_from_db()
    assert case.state == "published"
    return case


def test_the_goal_that_is_reached_is_chosen_already(client: Client) -> None:
    signed_in(client)
    account = make_account(name="Bright Bakery")
    open_goal = make_goal(account, 9, name="Cheaper")
    make_goal(account, 4, name="Faster")
    text = page(client, "case_study_add", args=[account.pk])
    assert 'value="Bright Bakery"' in text
    assert "Faster (100% reached)" in text
    assert text.count("checked") == 1
    asked = page(client, "case_study_add", f"?goal={open_goal.pk}", args=[account.pk])
    assert asked.count("checked") == 1
    assert reverse("case_study_add", args=[account.pk]) in page(client, "case_study_new", "?q=bakery")


def test_an_incomplete_draft_is_kept_and_says_what_it_lacks(client: Client) -> None:
    signed_in(client)
    account = make_account()
    wrong = client.post(reverse("case_study_add", args=[account.pk]), {"title": "", "situation": "Typed already"})
    assert (wrong.status_code, "Typed already" in wrong.content.decode()) == (422, True)
    client.post(reverse("case_study_add", args=[account.pk]), {"title": "Draft", "shown_as": "They"})
    case = CaseStudy.objects.get()
    answer = post(client, "case_study_send", case)
    assert "Still to be written" in answer.content.decode()
    page(client, "case_study_sheet", args=[case.pk])


def test_the_public_page_shows_what_was_approved_and_nothing_else(client: Client) -> None:
    owner = make_user("csm", name="Olga Owner")
    case = published(client, owner, quote="It saves us days.", quoted="Mei Lin, Head of Operations")
    make_line(case.account, 987_654)
    derive_movements()
    make_account(owner, name="Other Customer")
    TimelineEntry.objects.create(account=case.account, title="Secret call", at=timezone.now())
    stranger = Client()
    answer = stranger.get(reverse("case_study_public", args=[case.token]))
    text = answer.content.decode()

    assert answer.status_code == 200
    for shown in (
        "Approvals in four days",
        "It saves us days.",
        "Mei Lin, Head of Operations",
        "4 days",
        "10 days",
        "−60%",
    ):
        assert shown in text
    hidden = ("987", "mei@secret.example", "5551234", "Other Customer", "Olga Owner", "Secret call", "Mail by Mei",
              case.account.external_id, str(case.account.domain) or "no-domain", "/advocacy/", "Food")  # fmt: skip
    for canary in hidden:
        assert canary not in text
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert stranger.cookies == {}


def test_an_address_that_is_wrong_or_old_leads_nowhere(client: Client) -> None:
    case = published(client)
    stranger = Client()
    url = reverse("case_study_public", args=[case.token])
    assert stranger.get(url).status_code == 200
    for wrong in ("x", str(case.pk), str(case.token)[:-1], str(case.token).swapcase(), "None"):
        assert stranger.get(reverse("case_study_public", args=[wrong])).status_code == 404
    # As a stranger one finds neither the pages inside nor what is a draft.
    for name in ("case_study", "case_study_sheet"):
        assert stranger.get(reverse(name, args=[case.pk])).status_code == 302
    post(client, "case_study_withdraw", case, reason="They asked for it.")
    assert stranger.get(url).status_code == 404


def test_a_revoked_consent_takes_the_page_away_at_once(client: Client) -> None:
    case = published(client)
    url = reverse("case_study_public", args=[case.token])
    consent = case.approved_by.advocacy_consents.get()
    consent.revoked_on = TODAY
    consent.save()
    assert Client().get(url).status_code == 404
    # Inside it is said why, before the nightly run has moved it.
    assert "Off its page: no consent" in page(client)
    assert "has no consent in force any more" in page(client, "case_study", args=[case.pk])
    consent.revoked_on = None
    consent.save()
    revoke_consent(consent=consent, by=None, at=timezone.now())
    assert "Withdrawn" in page(client, "case_study", args=[case.pk])


def test_a_deleted_goal_breaks_no_page(client: Client) -> None:
    case = published(client)
    delete_goal(goal=case.goals.get(), by=make_user(), at=timezone.now())
    for name in ("case_study", "case_study_sheet"):
        assert "from 10 days to 4 days" in page(client, name, args=[case.pk])
    assert "from 10 days to 4 days" in Client().get(reverse("case_study_public", args=[case.token])).content.decode()


def test_markup_in_a_quote_stays_text_wherever_it_is_shown(client: Client) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror="alert(2)"> & “so”'
    case = published(client, quote=hostile, quoted="<b>Mei</b>", situation=hostile, title=hostile)
    texts = [page(client), Client().get(reverse("case_study_public", args=[case.token])).content.decode()]
    texts += [page(client, name, args=[case.pk]) for name in ("case_study", "case_study_sheet")]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>Mei" not in text
    assert "&lt;script&gt;alert(1)" in texts[1]


def test_nobody_sees_case_studies_of_customers_that_are_not_theirs(client: Client) -> None:
    case = make_case(make_account(make_user()), title="Far story")
    signed_in(client, "csm")
    assert "Far story" not in page(client)
    for name in ("case_study", "case_study_sheet", "case_study_edit", "case_study_approve", "case_study_withdraw"):
        assert client.get(reverse(name, args=[case.pk])).status_code == 404
    for name in ("case_study_send", "case_study_redraft", "case_study_delete"):
        assert client.post(reverse(name, args=[case.pk])).status_code == 404


def test_a_csm_writes_and_a_manager_publishes(client: Client) -> None:
    me = signed_in(client, "csm")
    case = make_case(make_account(me), state="approved", approved_on=TODAY)
    text = page(client, "case_study", args=[case.pk])
    assert "A manager puts it on its public page." in text
    assert client.get(reverse("case_study_publish", args=[case.pk])).status_code == 404
    signed_in(client, "viewer")
    assert client.post(reverse("case_study_withdraw", args=[case.pk]), {"reason": "x"}).status_code == 404
    assert "New case study" not in page(client)


def test_a_wrong_approval_and_a_missing_consent_are_said_in_the_form(client: Client) -> None:
    signed_in(client)
    account = make_account()
    contact, case = make_contact(account), make_case(account, state="with_customer", sent_on=TODAY)
    assert "Nobody there has a consent" in page(client, "case_study_approve", args=[case.pk])
    data = {"approved_by": contact.pk, "approved_on": "2999-01-01", "approval_note": "Mail"}
    assert client.post(reverse("case_study_approve", args=[case.pk]), data).status_code == 422
    post(client, "case_study_approve", case, **data | {"approved_on": TODAY.isoformat()})
    url = reverse("case_study_publish", args=[case.pk])
    refused = client.post(url, {"expires_on": (TODAY + DAY).isoformat()})
    assert (refused.status_code, "no consent in force" in refused.content.decode()) == (422, True)


def test_a_draft_is_edited_sent_taken_back_and_deleted(client: Client) -> None:
    signed_in(client)
    account = make_account()
    case = make_case(account)
    goal = make_goal(account, 4)
    data = {
        "title": "New title",
        "shown_as": "A bakery",
        "situation": "a",
        "solution": "b",
        "outcome": "c",
        "goals": [goal.pk],
    }
    client.post(reverse("case_study_edit", args=[case.pk]), data)
    answer = post(client, "case_study_send", case)
    assert reverse("case_study_redraft", args=[case.pk]) in answer.content.decode()
    assert client.post(reverse("case_study_edit", args=[case.pk]), data | {"title": "x"}).status_code == 422
    kept = post(client, "case_study_delete", case)
    assert "Withdraw it instead" in kept.content.decode()
    post(client, "case_study_redraft", case)
    case.refresh_from_db()
    assert (case.state, case.title, list(case.goals.all())) == ("draft", "New title", [goal])
    post(client, "case_study_delete", case)
    assert not CaseStudy.objects.exists()


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", True), ("?state=published", True), ("?state=draft", False), ("?q=bakery", True), ("?q=zebra", False),
     ("?industry=Food", True), (f"?readable_on={TODAY}", True), (f"?readable_on={TODAY + 91 * DAY}", False)],
)  # fmt: skip
def test_the_list_is_narrowed(client: Client, query: str, shown: bool) -> None:
    published(client)
    assert ("Approvals in four days</a>" in page(client, query=query)) == shown


def test_more_rows_ask_no_more_queries(client: Client, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    signed_in(client)
    make_case(make_account())
    page(client)
    with django_assert_max_num_queries(60) as one:
        page(client)
    for _ in range(12):
        make_case(make_account())
    with django_assert_max_num_queries(len(one.captured_queries)):
        page(client)


def test_the_list_leaves_as_a_file(client: Client) -> None:
    published(client)
    answer = client.get(reverse("case_study_export", args=["csv"]))
    text = b"".join(answer.streaming_content).decode()
    assert "Bright Bakery,Approvals in four days,Bright Bakery,Published,true" in text
    assert client.get(reverse("case_study_export", args=["csv"]) + "?state=moon").status_code == 400
