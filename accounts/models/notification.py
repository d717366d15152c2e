"""What should a person be told, how does it reach them, and did they read it?"""

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


class Way(models.TextChoices):
    """How a person hears of a kind of thing; what comes by mail stands in the app as well."""

    APP = "app", _("In the app")
    AT_ONCE = "at_once", _("E-mail at once")
    DIGEST = "digest", _("E-mail once a day")
    OFF = "off", _("Not at all")


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails, filtered by whose they are."""

    def visible_to(self, user: User | AnonymousUser) -> MailQuerySet:
        """A person's own mails."""
        return self.filter(user=user) if isinstance(user, User) and user.is_active else self.none()


class Mail(models.Model):
    """One mail of notifications to one person, written down before it is sent and again after.

    It is sent at most once: where nobody can say whether it arrived, it is not sent again, for what it says stands in
    the app as well.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused by the mail server")
        UNCERTAIN = "uncertain", _("Perhaps sent")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    # The organisation's day of a digest; a mail at once has none.
    digest_on = models.DateField(_("digest of"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(_("made"))
    started_at = models.DateTimeField(_("began to be sent"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "digest_on"],
                condition=models.Q(digest_on__isnull=False),
                name="accounts_mail_one_digest_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(started_at__isnull=False),
                name="accounts_mail_start_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"


class NotificationChoiceQuerySet(models.QuerySet["NotificationChoice"]):
    """Choices, each person's own."""

    def visible_to(self, user: User | AnonymousUser) -> NotificationChoiceQuerySet:
        """What a person chose for themselves."""
        return self.filter(user=user) if isinstance(user, User) and user.is_active else self.none()


class NotificationChoice(models.Model):
    """How one person wants to hear of one kind of thing, where that is not the usual way."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=40)
    way = models.CharField(_("how"), max_length=8, choices=Way)

    objects = NotificationChoiceQuerySet.as_manager()

    class Meta:
        ordering = ["user", "kind"]
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="accounts_notificationchoice_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_way_display()}"


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
    way = models.CharField(_("how"), max_length=8, choices=Way, default=Way.APP)
    mail = models.ForeignKey(
        Mail, verbose_name=_("mail"), on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications"
    )

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
            models.Index(
                fields=["way", "user"],
                name="accounts_notification_to_mail",
                condition=models.Q(way__in=["at_once", "digest"], mail=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title
