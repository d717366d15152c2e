"""Whose request is it, when a program sends a token?"""

from __future__ import annotations

import hmac

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.access import must_set_up_second_factor
from accounts.models import User
from accounts.sign_in import address_of
from integrations.actions import tokens as actions
from integrations.models import ApiToken
from integrations.rules import tokens as rules


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer mst_…`; a token in an address is never read, for addresses are logged."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Find the owner of a token; None without one, so that a session may answer."""
        header = get_authorization_header(request).split()
        if not header:
            return None
        if len(header) != 2 or header[0].lower() != b"bearer":
            raise AuthenticationFailed(_("Send the header “Authorization: Bearer mst_…”."))
        token = self._find(header[1].decode("latin-1"))
        at = timezone.now()  # noqa: TID251  this is the edge
        address = address_of(request) or None
        if token.revoked_at is not None:
            raise AuthenticationFailed(_("This token was revoked."))
        if at >= token.expires_at:
            raise AuthenticationFailed(_("This token has expired."))
        if not rules.may_come_from(address, token.networks):
            raise AuthenticationFailed(_("This token may not be used from this address."))
        if must_set_up_second_factor(token.owner):
            raise PermissionDenied(_("The owner’s role needs a second factor, which is not set up yet."))
        actions.note_use(token=token, at=at, address=address)
        return token.owner, token

    def _find(self, sent: str) -> ApiToken:
        """Look a token up; the same words for a wrong id, a wrong secret and an owner who may not sign in."""
        parts = rules.parse(sent)
        token = ApiToken.objects.select_related("owner").filter(public_id=parts.id).first() if parts else None
        # Hashing also for an unknown id keeps the time the same.
        secret_hash = rules.hash_secret(parts.secret if parts else "", actions.pepper())
        if (
            token is None
            or not hmac.compare_digest(secret_hash, token.secret_hash)
            or not token.owner.is_active
            or not hmac.compare_digest(actions.stamp_of(token.owner), token.owner_stamp)
        ):
            raise AuthenticationFailed(_("This token is not valid."))
        return token

    def authenticate_header(self, request: Request) -> str:
        """Name the way in, which makes the answer 401 and not 403."""
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    """How the documentation describes the tokens."""

    target_class = "integrations.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "mst_…"}
