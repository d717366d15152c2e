"""Who asks for what, in which words?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, TimelineEntry
from accounts.models.of_account import OfAccountQuerySet
from roadmap.models.requests import FeatureRequest
from usage.models import Ticket


class RequestEvidence(models.Model):
    """One voice for a request: an account that asked, in its own words."""

    class Importance(models.IntegerChoices):
        NICE = 0, _("Nice to have")
        USEFUL = 1, _("Useful")
        IMPORTANT = 2, _("Important")
        CRITICAL = 3, _("Critical")

    # The request for which it counts: of merged requests, the one that they were merged into.
    request = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("request"),
        on_delete=models.CASCADE,
        related_name="evidence",
    )
    # The request for which it was given, if that was merged: where it goes back to when they are parted.
    asked_as = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("asked as"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="request_evidence",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    verbatim = models.TextField(_("in their words"), blank=True, max_length=10_000)
    asked_on = models.DateField(_("asked on"))
    importance = models.PositiveSmallIntegerField(_("importance"), choices=Importance, default=Importance.USEFUL)
    is_blocker = models.BooleanField(
        _("blocks them"), default=False, db_default=False,
        help_text=_("They cannot go on, or will not sign, without it."),
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=60, blank=True)
    # Where it was heard, if that stands in the book.
    entry = models.ForeignKey(
        TimelineEntry,
        verbose_name=_("timeline entry"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    ticket = models.ForeignKey(
        Ticket,
        verbose_name=_("ticket"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(importance__range=(0, 3)), name="roadmap_requestevidence_importance_0_to_3"
            ),
        ]
        indexes = [models.Index(fields=["request", "account", "asked_on"], name="roadmap_evidence_voices")]

    def __str__(self) -> str:
        return f"{self.account} · {self.asked_on}"
