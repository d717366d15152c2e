"""Which benchmark cases are there, what did their customers approve, and may the public read them?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account, BusinessGoal, Contact, User
from accounts.models.of_account import OfAccountQuerySet
from advocacy.rules.case_studies import Hindrance, Proof, next_case_states, public_hindrance, thawed_proof


class CaseStudyQuerySet(OfAccountQuerySet["CaseStudy"]):
    """Case studies, seen by whoever sees the customer."""

    def published_on(self, on: dt.date) -> CaseStudyQuerySet:
        """Those that are published and not past their day; whether the consent holds is asked apart."""
        return self.filter(state=CaseStudy.State.PUBLISHED, expires_on__gt=on)


class CaseStudy(models.Model):
    """One customer's story with its proof: what they wanted, what was done, where the figures stand since.

    What the customer is shown is frozen when it is sent to them, so neither a goal that is deleted nor a measurement
    that is corrected changes what they approved.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WITH_CUSTOMER = "with_customer", _("With the customer")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", pgettext_lazy("case study", "Published")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # What a reader sees besides the proof, in the order of the page; it changes only as a draft.
    TEXTS = ("title", "shown_as", "about", "situation", "solution", "outcome", "quote", "quoted")

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="case_studies"
    )
    title = models.CharField(_("title"), max_length=200, help_text=_("The result in one line."))
    shown_as = models.CharField(
        _("customer as it is named"), max_length=200,
        help_text=_("The name that the public reads; it may be “A bakery in Bavaria”."),
    )  # fmt: skip
    about = models.CharField(
        _("about the customer"), max_length=500, blank=True, help_text=_("Who they are, in one sentence.")
    )
    situation = models.TextField(_("the situation before"), blank=True, max_length=4_000)
    solution = models.TextField(_("what was done"), blank=True, max_length=4_000)
    outcome = models.TextField(_("what came of it"), blank=True, max_length=4_000)
    quote = models.TextField(_("quote"), blank=True, max_length=1_000)
    quoted = models.CharField(
        _("who says so"), max_length=200, blank=True, help_text=_("Name and job title, as they may be printed.")
    )
    goals = models.ManyToManyField(
        BusinessGoal, verbose_name=_("goals that prove it"), blank=True, related_name="case_studies"
    )
    # The goals as they were when the customer was shown them: see advocacy.rules.case_studies.Proof.
    frozen = models.JSONField(_("proof as sent"), default=list, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=13, choices=State, default=State.DRAFT)
    sent_on = models.DateField(_("sent for approval on"), null=True, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Contact, verbose_name=_("approved by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approval_note = models.CharField(
        _("how it was approved"), max_length=300, blank=True,
        help_text=_("Where can somebody look it up: a mail, a call, a signed page?"),
    )  # fmt: skip
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_by = models.ForeignKey(
        User, verbose_name=_("published by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("From this day on the public cannot read it.")
    )
    # The last part of the public address; a new one with each publication, so that an old link stays dead.
    token = models.CharField(
        _("secret of the address"), max_length=64, unique=True, null=True, blank=True, editable=False
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("why withdrawn"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        User, verbose_name=_("written by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"))

    objects = CaseStudyQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("case study")
        verbose_name_plural = _("case studies")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="advocacy_casestudy_title_not_empty"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "published"]) | Q(approved_on__isnull=False),
                name="advocacy_casestudy_approval_is_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(token__isnull=False, published_on__isnull=False, expires_on__gt=F("published_on")),
                name="advocacy_casestudy_publication_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_on__isnull=True)),
                name="advocacy_casestudy_withdrawal_is_dated",
            ),
            # Only what is published can be reached.
            models.CheckConstraint(
                condition=Q(state="published") | Q(token__isnull=True), name="advocacy_casestudy_address_when_published"
            ),
        ]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="advocacy_casestudy_newest"),
            models.Index(fields=["state", "expires_on"], name="advocacy_casestudy_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def proofs(self) -> list[Proof]:
        """What was frozen, as far as it can be read."""
        rows: Any = self.frozen if isinstance(self.frozen, list) else []
        return [proof for proof in map(thawed_proof, rows) if proof is not None]

    @property
    def ways(self) -> tuple[str, ...]:
        """The states to which it can go from here."""
        return tuple(str(state) for state in next_case_states(self.state))

    @property
    def is_draft(self) -> bool:
        """Whether its texts and goals may still change."""
        return bool(self.state == self.State.DRAFT)

    def hindrance(self, on: dt.date, *, has_consent: bool) -> Hindrance | None:
        """What keeps it off its public page on a day."""
        return public_hindrance(self.state, on, expires_on=self.expires_on, has_consent=has_consent)
