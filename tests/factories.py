"""How do tests make a row in one line? Every function fills in what its test does not care about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import (
    Account,
    BusinessGoal,
    Contact,
    GoalMeasurement,
    Handoff,
    Product,
    ServiceAssignment,
    Team,
    User,
)
from advocacy.models import Advocate, CaseStudy, Consent, Referral, SharingSession
from playbooks.models import Playbook, PlaybookVersion
from playbooks.rules.definition import dump_definition, parse_definition
from revenue.models import ContractLine
from roadmap.models import FeatureRequest, RequestEvidence
from usage.models import Feature, Module

NUMBER = count(1)
AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def make_user(role: str = "csm", **fields: Any) -> User:
    number = next(NUMBER)
    fields = {"email": f"person{number}@example.com", "name": f"Person {number}", "role": role} | fields
    return User.objects.create_user(**fields)


def make_account(owner: User | None = None, **fields: Any) -> Account:
    number = next(NUMBER)
    fields = {"name": f"Account {number}", "external_id": f"A-{number}", "created_at": AT, "updated_at": AT} | fields
    account = Account.objects.create(**fields)
    if owner is not None:
        ServiceAssignment.objects.create(account=account, user=owner, started_on=dt.date(2020, 1, 1))
    return account


def make_product(**fields: Any) -> Product:
    number = next(NUMBER)
    return Product.objects.create(**({"external_id": f"P-{number}", "name": f"Product {number}"} | fields))


def make_line(account: Account, arr: int | str = 1200, **fields: Any) -> ContractLine:
    fields = {"currency": "USD", "starts_on": dt.date(2026, 1, 1)} | fields
    fields.setdefault("product", Product.objects.first() or make_product())
    return ContractLine.objects.create(account=account, arr=Decimal(arr), **fields)


def make_feature(kind: str = "basic", **fields: Any) -> Feature:
    number = next(NUMBER)
    fields = {"external_id": f"F-{number}", "name": f"Feature {number}", "kind": kind} | fields
    if "module" not in fields:
        fields["module"] = Module.objects.first() or make_module()
    return Feature.objects.create(**fields)


def make_module(**fields: Any) -> Module:
    number = next(NUMBER)
    fields = {"external_id": f"M-{number}", "name": f"Module {number}"} | fields
    fields.setdefault("product", Product.objects.first() or make_product())
    return Module.objects.create(**fields)


def make_team(**fields: Any) -> Team:
    return Team.objects.create(**({"name": f"Team {next(NUMBER)}"} | fields))


def make_contact(account: Account, **fields: Any) -> Contact:
    return Contact.objects.create(account=account, **({"name": f"Contact {next(NUMBER)}"} | fields))


def make_handoff(account: Account, text: str = "Written down.", **fields: Any) -> Handoff:
    """Make a draft whose sections all say the same."""
    return Handoff.objects.create(account=account, **(dict.fromkeys(Handoff.SECTIONS, text) | fields))


def make_request(**fields: Any) -> FeatureRequest:
    fields = {"title": f"Need {next(NUMBER)}", "created_on": AT.date()} | fields
    return FeatureRequest.objects.create(**fields)


def make_evidence(account: Account, request: FeatureRequest | None = None, **fields: Any) -> RequestEvidence:
    fields = {"asked_on": AT.date(), "verbatim": "We need it."} | fields
    return RequestEvidence.objects.create(account=account, request=request or make_request(), **fields)


def make_advocate(account: Account, **fields: Any) -> Advocate:
    fields = {"contact": fields.get("contact") or make_contact(account), "since": AT.date()} | fields
    return Advocate.objects.create(account=account, **fields)


def make_referral(referrer: Account, **fields: Any) -> Referral:
    """Make a referral in its first state."""
    fields = {"company": f"Company {next(NUMBER)}", "invited_on": AT.date(), "created_at": AT} | fields
    return Referral.objects.create(referrer=referrer, **fields)


def make_session(**fields: Any) -> SharingSession:
    """Make a planned sharing session."""
    fields = {"name": f"Session {next(NUMBER)}", "on": AT.date(), "created_at": AT} | fields
    return SharingSession.objects.create(**fields)


def make_consent(contact: Contact, **fields: Any) -> Consent:
    """Make a consent to everything, everywhere, for a year around the day of the tests."""
    span = {"given_on": AT.date() - dt.timedelta(days=30), "expires_on": AT.date() + dt.timedelta(days=335)}
    fields = {"scope": "any", "channel": "any", "evidence": "Said so in a call."} | span | fields
    return Consent.objects.create(account_id=contact.account_id, contact=contact, **fields)


def make_goal(account: Account, *measured: int, **fields: Any) -> BusinessGoal:
    """Make a goal from 10 down to 4, measured on days that end with the day of the tests; the account is live."""
    if account.live_on is None:
        account.live_on = AT.date() - dt.timedelta(days=400)
        account.save(update_fields=["live_on"])
    fields = {"name": f"Goal {next(NUMBER)}", "metric": "Days to approve", "unit": "days"} | fields
    goal = BusinessGoal.objects.create(account=account, **({"baseline": Decimal(10), "target": Decimal(4)} | fields))
    for back, value in enumerate(reversed(measured)):
        day = AT.date() - dt.timedelta(days=30 * back)
        GoalMeasurement.objects.create(goal=goal, on=day, value=Decimal(value))
    return goal


def make_case(account: Account, **fields: Any) -> CaseStudy:
    """Make the draft of a case study in which everything is written."""
    texts = dict.fromkeys(("situation", "solution", "outcome"), "Written down.")
    fields = {"title": f"Case {next(NUMBER)}", "shown_as": account.name, **texts} | fields
    return CaseStudy.objects.create(account=account, **({"created_at": AT, "changed_at": AT} | fields))


def make_step(key: str = "call", **values: Any) -> dict[str, Any]:
    """Write one step of a playbook."""
    return {"key": key, "title": {"en": key.replace("_", " ").capitalize()}} | values


def make_playbook(*steps: dict[str, Any], is_enabled: bool = True, **says: Any) -> Playbook:
    """Make a playbook with one published version."""
    number = next(NUMBER)
    body = {"name": {"en": f"Playbook {number}"}, "steps": list(steps) or [make_step()]} | says
    definition = dump_definition(parse_definition(body))
    playbook = Playbook.objects.create(
        key=f"playbook-{number}", name=definition["name"], purpose=definition["purpose"],
        category=definition["category"], is_enabled=is_enabled, position=number % 30_000,
    )  # fmt: skip
    PlaybookVersion.objects.create(playbook=playbook, number=1, definition=definition, published_at=AT)
    return playbook
