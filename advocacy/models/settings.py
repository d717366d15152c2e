"""By which weights and limits are advocates scored and asked?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import ForColleaguesQuerySet
from advocacy.rules.high_value import Marks
from advocacy.rules.limits import Limits
from advocacy.rules.score import Weights


def _whole(label: Any, default: int, least: int, most: int, help_text: Any = "") -> Any:
    """A whole number between two others."""
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MinValueValidator(least), MaxValueValidator(most)], help_text=help_text
    )


class AdvocacySettings(models.Model):
    """The one row of weights, criteria and limits of advocacy."""

    WEIGHTS = ("spread_weight", "dependence_weight", "feedback_weight")
    SHARES = ("referred_share", "core_share", "adopted_share")
    CRITERIA = ("login_top", "modules_share", "results", "expansions")
    PARTNERS = ("integrations", "referrals")
    HARD = ("nps_floor", "most_asks", "asks_days", "rest_days", "renewal_days")
    SOFT = ("soft_renewal_days", "declined_days", "promoter_from", "promoter_days", "consent_days")
    FIELDS = (*WEIGHTS, *SHARES, *CRITERIA, *PARTNERS, *HARD, *SOFT)

    spread_weight = _whole(_("weight of spread, %"), 40, 0, 100)
    dependence_weight = _whole(_("weight of dependence, %"), 30, 0, 100)
    feedback_weight = _whole(_("weight of feedback, %"), 30, 0, 100)
    referred_share = _whole(_("customers referred within spread, %"), 60, 0, 100, _("The rest counts public mentions."))
    core_share = _whole(
        _("core use within dependence, %"), 60, 0, 100, _("The rest counts how many systems are connected.")
    )
    adopted_share = _whole(_("requests adopted within feedback, %"), 50, 0, 100, _("The rest counts survey answers."))
    login_top = models.DecimalField(
        _("top by login frequency, %"), max_digits=5, decimal_places=2, default=Decimal("2.00"),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
    )  # fmt: skip
    modules_share = _whole(_("modules in use, more than, %"), 80, 0, 99)
    results = _whole(_("goals attained, at least"), 1, 1, 100)
    expansions = _whole(_("expansions in a year, at least"), 1, 1, 100)
    integrations = _whole(_("technology partner: connected systems, at least"), 3, 1, 1_000)
    referrals = _whole(_("channel partner: customers referred, at least"), 2, 1, 1_000)
    nps_floor = _whole(_("lowest NPS answer that may be asked"), 7, 0, 10)
    most_asks = _whole(_("asks from which on nobody asks again"), 3, 1, 50)
    asks_days = _whole(_("days over which asks are counted"), 180, 1, 730)
    rest_days = _whole(_("days of rest after an ask"), 21, 1, 365)
    renewal_days = _whole(_("days before a renewal in which nobody asks"), 60, 0, 365)
    soft_renewal_days = _whole(_("days before a renewal in which asking needs a reason"), 120, 0, 730)
    declined_days = _whole(_("days after a no in which asking needs a reason"), 365, 0, 3_650)
    promoter_from = _whole(_("lowest NPS answer of a promoter"), 9, 0, 10)
    promoter_days = _whole(_("days for which an NPS answer makes a promoter"), 365, 1, 3_650)
    consent_days = _whole(_("days for which a consent is proposed"), 365, 1, 3_650)

    objects = ForColleaguesQuerySet["AdvocacySettings"].as_manager()

    class Meta:
        verbose_name = _("advocacy settings")
        verbose_name_plural = _("advocacy settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="advocacy_advocacysettings_only_one"),
            models.CheckConstraint(
                condition=Q(spread_weight=100 - F("dependence_weight") - F("feedback_weight")),
                name="advocacy_advocacysettings_weights_sum_to_100",
            ),
            models.CheckConstraint(
                condition=Q(soft_renewal_days__gte=F("renewal_days")),
                name="advocacy_advocacysettings_soft_before_hard",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> AdvocacySettings:
        """The stored settings, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def clean(self) -> None:
        """The weights make a whole, and a soft limit begins before the hard one."""
        if sum(getattr(self, name) for name in self.WEIGHTS) != 100:
            raise ValidationError({"feedback_weight": _("The three weights have to add up to 100.")})
        if self.soft_renewal_days < self.renewal_days:
            raise ValidationError(
                {"soft_renewal_days": _("Asking needs a reason no later than it is forbidden before a renewal.")}
            )

    def weights(self) -> Weights:
        """The weights as the rule takes them."""
        return Weights(
            spread=self.spread_weight,
            dependence=self.dependence_weight,
            feedback=self.feedback_weight,
            referred=self.referred_share,
            core=self.core_share,
            adopted=self.adopted_share,
        )

    def limits(self) -> Limits:
        """The limits of an ask as the rule takes them."""
        return Limits(
            nps_floor=self.nps_floor,
            most_asks=self.most_asks,
            asks_days=self.asks_days,
            rest_days=self.rest_days,
            renewal_days=self.renewal_days,
            soft_renewal_days=self.soft_renewal_days,
            declined_days=self.declined_days,
        )

    def marks(self) -> Marks:
        """The criteria of high-value customers and partners as the rule takes them."""
        return Marks(
            login_top=float(self.login_top),
            modules=self.modules_share,
            results=self.results,
            expansions=self.expansions,
            integrations=self.integrations,
            referrals=self.referrals,
        )
