"""What do customers ask for?"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.people import ForColleaguesQuerySet
from usage.models import Feature, Module


class FeatureRequestQuerySet(ForColleaguesQuerySet["FeatureRequest"]):
    """Requests; what customers ask for is no secret inside the company, who asked is."""

    def standing(self) -> FeatureRequestQuerySet:
        """Requests that were not merged into another one: those that have the voices."""
        return self.filter(merged_into=None)

    def undecided(self) -> FeatureRequestQuerySet:
        """Requests that were neither shipped nor declined."""
        return self.exclude(state__in=(FeatureRequest.State.SHIPPED, FeatureRequest.State.DECLINED))

    def shared(self) -> FeatureRequestQuerySet:
        """Requests that customers may read of: standing, decided upon, and with a text for them."""
        return self.standing().filter(state__in=FeatureRequest.SHOWN).exclude(shared_title="")


class FeatureRequest(models.Model):
    """One need, whoever voiced it."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("request", "New")
        UNDER_REVIEW = "under_review", _("Under review")
        PLANNED = "planned", _("Planned")
        BUILDING = "building", _("Building")
        SHIPPED = "shipped", _("Shipped")
        DECLINED = "declined", _("Declined")

    # The states that a shared roadmap shows.
    SHOWN = (State.PLANNED, State.BUILDING, State.SHIPPED)

    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=10_000, help_text=_("For colleagues only."))
    # The only two texts of a request that leave the company; without a title it is not shown to customers.
    shared_title = models.CharField(
        _("title for customers"), max_length=200, blank=True, default="", db_default="",
        help_text=_("Without one, the request is left out of the shared roadmap."),
    )  # fmt: skip
    shared_text = models.TextField(_("text for customers"), blank=True, max_length=2_000, default="", db_default="")
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
    # The first day of the quarter in which it shall come, or came.
    quarter = models.DateField(_("quarter"), null=True, blank=True)
    promised_on = models.DateField(
        _("promised for"), null=True, blank=True, help_text=_("The day by which customers were told that it comes.")
    )
    shipped_on = models.DateField(_("shipped on"), null=True, blank=True)
    feature = models.ForeignKey(
        Feature,
        verbose_name=_("feature"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("What was shipped; its use is measured. Without one, the use of the module is."),
    )
    use_goal_percent = models.PositiveSmallIntegerField(
        _("share of who asked that is expected to use it, %"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    use_goal_on = models.DateField(_("use expected by"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
    )
    merged_at = models.DateTimeField(_("merged"), null=True, blank=True)
    merged_by = models.ForeignKey(
        User,
        verbose_name=_("merged by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = FeatureRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_on", "-pk"]
        verbose_name = _("feature request")
        verbose_name_plural = _("feature requests")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""),
                name="roadmap_featurerequest_declined_with_reason",
                violation_error_message=_("Say why the request is declined."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="roadmap_featurerequest_not_merged_into_itself",
                violation_error_message=_("A request cannot be merged into itself."),
            ),
            models.CheckConstraint(
                condition=Q(use_goal_percent=None) | Q(use_goal_percent__range=(1, 100)),
                name="roadmap_featurerequest_use_goal_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """The state in words. Django's own way translates every choice for each row of a list."""
        return str(self.State(self.state).label)

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return {"shipped": "healthy", "declined": "risk", "new": "none"}.get(self.state, "info")
