"""May this person or program use this endpoint?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.rules.roles import CAPABILITIES, Capability, Role
from integrations.models import ApiToken
from integrations.rules.tokens import SAFE_METHODS, Scope, allows, scope_for

# Rights to see or to take along; a role that has no other may not write.
READING = frozenset(
    {Capability.SEE_MONEY, Capability.SEE_CONTACT_DETAILS, Capability.SEE_PRIVATE_NOTES, Capability.EXPORT}
)


class MayUseApi(BasePermission):
    """Signed in; the token's scope fits; and the owner's role may do it.

    A view may name the `scope` that it needs (ingest, admin) and the `write_capability` that its writes need. Which
    rows there are is not decided here but by `visible_to`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Decide before anything is read or changed."""
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return False
        scope = Scope(getattr(view, "scope", None) or scope_for(request.method or ""))
        if isinstance(request.auth, ApiToken) and not allows(request.auth.scopes, scope):
            self.message = _("This token does not have the scope “%(scope)s”.") % {"scope": scope.value}
            return False
        if scope is Scope.ADMIN and not user.can(Capability.MANAGE_SETTINGS):
            return False
        return request.method in SAFE_METHODS or self._may_write(user, view)

    def _may_write(self, user: User, view: Any) -> bool:
        """Ask for the right that the view names, or for any right to change something."""
        wanted: Capability | None = getattr(view, "write_capability", None)
        if wanted is not None:
            return user.can(wanted)
        return any(user.can(capability) for capability in CAPABILITIES[Role(user.role)] - READING)
