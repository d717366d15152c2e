"""What did customers have in common before they bought more, and how much does each look like them?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.rules.roles import Capability
from revenue.rules.expansion import TraitLift


class ExpansionTraitQuerySet(models.QuerySet["ExpansionTrait"]):
    """Traits with their counts over all accounts."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """Whoever may see money: they say how the whole book behaves, and name no account."""
        return self if isinstance(user, User) and user.can(Capability.SEE_MONEY) else self.none()


class ExpansionTrait(models.Model):
    """One trait of customers, and how much oftener those with it expanded. Written anew every night."""

    # seats_full, features_full, goal_attained, long_tenure, band:green, tier:elephant, industry:Logistics.
    key = models.CharField(_("trait"), max_length=120, unique=True)
    having = models.PositiveIntegerField(_("with it"))
    having_expanded = models.PositiveIntegerField(_("with it, expanded"))
    lacking = models.PositiveIntegerField(_("without it"))
    lacking_expanded = models.PositiveIntegerField(_("without it, expanded"))
    weight = models.DecimalField(_("weight"), max_digits=8, decimal_places=4)
    is_few = models.BooleanField(_("too few"), default=False)
    on = models.DateField(_("as of"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ExpansionTraitQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("trait of expansion")
        verbose_name_plural = _("traits of expansion")

    def __str__(self) -> str:
        return self.key

    @property
    def counts(self) -> TraitLift:
        """The four counts, with their shares."""
        return TraitLift(self.having, self.having_expanded, self.lacking, self.lacking_expanded)


class ExpansionFit(models.Model):
    """How much one paying account looks like those that expanded. Written anew every night."""

    account = models.OneToOneField(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, primary_key=True, related_name="expansion_fit"
    )
    points = models.DecimalField(_("points"), max_digits=8, decimal_places=2)
    # The traits that it has: [[key, part, whole]], the numbers being what it rests on (12 of 14 seats), or null.
    traits = models.JSONField(_("traits"), default=list)
    on = models.DateField(_("as of"))

    objects = OfAccountQuerySet["ExpansionFit"].as_manager()

    class Meta:
        ordering = ["-points", "-account_id"]
        verbose_name = _("expansion fit")
        verbose_name_plural = _("expansion fits")
        indexes = [models.Index(fields=["points", "account"], name="portfolio_expansionfit_points")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.points}"
