"""May this person open this page, find this row, see this field, and is it really them?

The one place at the edge where these are asked, so that no view, serializer or template words its own check.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.models import Contact, User
from accounts.rules.roles import Capability

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Row = TypeVar("Row", bound=models.Model)

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What each field of a row asks for; what is not named here is seen by whoever sees the row.
CONTACT_FIELDS: Mapping[str, Capability] = {
    "email": Capability.SEE_CONTACT_DETAILS,
    "phone": Capability.SEE_CONTACT_DETAILS,
}
MONEY_FIELDS = ("arr", "mrr", "amount", "acv", "price", "arr_lost", "arr_at_risk", "baseline_arr")


def may(user: User | AnonymousUser, *capabilities: Capability) -> bool:
    """Say whether a person has all of some rights; a stranger has none."""
    return isinstance(user, User) and all(user.can(capability) for capability in capabilities)


def requires(*capabilities: Capability) -> Callable[[View[P]], View[P]]:
    """Answer 404 to whoever lacks one of the rights, whatever the method: what one may not use is not there.

    It stands above `require_POST` and its like, so that the answer does not tell that there is a page.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not may(request.user, *capabilities):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def get_visible_or_404(rows: type[Row] | models.QuerySet[Row], user: User | AnonymousUser, **lookup: Any) -> Row:
    """Find one row that a person may see; what is not there and what is not theirs give the same answer."""
    queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.get_queryset()
    found: Row | None = queryset.visible_to(user).filter(**lookup).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


def sees_money(user: User | AnonymousUser) -> bool:
    """Say whether amounts may be shown, sorted, filtered, summed and exported for a person."""
    return may(user, Capability.SEE_MONEY)


def sees_contact_details(user: User | AnonymousUser) -> bool:
    """Say whether a person may see how contacts are reached."""
    return may(user, Capability.SEE_CONTACT_DETAILS)


def sees_private_notes(user: User | AnonymousUser) -> bool:
    """Say whether a person may see other people's private notes; the timeline's `visible_to` asks the same."""
    return may(user, Capability.SEE_PRIVATE_NOTES)


def hidden_fields(user: User | AnonymousUser, rights: Mapping[str, Capability]) -> frozenset[str]:
    """Name the fields that a person may not see."""
    return frozenset(name for name, capability in rights.items() if not may(user, capability))


def without_hidden(
    values: Mapping[str, Any], user: User | AnonymousUser, rights: Mapping[str, Capability]
) -> dict[str, Any]:
    """Leave out of a row's values what a person may not see: for a serializer's answer, an export, a template."""
    hidden = hidden_fields(user, rights)
    return {name: value for name, value in values.items() if name not in hidden}


def contact_details(user: User | AnonymousUser, contacts: Iterable[Contact]) -> dict[int, tuple[str, str]]:
    """E-mail and phone of contacts by id, empty for a person who may not see them."""
    shown = sees_contact_details(user)
    return {contact.pk: (contact.email, contact.phone) if shown else ("", "") for contact in contacts}


def must_set_up_second_factor(user: User | AnonymousUser) -> bool:
    """Say whether a person's role must have a second factor that is still missing. Asks nothing for other roles."""
    if not isinstance(user, User) or user.role not in settings.SECOND_FACTOR_ROLES:
        return False
    return not is_mfa_enabled(user, SECOND_FACTORS)


def confirm_identity(view: View[P]) -> View[P]:
    """Ask for the password or second factor again before a sensitive act, unless that was just done.

    A form that was sent is kept and goes on after the answer.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST" and not has_just_confirmed(request):
            return suspend_request(request, _where_to_confirm(request))
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def has_just_confirmed(request: HttpRequest) -> bool:
    """Say whether this session's person signed in or confirmed within the set time."""
    records = get_authentication_records(request, request.user)
    last = max((record.get("at", 0) for record in records), default=0)
    return bool(0 <= time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def _where_to_confirm(request: HttpRequest) -> str:
    """The page that asks: for the password, or the second factor of one who has none, or for a new sign-in."""
    user = request.user
    if isinstance(user, User) and user.has_usable_password():
        return reverse("account_reauthenticate")
    if is_mfa_enabled(user, SECOND_FACTORS):
        return reverse("mfa_reauthenticate")
    return reverse("account_login")
