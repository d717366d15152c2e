"""How does allauth sign people in here: nobody makes themselves an account, and guessing gets slow?"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.access import SECOND_FACTORS
from accounts.actions import sign_ins
from accounts.actions.invitations import send_link
from accounts.actions.passwords import set_password
from accounts.models import Organisation, User
from accounts.rules.sign_in import FREE_TRIES, LONGEST_DELAY, delay_after, leans_on
from common.middleware import SEEN, SINCE

PRODUCT = "Mainstay"
SESSION_SIGN_IN = "sign_in"


class NotAWordOfThisPlace:
    """A password may not be made of the product's or the organisation's name."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Refuse a password that stands on such a word."""
        word = leans_on(password, [PRODUCT, Organisation.load().name])
        if word:
            message = _("“%(word)s” is the first thing somebody would try here. Choose other words.")
            raise ValidationError(message, code="word_of_this_place", params={"word": word})

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password can’t be made of the product’s or your company’s name.")


class Tries:
    """Wrong passwords for one account from one address: a stranger elsewhere slows nobody down but themselves."""

    def __init__(self, email: str, address: str) -> None:
        digest = hashlib.sha256(f"{email.strip().lower()}|{address}".encode()).hexdigest()
        self._count, self._slot = f"tries:{digest}", f"wait:{digest}"

    def begin(self) -> bool:
        """Take one try, counted before the password is checked; False while one has to wait.

        After the free tries each further one takes a slot that nobody else has, so that many at once are no way
        round. A refused try does not lengthen the wait, or knocking alone would lock the door.
        """
        if cache.get(self._slot):
            return False
        cache.add(self._count, 0, timeout=LONGEST_DELAY)
        try:
            count = cache.incr(self._count)
        except ValueError:  # ran out between the two calls
            count = 1
        if count < FREE_TRIES:
            return True
        cache.touch(self._count, LONGEST_DELAY + delay_after(count))
        return bool(cache.add(self._slot, 1, timeout=delay_after(count)))

    def succeed(self) -> None:
        """Forget the wrong ones."""
        cache.delete_many([self._count, self._slot])


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up; each is noted, and ends can be put to it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many wrong passwords. Wait a moment, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse a stranger, also one whom another system knows."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Check a password, after the pair's own limit and the address's."""
        tries = Tries(credentials.get("email", ""), address_of(request))
        if not tries.begin():
            raise self.validation_error("too_many_login_attempts")
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            tries.succeed()
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password."""
        sign_ins.note_failure(email=credentials.get("email", ""), at=timezone.now())

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Begin a session, under a new key, and note where."""
        records, at = get_authentication_records(request, user), timezone.now()
        super().login(request, user)
        if not isinstance(user, User):
            return
        # The limits count from here, also if nothing else is asked for.
        request.session[SINCE] = request.session[SEEN] = at.timestamp()
        started = sign_ins.start(
            person=user,
            session_key=request.session.session_key or "",
            address=address_of(request) or None,
            browser=request.headers.get("User-Agent", ""),
            at=at,
            method=str(records[-1].get("method", "")) if records else "",
        )
        request.session[SESSION_SIGN_IN] = started.pk

    def logout(self, request: HttpRequest) -> None:
        """End a session."""
        sign_in_id = request.session.get(SESSION_SIGN_IN)
        super().logout(request)
        if sign_in_id:
            sign_ins.note_sign_out(sign_in_id=sign_in_id, at=timezone.now())

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Store a password that a person chose, which ends their other sessions and their tokens."""
        if isinstance(user, User):
            own = self.request.session.session_key if self.request and self.request.user == user else None
            set_password(person=user, password=password, by=user, at=timezone.now(), keep_session=own or "")

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Have the link mailed by a job: the answer takes as long for an address that nobody has."""
        if isinstance(user, User) and user.is_active:
            send_link(person=user, by=None, at=timezone.now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go to where one sees that the other sessions ended."""
        return reverse("sessions")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Say nothing of what the next page shows anyhow: that one has signed in or out."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)


def address_of(request: HttpRequest) -> str:
    """Give the visitor's address, as seen past the proxies that are ours; an empty string where there is none."""
    return get_client_ip(request) or ""


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: secrets lie encrypted, and whoever must have one cannot take the last away."""

    def encrypt(self, text: str) -> str:
        """Lock a secret with a key that is not in the database."""
        return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret, also one locked with a former key."""
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet([_fernet(key) for key in keys]).decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last one of a person whose role must have one."""
        if authenticator.user.role not in settings.SECOND_FACTOR_ROLES or authenticator.type not in SECOND_FACTORS:
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_FACTORS)
        return others.exclude(pk=authenticator.pk).exists()

    def _get_site_name(self) -> str:
        return PRODUCT


def _fernet(secret: str) -> Fernet:
    key = salted_hmac("accounts.second-factor", "key", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
