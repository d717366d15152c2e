"""Which playbooks can be started, and what would one mean for an account: which tasks, for whom, until when?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Account, User
from playbooks.models import Playbook, PlaybookVersion, Task
from playbooks.queries.calendars import Calendars
from playbooks.queries.channels import channels_of_tiers
from playbooks.queries.dates import dates_of, next_renewals
from playbooks.queries.team import ServiceTeams
from playbooks.queries.words import CHANNEL_NAMES, say
from playbooks.rules.schedule import plan
from playbooks.rules.steps import Channel


@dataclass(frozen=True)
class PlannedTask:
    """One task that a start would make."""

    title: str
    kind: str
    who: User | None
    role: str
    due_on: dt.date | None


@dataclass(frozen=True)
class StartPlan:
    """What a start would do for one account."""

    playbook: Playbook
    purpose: str
    channel: str
    tasks: Sequence[PlannedTask]


def startable(user: User) -> QuerySet[Playbook]:
    """The playbooks that a person may start: published and not archived."""
    published = PlaybookVersion.objects.filter(playbook=OuterRef("pk"))
    rows: QuerySet[Playbook] = Playbook.objects.visible_to(user).filter(Exists(published), is_archived=False)
    return rows.order_by("position", "pk")


def plan_for(playbook: Playbook, account: Account, on: dt.date) -> StartPlan | None:
    """Work out what a start on a day would make; nothing is written."""
    version = playbook.versions.order_by("-number").first()
    if version is None:
        return None
    definition = version.parsed
    channel = channels_of_tiers().get(account.tier, Channel.PERSON)
    steps = [step for step in definition.steps if not step.channels or channel in step.channels]
    dates = dates_of([account.pk], on, next_renewals([account.pk], on))[account.pk]
    planned = plan(definition.steps, on, dates, Calendars.load().of(account.region), not_before=on)
    teams = ServiceTeams.load([account.pk], on)
    ids = {step.key: teams.person(account.pk, step.role) for step in steps}
    people = User.objects.in_bulk([pk for pk in ids.values() if pk is not None])
    return StartPlan(
        playbook=playbook,
        purpose=say(definition.purpose),
        channel=str(CHANNEL_NAMES[channel]),
        tasks=[
            PlannedTask(
                title=say(step.title), kind=str(step.kind), who=people.get(ids[step.key] or 0),
                role=str(Task.Role(step.role).label), due_on=planned[step.key].due_on,
            )
            for step in steps
        ],
    )  # fmt: skip
