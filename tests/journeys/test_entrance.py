"""Does only the right password let in, and does nothing stay behind after the sign-out?"""

from __future__ import annotations

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import make_account, make_user
from tests.journeys.book import Visitor

PASSWORD = "seven-quiet-lanterns"


def made(role: str = "csm") -> User:
    return get_user_model().objects.create_user(
        email=f"{role}@example.com", name="Ada Visitor", role=role, password=PASSWORD
    )


def sign_in(page: Page, who: User, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(who.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()


def test_a_wrong_password_is_refused_in_words_and_the_right_one_lets_in(visitor: Visitor) -> None:
    who = made()
    with visitor.opened() as context:
        page = context.new_page()
        page.goto("/accounts/")
        expect(page).to_have_url(re.compile(r"/sign-in/login/\?next=/accounts/$"))

        sign_in(page, who, "not-the-password")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        expect(page.get_by_label("E-mail address")).to_have_value(who.email)
        sign_in(page, who)

        expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
        sign_out(page)
        page.goto("/accounts/")
        expect(page).to_have_url(re.compile("/sign-in/login/"))


def test_after_the_sign_out_the_back_button_shows_nothing_to_the_next_person(visitor: Visitor) -> None:
    who, other = made(), make_user(role="csm")
    account = make_account(owner=who, name="Quietly Confidential Ltd")
    with visitor.opened() as context:
        page = context.new_page()
        page.goto("/sign-in/login/")
        sign_in(page, who)
        page.goto(f"/accounts/{account.pk}/timeline/")
        expect(page.get_by_role("heading", level=1)).to_have_text(account.name)
        sign_out(page)
        expect(page.get_by_label("Password")).to_be_visible()

        page.go_back()
        expect(page.get_by_text(account.name)).to_have_count(0)
        page.go_back()
        expect(page.get_by_text(account.name)).to_have_count(0)

        other.set_password(PASSWORD)
        other.save()
        page.goto("/sign-in/login/")
        sign_in(page, other)
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        answer = page.goto(f"/accounts/{account.pk}/timeline/")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_text(account.name)).to_have_count(0)
    # The browser notes the page that was refused; nothing else.
    assert [said for said in visitor.complaints if "404" not in said] == []
    visitor.complaints.clear()


def test_somebody_sets_up_a_second_factor_and_needs_it_from_then_on(visitor: Visitor) -> None:
    who = made()
    with visitor.opened() as context:
        page = context.new_page()
        page.goto("/sign-in/login/")
        sign_in(page, who)
        page.goto(reverse("mfa_activate_totp"))
        if page.get_by_label("Password").count():
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Confirm").click()
        secret = page.locator("main code").first.inner_text()
        page.get_by_label("Code", exact=True).fill(code_of(secret))
        page.get_by_role("button", name="Switch on").click()
        expect(page.get_by_role("button", name="Switch on")).to_have_count(0)

        sign_out(page)
        page.goto("/sign-in/login/")
        sign_in(page, who)

        expect(page).to_have_url(re.compile("/authenticate/"))


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
