"""Do the rules of sign-in, sessions and tokens hold? Their numbers are those of the list in docs/production.md."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.actions import people
from accounts.actions.invitations import make_link
from accounts.models import AuditEvent, Organisation, SignIn, User
from accounts.rules.roles import Role
from common import jobs
from integrations import actions as token_actions
from tests.factories import AT, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet harbour at 6"
OTHER = "seven geese over Lund"
HERE = "/settings/sessions/"


def person(role: str = "csm", **fields: Any) -> User:
    return make_user(role, password=PASSWORD, **fields)


def sign_in(user: User, password: str = PASSWORD, client: Client | None = None, **extra: Any) -> Any:
    client = client or Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": password, "next": HERE}, **extra)
    return client, answer


def signed_in(user: User) -> Client:
    client, answer = sign_in(user)
    assert (answer.status_code, answer["Location"]) == (302, HERE)
    return client


def is_in(client: Client) -> bool:
    return client.get(HERE).status_code == 200


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


@pytest.mark.parametrize("password", ["short", "elevenchars", "password1234", "mainstay2026", "AcmeGmbH 2026"])
def test_rules_1_and_2_a_short_a_common_and_an_obvious_password_are_refused(password: str) -> None:
    Organisation.objects.create(pk=1, name="Acme GmbH")

    with pytest.raises(ValidationError):
        validate_password(password, make_user())


@pytest.mark.parametrize(
    "password", ["x" * 30 + " 中文 🦢 ütf ' \" ; --", "9 very long " * 20, " starts and ends blank "]
)
def test_rule_1_long_passwords_of_any_characters_work_as_typed(password: str) -> None:
    user = make_user()
    link = path_of(make_link(person=user, at=dt.datetime.now(dt.UTC)))

    assert Client().post(link, {"password": password}).status_code == 302
    assert sign_in(user, password)[1].status_code == 302


def test_rule_4_passwords_are_hashed_by_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

    assert identify_hasher(person().password).algorithm == "argon2"


class TestRule5NoDefaultAccount:
    """The first admin comes by a link from the command line."""

    def made(self, capsys: Any, *arguments: str) -> str:
        call_command("create_first_admin", *arguments)
        return path_of(capsys.readouterr().out.split()[-1])

    def test_the_link_lets_the_first_admin_choose_a_password(self, capsys: Any, settings: Any) -> None:
        settings.SITE_URL = "https://cs.example.com"
        call_command("create_first_admin", "Ada@Example.com", "--name", "Ada")
        link = capsys.readouterr().out.split()[-1]

        assert link.startswith("https://cs.example.com/welcome/")
        assert Client().post(path_of(link), {"password": PASSWORD})["Location"] == reverse("account_login")
        ada = User.objects.get(email="ada@example.com")
        assert ada.is_staff
        signed_in(ada)

    def test_it_works_once(self, capsys: Any) -> None:
        link = self.made(capsys, "ada@example.com")
        Client().post(link, {"password": PASSWORD})

        assert Client().get(link).status_code == 404
        assert Client().post(link, {"password": OTHER}).status_code == 404
        assert User.objects.get().check_password(PASSWORD)

    def test_it_works_for_a_day(self, capsys: Any) -> None:
        link = self.made(capsys, "ada@example.com")

        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=23, minutes=59)):
            assert Client().get(link).status_code == 200
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=24, minutes=1)):
            assert Client().get(link).status_code == 404

    @pytest.mark.parametrize("spoilt", ["x", "x:y", "%00", "[1,2,3]", "a" * 5000])
    def test_a_spoilt_link_is_no_link(self, spoilt: str) -> None:
        assert Client().get(f"/welcome/{spoilt}/").status_code == 404

    def test_there_is_no_second_first_admin_unless_asked_for(self, capsys: Any) -> None:
        make_user("admin")
        with pytest.raises(CommandError, match="--another"):
            call_command("create_first_admin", "eve@example.com")

        assert self.made(capsys, "eve@example.com", "--another")

    def test_nobody_makes_themselves_an_account(self) -> None:
        form = {"email": "eve@example.com", "password1": PASSWORD}

        assert b"account_login" not in Client().post(reverse("account_signup"), form).content
        assert not User.objects.exists()


class TestRule6SecondFactor:
    """Roles that must have one see nothing until they do."""

    @pytest.fixture(autouse=True)
    def _enforced(self, settings: Any) -> None:
        settings.SECOND_FACTOR_ROLES = ["admin"]

    def test_every_page_leads_to_setting_it_up(self) -> None:
        client = signed_in(person("admin"))

        assert client.get("/settings/people/")["Location"].startswith(reverse("mfa_index"))
        assert client.post("/settings/teams/", {"name": "North"})["Location"].startswith(reverse("mfa_index"))
        assert client.get(reverse("mfa_index")).status_code == 200

    def test_the_api_is_closed_to_the_session_and_to_tokens(self) -> None:
        admin = person("admin")
        _token, secret = token_actions.create_token(by=admin, at=dt.datetime.now(dt.UTC), name="x", scopes=["read"])

        assert signed_in(admin).get("/api/v1/users/").status_code == 403
        assert Client().get("/api/v1/users/", headers={"Authorization": f"Bearer {secret}"}).status_code == 403
        TOTP.activate(admin, generate_totp_secret())
        assert Client().get("/api/v1/users/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200

    def test_other_roles_go_on(self) -> None:
        assert is_in(signed_in(person("csm")))

    def test_the_last_one_cannot_be_taken_away(self) -> None:
        from accounts.sign_in import MFAAdapter

        admin = person("admin")
        only = TOTP.activate(admin, generate_totp_secret()).instance

        assert not MFAAdapter().can_delete_authenticator(only)


def second_step(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_rule_7_a_code_of_the_app_works_once() -> None:
    user, secret = person(), generate_totp_secret()
    TOTP.activate(user, secret)
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, 5, tzinfo=dt.UTC), tick=False):
        first, _ = sign_in(user)
        assert not is_in(first)
        second_step(first, code_now(secret))
        assert is_in(first)

        second, _ = sign_in(user)
        second_step(second, code_now(secret))
        assert not is_in(second)


def test_rule_8_a_recovery_code_works_once_and_lies_encrypted() -> None:
    user = person()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    first, _ = sign_in(user)
    second_step(first, codes[0])
    assert is_in(first)

    second, _ = sign_in(user)
    second_step(second, codes[0])

    assert not is_in(second)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_rule_9_a_new_password_does_not_stand_in_for_the_second_factor() -> None:
    user = person()
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.post(path_of(make_link(person=user, at=dt.datetime.now(dt.UTC))), {"password": OTHER})

    sign_in(user, OTHER, client)

    assert not is_in(client)
    assert client.get(HERE)["Location"].startswith(reverse("account_login"))


class TestRule10GuessingGetsSlow:
    """Ten wrong passwords for one account from one address are free."""

    def test_the_eleventh_waits_even_if_it_is_right(self) -> None:
        user = person()
        for _ in range(10):
            assert sign_in(user, "wrong")[1].status_code == 200

        answer = sign_in(user)[1]

        assert answer.status_code == 200
        assert "Too many wrong passwords" in answer.content.decode()

    def test_a_stranger_elsewhere_locks_nobody_out(self) -> None:
        user = person()
        for _ in range(12):
            sign_in(user, "wrong", REMOTE_ADDR="203.0.113.9")

        assert sign_in(user, REMOTE_ADDR="198.51.100.7")[1].status_code == 302

    def test_the_wait_ends_and_knocking_does_not_lengthen_it(self, settings: Any) -> None:
        # This cache lives by the test's clock; Redis by its own.
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "wait"}}
        user, start = person(), dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        with time_machine.travel(start, tick=False):
            for _ in range(10):
                sign_in(user, "wrong")
        with time_machine.travel(start + dt.timedelta(seconds=20), tick=False):
            for _ in range(10):
                sign_in(user, "wrong")
        with time_machine.travel(start + dt.timedelta(seconds=31), tick=False):
            assert sign_in(user)[1].status_code == 302

    def test_after_a_right_one_counting_starts_again(self) -> None:
        user = person()
        for _ in range(9):
            sign_in(user, "wrong")
        sign_in(user)
        for _ in range(9):
            sign_in(user, "wrong")

        assert sign_in(user)[1].status_code == 302

    def test_each_wrong_one_is_in_the_audit_trail(self) -> None:
        user = person()
        sign_in(user, "wrong")
        Client().post(reverse("account_login"), {"login": "nobody@example.com", "password": "wrong"})

        kept = list(AuditEvent.objects.filter(verb="sign_in.failed").values_list("object_id", flat=True))
        assert sorted(kept) == sorted(["", str(user.pk)])
        assert "nobody" not in str(list(AuditEvent.objects.values()))


class TestRule11AStrangerLearnsNothing:
    """The same answer, after the same time, whether an account is there or not."""

    def text(self, login: str) -> str:
        content = Client().post(reverse("account_login"), {"login": login, "password": "wrong"}).content.decode()
        return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", content)

    def test_the_words_are_the_same(self) -> None:
        person(email="known@example.com")
        invited = make_user(email="invited@example.com")
        shut_out = person(email="gone@example.com", is_active=False)

        texts = {
            self.text(login) for login in ("known@example.com", "nobody@example.com", invited.email, shut_out.email)
        }
        assert len(texts) == 1

    def test_the_time_is_the_same(self, settings: Any) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        person(email="known@example.com")

        def took(login: str) -> float:
            start = time.process_time()
            self.text(login)
            return time.process_time() - start

        # Work done, not time passed, and the least of several: a busy machine says nothing about us.
        pairs = [(took("known@example.com"), took("nobody@example.com")) for _ in range(6)]
        known, nobody = (min(times) for times in zip(*pairs, strict=True))
        assert 0.5 < known / nobody < 2

    def test_asking_for_a_new_password_answers_alike_and_mails_by_a_job(self) -> None:
        user = person()
        answers = [
            Client().post(reverse("account_reset_password"), {"email": e}) for e in (user.email, "no@example.com")
        ]

        assert {(answer.status_code, answer["Location"]) for answer in answers} == {
            (302, "/sign-in/password/reset/done/")
        }
        assert mail.outbox == []
        jobs.run_due(dt.datetime.now(dt.UTC))
        assert [message.to for message in mail.outbox] == [[user.email]]


def test_rule_12_a_session_gets_a_new_id_at_sign_in() -> None:
    user, client = person(), Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["mainstay_session"] = str(before)

    sign_in(user, client=client)

    assert client.session.session_key != before
    assert is_in(client)


def test_rule_13_a_session_ends_idle_and_at_last() -> None:
    user, start = person(), dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False):
        idle, busy = signed_in(user), signed_in(user)
    for hours in range(6, 7 * 24, 6):
        with time_machine.travel(start + dt.timedelta(hours=hours), tick=False):
            assert is_in(busy)
    with time_machine.travel(start + dt.timedelta(hours=9), tick=False):
        assert not is_in(idle)
    with time_machine.travel(start + dt.timedelta(days=7, minutes=1), tick=False):
        assert not is_in(busy)


class TestRule14SessionsAreSeenAndEnded:
    """A person ends their own; an admin ends anyone's."""

    def test_one_sees_where_one_is_signed_in_and_ends_another(self) -> None:
        user = person()
        here, there = signed_in(user), signed_in(user)
        other = SignIn.objects.exclude(session_key=here.session.session_key).get()

        page = here.get(HERE).content.decode()
        assert page.count("Since ") == 2
        assert page.count("This browser") == 1
        here.post(reverse("session_end", args=[other.pk]))

        assert is_in(here)
        assert not is_in(there)
        assert here.get(HERE).content.decode().count("Since ") == 1

    def test_nobody_ends_a_colleagues(self) -> None:
        theirs = signed_in(person())
        pk = SignIn.objects.get().pk

        assert signed_in(person()).post(reverse("session_end", args=[pk])).status_code == 404
        assert is_in(theirs)

    def test_all_the_others_end_at_once(self) -> None:
        user = person()
        here, there, elsewhere = signed_in(user), signed_in(user), signed_in(user)

        here.post(reverse("sessions_end_others"))

        assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, False]

    def test_an_admin_ends_anyones(self) -> None:
        user = person()
        theirs = signed_in(user)

        signed_in(person("admin")).post(reverse("person_end_sessions", args=[user.pk]))

        assert not is_in(theirs)

    def test_signing_out_takes_it_off_the_list(self) -> None:
        user = person()
        client = signed_in(user)
        client.post(reverse("account_logout"))

        assert SignIn.objects.get().ended_at is not None

    def test_who_changes_a_password_reads_one_line_of_advice_and_no_markup(self) -> None:
        page = signed_in(person()).get(reverse("account_change_password")).content.decode()

        assert "At least 12 characters. A few words" in page
        assert "&lt;" not in page

    def test_a_session_under_a_new_key_is_still_the_same_one(self) -> None:
        user = person()
        client = signed_in(user)
        change = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
        client.post(reverse("account_change_password"), change)

        assert SignIn.objects.get(ended_at=None).session_key == client.session.session_key
        assert is_in(client)


class TestRule15WhatEndsAtTheNextRequest:
    """Shutting out, another role and another password end sessions and tokens."""

    def both(self, user: User) -> tuple[Client, str]:
        _token, secret = token_actions.create_token(by=user, at=dt.datetime.now(dt.UTC), name="x", scopes=["read"])
        return signed_in(user), secret

    def works(self, secret: str) -> bool:
        return Client().get("/api/v1/users/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200

    @pytest.mark.parametrize("act", ["deactivate", "role", "password"])
    def test_both_end(self, act: str) -> None:
        user, admin = person(), make_user("admin")
        client, secret = self.both(user)
        assert is_in(client)
        assert self.works(secret)

        if act == "deactivate":
            people.deactivate_person(person=user, by=admin, at=AT)
        elif act == "role":
            people.change_person(person=user, role=Role.VIEWER, by=admin, at=AT)
        else:
            user.refresh_from_db()
            Client().post(path_of(make_link(person=user, at=dt.datetime.now(dt.UTC))), {"password": OTHER})

        assert not is_in(client)
        assert not self.works(secret)

    def test_changing_ones_own_password_keeps_this_session_alone(self) -> None:
        user = person()
        here, there = signed_in(user), signed_in(user)
        change = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}

        assert here.post(reverse("account_change_password"), change).status_code == 302

        assert [is_in(client) for client in (here, there)] == [True, False]

    def test_a_session_that_no_list_knows_ends_too(self) -> None:
        user, client = person(), Client()
        client.force_login(user)
        assert is_in(client)

        people.change_person(person=user, role=Role.CS_MANAGER, by=make_user("admin"), at=AT)

        assert not is_in(client)


class TestRule16AskingAgain:
    """Tokens and roles ask who sits there, unless that was told just now."""

    def test_a_session_of_an_hour_is_asked_and_what_was_typed_goes_on(self) -> None:
        user = person()
        with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)):
            client = signed_in(user)
        form = {"name": "Warehouse", "scope": "read", "days": "90"}

        asked = client.post(reverse("token_create"), form)
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        made = client.post(asked["Location"], {"password": PASSWORD})

        assert made.status_code == 200
        assert re.search(r"mst_\w{12}_\w{49}", made.content.decode())

    def test_a_wrong_password_leads_nowhere(self) -> None:
        user = person()
        with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)):
            client = signed_in(user)
        asked = client.post(reverse("token_create"), {"name": "W", "scope": "read", "days": "90"})

        client.post(asked["Location"], {"password": "wrong"})

        assert not user.api_tokens.exists()

    def test_who_has_just_signed_in_is_not_asked(self) -> None:
        client = signed_in(person())

        assert client.post(reverse("token_create"), {"name": "W", "scope": "read", "days": "90"}).status_code == 200


def test_rule_17_single_sign_on_knows_people_by_subject_and_makes_none(settings: Any) -> None:
    assert settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION is False
    assert settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["OAUTH_PKCE_ENABLED"] is True


def test_rule_20_a_tokens_secret_is_shown_once() -> None:
    user = person()
    client = signed_in(user)
    page = client.post(reverse("token_create"), {"name": "W", "scope": "ingest", "days": "90"}).content.decode()
    secret = re.findall(r"mst_\w{12}_\w{49}", page)[0]

    assert secret not in client.get(reverse("tokens")).content.decode()
    assert secret not in str(list(user.api_tokens.values())) + str(list(AuditEvent.objects.values()))


def test_rule_20_loading_the_page_of_a_secret_again_makes_no_second_token() -> None:
    user = person()
    client = signed_in(user)
    key = re.findall(r'name="form_key" value="(\w{32})"', client.get(reverse("token_create")).content.decode())[0]
    form = {"name": "W", "scope": "ingest", "days": "90", "form_key": key}

    assert client.post(reverse("token_create"), form).status_code == 200
    again = client.post(reverse("token_create"), form)

    assert again["Location"] == reverse("tokens")
    assert user.api_tokens.count() == 1


def test_rule_24_all_tokens_end_with_one_click() -> None:
    admin, csm = person("admin"), person()
    _t, secret = token_actions.create_token(by=csm, at=dt.datetime.now(dt.UTC), name="x", scopes=["read"])
    client = signed_in(admin)

    client.post(reverse("tokens_revoke_all"))

    assert Client().get("/api/v1/users/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert get_user_model().objects.count() == 2
