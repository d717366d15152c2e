"""How does a playbook read in words: its steps, what starts it, for whom, when it ends, and how often it starts?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.models import Account, Contact, CustomField, ImplementationRecord, SavedView
from common.formats import number
from common.text import markdown
from health.models import HealthScore, WarningRule
from health.queries.cards import conditions_in_words
from health.queries.rule_words import rule_in_words
from playbooks.models import Playbook, Run, Task
from playbooks.rules.definition import CUSTOM, Claim, Definition, Limits, Trigger, TriggerKind
from playbooks.rules.steps import START, STEP, Channel, Step, Unit, waits_for
from playbooks.rules.words import Words, in_language

DATE_NAMES: dict[str, Promise] = {
    "signed_on": _lazy("the signing"),
    "live_on": _lazy("the go-live"),
    "renewal_on": _lazy("the renewal"),
}
LANDING_NAMES: dict[str, Promise] = {
    "keep": _lazy("Keep the day"),
    "next": _lazy("The next working day"),
    "previous": _lazy("The working day before"),
}
UNIT_NAMES: dict[str, Promise] = {
    "calendar": _lazy("calendar days"),
    "working": _lazy("working days"),
    "months": _lazy("months"),
}
CHANNEL_NAMES: dict[str, Promise] = {
    "person": _lazy("By a person"),
    "pooled": _lazy("Pooled"),
    "digital": _lazy("Digital"),
}


@dataclass(frozen=True)
class StepWords:
    """One step as its reader sees it."""

    number: int
    key: str
    title: str
    kind: str
    kind_label: str
    role: str
    when: str
    # Safe HTML: see common.text.markdown.
    instructions: str
    done_means: str
    waits_for: Sequence[str]
    channels: Sequence[str]
    files_as: str
    subject: str
    body: str
    to: str


@dataclass(frozen=True)
class PlaybookWords:
    """Everything that a definition says, in the reader's language."""

    name: str
    purpose: str
    category: str
    steps: Sequence[StepWords]
    triggers: Sequence[str]
    entry: Sequence[str]
    exit: Sequence[str]
    goal: Sequence[str]
    limits: Sequence[str]
    with_churned: bool

    @property
    def channels(self) -> list[tuple[str, list[StepWords]]]:
        """The steps by how an account is served, those ways that have any."""
        ways = ((str(CHANNEL_NAMES[way]), [one for one in self.steps if self._serves(one, way)]) for way in Channel)
        return [(label, steps) for label, steps in ways if steps]

    @staticmethod
    def _serves(step: StepWords, way: Channel) -> bool:
        return not step.channels or str(CHANNEL_NAMES[way]) in step.channels


def say(words: Words) -> str:
    """A text in the reader's language."""
    return in_language(words, translation.get_language())


def playbook_in_words(definition: Definition) -> PlaybookWords:
    """Say what a playbook does."""
    titles = {step.key: say(step.title) for step in definition.steps}
    return PlaybookWords(
        name=say(definition.name),
        purpose=say(definition.purpose),
        category=str(Playbook.Category(definition.category).label),
        steps=[_step(number, step, titles) for number, step in enumerate(definition.steps, start=1)],
        triggers=triggers_in_words(definition.triggers),
        entry=claim_in_words(definition.entry),
        exit=claim_in_words(definition.exit),
        goal=claim_in_words(definition.goal),
        limits=limits_in_words(definition.limits),
        with_churned=definition.with_churned,
    )


def when_in_words(step: Step, titles: Mapping[str, str]) -> str:
    """Say when a step is due: “3 working days after “Kick-off””, “120 days before the renewal”."""
    anchor = _anchor(step.anchor, titles)
    if not step.offset:
        return _("on the day of %(anchor)s") % {"anchor": anchor}
    said = {"span": _span(abs(step.offset), step.unit), "anchor": anchor}
    return _("%(span)s before %(anchor)s") % said if step.offset < 0 else _("%(span)s after %(anchor)s") % said


def triggers_in_words(triggers: Sequence[Trigger]) -> list[str]:
    """Say what starts a playbook, one sentence a trigger."""
    if not triggers:
        return []
    names = _Names.load(triggers)
    return [_trigger(one, names) for one in triggers]


def claim_in_words(claim: Claim) -> list[str]:
    """Say what is claimed of an account: the tests in one sentence, then each condition."""
    said = []
    if claim.tests:
        body = {name: value for name, value in claim.body.items() if name in ("tests", "match")}
        said.append(rule_in_words(body))
    return said + conditions_in_words(claim.body.get("conditions", []))


def limits_in_words(limits: Limits) -> list[str]:
    """Say how often a playbook starts."""
    said = []
    if limits.most_starts is not None:
        words = ngettext("At most %(starts)s start in %(days)s days", "At most %(starts)s starts in %(days)s days",
                         limits.most_starts)  # fmt: skip
        said.append(words % {"starts": number(limits.most_starts), "days": number(limits.within_days)})
    if limits.again_after_days:
        words = ngettext("For one account again after %(days)s day", "For one account again after %(days)s days",
                         limits.again_after_days)  # fmt: skip
        said.append(words % {"days": number(limits.again_after_days)})
    held = _("More than %(count)s accounts at once are held back until somebody says that all shall start")
    return [*said, held % {"count": number(limits.hold_above)}]


def _step(place: int, step: Step, titles: Mapping[str, str]) -> StepWords:
    mail = step.mail
    waits = [key for key in waits_for(step) if key in step.depends_on]
    stages = dict(ImplementationRecord.Stage.choices)
    roles = dict(Contact.Role.choices)
    return StepWords(
        number=place,
        key=step.key,
        title=titles[step.key],
        kind=str(step.kind),
        kind_label=str(Task.Kind(step.kind).label),
        role=str(Task.Role(step.role).label),
        when=when_in_words(step, titles),
        instructions=markdown(say(step.instructions)),
        done_means=say(step.done_means),
        waits_for=[titles[key] for key in waits],
        channels=[str(CHANNEL_NAMES[one]) for one in step.channels],
        files_as=str(stages.get(step.files_as, "")),
        subject=say(mail.subject) if mail else "",
        body=say(mail.body) if mail else "",
        to=", ".join(str(roles.get(role, role)) for role in mail.to) if mail else "",
    )


def _anchor(anchor: str, titles: Mapping[str, str]) -> str:
    if anchor == START:
        return _("the start")
    if anchor.startswith(STEP):
        key = anchor.removeprefix(STEP)
        return _("“%(step)s”") % {"step": titles.get(key, key)}
    return str(DATE_NAMES[anchor])


def _span(count: int, unit: str) -> str:
    if unit == Unit.WORKING:
        words = ngettext("%(count)s working day", "%(count)s working days", count)
    elif unit == Unit.MONTHS:
        words = ngettext("%(count)s month", "%(count)s months", count)
    else:
        words = ngettext("%(count)s day", "%(count)s days", count)
    return words % {"count": number(count)}


@dataclass(frozen=True)
class _Names:
    """What the keys of triggers are called."""

    warnings: Mapping[str, str]
    views: Mapping[int, str]
    dates: Mapping[str, str]

    @classmethod
    def load(cls, triggers: Sequence[Trigger]) -> _Names:
        kinds = {one.kind for one in triggers}
        views = [one.view for one in triggers if one.view]
        dates: dict[str, Any] = dict(DATE_NAMES)
        if TriggerKind.DATE in kinds:
            own = CustomField.objects.values_list("key", "label")
            dates |= {f"{CUSTOM}{key}": _("the date “%(field)s”") % {"field": label} for key, label in own}
        rules = WarningRule.objects.all() if TriggerKind.WARNING in kinds else ()
        return cls(
            warnings={rule.key: rule.shown_name for rule in rules},
            views=dict(SavedView.objects.filter(pk__in=views).values_list("pk", "name")) if views else {},
            dates={key: str(label) for key, label in dates.items()},
        )


def _trigger(trigger: Trigger, names: _Names) -> str:
    kind, keys = trigger.kind, trigger.keys
    if kind == TriggerKind.WARNING:
        if not keys:
            return _("Any warning")
        return _("Warning: %(names)s") % {"names": _listed(keys, names.warnings)}
    if kind == TriggerKind.STAGE:
        return _("Stage reached: %(names)s") % {"names": _listed(keys, dict(Account.Stage.choices))}
    if kind in (TriggerKind.BAND_ENTERED, TriggerKind.BAND_LEFT):
        words = _("Health becomes: %(names)s") if kind == TriggerKind.BAND_ENTERED else _("Health leaves: %(names)s")
        return words % {"names": _listed(keys, dict(HealthScore.Band.choices))}
    if kind == TriggerKind.SAVED_VIEW:
        return _("Comes into the view “%(name)s”") % {"name": names.views.get(trigger.view or 0, _("deleted"))}
    if kind == TriggerKind.RENEWAL_AHEAD:
        return _distance(trigger.days, str(DATE_NAMES["renewal_on"]))
    if kind == TriggerKind.DATE:
        return " · ".join(_distance(trigger.days, names.dates.get(key, key)) for key in keys)
    return str(Run.Cause(kind.value).label)


def _distance(days: int, anchor: str) -> str:
    if not days:
        return _("on the day of %(anchor)s") % {"anchor": anchor}
    said = {"span": _span(abs(days), Unit.CALENDAR), "anchor": anchor}
    return _("%(span)s before %(anchor)s") % said if days < 0 else _("%(span)s after %(anchor)s") % said


def _listed(keys: Sequence[str], names: Mapping[Any, Any]) -> str:
    return ", ".join(str(names.get(key, key)) for key in keys)
