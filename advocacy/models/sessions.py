"""Which sharing sessions are there, who was invited, and who speaks?"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, Product, TimelineEntry, User
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import ForColleaguesQuerySet
from advocacy.models.advocates import Advocate
from usage.models import Attendance


class SharingSession(models.Model):
    """One meeting in which customers tell customers how they work."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("name"), max_length=200)
    on = models.DateField(_("date"))
    starts_at = models.TimeField(_("begins at"), null=True, blank=True)
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    topic = models.TextField(_("what it is about"), blank=True, max_length=4_000)
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    host = models.ForeignKey(
        User, verbose_name=_("host"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    seats = models.PositiveIntegerField(
        _("seats"), null=True, blank=True, help_text=_("How many customers fit in; empty for no limit.")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    cancel_reason = models.CharField(_("why cancelled"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))

    objects = ForColleaguesQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("sharing session")
        verbose_name_plural = _("sharing sessions")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="advocacy_sharingsession_name_not_empty"),
            # What an attendance tells of a session is its name and day.
            models.UniqueConstraint(
                fields=["name", "on"],
                name="advocacy_sharingsession_once_a_day",
                violation_error_message=_("There is a session of this name on this day already."),
            ),
        ]
        indexes = [models.Index(fields=["-on", "-id"], name="advocacy_session_newest")]

    def __str__(self) -> str:
        return f"{self.name} · {self.on}"

    def is_over(self, on: dt.date) -> bool:
        """Whether its day is past."""
        return self.on < on


class SessionInvitationQuerySet(OfAccountQuerySet["SessionInvitation"]):
    """Invitations and who came, seen by whoever sees the customer."""

    def came(self) -> SessionInvitationQuerySet:
        """Those who took part."""
        return self.filter(attendance__isnull=False)

    def stayed_away(self) -> SessionInvitationQuerySet:
        """Those who were invited and did not take part."""
        return self.filter(attendance=None, invited_on__isnull=False)


class SessionInvitation(models.Model):
    """One customer of a session: invited or come by itself, with the fact of its attendance and what follows."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    session = models.ForeignKey(
        SharingSession, verbose_name=_("session"), on_delete=models.CASCADE, related_name="invitations"
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="session_invitations"
    )
    contact = models.ForeignKey(
        Contact, verbose_name=_("contact"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Empty for who came without an invitation.
    invited_on = models.DateField(_("invited on"), null=True, blank=True)
    invited_by = models.ForeignKey(
        User, verbose_name=_("invited by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, default=Answer.WAITING)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    # The fact that they took part is kept where all facts of use are.
    attendance = models.OneToOneField(
        Attendance, verbose_name=_("attendance"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    follow_up = models.ForeignKey(
        TimelineEntry, verbose_name=_("follow-up"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SessionInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["account__name", "pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["session", "account"], name="advocacy_sessioninvitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.session}"


class SessionTalkQuerySet(OfAccountQuerySet["SessionTalk"]):
    """Talks, seen by whoever sees the advocate's account."""

    path_to_account = "advocate__account"


class SessionTalk(models.Model):
    """One talk of an advocate in a session."""

    session = models.ForeignKey(
        SharingSession, verbose_name=_("session"), on_delete=models.CASCADE, related_name="talks"
    )
    advocate = models.ForeignKey(Advocate, verbose_name=_("advocate"), on_delete=models.CASCADE, related_name="talks")
    title = models.CharField(_("title"), max_length=200)

    objects = SessionTalkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("talk")
        verbose_name_plural = _("talks")
        constraints = [
            models.UniqueConstraint(fields=["session", "advocate"], name="advocacy_sessiontalk_once"),
            models.CheckConstraint(condition=~Q(title=""), name="advocacy_sessiontalk_title_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title
