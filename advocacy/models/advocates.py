"""Who speaks for us, and how far have they come?"""

from __future__ import annotations

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, Contact, User
from accounts.models.of_account import OfAccountQuerySet


class WithdrawalCause(models.TextChoices):
    """Why an advocate, or an ask, was withdrawn."""

    PERSON = "person", _("by a person")
    RED = "red", _("health turned red")
    TICKET = "ticket", _("a critical ticket is open")
    RENEWAL = "renewal", _("the renewal is near")
    CONSENT = "consent", _("the consent is over")


class Advocate(models.Model):
    """One contact on the way to speaking for us."""

    class Stage(models.TextChoices):
        IDENTIFIED = "identified", _("Identified")
        ASKED = "asked", _("Asked")
        AGREED = "agreed", _("Agreed")
        ACTIVE = "active", _("Active")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Stages in which the customer counts on us, or we on them.
    ENGAGED = (Stage.ASKED, Stage.AGREED, Stage.ACTIVE)

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="advocates",
    )
    contact = models.OneToOneField(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.CASCADE,
        related_name="advocate",
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.IDENTIFIED)
    since = models.DateField(_("in this stage since"))
    note = models.TextField(_("note"), blank=True, max_length=4_000)
    withdrawn_cause = models.CharField(
        _("why withdrawn"), max_length=8, choices=WithdrawalCause, blank=True, default=""
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name = _("advocate")
        verbose_name_plural = _("advocates")
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="withdrawn") | Q(withdrawn_cause=""),
                name="advocacy_advocate_cause_of_a_withdrawal",
            )
        ]

    def __str__(self) -> str:
        return str(self.contact)


class PublicMention(models.Model):
    """One time that somebody of a customer spoke of us where others could hear it."""

    class Kind(models.TextChoices):
        REVIEW = "review", _("Review")
        POST = "post", pgettext_lazy("social media", "Post")
        ARTICLE = "article", _("Article")
        TALK = "talk", pgettext_lazy("speech", "Talk")
        OTHER = "other", _("Other")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="public_mentions",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.REVIEW)
    title = models.CharField(_("title"), max_length=200)
    url = models.CharField(
        _("address"), max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    on = models.DateField(_("date"))
    added_by = models.ForeignKey(
        User,
        verbose_name=_("added by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("public mention")
        verbose_name_plural = _("public mentions")
        indexes = [models.Index(fields=["account", "on"], name="advocacy_mention_by_account")]

    def __str__(self) -> str:
        return self.title

    @property
    def link(self) -> str:
        """Its address as far as a browser may follow it: of the web, and of nothing else that came in with a file."""
        return self.url if self.url.startswith(("https://", "http://")) else ""
