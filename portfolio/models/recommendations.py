"""What was recommended to whom, how did they answer, and which rules are in use?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet


class RecommendationQuerySet(OfAccountQuerySet["Recommendation"]):
    """Recommendations, each person their own."""

    def visible_to(self, user: User | AnonymousUser) -> RecommendationQuerySet:
        """What was recommended to a person, of accounts that they may see."""
        seen: RecommendationQuerySet = super().visible_to(user)
        return seen.filter(user=user) if isinstance(user, User) else seen


class Recommendation(models.Model):
    """One recommendation that stood before one person on one day, and how they answered."""

    class Answer(models.TextChoices):
        NONE = "", _("No answer")
        TAKEN = "taken", pgettext_lazy("recommendation", "Taken")
        DONE = "done", _("Done already")
        WRONG = "wrong", pgettext_lazy("recommendation", "Wrong")
        LATER = "later", pgettext_lazy("recommendation", "Later")

    NOT_NOW = (Answer.DONE, Answer.WRONG, Answer.LATER)

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(_("rule"), max_length=80)
    on = models.DateField(_("day"))
    answer = models.CharField(_("answer"), max_length=5, choices=Answer, blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "rule", "on"], name="portfolio_recommendation_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False), name="portfolio_recommendation_answer_is_dated"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-on"], name="portfolio_recommendation_own", condition=~Q(answer="")),
            models.Index(fields=["rule", "on"], name="portfolio_recommendation_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.rule}"


class RecommendationRule(models.Model):
    """One rule that somebody, or its own record, has switched off or on again; others are in use."""

    key = models.CharField(_("rule"), max_length=80, unique=True)
    is_enabled = models.BooleanField(_("in use"), default=True)
    # What was shown before this day does not count against the rule any more.
    counted_from = models.DateField(_("counted from"))
    by_itself = models.BooleanField(_("switched off by its record"), default=False)
    changed_at = models.DateTimeField(_("changed"))

    objects = ForColleaguesQuerySet["RecommendationRule"].as_manager()

    class Meta:
        ordering = ["key"]
        verbose_name = _("rule of recommendations")
        verbose_name_plural = _("rules of recommendations")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_enabled=False) | Q(by_itself=False),
                name="portfolio_recommendationrule_off_by_itself_is_off",
            )
        ]

    def __str__(self) -> str:
        return self.key


def _days(label: Any, default: int) -> models.PositiveSmallIntegerField[int, int]:
    limits = [MinValueValidator(1), MaxValueValidator(366)]
    return models.PositiveSmallIntegerField(label, default=default, validators=limits)


class RecommendationPolicy(models.Model):
    """The one row of settings for recommendations."""

    later_days = _days(_("days until one comes back after “Later”"), 1)
    done_days = _days(_("days until one comes back after it was taken or done"), 7)
    wrong_days = _days(_("days until one comes back after “Wrong”"), 14)
    wrong_percent = models.PositiveSmallIntegerField(
        _("a rule is switched off above so many per cent “Wrong”"), default=60,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    least_shown = models.PositiveSmallIntegerField(
        _("once it has shown at least so many"), default=30, validators=[MinValueValidator(1)]
    )

    objects = ForColleaguesQuerySet["RecommendationPolicy"].as_manager()

    class Meta:
        verbose_name = _("terms of recommendations")
        verbose_name_plural = _("terms of recommendations")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="portfolio_recommendationpolicy_only_one")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> RecommendationPolicy:
        """The stored settings, or the defaults while nothing is stored. Never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def days(self) -> dict[str, int]:
        """For how long each answer holds a recommendation back."""
        answer = Recommendation.Answer
        done = self.done_days
        return {answer.LATER: self.later_days, answer.TAKEN: done, answer.DONE: done, answer.WRONG: self.wrong_days}
