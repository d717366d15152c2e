"""What is one step of a playbook, and do the steps of one fit together?"""

from __future__ import annotations

import graphlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from health.rules.parsing import N_, ScorecardError, read_key, read_list, read_mapping, read_whole, refuse_unknown
from playbooks.rules.mails import PLACEHOLDERS, unknown_placeholders
from playbooks.rules.reading import read_choice
from playbooks.rules.words import Words, read_words

MOST_STEPS = 100
MOST_OFFSET = 3650
START = "start"
ACCOUNT_DATES = ("signed_on", "live_on", "renewal_on")
STEP = "step:"


class Kind(StrEnum):
    """What a step asks for."""

    TASK = "task"
    EMAIL = "email"
    MEETING = "meeting"
    GATE = "gate"
    UPDATE = "update"


class Role(StrEnum):
    """Who sees to a step: somebody of the service team, the manager, whoever takes it, or the program itself."""

    CSM = "csm"
    SOLUTION_EXPERT = "solution_expert"
    DELIVERY_MANAGER = "delivery_manager"
    MANAGER = "manager"
    POOLED = "pooled"
    AUTOMATIC = "automatic"


class Unit(StrEnum):
    """In what the distance from its anchor is counted."""

    CALENDAR = "calendar"
    WORKING = "working"
    MONTHS = "months"


class Landing(StrEnum):
    """What becomes of a date that lands on a day off."""

    KEEP = "keep"
    NEXT = "next"
    PREVIOUS = "previous"


class Channel(StrEnum):
    """How an account is served: by a person, by a pool, or by the program."""

    PERSON = "person"
    POOLED = "pooled"
    DIGITAL = "digital"


# The stages of the implementation that a finished step files into the handoff file (accounts.ImplementationRecord).
FILED = ("", "kick_off", "configuration", "training", "go_live")


@dataclass(frozen=True, slots=True)
class Mail:
    """What an e-mail step sends, and to contacts of which role (none: whoever has an address)."""

    subject: Words
    body: Words
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, counted from what; by whom; what; and for accounts that are served how (none: all)."""

    key: str
    title: Words
    kind: Kind = Kind.TASK
    role: Role = Role.CSM
    anchor: str = START
    offset: int = 0
    unit: Unit = Unit.CALENDAR
    landing: Landing = Landing.NEXT
    instructions: Words = field(default_factory=dict)
    done_means: Words = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    mail: Mail | None = None
    files_as: str = ""


SETTINGS = frozenset(
    {
        "key", "title", "kind", "role", "anchor", "offset", "unit", "landing", "instructions", "done_means",
        "depends_on", "channels", "mail", "files_as",
    }
)  # fmt: skip
CONTACT_ROLES = ("champion", "economic_buyer", "decision_maker", "end_user", "blocker")


def parse_step(row: Any, place: str) -> Step:
    """Read one step, or say what is wrong with it.

    >>> parse_step({"key": "qbr", "title": "Review", "anchor": "renewal_on", "offset": -120}, "steps[0]").offset
    -120
    >>> parse_step({"key": "qbr", "title": "Review", "anchor": "someday"}, "steps[0]")
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: A step cannot be counted from “someday”.
    """
    given = read_mapping(row, place)
    refuse_unknown(given, place, SETTINGS)
    kind = read_choice(Kind, given.get("kind", Kind.TASK), f"{place}.kind")
    mail = _mail(given.get("mail"), f"{place}.mail")
    if kind == Kind.EMAIL and mail is None:
        raise ScorecardError(N_("An e-mail step needs a subject and a text."), f"{place}.mail")
    if given.get("files_as", "") not in FILED:
        raise ScorecardError(N_("The handoff file has no such stage."), f"{place}.files_as")
    return Step(
        key=read_key(given.get("key"), f"{place}.key"),
        title=read_words(given.get("title", ""), f"{place}.title", most=200, required=True),
        kind=kind,
        role=read_choice(Role, given.get("role", Role.CSM), f"{place}.role"),
        anchor=_anchor(given.get("anchor", START), f"{place}.anchor"),
        offset=read_whole(given.get("offset", 0), f"{place}.offset", -MOST_OFFSET, MOST_OFFSET),
        unit=read_choice(Unit, given.get("unit", Unit.CALENDAR), f"{place}.unit"),
        landing=read_choice(Landing, given.get("landing", Landing.NEXT), f"{place}.landing"),
        instructions=read_words(given.get("instructions", ""), f"{place}.instructions", most=10_000),
        done_means=read_words(given.get("done_means", ""), f"{place}.done_means", most=1_000),
        depends_on=tuple(
            read_key(key, f"{place}.depends_on")
            for key in read_list(given.get("depends_on", []), f"{place}.depends_on")
        ),
        channels=tuple(
            read_choice(Channel, one, f"{place}.channels")
            for one in read_list(given.get("channels", []), f"{place}.channels")
        ),
        mail=mail,
        files_as=given.get("files_as", ""),
    )


def dump_step(step: Step) -> dict[str, Any]:
    """Write a step as JSON.

    >>> dump_step(parse_step({"key": "call", "title": "Call"}, ""))["unit"]
    'calendar'
    """
    body: dict[str, Any] = {
        "key": step.key, "title": dict(step.title), "kind": str(step.kind), "role": str(step.role),
        "anchor": step.anchor, "offset": step.offset, "unit": str(step.unit), "landing": str(step.landing),
        "instructions": dict(step.instructions), "done_means": dict(step.done_means),
        "depends_on": list(step.depends_on), "channels": [str(one) for one in step.channels],
        "files_as": step.files_as,
    }  # fmt: skip
    if step.mail is not None:
        body["mail"] = {
            "subject": dict(step.mail.subject), "body": dict(step.mail.body), "to": list(step.mail.to),
        }  # fmt: skip
    return body


def check_steps(steps: Sequence[Step]) -> None:
    """Refuse steps that share a key, wait for one that is not there, or wait for each other in a circle.

    >>> first, second = Step("a", {"en": "A"}, depends_on=("b",)), Step("b", {"en": "B"}, anchor="step:a")
    >>> check_steps([first, second])
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: These steps wait for each other in a circle: a, b.
    """
    keys = [step.key for step in steps]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise ScorecardError(N_("Two steps have the key “%(key)s”."), f"steps[{number}].key", key=key)
    graph = {step.key: waits_for(step) for step in steps}
    for number, step in enumerate(steps):
        for other in graph[step.key]:
            if other not in graph:
                message = N_("The step “%(key)s” waits for “%(other)s”, which is not there.")
                raise ScorecardError(message, f"steps[{number}]", key=step.key, other=other)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        raise ScorecardError(
            N_("These steps wait for each other in a circle: %(steps)s."), "steps", steps=circle
        ) from None


def waits_for(step: Step) -> tuple[str, ...]:
    """Name the steps before which a step cannot begin or has no date: its dependencies and its anchor.

    >>> waits_for(Step("b", {"en": "B"}, anchor="step:a", depends_on=("a", "c")))
    ('a', 'c')
    """
    anchor = (step.anchor.removeprefix(STEP),) if step.anchor.startswith(STEP) else ()
    return tuple(dict.fromkeys((*anchor, *step.depends_on)))


def _mail(row: Any, place: str) -> Mail | None:
    if row is None:
        return None
    given = read_mapping(row, place)
    refuse_unknown(given, place, {"subject", "body", "to"})
    to = tuple(str(role) for role in read_list(given.get("to", []), f"{place}.to"))
    for role in to:
        if role not in CONTACT_ROLES:
            raise ScorecardError(N_("%(place)s: there is no “%(value)s”."), place, place=place, value=role[:60])
    subject = read_words(given.get("subject", ""), f"{place}.subject", most=200, required=True)
    if any("\n" in text or "\r" in text for text in subject.values()):
        raise ScorecardError(N_("A subject is one line."), f"{place}.subject")
    body = read_words(given.get("body", ""), f"{place}.body", most=10_000, required=True)
    for text in (*subject.values(), *body.values()):
        for unknown in unknown_placeholders(text):
            message = N_("%(place)s: there is no placeholder %(name)s. Write one of: %(known)s.")
            known = ", ".join("{{" + name + "}}" for name in PLACEHOLDERS)
            raise ScorecardError(message, place, place=place, name=unknown[:60], known=known)
    return Mail(subject, body, to)


def _anchor(value: Any, place: str) -> str:
    if value == START or value in ACCOUNT_DATES:
        return str(value)
    if isinstance(value, str) and value.startswith(STEP):
        return STEP + read_key(value.removeprefix(STEP), place)
    raise ScorecardError(N_("A step cannot be counted from “%(anchor)s”."), place, anchor=str(value)[:60])
