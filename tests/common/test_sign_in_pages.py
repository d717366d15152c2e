"""Does every page of signing in and of the second factor draw itself, with its errors in words?"""

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account import forms as account_forms
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import include, path

from common.htmx import base_context, jinja
from tests.architecture.sources import ROOT

urlpatterns = [path("sign-in/", include("allauth.urls"))]
pytestmark = pytest.mark.urls(__name__)
ENTRANCE = {
    "SOCIALACCOUNT_ONLY": False,
    "PASSKEY_LOGIN_ENABLED": False,
    "redirect_field": "",
    "redirect_field_value": "",
}
STATIC_PAGES = [
    "account/password_reset_done.html",
    "account/password_reset_from_key_done.html",
    "account/signup_closed.html",
    "account/account_inactive.html",
    "account/verification_sent.html",
    "account/verified_email_required.html",
    "socialaccount/authentication_error.html",
    "socialaccount/login_cancelled.html",
]


class Named(forms.Form):
    name = forms.CharField()


def draw(template: str, **context: Any) -> str:
    request: HttpRequest = RequestFactory().get("/sign-in/")
    request.user = AnonymousUser()
    known = {"request": request, "csrf_input": "", "csrf_token": "t", "messages": (), **base_context(request)}
    return jinja().env.get_template(template).render({**known, **context})


@pytest.mark.django_db
@pytest.mark.parametrize("data", [None, {"login": "", "password": ""}], ids=["fresh", "empty"])
def test_the_sign_in_page_asks_for_two_things_and_says_what_is_missing(data: dict[str, str] | None) -> None:
    html = draw("account/login.html", form=account_forms.LoginForm(data), **ENTRANCE)

    assert 'autocomplete="current-password"' in html
    assert "placeholder" not in html
    assert ("<title>Error: Sign in" in html) is (data is not None)
    assert ("There is a problem" in html) is (data is not None)


@pytest.mark.parametrize("template", STATIC_PAGES)
def test_a_page_that_only_tells_leads_on(template: str) -> None:
    html = draw(template)

    assert re.search(r"<h1>[A-Z]", html)
    assert "/sign-in/login/" in html


@pytest.mark.django_db
def test_a_reset_form_a_dead_link_and_a_live_one_differ() -> None:
    user = get_user_model()()
    form = account_forms.ResetPasswordKeyForm(user=user, temp_key=None)

    asked = draw(
        "account/password_reset.html", form=account_forms.ResetPasswordForm({"email": "no"}), redirect_field=""
    )
    dead = draw("account/password_reset_from_key.html", token_fail=True)
    live = draw("account/password_reset_from_key.html", form=form, action_url="/x/", redirect_field="")

    assert "There is a problem" in asked
    assert "This link no longer works" in dead
    assert live.count('type="password"') == 2


@pytest.mark.django_db
def test_the_second_factor_takes_a_code_and_a_key() -> None:
    user = get_user_model()()
    html = draw(
        "mfa/authenticate.html",
        form=AuthenticateForm(user=user),
        webauthn_form=AuthenticateWebAuthnForm(user=user),
        js_data={"request_options": {"challenge": "</script><b>"}},
    )

    assert 'name="code"' in html
    assert 'id="mfa_webauthn_authenticate"' in html
    assert "</script><b>" not in html


def test_the_overview_of_second_factors_says_what_is_on() -> None:
    context = {"MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", "webauthn"], "MFA_RECOVERY_CODES_SHOW_ONCE": False}
    off = draw("mfa/index.html", authenticators={}, is_mfa_enabled=False, **context)
    on = draw("mfa/index.html", authenticators={"totp": object(), "webauthn": [1]}, is_mfa_enabled=True, **context)

    assert "Set up" in off
    assert "Switch off" in on
    assert "Make new codes" in on


def test_a_key_is_renamed_and_codes_are_listed() -> None:
    renamed = draw("mfa/webauthn/edit_form.html", form=Named({"name": ""}))
    codes = draw(
        "mfa/recovery_codes/index.html",
        unused_codes=["12345678"],
        can_view_codes=True,
        can_download_codes=True,
        can_generate_codes=True,
    )

    assert "There is a problem" in renamed
    assert "1 code is left" in codes
    assert "12345678" in codes


def test_every_page_of_ours_takes_the_place_of_one_of_the_package() -> None:
    import allauth

    package = Path(allauth.__file__).parent / "templates"
    ours = [
        str(file.relative_to(ROOT / "templates"))
        for folder in ("account", "mfa", "socialaccount")
        for file in (ROOT / "templates" / folder).rglob("*")
        if file.is_file()
    ]
    own_parts = {"account/reauthenticate_base.html", "mfa/webauthn/scripts.html"}

    assert [name for name in ours if name not in own_parts and not (package / name).exists()] == []
