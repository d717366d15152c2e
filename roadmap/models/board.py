"""At which addresses may customers read the roadmap?"""

from __future__ import annotations

import secrets

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.people import ForColleaguesQuerySet


def new_token() -> str:
    """A word of 256 bits that nobody guesses."""
    return secrets.token_urlsafe(32)


class SharedRoadmapQuerySet(ForColleaguesQuerySet["SharedRoadmap"]):
    """Addresses, filtered by whether they still answer."""

    def open(self) -> SharedRoadmapQuerySet:
        """Those that were not revoked."""
        return self.filter(revoked_at=None)


class SharedRoadmap(models.Model):
    """One unguessable address at which whoever has it reads the texts for customers, until it is revoked."""

    name = models.CharField(_("name"), max_length=100, help_text=_("Stands over the page: customers read it."))
    token = models.CharField(_("address"), max_length=64, unique=True, default=new_token, editable=False)
    shipped_days = models.PositiveSmallIntegerField(
        _("days for which shipped requests stay"), default=180, validators=[MaxValueValidator(3650)]
    )
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(
        User,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User,
        verbose_name=_("revoked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = SharedRoadmapQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("shared roadmap")
        verbose_name_plural = _("shared roadmaps")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="roadmap_sharedroadmap_name_not_empty"),
            models.CheckConstraint(condition=~Q(token=""), name="roadmap_sharedroadmap_token_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
