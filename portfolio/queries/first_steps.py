"""What is there to do before the first morning: which of the five steps are done, and where does each lead?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from health.models import ScorecardVersion
from usage.models import Reading, UsageEvent

PANEL = "today.first_steps"


@dataclass(frozen=True)
class Step:
    """One step: what it is called, where it is done, whether it is done, and one line of help."""

    label: str
    href: str
    is_done: bool
    help: str


@dataclass(frozen=True)
class FirstSteps:
    """The checklist, and whether the book is the sample that came with Mainstay."""

    steps: Sequence[Step]
    has_sample: bool

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def items(self) -> list[tuple[str, str, bool, str]]:
        """The steps as the checklist takes them."""
        return [(step.label, step.href, step.is_done, step.help) for step in self.steps]


def first_steps(user: User) -> FirstSteps | None:
    """The checklist for whoever sets things up; None for others, once it is put away, or when all is done."""
    if not user.can(Capability.MANAGE_SETTINGS):
        return None
    has_sample = Organisation.load().sample_loaded_at is not None
    if PANEL in user.hidden_panels and not has_sample:
        return None
    steps = [] if PANEL in user.hidden_panels else _steps()
    if all(step.is_done for step in steps) and not has_sample:
        return None
    return FirstSteps([] if all(step.is_done for step in steps) else steps, has_sample)


def _steps() -> list[Step]:
    return [
        Step(_("Bring your accounts in"), reverse("import_book"), Account.objects.exists(),
             _("A folder of CSV or Excel files; you see what would change before anything is written.")),
        Step(_("Connect usage"), reverse("token_create"), UsageEvent.objects.exists() or Reading.objects.exists(),
             _("A token with the scope “ingest”, and your product sends its events.")),
        Step(_("Set the health score"), reverse("scorecards"),
             ScorecardVersion.objects.filter(published_by__isnull=False).exists(),
             _("Weights and thresholds, tried on your book before they hold.")),
        Step(_("Invite your team"), reverse("person_invite"), User.objects.active().count() > 1,
             _("Each gets a link by mail and chooses a password.")),
        Step(_("Start the first playbook"), _playbooks(), _has_run(), _("Onboarding, rescue, renewal: ready-made.")),
    ]  # fmt: skip


def _playbooks() -> str:
    try:
        return reverse("playbooks")
    except NoReverseMatch:
        return reverse("account_list")


def _has_run() -> bool:
    return bool(apps.get_model("playbooks.Run")._default_manager.exists())
