"""Into which chat channels are notifications written, and what became of each message?"""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules.roles import Capability

Row = TypeVar("Row", bound=models.Model)


class ForSettersQuerySet(models.QuerySet[Row]):
    """Rows for whoever sets the installation up."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """Admins see them; for everybody else they are not there."""
        may = isinstance(user, User) and user.can(Capability.MANAGE_SETTINGS)
        return self if may else self.none()


class ChatWebhook(models.Model):
    """One chat channel into which notifications are written, at an address that the chat gave out."""

    class Style(models.TextChoices):
        SLACK = "slack", _("Slack, Mattermost, Rocket.Chat")
        TEAMS = "teams", _("Microsoft Teams (workflow)")

    name = models.CharField(_("name"), max_length=100, unique=True)
    style = models.CharField(_("kind of chat"), max_length=8, choices=Style, default=Style.SLACK)
    # Whoever knows the address may write into the channel, so it is kept sealed.
    sealed_url = models.TextField(_("sealed address"), editable=False)
    kinds = models.JSONField(_("kinds of notifications"), default=list)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    is_enabled = models.BooleanField(_("in use"), default=True)
    # The last notification that was taken into a message; what was there before the channel was named is not told.
    told_until = models.BigIntegerField(_("told up to"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"))

    objects = ForSettersQuerySet["ChatWebhook"].as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("chat channel")
        verbose_name_plural = _("chat channels")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="integrations_chatwebhook_name_not_empty")]

    def __str__(self) -> str:
        return self.name


class ChatPost(models.Model):
    """One message to a channel, written down before it is sent and again after; sent at most once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused by the chat")
        UNCERTAIN = "uncertain", _("Perhaps sent")

    webhook = models.ForeignKey(ChatWebhook, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="posts")
    # Which notifications it tells: those after the first number, up to the last; none for a try from the settings.
    after_id = models.BigIntegerField(_("after"), default=0)
    until_id = models.BigIntegerField(_("up to"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = ForSettersQuerySet["ChatPost"].as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("chat message")
        verbose_name_plural = _("chat messages")
        constraints = [
            models.CheckConstraint(condition=Q(until_id__gte=models.F("after_id")), name="integrations_chatpost_order")
        ]
        indexes = [models.Index(fields=["webhook", "-id"], name="integrations_post_newest")]

    def __str__(self) -> str:
        return f"{self.webhook}: {self.get_state_display()}"
