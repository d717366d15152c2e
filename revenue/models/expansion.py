"""What may customers buy more of, how far are the talks, and how much does each CSM want to bring in?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Product, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from accounts.rules.roles import Capability

RATE = [MinValueValidator(0), MaxValueValidator(100)]


class OpportunityQuerySet(OfAccountQuerySet["Opportunity"]):
    """Opportunities, filtered by how far they are."""

    def open(self) -> OpportunityQuerySet:
        """Those that are neither won nor lost."""
        return self.filter(stage__in=Opportunity.OPEN)


class Opportunity(models.Model):
    """One chance that an account buys more, from the first idea to the day on which it is won or lost."""

    class Kind(models.TextChoices):
        SEATS = "seats", _("More seats")
        UPGRADE = "upgrade", _("Upgrade")
        MODULE = "module", _("Another product")
        PRICE = "price", _("Price")
        OTHER = "other", _("Other")

    class Stage(models.TextChoices):
        IDENTIFIED = "identified", _("Identified")
        QUALIFIED = "qualified", _("Qualified")
        PROPOSED = "proposed", _("Proposed")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    class LostReason(models.TextChoices):
        BUDGET = "budget", _("No budget")
        NO_NEED = "no_need", _("No need")
        TIMING = "timing", _("Not now")
        COMPETITOR = "competitor", _("Competitor")
        PRODUCT = "product", _("Product lacks something")
        OTHER = "other", _("Other")

    OPEN = (Stage.IDENTIFIED, Stage.QUALIFIED, Stage.PROPOSED)

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="opportunities"
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SEATS)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.IDENTIFIED)
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
    )
    # What it would add to the account's ARR in a year.
    arr = models.DecimalField(_("expected ARR"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    probability = models.PositiveSmallIntegerField(
        _("probability, %"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("Empty: that of the stage."),
    )
    expected_on = models.DateField(_("expected on"))
    owner = models.ForeignKey(
        User,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
    )
    note = models.TextField(_("note"), max_length=4_000, blank=True)
    won_on = models.DateField(_("won on"), null=True, blank=True)
    lost_on = models.DateField(_("lost on"), null=True, blank=True)
    lost_reason = models.CharField(_("why lost"), max_length=10, choices=LostReason, blank=True, default="")
    stage_changed_on = models.DateField(_("in this stage since"))
    created_at = models.DateTimeField(_("created"))

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        ordering = ["expected_on", "pk"]
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = [
            models.CheckConstraint(condition=Q(arr__gt=0), name="revenue_opportunity_arr_positive"),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__lte=100),
                name="revenue_opportunity_probability_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(stage="won", won_on__isnull=False) | (~Q(stage="won") & Q(won_on__isnull=True)),
                name="revenue_opportunity_won_on_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(stage="lost", lost_on__isnull=False) & ~Q(lost_reason=""))
                | (~Q(stage="lost") & Q(lost_on__isnull=True, lost_reason="")),
                name="revenue_opportunity_lost_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "stage"], name="revenue_opportunity_account"),
            models.Index(fields=["expected_on", "id"], name="revenue_opportunity_expected"),
            models.Index(fields=["owner", "stage"], name="revenue_opportunity_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_stage_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it is neither won nor lost."""
        return self.stage in self.OPEN


class ExpansionTargetQuerySet(models.QuerySet["ExpansionTarget"]):
    """What people are to bring in, seen as far as their accounts are."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """One's own; a team's for who sees the team's accounts; everybody's for who sees all. All of it is money."""
        if not isinstance(user, User) or not user.can(Capability.SEE_MONEY):
            return self.none()
        if user.visibility == User.Visibility.ALL:
            return self
        if user.visibility == User.Visibility.TEAM and user.team_id:
            return self.filter(Q(user=user) | Q(user__team=user.team_id))
        return self.filter(user=user)


class ExpansionTarget(models.Model):
    """How much expansion one person is to bring in within one quarter."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="expansion_targets")
    starts_on = models.DateField(_("quarter from"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)

    objects = ExpansionTargetQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "user__name", "pk"]
        verbose_name = _("expansion target")
        verbose_name_plural = _("expansion targets")
        constraints = [
            models.UniqueConstraint(fields=["user", "starts_on"], name="revenue_expansiontarget_once_a_quarter"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="revenue_expansiontarget_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.starts_on}"


class ExpansionSettings(models.Model):
    """The one row that says how likely each stage is, and from when on a trait counts."""

    identified_percent = models.PositiveSmallIntegerField(_("identified, %"), default=10, validators=RATE)
    qualified_percent = models.PositiveSmallIntegerField(_("qualified, %"), default=30, validators=RATE)
    proposed_percent = models.PositiveSmallIntegerField(_("proposed, %"), default=60, validators=RATE)
    seats_full_percent = models.PositiveSmallIntegerField(
        _("seats are full from a use of, %"), default=80, validators=RATE
    )
    features_full_percent = models.PositiveSmallIntegerField(
        _("features are at their limit from a use of, %"), default=80, validators=RATE
    )
    tenure_days = models.PositiveSmallIntegerField(
        _("a customer for long, days"), default=365, validators=[MaxValueValidator(3660)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("counted as expanded within, days"),
        default=182,
        validators=[MinValueValidator(30), MaxValueValidator(366)],
    )
    windows = models.PositiveSmallIntegerField(
        _("spans looked back upon"), default=3, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    least_accounts = models.PositiveSmallIntegerField(
        _("too few below, accounts on either side"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )

    objects = ForColleaguesQuerySet["ExpansionSettings"].as_manager()

    class Meta:
        verbose_name = _("expansion settings")
        verbose_name_plural = _("expansion settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="revenue_expansionsettings_only_one")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> ExpansionSettings:
        """The stored settings, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def percent_of(self) -> dict[str, int]:
        """How likely an opportunity of each stage is, in per cent; a lost one is not, a won one is certain."""
        stage = Opportunity.Stage
        return {
            stage.IDENTIFIED: self.identified_percent,
            stage.QUALIFIED: self.qualified_percent,
            stage.PROPOSED: self.proposed_percent,
            stage.WON: 100,
            stage.LOST: 0,
        }
