"""What does a playbook say: which steps, what starts it, for whom, when does it end, and how often?

A definition is plain JSON, stored with its version, so that a run can always say what it was started from; the same
JSON is what is exported and imported as a file:

    {"name": {"en": "Rescue"}, "purpose": {"en": "…"}, "category": "rescue", "industry": "",
     "steps": [{"key": "call", "title": {"en": "Call the champion"}, "kind": "task", "role": "csm",
                "anchor": "start", "offset": 1, "unit": "working", "landing": "next", "depends_on": []}],
     "triggers": [{"kind": "warning", "keys": ["core_drop_30"]}],
     "entry": {"conditions": [{"field": "tier", "operator": "is", "value": "elephant"}]},
     "exit": {}, "goal": {"tests": [{"measure": "health_score", "comparison": "at_least", "threshold": 75}]},
     "limits": {"most_starts": 50, "within_days": 7, "again_after_days": 90, "hold_above": 100}}

`entry`, `exit` and `goal` are claims about an account: tests over the measures that early warnings know, and conditions
on its fields; an empty one says nothing. A text is one per language: see playbooks.rules.words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from health.rules.conditions import Condition, parse_conditions
from health.rules.parsing import N_, ScorecardError, read_key, read_list, read_mapping, read_whole, refuse_unknown
from health.rules.warnings import Definition as Tests
from health.rules.warnings import parse_definition as parse_tests
from playbooks.rules.reading import read_choice
from playbooks.rules.steps import MOST_STEPS, Step, check_steps, dump_step, parse_step
from playbooks.rules.words import Words, read_words

MOST_TRIGGERS = 12
MOST_DAYS = 3650


class Category(StrEnum):
    """What a playbook is for."""

    STABILIZATION = "stabilization"
    ONBOARDING = "onboarding"
    RESCUE = "rescue"
    RENEWAL = "renewal"
    EXPANSION = "expansion"
    WIN_BACK = "win_back"
    ADVOCATE_CARE = "advocate_care"
    ESCALATION = "escalation"
    SPONSOR_CHANGE = "sponsor_change"
    OTHER = "other"


class TriggerKind(StrEnum):
    """What can start a playbook."""

    WARNING = "warning"
    STAGE = "stage"
    HANDOFF_ACCEPTED = "handoff_accepted"
    SIGNING = "signing"
    RENEWAL_AHEAD = "renewal_ahead"
    BAND_ENTERED = "band_entered"
    BAND_LEFT = "band_left"
    SAVED_VIEW = "saved_view"
    DATE = "date"


# What each kind of trigger takes besides itself. `keys` name warning rules, stages, bands or dates; `days` counts from
# the date (negative: before it); `view` is the number of a saved view.
TRIGGER_SETTINGS: dict[TriggerKind, frozenset[str]] = {
    TriggerKind.WARNING: frozenset({"keys"}),
    TriggerKind.STAGE: frozenset({"keys"}),
    TriggerKind.HANDOFF_ACCEPTED: frozenset(),
    TriggerKind.SIGNING: frozenset(),
    TriggerKind.RENEWAL_AHEAD: frozenset({"days"}),
    TriggerKind.BAND_ENTERED: frozenset({"keys"}),
    TriggerKind.BAND_LEFT: frozenset({"keys"}),
    TriggerKind.SAVED_VIEW: frozenset({"view"}),
    TriggerKind.DATE: frozenset({"keys", "days"}),
}
STAGES = ("onboarding", "adoption", "mature", "renewal", "churned")
BANDS = ("green", "yellow", "red")
DATES = ("signed_on", "live_on", "renewal_on")
CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Trigger:
    """One cause that starts the playbook; empty `keys` mean any warning."""

    kind: TriggerKind
    keys: tuple[str, ...] = ()
    days: int = 0
    view: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that is true of an account or not: tests over measures and conditions on fields, all of them."""

    tests: Tests | None = None
    conditions: tuple[Condition, ...] = ()
    # The claim as it was written, for the editor and the file.
    body: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tests or self.conditions)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often it starts: at most so many in so many days, again for one account after so many, held above so many."""

    most_starts: int | None = None
    within_days: int = 7
    again_after_days: int = 0
    hold_above: int = 100


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that one version of a playbook says."""

    name: Words
    steps: tuple[Step, ...]
    purpose: Words = field(default_factory=dict)
    category: Category = Category.OTHER
    industry: str = ""
    triggers: tuple[Trigger, ...] = ()
    entry: Claim = Claim()
    exit: Claim = Claim()
    goal: Claim = Claim()
    limits: Limits = Limits()
    # Customers who left are out unless a playbook is for them (win-back).
    with_churned: bool = False


SETTINGS = frozenset(
    {
        "name", "purpose", "category", "industry", "steps", "triggers", "entry", "exit", "goal", "limits",
        "with_churned",
    }
)  # fmt: skip


def parse_definition(body: Any) -> Definition:
    """Read what a playbook says, or say what is wrong with it.

    >>> parse_definition({"name": "Rescue", "steps": [{"key": "call", "title": "Call"}]}).steps[0].offset
    0
    >>> parse_definition({"name": "Rescue", "steps": []})
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Give at least one step.
    """
    given = read_mapping(body, "")
    refuse_unknown(given, "", SETTINGS)
    rows = read_list(given.get("steps", []), "steps")
    if not rows:
        raise ScorecardError(N_("Give at least one step."), "steps")
    if len(rows) > MOST_STEPS:
        raise ScorecardError(N_("At most %(most)s steps."), "steps", most=MOST_STEPS)
    steps = tuple(parse_step(row, f"steps[{number}]") for number, row in enumerate(rows))
    check_steps(steps)
    triggers = read_list(given.get("triggers", []), "triggers")
    if len(triggers) > MOST_TRIGGERS:
        raise ScorecardError(N_("At most %(most)s triggers."), "triggers", most=MOST_TRIGGERS)
    return Definition(
        name=read_words(given.get("name", ""), "name", most=100, required=True),
        purpose=read_words(given.get("purpose", ""), "purpose", most=2_000),
        category=read_choice(Category, given.get("category", Category.OTHER), "category"),
        industry=_text(given.get("industry", ""), "industry"),
        steps=steps,
        triggers=tuple(_trigger(row, f"triggers[{number}]") for number, row in enumerate(triggers)),
        entry=parse_claim(given.get("entry", {}), "entry"),
        exit=parse_claim(given.get("exit", {}), "exit"),
        goal=parse_claim(given.get("goal", {}), "goal"),
        limits=_limits(given.get("limits", {})),
        with_churned=given.get("with_churned") is True,
    )


def dump_definition(definition: Definition) -> dict[str, Any]:
    """Write a definition as JSON; reading it again gives the same.

    >>> body = {"name": "Rescue", "steps": [{"key": "call", "title": "Call"}], "triggers": [{"kind": "signing"}]}
    >>> parsed = parse_definition(body)
    >>> parse_definition(dump_definition(parsed)) == parsed
    True
    """
    limits = definition.limits
    return {
        "name": dict(definition.name),
        "purpose": dict(definition.purpose),
        "category": str(definition.category),
        "industry": definition.industry,
        "steps": [dump_step(step) for step in definition.steps],
        "triggers": [_dump_trigger(trigger) for trigger in definition.triggers],
        "entry": dict(definition.entry.body),
        "exit": dict(definition.exit.body),
        "goal": dict(definition.goal.body),
        "limits": {
            "most_starts": limits.most_starts,
            "within_days": limits.within_days,
            "again_after_days": limits.again_after_days,
            "hold_above": limits.hold_above,
        },
        "with_churned": definition.with_churned,
    }


def parse_claim(body: Any, place: str) -> Claim:
    """Read a claim about an account; an empty one says nothing.

    >>> vip = {"conditions": [{"field": "tag", "value": "vip"}]}
    >>> bool(parse_claim({}, "goal")), bool(parse_claim(vip, "goal"))
    (False, True)
    """
    given = read_mapping(body, place)
    refuse_unknown(given, place, {"tests", "match", "conditions"})
    try:
        tests = (
            parse_tests({"tests": given["tests"], "match": given.get("match", "all")}) if given.get("tests") else None
        )
        conditions = parse_conditions(given.get("conditions", []))
    except ScorecardError as error:
        raise ScorecardError(error.message, f"{place}.{error.place}", **error.params) from None
    return Claim(tests, conditions, {name: value for name, value in given.items() if value})


def _trigger(row: Any, place: str) -> Trigger:
    given = read_mapping(row, place)
    kind = read_choice(TriggerKind, given.get("kind"), f"{place}.kind")
    refuse_unknown(given, place, {"kind", *TRIGGER_SETTINGS[kind]})
    keys = tuple(_text(key, f"{place}.keys") for key in read_list(given.get("keys", []), f"{place}.keys"))
    allowed = {TriggerKind.STAGE: STAGES, TriggerKind.BAND_ENTERED: BANDS, TriggerKind.BAND_LEFT: BANDS}.get(kind)
    if kind == TriggerKind.WARNING:
        keys = tuple(read_key(key, f"{place}.keys") for key in keys)
    elif "keys" in TRIGGER_SETTINGS[kind] and not keys:
        raise ScorecardError(N_("%(place)s must not be empty."), f"{place}.keys", place=f"{place}.keys")
    for key in keys:
        if (allowed and key not in allowed) or (kind == TriggerKind.DATE and not _is_date(key)):
            raise ScorecardError(N_("There is no “%(key)s” to wait for."), f"{place}.keys", key=key[:60])
    days = read_whole(given.get("days", 0), f"{place}.days", -MOST_DAYS, MOST_DAYS)
    view = given.get("view")
    if kind == TriggerKind.SAVED_VIEW:
        view = read_whole(view if view is not None else 0, f"{place}.view", 1, 2**62)
    return Trigger(kind, keys, days, view)


def _is_date(key: str) -> bool:
    own = key.removeprefix(CUSTOM) if key.startswith(CUSTOM) else ""
    is_own = own.isascii() and own.replace("_", "").replace("-", "").isalnum() and "__" not in own and len(own) <= 40
    return key in DATES or is_own


def _dump_trigger(trigger: Trigger) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": str(trigger.kind)}
    names = TRIGGER_SETTINGS[trigger.kind]
    if "keys" in names:
        body["keys"] = list(trigger.keys)
    if "days" in names:
        body["days"] = trigger.days
    if "view" in names:
        body["view"] = trigger.view
    return body


def _limits(body: Any) -> Limits:
    given = read_mapping(body, "limits")
    refuse_unknown(given, "limits", {"most_starts", "within_days", "again_after_days", "hold_above"})
    most = given.get("most_starts")
    return Limits(
        most_starts=None if most is None else read_whole(most, "limits.most_starts", 1, 1_000_000),
        within_days=read_whole(given.get("within_days", 7), "limits.within_days", 1, MOST_DAYS),
        again_after_days=read_whole(given.get("again_after_days", 0), "limits.again_after_days", 0, MOST_DAYS),
        hold_above=read_whole(given.get("hold_above", 100), "limits.hold_above", 1, 1_000_000),
    )


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > 100 or "\0" in value:
        raise ScorecardError(N_("%(place)s must be text of at most 100 characters."), place, place=place)
    return value
