"""What did sales promise and learn, and did customer success accept it?"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.contact import Contact
from accounts.models.of_account import OfAccountQuerySet
from accounts.models.people import User


class Handoff(models.Model):
    """The one file that passes an account from sales to customer success."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")

    account = models.OneToOneField(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="handoff",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    business_situation = models.TextField(_("business situation"), blank=True, max_length=10_000)
    size_and_industry = models.TextField(_("size and industry"), blank=True, max_length=10_000)
    why_bought = models.TextField(_("why they bought"), blank=True, max_length=10_000)
    promised = models.TextField(_("what was promised"), blank=True, max_length=10_000)
    price_terms = models.TextField(_("price terms"), blank=True, max_length=10_000)
    stakeholders = models.TextField(_("stakeholders"), blank=True, max_length=10_000)
    competitor = models.TextField(_("competitor in play"), blank=True, max_length=10_000)
    risks = models.TextField(_("risks"), blank=True, max_length=10_000)
    scope = models.TextField(_("scope"), blank=True, max_length=10_000)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        User,
        verbose_name=_("submitted by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("accepted or returned"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    return_reasons = models.TextField(_("reasons for returning"), blank=True, max_length=4_000)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OfAccountQuerySet.as_manager()

    SECTIONS = (
        "business_situation",
        "size_and_industry",
        "why_bought",
        "promised",
        "price_terms",
        "stakeholders",
        "competitor",
        "risks",
        "scope",
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("handoff file")
        verbose_name_plural = _("handoff files")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reasons=""),
                name="accounts_handoff_returned_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "accepted"]) | Q(submitted_at__isnull=False),
                name="accounts_handoff_submitted_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_state_display()}"


class HandoffVersionQuerySet(OfAccountQuerySet["HandoffVersion"]):
    """Versions, seen by whoever sees the account of their file."""

    path_to_account = "handoff__account"


class HandoffVersion(models.Model):
    """The handoff file as it stood after one change."""

    handoff = models.ForeignKey(
        Handoff,
        verbose_name=_("handoff file"),
        on_delete=models.CASCADE,
        related_name="versions",
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=Handoff.State)
    sections = models.JSONField(_("sections"))
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        User,
        verbose_name=_("saved by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    objects = HandoffVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("handoff version")
        verbose_name_plural = _("handoff versions")
        constraints = [
            models.UniqueConstraint(fields=["handoff", "number"], name="accounts_handoffversion_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.handoff} · {self.number}"


class Promise(models.Model):
    """One thing promised to a customer; it stays with the account when the owner changes."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        RENEGOTIATED = "renegotiated", _("Renegotiated")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="promises",
    )
    external_id = models.CharField(_("external id"), max_length=128, unique=True, null=True, blank=True)
    text = models.CharField(_("promise"), max_length=500)
    made_by = models.CharField(_("made by"), max_length=200, blank=True)
    made_to = models.ForeignKey(
        Contact,
        verbose_name=_("made to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="promises",
    )
    made_on = models.DateField(_("made on"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    evidence = models.TextField(_("evidence"), blank=True, max_length=4_000)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("promise")
        verbose_name_plural = _("promises")

    def __str__(self) -> str:
        return self.text


class ExpectationGap(models.Model):
    """One expectation of a customer that the product does not meet today."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="expectation_gaps",
    )
    text = models.CharField(_("expectation"), max_length=500)
    found_on = models.DateField(_("found on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["found_on", "pk"]
        verbose_name = _("expectation gap")
        verbose_name_plural = _("expectation gaps")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("found_on")),
                name="accounts_expectationgap_closed_after_found",
            )
        ]

    def __str__(self) -> str:
        return self.text


class ImplementationRecord(models.Model):
    """What happened at one stage of putting the product to work."""

    class Stage(models.TextChoices):
        KICK_OFF = "kick_off", _("Kick-off")
        CONFIGURATION = "configuration", _("Configuration")
        TRAINING = "training", _("Training")
        GO_LIVE = "go_live", _("Go-live")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="implementation_records",
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    on = models.DateField(_("date"))
    people = models.CharField(_("people"), max_length=500, blank=True)
    outcome = models.TextField(_("outcome"), max_length=4_000)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("implementation record")
        verbose_name_plural = _("implementation archive")

    def __str__(self) -> str:
        return f"{self.get_stage_display()} · {self.on}"


class AttachmentQuerySet(OfAccountQuerySet["Attachment"]):
    """Files, seen by whoever sees the account of their record."""

    path_to_account = "record__account"


class Attachment(models.Model):
    """One file kept with an implementation record, stored under an id of ours."""

    record = models.ForeignKey(
        ImplementationRecord,
        verbose_name=_("record"),
        on_delete=models.CASCADE,
        related_name="attachments",
    )
    file = models.FileField(_("file"), upload_to="attachments/%Y/%m/")
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size, bytes"))
    added_by = models.ForeignKey(
        User,
        verbose_name=_("added by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    added_at = models.DateTimeField(_("added"))

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name
