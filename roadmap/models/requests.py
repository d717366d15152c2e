"""What do customers ask for, and who asks?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, Contact
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from usage.models import Module


class FeatureRequest(models.Model):
    """One need, whoever voiced it."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("request", "New")
        UNDER_REVIEW = "under_review", _("Under review")
        PLANNED = "planned", _("Planned")
        BUILDING = "building", _("Building")
        SHIPPED = "shipped", _("Shipped")
        DECLINED = "declined", _("Declined")

    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=10_000)
    module = models.ForeignKey(
        Module,
        verbose_name=_("module"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.NEW)
    decline_reason = models.TextField(_("reason for declining"), blank=True, max_length=4_000)
    created_on = models.DateField(_("first asked"))

    # What customers ask for is no secret inside the company; who asked is.
    objects = ForColleaguesQuerySet["FeatureRequest"].as_manager()

    class Meta:
        ordering = ["-created_on", "-pk"]
        verbose_name = _("feature request")
        verbose_name_plural = _("feature requests")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""),
                name="roadmap_featurerequest_declined_with_reason",
                violation_error_message=_("Say why the request is declined."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class RequestEvidence(models.Model):
    """One voice for a request: an account that asked, in its own words."""

    class Importance(models.IntegerChoices):
        NICE = 0, _("Nice to have")
        USEFUL = 1, _("Useful")
        IMPORTANT = 2, _("Important")
        BLOCKER = 3, _("Blocker")

    request = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("request"),
        on_delete=models.CASCADE,
        related_name="evidence",
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
    verbatim = models.TextField(_("in their words"), blank=True, max_length=4_000)
    asked_on = models.DateField(_("asked on"))
    importance = models.PositiveSmallIntegerField(_("importance"), choices=Importance, default=Importance.USEFUL)
    source = models.CharField(_("source"), max_length=60, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return f"{self.account} · {self.asked_on}"
