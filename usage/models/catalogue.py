"""What is there to use: modules, features, scenarios, milestones?"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Product
from accounts.models.people import ForColleaguesQuerySet


class Module(models.Model):
    """One part of a product, sold or switched on as a whole."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="modules",
    )

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """One thing that a user can do."""

    class Kind(models.TextChoices):
        BASIC = "basic", _("Basic")
        CORE = "core", _("Core")
        ADVANCED = "advanced", _("Advanced")
        RETENTION = "retention", _("Retention")

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)
    module = models.ForeignKey(
        Module,
        verbose_name=_("module"),
        on_delete=models.PROTECT,
        related_name="features",
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind,
        default=Kind.BASIC,
        help_text=_("Customers who use a retention feature do not leave."),
    )
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("feature")
        verbose_name_plural = _("features")

    def __str__(self) -> str:
        return self.name


class Scenario(models.Model):
    """One job of a customer's business for which certain features are used together."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)
    features = models.ManyToManyField(Feature, verbose_name=_("features"), related_name="scenarios")

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("business scenario")
        verbose_name_plural = _("business scenarios")

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """One first value that a customer should reach some days after signing."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)
    due_after_days = models.PositiveSmallIntegerField(
        _("due, days after signing"), default=30, validators=[MinValueValidator(1)]
    )
    is_core_process = models.BooleanField(_("means that the core process is configured"), default=False)

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["due_after_days", "name"]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(
                fields=["is_core_process"],
                condition=Q(is_core_process=True),
                name="usage_milestone_one_core_process",
                violation_error_message=_("Another milestone means the core process already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
