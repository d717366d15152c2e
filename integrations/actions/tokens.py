"""How does a program get its key, and how does it lose it?"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import User
from accounts.rules.roles import Capability
from common import text
from common.errors import Refused
from integrations.models import ApiToken
from integrations.rules import tokens as rules
from integrations.rules.tokens import Scope

DEFAULT_DAYS = 90
LONGEST_DAYS = 365
NETWORKS = 20
TOUCH_EVERY = dt.timedelta(minutes=1)


def pepper() -> bytes:
    """The key with which secrets are hashed; it is not in the database."""
    return salted_hmac(
        "integrations.token", "pepper", secret=settings.TOKEN_PEPPER or None, algorithm="sha256"
    ).digest()


def stamp_of(owner: User) -> str:
    """What a token remembers of its owner: another password or role ends it at the next request."""
    state = f"{owner.pk}:{owner.password}:{owner.role}"
    return salted_hmac("integrations.owner", state, algorithm="sha256").hexdigest()


@transaction.atomic
def create_token(
    *,
    by: User,
    at: dt.datetime,
    name: str,
    scopes: Sequence[str],
    days: int = DEFAULT_DAYS,
    networks: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """Make a token of one's own; the second value is the only time that it can be read."""
    name = text.clean(name, _("Name"), max_length=100)
    wanted = [scope for scope in Scope if scope in scopes]
    if not wanted or len(wanted) != len(set(scopes)):
        raise Refused(_("Choose one of the scopes: ingest, read, write, admin."), field="scopes")
    if Scope.ADMIN in wanted and not by.can(Capability.MANAGE_SETTINGS):
        raise Refused(_("Only an admin may make a token with the admin scope."), field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(_("A token is valid for 1 to 365 days."), field="days")
    parts = rules.generate()
    token = ApiToken.objects.create(
        owner=by,
        name=name,
        public_id=parts.id,
        secret_hash=rules.hash_secret(parts.secret, pepper()),
        owner_stamp=stamp_of(by),
        scopes=[scope.value for scope in wanted],
        networks=_networks(networks),
        created_at=at,
        expires_at=at + dt.timedelta(days=days),
    )
    _record("token.created", by=by, at=at, token=token)
    return token, rules.compose(parts)


def _networks(given: Sequence[str]) -> list[str]:
    """Read addresses and networks."""
    if len(given) > NETWORKS:
        raise Refused(_("At most 20 addresses."), field="networks")
    found = []
    for network in given:
        try:
            found.append(str(ipaddress.ip_network(network.strip(), strict=False)))
        except ValueError:
            message = _("“%(network)s” is no address or network, like 203.0.113.0/24.")
            raise Refused(message % {"network": text.cut(network, 60)}, field="networks") from None
    return found


@transaction.atomic
def revoke_token(*, by: User, at: dt.datetime, token: ApiToken) -> None:
    """End a token, one's own or as an admin anybody's; again is harmless."""
    if token.owner_id != by.pk and not by.can(Capability.MANAGE_PEOPLE):
        raise Refused(_("Only its owner or an admin may revoke this token."))
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        token.revoked_at = at
        _record("token.revoked", by=by, at=at, token=token)


@transaction.atomic
def revoke_all(*, by: User, at: dt.datetime, owner: User | None = None) -> int:
    """End all tokens of a person, or of everybody; return how many there were."""
    if (owner is None or owner.pk != by.pk) and not by.can(Capability.MANAGE_PEOPLE):
        raise Refused(_("Only an admin may revoke the tokens of others."))
    tokens = ApiToken.objects.usable_at(at)
    if owner is not None:
        tokens = tokens.filter(owner=owner)
    count = tokens.update(revoked_at=at)
    audit.record("token.all_revoked", by=by, at=at, obj=owner, changes={"count": count})
    return count


def note_use(*, token: ApiToken, at: dt.datetime, address: str | None) -> None:
    """Remember when and from where a token was used: once a minute at most, and at once for a new address."""
    known = token.last_used_from == address
    if known and token.last_used_at and dt.timedelta() <= at - token.last_used_at < TOUCH_EVERY:
        return
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at, last_used_from=address)
        if not known:
            _record("token.new_address", by=token.owner, at=at, token=token, address=address)


def _record(verb: str, *, by: User, at: dt.datetime, token: ApiToken, address: str | None = None) -> None:
    """Write the audit trail; it never has the secret."""
    changes = {"scopes": token.scopes, "public_id": token.public_id}
    audit.record(verb, by=by, at=at, obj=token, changes=changes, address=address)
