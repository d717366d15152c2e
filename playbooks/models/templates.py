"""Which playbooks are there, and what did each say when?"""

from __future__ import annotations

from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.people import ForColleaguesQuerySet
from playbooks.rules import definition as rules
from playbooks.rules.words import in_language


class Playbook(models.Model):
    """One way of helping a customer; what it says stands in its versions, the newest of which new runs follow."""

    class Category(models.TextChoices):
        STABILIZATION = rules.Category.STABILIZATION.value, _("Stabilization")
        ONBOARDING = rules.Category.ONBOARDING.value, _("Onboarding")
        RESCUE = rules.Category.RESCUE.value, _("Rescue")
        RENEWAL = rules.Category.RENEWAL.value, _("Renewal")
        EXPANSION = rules.Category.EXPANSION.value, _("Expansion")
        WIN_BACK = rules.Category.WIN_BACK.value, _("Win-back")
        ADVOCATE_CARE = rules.Category.ADVOCATE_CARE.value, _("Advocate care")
        ESCALATION = rules.Category.ESCALATION.value, _("Escalation")
        SPONSOR_CHANGE = rules.Category.SPONSOR_CHANGE.value, _("Sponsor change")
        OTHER = rules.Category.OTHER.value, _("Other")

    key = models.SlugField(_("key"), max_length=60, unique=True)
    # Name and purpose per language, as the newest version says; kept here for lists.
    name = models.JSONField(_("name"))
    purpose = models.JSONField(_("purpose"), default=dict, blank=True)
    category = models.CharField(_("category"), max_length=20, choices=Category, default=Category.OTHER)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    is_enabled = models.BooleanField(_("starts by itself"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    # How many accounts wait for somebody to say that all should start; 0 for none.
    held_count = models.PositiveIntegerField(_("held back"), default=0, editable=False)
    evaluated_on = models.DateField(_("evaluated for"), null=True, blank=True, editable=False)

    objects = ForColleaguesQuerySet["Playbook"].as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_archived=True, is_enabled=True), name="playbooks_playbook_archived_starts_nothing"
            )
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, translation.get_language())

    @property
    def shown_purpose(self) -> str:
        """The purpose in the reader's language."""
        return in_language(self.purpose, translation.get_language())


class PlaybookVersion(models.Model):
    """What a playbook said from an instant on; never edited, so a run always shows what it was started from."""

    playbook = models.ForeignKey(
        Playbook, verbose_name=_("playbook"), on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField(_("number"))
    # See playbooks.rules.definition.
    definition = models.JSONField(_("definition"))
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        User, verbose_name=_("published by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ForColleaguesQuerySet["PlaybookVersion"].as_manager()

    class Meta:
        ordering = ["playbook", "-number"]
        verbose_name = _("playbook version")
        verbose_name_plural = _("playbook versions")
        constraints = [
            models.UniqueConstraint(fields=["playbook", "number"], name="playbooks_playbookversion_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.playbook} · {self.number}"

    @cached_property
    def parsed(self) -> rules.Definition:
        """What it says, read."""
        return rules.parse_definition(self.definition)


class PlaybookDraft(models.Model):
    """What the next version of a playbook is going to say, while somebody writes it."""

    playbook = models.OneToOneField(
        Playbook, verbose_name=_("playbook"), on_delete=models.CASCADE, related_name="draft"
    )
    definition = models.JSONField(_("definition"))
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        User, verbose_name=_("changed by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ForColleaguesQuerySet["PlaybookDraft"].as_manager()

    class Meta:
        verbose_name = _("playbook draft")
        verbose_name_plural = _("playbook drafts")

    def __str__(self) -> str:
        return str(self.playbook)
