"""Small books of accounts for the tests of health, written down row by row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import Account, Contact, Product
from revenue.models import ContractLine, Movement, Renewal
from usage.models import (
    AccountFeatureUse,
    AccountPersonUse,
    AccountUsageDay,
    Feature,
    FeatureUsageDay,
    Milestone,
    MilestoneReached,
    Module,
    Scenario,
    SurveyAnswer,
    Ticket,
)

AT = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
ON = AT.date()


def ago(days: int) -> dt.date:
    """So many days before the day of the tests."""
    return ON - dt.timedelta(days=days)


def make_account(name: str = "Ada", **given: Any) -> Account:
    """One account that signed long ago."""
    return Account.objects.create(
        **{"name": name, "signed_on": dt.date(2025, 1, 1), "created_at": AT, "updated_at": AT, **given}
    )


def make_product(name: str = "P") -> Product:
    """One product with one module of the same name."""
    product = Product.objects.create(external_id=name, name=name)
    Module.objects.create(external_id=name, name=name, product=product)
    return product


def make_feature(name: str, kind: str = "basic", product: Product | None = None, **given: Any) -> Feature:
    """One feature of a product's module."""
    product = product or Product.objects.first() or make_product()
    return Feature.objects.create(external_id=name, name=name, kind=kind, module=product.modules.get(), **given)


def make_scenario(name: str, *features: Feature) -> Scenario:
    """One scenario for which features are used together."""
    scenario = Scenario.objects.create(external_id=name, name=name)
    scenario.features.set(features)
    return scenario


def make_line(account: Account, starts_on: dt.date = dt.date(2025, 1, 1), **given: Any) -> ContractLine:
    """One contract line, open-ended unless told otherwise."""
    product = given.pop("product", None) or Product.objects.first() or make_product()
    return ContractLine.objects.create(
        **{
            "account": account,
            "product": product,
            "arr": Decimal(1200),
            "currency": "USD",
            "starts_on": starts_on,
            **given,
        }
    )


def use(account: Account, day: dt.date, feature: Feature, person: str = "ann", events: int = 1) -> None:
    """One person's use of a feature on a day, with its rollups."""
    FeatureUsageDay.objects.create(account=account, day=day, feature=feature, person=person, events=events)
    rows = FeatureUsageDay.objects.filter(account=account, day=day)
    AccountUsageDay.objects.update_or_create(
        account=account,
        day=day,
        defaults={
            "events": sum(row.events for row in rows),
            "core_events": sum(row.events for row in rows if row.feature.kind == "core"),
            "people": len({row.person for row in rows} - {""}),
        },
    )
    known, made = AccountFeatureUse.objects.get_or_create(
        account=account, feature=feature, defaults={"first_on": day, "last_on": day}
    )
    if not made:
        known.first_on, known.last_on = min(known.first_on, day), max(known.last_on, day)
        known.save()
    if person:
        mine = FeatureUsageDay.objects.filter(account=account, person=person).order_by("day")
        deep = mine.filter(feature__kind="advanced").last()
        AccountPersonUse.objects.update_or_create(
            account=account,
            person=person,
            defaults={"last_on": mine.latest("day").day, "last_advanced_on": deep.day if deep else None},
        )


def make_milestone(name: str, due_after_days: int) -> Milestone:
    """One milestone."""
    return Milestone.objects.create(external_id=name, name=name, due_after_days=due_after_days)


def reach(account: Account, milestone: Milestone, on: dt.date) -> None:
    """A milestone reached on a day."""
    MilestoneReached.objects.create(account=account, milestone=milestone, on=on)


def answer(account: Account, score: int, on: dt.date, contact: Contact | None = None) -> SurveyAnswer:
    """One answer to the question of recommendation."""
    return SurveyAnswer.objects.create(account=account, contact=contact, score=score, answered_on=on)


def make_ticket(account: Account, opened: dt.date, target_days: int, resolved_days: int | None = None) -> Ticket:
    """One ticket opened at noon, with its target and its end so many days later."""
    at = dt.datetime.combine(opened, dt.time(12), tzinfo=dt.UTC)
    return Ticket.objects.create(
        account=account,
        opened_at=at,
        target_at=at + dt.timedelta(days=target_days),
        resolved_at=None if resolved_days is None else at + dt.timedelta(days=resolved_days),
    )


def expand(account: Account, on: dt.date, currency: str = "USD", kind: str = "expansion") -> Movement:
    """One movement."""
    return Movement.objects.create(
        account=account, on=on, kind=kind, currency=currency, amount=Decimal(100), arr_after=Decimal(1300)
    )


def make_renewal(account: Account, due_on: dt.date, stage: str, changed_on: dt.date | None = None) -> Renewal:
    """One renewal in a stage."""
    return Renewal.objects.create(account=account, due_on=due_on, stage=stage, stage_changed_on=changed_on)
