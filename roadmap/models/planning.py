"""Which plans for a quarter were made, and what does each say?"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from roadmap.models.ranking import OfTheWholeBookQuerySet
from roadmap.models.requests import FeatureRequest


class QuarterPlan(models.Model):
    """One scenario of what to build in a quarter: what it has to work with, and what came out."""

    class Counts(models.TextChoices):
        NEEDS = "needs", _("Each customer once per need")
        CUSTOMERS = "customers", _("Each customer once")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being worked out")
        SOLVED = "solved", _("Best possible")
        BEST_FOUND = "best_found", _("Best found in the time")
        IMPOSSIBLE = "impossible", _("Not possible")

    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("quarter starts"))
    capacity = models.DecimalField(
        _("capacity in person-weeks"), max_digits=7, decimal_places=1,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal("99999"))],
    )  # fmt: skip
    counts = models.CharField(_("count"), max_length=9, choices=Counts, default=Counts.NEEDS)
    by_value = models.BooleanField(
        _("weigh customers by value"), default=False,
        help_text=_("Instead of 1, each customer counts what the ranking’s V takes of its ARR."),
    )  # fmt: skip
    must_haves = models.ManyToManyField(
        FeatureRequest, verbose_name=_("must-haves"), blank=True, related_name="+",
        help_text=_("Built in any case, with what they need."),
    )  # fmt: skip
    left_out = models.ManyToManyField(
        FeatureRequest, verbose_name=_("left out by hand"), blank=True, related_name="+",
        help_text=_("Not to be chosen, whatever they would serve."),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    solved_on = models.DateField(_("as of"), null=True, blank=True)
    # In words of the sums: see roadmap.actions.planning; money as text, ids as numbers.
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    is_chosen = models.BooleanField(_("the plan"), default=False)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))

    objects = OfTheWholeBookQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("plan of a quarter")
        verbose_name_plural = _("plans of quarters")
        constraints = [
            models.CheckConstraint(condition=Q(capacity__gt=0), name="roadmap_quarterplan_capacity_above_0"),
            models.UniqueConstraint(
                fields=["starts_on"], condition=Q(is_chosen=True), name="roadmap_quarterplan_one_chosen"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlannedRequest(models.Model):
    """One request that a plan looked at: whether it is in, by which of the three ways, and what it adds."""

    class Reason(models.TextChoices):
        NO_EFFORT = "no_effort", _("No effort estimated")
        NOT_ALLOWED = "not_allowed", _("Left out by hand, or needs what is")
        TOO_BIG = "too_big", _("Larger than the whole capacity")
        NO_GAIN = "no_gain", _("Serves nobody who is not served already")
        NO_ROOM = "no_room", _("Others serve more for their effort")

    plan = models.ForeignKey(QuarterPlan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="requests")
    request = models.ForeignKey(FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveIntegerField(_("rank"))
    effort = models.DecimalField(_("effort in person-weeks"), max_digits=6, decimal_places=1, null=True, blank=True)
    accounts = models.PositiveIntegerField(_("customers"))
    is_in = models.BooleanField(_("in the plan"))
    is_must = models.BooleanField(_("must-have"), default=False)
    in_top = models.BooleanField(_("among the top by rank"))
    in_greedy = models.BooleanField(_("picked step by step"))
    # Customers, or cents where they are weighed by value.
    gain = models.BigIntegerField(_("what it adds"))
    reason = models.CharField(_("why left out"), max_length=12, choices=Reason, blank=True)

    objects = OfTheWholeBookQuerySet.as_manager()

    class Meta:
        ordering = ["-is_in", "rank", "pk"]
        verbose_name = _("request of a plan")
        verbose_name_plural = _("requests of plans")
        constraints = [models.UniqueConstraint(fields=["plan", "request"], name="roadmap_plannedrequest_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.request_id}"
