"""Who has to hear what was decided about a request, and did they?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from roadmap.models.requests import FeatureRequest

State = FeatureRequest.State


class RequestChange(models.Model):
    """One time that somebody decided about a request."""

    request = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("request"),
        on_delete=models.CASCADE,
        related_name="changes",
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    before = models.CharField(_("before"), max_length=12, choices=State)
    after = models.CharField(_("after"), max_length=12, choices=State)
    reason = models.TextField(_("reason"), blank=True, max_length=4_000)
    # What stood there before, for taking the change back.
    reason_before = models.TextField(_("reason before"), blank=True, max_length=4_000)
    quarter_before = models.DateField(_("quarter before"), null=True, blank=True)
    shipped_before = models.DateField(_("shipped before"), null=True, blank=True)

    objects = ForColleaguesQuerySet["RequestChange"].as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="roadmap_requestchange_changes_something")
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class RequestAnswerQuerySet(OfAccountQuerySet["RequestAnswer"]):
    """Answers that are due or were given, seen by whoever sees the account."""

    def waiting(self) -> RequestAnswerQuerySet:
        """Those that somebody still has to give."""
        return self.filter(state=RequestAnswer.State.WAITING)

    def overdue(self, on: dt.date) -> RequestAnswerQuerySet:
        """Those that should have been given before a day."""
        return self.waiting().filter(due_on__lt=on)


class RequestAnswer(models.Model):
    """One account that asked for something and has to hear what was decided: whether it did, and what it replied."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("answer", "Waiting")
        TOLD = "told", _("Told")
        REPLIED = "replied", _("Replied")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    class Why(models.TextChoices):
        """Why nobody has to be told, where no person gave a reason."""

        LEFT = "left", _("The customer left")
        OVERTAKEN = "overtaken", _("Overtaken by a later decision")
        PERSON = "person", _("Said by a person")

    # Those who heard.
    HEARD = (State.TOLD, State.REPLIED)

    change = models.ForeignKey(
        RequestChange,
        verbose_name=_("decision"),
        on_delete=models.CASCADE,
        related_name="answers",
    )
    request = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("request"),
        on_delete=models.CASCADE,
        related_name="answers",
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="request_answers",
    )
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.WAITING)
    since = models.DateField(_("waiting since"))
    due_on = models.DateField(_("to be told by"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    told_by = models.ForeignKey(
        User,
        verbose_name=_("told by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reply = models.TextField(_("what they replied"), blank=True, max_length=4_000)
    replied_on = models.DateField(_("replied on"), null=True, blank=True)
    why = models.CharField(_("why not applicable"), max_length=10, choices=Why, blank=True)
    why_text = models.CharField(_("reason"), max_length=500, blank=True)
    overtaken_by = models.ForeignKey(
        RequestChange,
        verbose_name=_("overtaken by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="overtook",
    )

    objects = RequestAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("answer to a customer")
        verbose_name_plural = _("answers to customers")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "account"],
                condition=Q(state="waiting"),
                name="roadmap_requestanswer_one_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("told", "replied")) | Q(told_at__isnull=False),
                name="roadmap_requestanswer_told_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="not_applicable") | ~Q(why=""), name="roadmap_requestanswer_says_why_not"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="roadmap_answer_by_due"),
            models.Index(fields=["since"], name="roadmap_answer_by_since"),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_state_display()}"

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return {"waiting": "watch", "told": "healthy", "replied": "healthy"}.get(self.state, "none")
