"""Which programs may use the API, in whose name and how far?"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens, filtered by whose they are and whether they work."""

    def visible_to(self, user: User | AnonymousUser) -> ApiTokenQuerySet:
        """A person's own tokens; an admin sees everybody's."""
        if not isinstance(user, User):
            return self.none()
        return self if user.is_staff else self.filter(owner=user)

    def usable_at(self, at: dt.datetime) -> ApiTokenQuerySet:
        """Tokens that are neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """One key with which a program acts for its owner: never more than the owner may, within its scopes."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=100)
    public_id = models.CharField(_("public part"), max_length=12, unique=True, editable=False)
    secret_hash = models.CharField(_("hash of the secret"), max_length=64, editable=False)
    owner_stamp = models.CharField(
        _("state of the owner"),
        max_length=64,
        editable=False,
        help_text=_("Changes with the owner’s password and role, and the token dies with it."),
    )
    scopes = models.JSONField(_("scopes"), default=list)
    networks = models.JSONField(_("allowed addresses"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="integrations_apitoken_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="integrations_token_owner")]

    def __str__(self) -> str:
        return f"{self.name} (mst_{self.public_id}…)"

    def is_usable(self, at: dt.datetime) -> bool:
        """Say whether the token works at an instant."""
        return self.revoked_at is None and at < self.expires_at
