"""Which books were brought in, by whom, and what came of it?"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules.roles import Capability
from common.models import Job


class BookImportQuerySet(models.QuerySet["BookImport"]):
    """Imports, restricted to whom they concern."""

    def visible_to(self, user: User | AnonymousUser) -> BookImportQuerySet:
        """Who sets the installation up sees all; who may import sees their own; nobody else sees any."""
        if not isinstance(user, User) or not user.is_active or not user.can(Capability.IMPORT_BOOK):
            return self.none()
        return self if user.can(Capability.MANAGE_SETTINGS) else self.filter(by=user)


class BookImport(models.Model):
    """One book that somebody sent: its files, what a trial said, and what became of it once it was confirmed."""

    class Stage(models.TextChoices):
        READING = "reading", _("Reading")
        READY = "ready", _("Waiting for your decision")
        IMPORTING = "importing", _("Importing")
        DONE = "done", _("Imported")
        REFUSED = "refused", _("Refused")
        STOPPED = "stopped", _("Stopped")

    # Random, so that nobody finds another import by counting; also the name of the folder with its files.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(User, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    # The names and sizes of the files as they are kept: [[name, bytes]].
    files = models.JSONField(_("files"), default=list)
    # The file in the folder that names foreign columns; empty for our own format.
    mapping = models.CharField(_("mapping"), max_length=130, blank=True)
    # What the person said about how the files are written, as `reader.Hints` takes it.
    hints = models.JSONField(_("how the files are written"), default=dict, blank=True)
    job = models.ForeignKey(Job, verbose_name=_("job"), on_delete=models.SET_NULL, null=True, related_name="+")
    # What the trial and the import said: `importing.report.Report.as_json` with the first rejected rows.
    plan = models.JSONField(_("preview"), null=True, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)
    # Why the book was refused as a whole.
    refusal = models.TextField(_("refusal"), blank=True)
    confirmed_by = models.ForeignKey(
        User, verbose_name=_("confirmed by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    forgotten_at = models.DateTimeField(_("files deleted"), null=True, blank=True)

    objects = BookImportQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="portfolio_bookimport_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(result=None) | Q(confirmed_at__isnull=False, finished_at__isnull=False),
                name="portfolio_bookimport_result_was_confirmed",
            ),
        ]
        indexes = [models.Index(fields=["-at"], name="portfolio_import_at")]

    def __str__(self) -> str:
        return ", ".join(name for name, _size in self.files)

    @property
    def stage(self) -> str:
        """How far this import is."""
        if self.refusal:
            return self.Stage.REFUSED
        if self.result is not None:
            return self.Stage.DONE
        if self.job is not None and not self.job.is_over:
            return self.Stage.IMPORTING if self.confirmed_at else self.Stage.READING
        if self.plan is None or self.confirmed_at:
            return self.Stage.STOPPED
        return self.Stage.READY

    @property
    def is_under_way(self) -> bool:
        """Say whether a worker has it in hand."""
        return self.stage in {self.Stage.READING, self.Stage.IMPORTING}

    @property
    def report(self) -> dict[str, Any] | None:
        """What is known of its rows: the result, or else what the trial said."""
        return self.plan if self.result is None else self.result
