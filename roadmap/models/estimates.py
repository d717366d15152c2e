"""What is a request thought to take and to bring, and what has to be there before it?"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.people import ForColleaguesQuerySet
from roadmap.models.requests import FeatureRequest


class RequestEstimate(models.Model):
    """What building one request is thought to take and to bring: for RICE, WSJF and the plan of a quarter."""

    class Impact(models.TextChoices):
        MINIMAL = "0.25", _("Minimal")
        LOW = "0.50", _("Low")
        MEDIUM = "1.00", _("Medium")
        HIGH = "2.00", _("High")
        MASSIVE = "3.00", _("Massive")

    request = models.OneToOneField(
        FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, primary_key=True, related_name="estimate"
    )
    effort = models.DecimalField(
        _("effort in person-weeks"), max_digits=6, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal("9999"))],
    )  # fmt: skip
    reach = models.PositiveIntegerField(
        _("reach, customers in a quarter"), null=True, blank=True, validators=[MaxValueValidator(10_000_000)],
        help_text=_("Left empty: the customers who ask."),
    )  # fmt: skip
    impact = models.CharField(
        _("impact per customer"), max_length=4, choices=Impact, blank=True,
        help_text=_("Left empty: from how much it matters to those who ask."),
    )  # fmt: skip
    confidence = models.PositiveSmallIntegerField(
        _("confidence in %"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Left empty: from how many of those who ask really use the module."),
    )  # fmt: skip
    business_value = models.PositiveSmallIntegerField(
        _("business value, 1 to 20"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    time_criticality = models.PositiveSmallIntegerField(
        _("time criticality, 1 to 20"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    opportunity = models.PositiveSmallIntegerField(
        _("risk reduced or opportunity opened, 1 to 20"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )  # fmt: skip
    changed_by = models.ForeignKey(
        User, verbose_name=_("changed by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"))

    objects = ForColleaguesQuerySet["RequestEstimate"].as_manager()

    class Meta:
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        constraints = [
            models.CheckConstraint(
                condition=Q(effort=None) | Q(effort__gt=0), name="roadmap_requestestimate_effort_above_0"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.effort}"

    @property
    def needs(self) -> list[FeatureRequest]:
        """What the request cannot be built without."""
        return [row.needed for row in self.request.needs.all()]


class RequestNeed(models.Model):
    """One request that cannot be built before, or without, another."""

    request = models.ForeignKey(
        FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, related_name="needs"
    )
    needed = models.ForeignKey(
        FeatureRequest, verbose_name=_("needs"), on_delete=models.CASCADE, related_name="needed_by"
    )

    objects = ForColleaguesQuerySet["RequestNeed"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = [
            models.UniqueConstraint(fields=["request", "needed"], name="roadmap_requestneed_once"),
            models.CheckConstraint(condition=~Q(request=models.F("needed")), name="roadmap_requestneed_not_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} → {self.needed_id}"
