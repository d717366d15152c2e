"""How much does an account of each tier weigh, and how much can one person carry?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def _weight(label: Any, default: str) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=6, decimal_places=2, default=Decimal(default), validators=[MinValueValidator(Decimal(0))]
    )


class WorkloadSettings(models.Model):
    """The one row of weights by which the load of people is compared."""

    weight_elephant = _weight(_("weight of a key account"), "5")
    weight_cheetah = _weight(_("weight of a mid-size account"), "2")
    weight_rabbit = _weight(_("weight of a small account"), "0.25")
    capacity = models.DecimalField(
        _("one person can carry"), max_digits=8, decimal_places=2, default=Decimal(60),
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip

    class Meta:
        verbose_name = _("workload settings")
        verbose_name_plural = _("workload settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="playbooks_workloadsettings_single_row"),
            models.CheckConstraint(
                condition=Q(weight_elephant__gte=0, weight_cheetah__gte=0, weight_rabbit__gte=0, capacity__gt=0),
                name="playbooks_workloadsettings_weighs_something",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Workload settings"))

    @classmethod
    def load(cls) -> WorkloadSettings:
        """The settings, or the usual ones where nobody has set any."""
        return cls.objects.first() or cls(pk=1)

    def weights(self) -> dict[str, float]:
        """What an account of each tier weighs."""
        return {
            "elephant": float(self.weight_elephant),
            "cheetah": float(self.weight_cheetah),
            "rabbit": float(self.weight_rabbit),
        }
