"""What has happened with a customer, newest first?"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.contact import Contact
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import User
from accounts.rules.roles import Capability


class TimelineEntryQuerySet(OfAccountQuerySet["TimelineEntry"]):
    """Entries, private ones for their author and managers only."""

    def visible_to(self, user: User | AnonymousUser) -> TimelineEntryQuerySet:
        """Entries of visible accounts; a private note shows to its author and to whoever may see such notes."""
        seen: TimelineEntryQuerySet = super().visible_to(user)
        if isinstance(user, User) and not user.can(Capability.SEE_PRIVATE_NOTES):
            seen = seen.filter(Q(is_private=False) | Q(author=user))
        return seen


class TimelineEntry(models.Model):
    """One note, call or meeting, or one thing that the system did, on an account."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("E-mail")
        TRAINING = "training", _("Training")
        BUSINESS_REVIEW = "business_review", _("Business review")
        TICKET = "ticket", _("Ticket")
        STAGE = "stage", _("Stage change")
        OWNER = "owner", _("Owner change")
        HANDOFF = "handoff", _("Handoff")
        MOVEMENT = "movement", _("Revenue movement")
        HEALTH = "health", _("Health change")
        CONTACT = "contact", _("People change")
        GOAL = "goal", _("Goal")
        PROMISE = "promise", _("Promise")
        CHURN = "churn", _("Churn")
        PLAYBOOK = "playbook", _("Playbook")
        ADVOCACY = "advocacy", _("Advocacy")
        REQUEST = "request", _("Request")

    # What a person writes down after speaking with the customer: a touch.
    TOUCHES = (Kind.CALL, Kind.MEETING, Kind.EMAIL, Kind.TRAINING, Kind.BUSINESS_REVIEW)
    # What a person may write by hand.
    BY_HAND = (Kind.NOTE, *TOUCHES)

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="timeline",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.NOTE)
    at = models.DateTimeField(_("when"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True, max_length=20_000)
    author = models.ForeignKey(
        User,
        verbose_name=_("author"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    contacts = models.ManyToManyField(Contact, verbose_name=_("with"), blank=True, related_name="timeline")
    is_private = models.BooleanField(_("private"), default=False)
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    follow_up_done_at = models.DateTimeField(_("followed up"), null=True, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    objects = TimelineEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="accounts_timeline_newest"),
            models.Index(
                fields=["follow_up_on"],
                name="accounts_timeline_follow_up",
                condition=Q(follow_up_on__isnull=False, follow_up_done_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title
