"""What may a person still take back?"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User


class ChangeQuerySet(models.QuerySet["Change"]):
    """Changes, each person their own."""

    def visible_to(self, user: User | AnonymousUser) -> ChangeQuerySet:
        """What a person changed, of accounts that they may still see."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(Q(account=None) | Q(account__in=Account.objects.visible_to(user)), user=user)


class Change(models.Model):
    """One act that its person may take back for 30 days, with what is needed for that."""

    token = models.UUIDField(_("token"), unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    step = models.CharField(_("act"), max_length=60)
    was = models.JSONField(_("what was before"), default=dict)
    # The row that was changed: once something else has happened to it, taking back would undo that too.
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    at = models.DateTimeField(_("when"))
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = [models.CheckConstraint(condition=~Q(step=""), name="portfolio_change_step_not_empty")]
        indexes = [models.Index(fields=["user", "-at", "-id"], name="portfolio_change_newest")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"
