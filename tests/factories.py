"""How do tests make a row in one line? Every function fills in what its test does not care about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Account, Contact, Handoff, Product, ServiceAssignment, Team, User
from advocacy.models import Advocate
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
