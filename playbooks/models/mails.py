"""Which e-mails went to whom, and from whom do they come?"""

from __future__ import annotations

import uuid

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from playbooks.models.tasks import Task

WEB_ADDRESS = URLValidator(schemes=["http", "https"])


class StepMailQuerySet(OfAccountQuerySet["StepMail"]):
    """E-mails, filtered by how far they are."""

    def unfinished(self) -> StepMailQuerySet:
        """E-mails of which it is not settled whether they went out."""
        return self.filter(state__in=[StepMail.State.QUEUED, StepMail.State.SENDING])


class StepMail(models.Model):
    """One e-mail of one step to one contact, as it was written when it was queued.

    It is written down before it is handed to the mail server and again when the server took it. What was handed over
    and never answered is not sent again by itself: a customer gets a mail once or, at worst, not at all.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Handed over")
        SENT = "sent", _("Sent")
        UNSURE = "unsure", _("Unsure: the mail server did not answer")
        FAILED = "failed", _("Refused by the mail server")
        LEFT_OUT = "left_out", _("Left out: unsubscribed meanwhile")

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="mails")
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="step_mails")
    contact = models.ForeignKey(Contact, verbose_name=_("contact"), on_delete=models.CASCADE, related_name="step_mails")
    # Stands in the Message-ID, so that a server or a reader can tell one mail that came twice.
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    address = models.EmailField(_("e-mail"), max_length=254)
    subject = models.CharField(_("subject"), max_length=400)
    body = models.TextField(_("text"), max_length=20_000)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField(_("queued"))
    queued_by = models.ForeignKey(
        User, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    handed_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("what the mail server said"), max_length=500, blank=True)

    objects = StepMailQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at", "-pk"]
        verbose_name = _("e-mail of a step")
        verbose_name_plural = _("e-mails of steps")
        constraints = [
            models.UniqueConstraint(fields=["task", "contact"], name="playbooks_stepmail_once_per_contact"),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent", "unsure"]) | Q(handed_at__isnull=False),
                name="playbooks_stepmail_handed_over_before_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="playbooks_stepmail_sent_is_dated"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"], name="playbooks_stepmail_waiting", condition=Q(state__in=["queued", "sending"])
            )
        ]

    def __str__(self) -> str:
        return self.subject


class MailSettings(models.Model):
    """From whom the e-mails of playbooks come, and where guide and manual stand; there is one row at most."""

    sender_name = models.CharField(_("sender’s name"), max_length=100, blank=True)
    reply_to = models.EmailField(_("answers go to"), max_length=254, blank=True)
    guide_url = models.CharField(_("address of the guide"), max_length=500, blank=True, validators=[WEB_ADDRESS])
    manual_url = models.CharField(_("address of the manual"), max_length=500, blank=True, validators=[WEB_ADDRESS])
    footer = models.TextField(
        _("last lines of every mail"),
        max_length=1_000,
        blank=True,
        help_text=_("Your company’s name and address, as many countries ask for."),
    )

    objects = ForColleaguesQuerySet["MailSettings"].as_manager()

    class Meta:
        verbose_name = _("e-mail settings")
        verbose_name_plural = _("e-mail settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="playbooks_mailsettings_only_one")]

    def __str__(self) -> str:
        return str(_("E-mail settings"))

    @classmethod
    def load(cls) -> MailSettings:
        """The stored settings, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
