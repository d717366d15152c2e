"""What should a person be told, and did they read it?"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.people import User


class NotificationQuerySet(models.QuerySet["Notification"]):
    """What people are told, each their own."""

    def visible_to(self, user: User | AnonymousUser) -> NotificationQuerySet:
        """What was told to this person, as long as they may see the account that it speaks of."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        about = models.Q(account=None) | models.Q(account__in=Account.objects.visible_to(user))
        return self.filter(about, user=user)

    def unread(self) -> NotificationQuerySet:
        """What nobody has looked at yet."""
        return self.filter(read_at=None)


class Notification(models.Model):
    """One thing that one person is told, once."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="notifications")
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True, max_length=4_000)
    url = models.CharField(_("address"), max_length=500, blank=True)
    # The same cause is told to the same person once.
    cause = models.CharField(_("cause"), max_length=100)
    at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "cause"], name="accounts_notification_once_per_cause"),
            models.CheckConstraint(condition=~models.Q(title=""), name="accounts_notification_title_not_empty"),
        ]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="accounts_notification_newest"),
            models.Index(fields=["user"], name="accounts_notification_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title
