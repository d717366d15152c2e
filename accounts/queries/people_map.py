"""Whom do we know at a customer, how well, and who serves it from our side?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Account, Contact, ServiceAssignment
from accounts.rules import accounts as account_rules
from accounts.rules import people_map as rules


@dataclass(frozen=True)
class PersonOnMap:
    """One contact with how close we are."""

    contact: Contact
    score: int
    level: rules.Level
    days_since_touch: int | None


@dataclass(frozen=True)
class PeopleMap:
    """Everybody we know at a customer, closest first, and what is missing."""

    present: tuple[PersonOnMap, ...]
    gone: tuple[PersonOnMap, ...]
    is_single_threaded: bool
    has_lost_champion: bool
    has_sponsor_gap: bool

    @property
    def is_empty(self) -> bool:
        """Say whether nobody is known at all."""
        return not self.present and not self.gone


def as_person(contact: Contact) -> rules.Person:
    """Give a contact as the plain values that the rules take."""
    return rules.Person(
        role=contact.role, sentiment=contact.sentiment, touched_on=contact.touched_on, left_on=contact.left_on
    )


def people_map(account: Account, on: dt.date) -> PeopleMap:
    """Read the people of an account in one query and judge each of them."""
    contacts = list(Contact.objects.filter(account=account))
    people = [as_person(contact) for contact in contacts]
    placed = [_placed(contact, person, on) for contact, person in zip(contacts, people, strict=True)]
    placed.sort(key=lambda item: (-item.score, item.contact.name, item.contact.pk))
    return PeopleMap(
        present=tuple(item for item in placed if item.level != rules.Level.GONE),
        gone=tuple(item for item in placed if item.level == rules.Level.GONE),
        is_single_threaded=rules.is_single_threaded(people, on),
        has_lost_champion=rules.has_lost_champion(people, on),
        has_sponsor_gap=rules.has_sponsor_gap(people, on),
    )


def _placed(contact: Contact, person: rules.Person, on: dt.date) -> PersonOnMap:
    score = rules.relationship_score(person, on)
    return PersonOnMap(
        contact=contact,
        score=score,
        level=rules.relationship_level(score, person.is_present(on)),
        days_since_touch=person.days_since_touch(on),
    )


@dataclass(frozen=True)
class ServiceTeam:
    """Who serves an account, who did before, and which roles of a key account are empty."""

    current: tuple[ServiceAssignment, ...]
    earlier: tuple[ServiceAssignment, ...]
    missing_roles: tuple[str, ...]

    @property
    def missing_labels(self) -> list[str]:
        """The empty roles in words."""
        return [str(ServiceAssignment.Role(role).label) for role in self.missing_roles]


def service_team(account: Account, on: dt.date) -> ServiceTeam:
    """Read who serves an account on a day, in one query."""
    rows = list(ServiceAssignment.objects.filter(account=account, started_on__lte=on).select_related("user"))
    current = tuple(row for row in rows if row.ended_on is None or row.ended_on > on)
    return ServiceTeam(
        current=current,
        earlier=tuple(row for row in rows if row not in current),
        missing_roles=tuple(account_rules.missing_roles(account.tier, {row.role for row in current})),
    )
