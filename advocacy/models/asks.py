"""What were advocates asked, what did they answer, and what came of it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.of_account import OfAccountQuerySet
from advocacy.models.advocates import Advocate, WithdrawalCause
from advocacy.models.kinds import AskKind
from advocacy.models.requests import ReferenceRequest

GOING_ON = Q(withdrawn_on__isnull=True, done_on__isnull=True)
# What each state means in the columns.
STATES: dict[str, Q] = {
    "waiting": GOING_ON & Q(answer="waiting"),
    "accepted": GOING_ON & Q(answer="accepted"),
    "declined": GOING_ON & Q(answer="declined"),
    "done": Q(withdrawn_on__isnull=True, done_on__isnull=False, thanked_on__isnull=True),
    "thanked": Q(withdrawn_on__isnull=True, thanked_on__isnull=False),
    "withdrawn": Q(withdrawn_on__isnull=False),
}


class AskQuerySet(OfAccountQuerySet["Ask"]):
    """Asks, seen by whoever sees the advocate's account."""

    path_to_account = "advocate__account"

    def open(self) -> AskQuerySet:
        """Those that wait for an answer or for what was agreed."""
        return self.filter(answer__in=("waiting", "accepted"), done_on__isnull=True, withdrawn_on__isnull=True)

    def in_states(self, states: Iterable[str]) -> AskQuerySet:
        """Those whose state, as `Ask.state` names it, is one of some."""
        return self.filter(reduce(or_, [STATES[state] for state in states], Q(pk__in=[])))


class Ask(models.Model):
    """One favour asked of an advocate, the answer, and what came of it."""

    Kind = AskKind

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Agreed")
        DECLINED = "declined", _("Declined")
        DONE = "done", pgettext_lazy("favour", "Done")
        THANKED = "thanked", _("Thanked")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    advocate = models.ForeignKey(
        Advocate,
        verbose_name=_("advocate"),
        on_delete=models.CASCADE,
        related_name="asks",
    )
    kind = models.CharField(_("kind"), max_length=16, choices=AskKind)
    asked_on = models.DateField(_("asked on"))
    asked_by = models.ForeignKey(
        User,
        verbose_name=_("asked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    request = models.ForeignKey(
        ReferenceRequest,
        verbose_name=_("reference request"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="asks",
    )
    # The soft limits that stood in the way, and why it was asked all the same.
    soft_limits = models.JSONField(_("soft limits"), default=list, blank=True)
    reason = models.CharField(_("why all the same"), max_length=500, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, default=Answer.WAITING)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    outcome = models.CharField(_("what came of it"), max_length=500, blank=True)
    thanked_on = models.DateField(_("thanked on"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_cause = models.CharField(
        _("why withdrawn"), max_length=8, choices=WithdrawalCause, blank=True, default=""
    )

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        verbose_name = _("ask")
        verbose_name_plural = _("asks")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("asked_on")),
                name="advocacy_ask_answered_after_asked",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(answer="accepted", withdrawn_on__isnull=True),
                name="advocacy_ask_done_after_a_yes",
            ),
            models.CheckConstraint(
                condition=Q(thanked_on__isnull=True) | Q(done_on__isnull=False),
                name="advocacy_ask_thanked_for_what_is_done",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True, withdrawn_cause="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_cause="")),
                name="advocacy_ask_withdrawn_for_a_cause",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_on", "id"], name="advocacy_ask_by_day"),
            models.Index(
                fields=["advocate"],
                name="advocacy_ask_open",
                condition=Q(done_on=None, withdrawn_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.asked_on}"

    @property
    def state(self) -> str:
        """How far it has come, in one word."""
        if self.withdrawn_on is not None:
            return self.State.WITHDRAWN
        if self.thanked_on is not None:
            return self.State.THANKED
        return self.State.DONE if self.done_on is not None else self.State(self.answer)

    @property
    def state_label(self) -> str:
        """The same for people."""
        return str(self.State(self.state).label)

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.state in (self.State.WAITING, self.State.ACCEPTED)

    @property
    def settled_on(self) -> dt.date | None:
        """The last day on which something happened with it after it was asked."""
        return self.withdrawn_on or self.thanked_on or self.done_on or self.answered_on
