"""In which browsers is a person signed in, and since when?"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.rules.roles import Capability


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sign-ins, filtered by whose they are and whether they still hold."""

    def visible_to(self, user: User | AnonymousUser) -> SignInQuerySet:
        """A person's own; an admin sees everybody's."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self if user.can(Capability.MANAGE_PEOPLE) else self.filter(user=user)

    def open_at(self, at: dt.datetime, *, idle: dt.timedelta, longest: dt.timedelta) -> SignInQuerySet:
        """Sign-ins that nobody ended and that have run neither idle nor out."""
        return self.filter(ended_at=None, seen_at__gt=at - idle, started_at__gt=at - longest)


class SignIn(models.Model):
    """One browser in which a person signed in, and when that ended."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="sign_ins")
    # Follows the session when Django gives it a new key.
    session_key = models.CharField(_("session"), max_length=40, unique=True, editable=False)
    started_at = models.DateTimeField(_("signed in"))
    seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at", "-pk"]
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        indexes = [
            models.Index(fields=["user", "-seen_at"], name="accounts_signin_open", condition=models.Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.started_at:%Y-%m-%d %H:%M}"
