"""Which requests look like the same need, and who said that they are not?"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.people import ForColleaguesQuerySet
from roadmap.models.requests import FeatureRequest


class DuplicatePairQuerySet(ForColleaguesQuerySet["DuplicatePair"]):
    """Pairs, filtered by whether somebody still has to look at them."""

    def open(self) -> DuplicatePairQuerySet:
        """Pairs that nobody told apart, of requests that both still stand."""
        return self.filter(dismissed_at=None, one__merged_into=None, other__merged_into=None)


class DuplicatePair(models.Model):
    """Two requests that may mean the same, with what they share; kept when a person says that they do not."""

    one = models.ForeignKey(FeatureRequest, verbose_name=_("request"), on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(
        FeatureRequest, verbose_name=_("the other request"), on_delete=models.CASCADE, related_name="+"
    )
    likeness = models.FloatField(_("likeness"), validators=[MinValueValidator(0), MaxValueValidator(1)])
    # The words that stand in both.
    shared_words = models.JSONField(_("shared words"), default=list, blank=True)
    dismissed_at = models.DateTimeField(_("told apart"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        User,
        verbose_name=_("told apart by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["-likeness", "-pk"]
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="roadmap_duplicatepair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="roadmap_duplicatepair_in_order"),
            models.CheckConstraint(
                condition=Q(likeness__gte=0) & Q(likeness__lte=1), name="roadmap_duplicatepair_likeness_is_a_share"
            ),
        ]
        indexes = [models.Index(fields=["likeness", "id"], name="roadmap_duplicatepair_likeness")]

    def __str__(self) -> str:
        return f"{self.one_id} = {self.other_id}?"
