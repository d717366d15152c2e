"""Is every address named like its view, closed to strangers, and does reading change nothing?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.template import engines
from django.test import Client
from django.urls import reverse
from jinja2 import StrictUndefined

from tests.architecture.sources import Address, addresses

# What a stranger may read: that the process lives, the pages on which one signs in, their language, and what is shown
# to the world by its secret address: a roadmap, and a story that is published.
OPEN_TO_STRANGERS = {
    "healthz",
    "shared_roadmap",
    "choose_password",
    "unsubscribe",
    "resubscribe",
    "case_study_public",
    "set_language",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "socialaccount_signup",
}
# Tables that notice a visit: sessions, and rate limits in the cache.
MAY_NOTICE = ("django_session", '"cache"')
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def described(address: Address) -> str:
    return address.name or address.path


def test_every_address_can_be_reached() -> None:
    assert [described(address) for address in addresses() if not address.path] == []


@pytest.mark.parametrize("address", [one for one in addresses() if one.is_own_page], ids=described)
def test_its_name_is_the_name_of_its_view(address: Address) -> None:
    assert address.name == address.function.__name__


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in addresses() if a.name not in OPEN_TO_STRANGERS], ids=described)
def test_it_asks_a_stranger_to_sign_in(client: Client, address: Address) -> None:
    answer = client.get(address.path)

    sent_to_sign_in = answer.status_code == 302 and answer["Location"].partition("?")[0] in (
        reverse(settings.LOGIN_URL),
        reverse("admin:login"),
    )
    assert sent_to_sign_in or answer.status_code in (401, 403), (answer.status_code, answer.get("Location"))


def test_what_is_open_to_strangers_exists() -> None:
    assert {address.name for address in addresses()} >= OPEN_TO_STRANGERS


@contextmanager
def no_writes() -> Iterator[None]:
    """Fail on the first statement that would change a row."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES) and not any(table in sql for table in MAY_NOTICE):
            raise AssertionError(f"a GET writes: {sql[:200]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("address", [one for one in addresses() if one.is_own_page], ids=described)
def test_reading_it_changes_nothing(client: Client, address: Address) -> None:
    user = get_user_model().objects.create_user(email="reader@example.com", name="Reader", role="admin")
    client.force_login(user)

    with no_writes():
        assert client.get(address.path).status_code < 500


def test_a_template_may_not_use_what_it_was_not_given() -> None:
    assert issubclass(engines["jinja2"].env.undefined, StrictUndefined)
