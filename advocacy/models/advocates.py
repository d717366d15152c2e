"""Who speaks for us, and what were they asked?"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, User
from accounts.models.of_account import OfAccountQuerySet


class Advocate(models.Model):
    """One contact on the way to speaking for us."""

    class Stage(models.TextChoices):
        IDENTIFIED = "identified", _("Identified")
        ASKED = "asked", _("Asked")
        AGREED = "agreed", _("Agreed")
        ACTIVE = "active", _("Active")
        WITHDRAWN = "withdrawn", _("Withdrawn")

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

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name = _("advocate")
        verbose_name_plural = _("advocates")

    def __str__(self) -> str:
        return str(self.contact)


class AskQuerySet(OfAccountQuerySet["Ask"]):
    """Asks, seen by whoever sees the advocate's account."""

    path_to_account = "advocate__account"


class Ask(models.Model):
    """One favour asked of an advocate, and the answer."""

    class Kind(models.TextChoices):
        REFERENCE_CALL = "reference_call", _("Reference call")
        CASE_STUDY = "case_study", _("Case study")
        REVIEW = "review", _("Review")
        TALK = "talk", _("Talk in a sharing session")
        REFERRAL = "referral", _("Referral")
        CO_CREATION = "co_creation", _("Co-creation")

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    advocate = models.ForeignKey(
        Advocate,
        verbose_name=_("advocate"),
        on_delete=models.CASCADE,
        related_name="asks",
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    asked_on = models.DateField(_("asked on"))
    asked_by = models.ForeignKey(
        User,
        verbose_name=_("asked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, default=Answer.WAITING)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        verbose_name = _("ask")
        verbose_name_plural = _("asks")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("asked_on")),
                name="advocacy_ask_answered_after_asked",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.asked_on}"
