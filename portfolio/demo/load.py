"""How does the demo book get into the database, fast enough for a first look?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import (
    Account,
    BusinessGoal,
    ChurnRecord,
    Contact,
    CustomField,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Organisation,
    Product,
    Promise,
    ServiceAssignment,
    Tag,
    TimelineEntry,
    User,
)
from accounts.rules.roles import Role
from advocacy.models import Advocate, Ask
from common.bulk import insert_columns
from portfolio.demo import records, staff, voices, words
from portfolio.demo.activity import Events, add_events
from portfolio.demo.story import Story, add_months, months_before, tell
from revenue.models import ContractLine, ExchangeRate
from roadmap.models import FeatureRequest, RequestEvidence
from usage.models import (
    Attendance,
    Feature,
    Integration,
    Metric,
    Milestone,
    MilestoneReached,
    Module,
    Reading,
    Scenario,
    SurveyAnswer,
    Ticket,
    UsageEvent,
)

WRITE_ORDER = [
    ServiceAssignment, Contact, Handoff, HandoffVersion, ImplementationRecord, Promise, ExpectationGap,
    BusinessGoal, GoalMeasurement, TimelineEntry, ChurnRecord, Ticket, SurveyAnswer, MilestoneReached,
    Integration, Reading, Attendance, RequestEvidence, Advocate, Ask,
]  # fmt: skip
# Accounts drawn and written at once: bounds the memory of a book of 100,000.
CHUNK = 2_000


@dataclass(frozen=True)
class Plan:
    """What is asked for: how large a book, how long, which seed, up to which day, with daily use or without."""

    accounts: int
    months: int
    seed: int
    on: dt.date
    at: dt.datetime
    with_usage: bool = True
    # By external id: when a playbook started for a customer; see portfolio.demo.playbook_effect.
    treated: dict[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """What every demo account stands on: people, catalogue, tags."""

    owners: list[User]
    experts: list[User]
    managers: list[User]
    products: dict[str, Product]
    features: dict[str, list[tuple[int, str]]]
    milestones: list[Milestone]
    metric: Metric
    tags: list[Tag]
    requests: list[FeatureRequest]


def load_facts(
    plan: Plan,
    *,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    plant: Callable[[list[Story], Plan], None] = lambda *_: None,
) -> int:
    """Write the book's facts, chunk by chunk; returns the number of accounts. The caller derives what follows.

    `plant` may change how customers fared before anything is written of it.
    """
    ground = _lay_ground(plan)
    months = months_before(plan.on, plan.months)
    names: dict[str, int] = {}
    for first in range(0, plan.accounts, CHUNK):
        last = min(first + CHUNK, plan.accounts)
        stories = [
            tell(number, seed=plan.seed, months=months, on=plan.on, names=names) for number in range(first, last)
        ]
        plant(stories, plan)
        with transaction.atomic():
            _write_chunk(plan, ground, stories)
        progress("accounts", last, plan.accounts)
    _make_groups(plan)
    return plan.accounts


def _lay_ground(plan: Plan) -> Ground:
    with transaction.atomic():
        Organisation.objects.update_or_create(
            pk=1,
            defaults={
                "name": "Tidewater Software",
                "time_zone": "Europe/Berlin",
                "reporting_currency": "USD",
                "sample_loaded_at": plan.at,
            },
        )
        people = staff.make_staff(plan.at)
        products, features = _catalogue()
        _custom_fields()
        _rates(plan)
        by_name = {person.name: person for person in people}
        experts = [by_name[staff.SOLUTION_EXPERT], by_name[staff.DELIVERY_MANAGER]]
        return Ground(
            owners=[person for person in people if person.role == Role.CSM and person not in experts],
            experts=experts,
            managers=[person for person in people if person.role == Role.CS_MANAGER],
            products=products,
            features=features,
            milestones=[
                Milestone.objects.create(
                    external_id=f"m{number + 1}",
                    name=name,
                    due_after_days=days,
                    is_core_process=core,
                )
                for number, (name, (days, core)) in enumerate(words.MILESTONES.items())
            ],
            metric=Metric.objects.create(external_id="api-calls", name="API calls", unit="calls"),
            tags=[Tag.objects.get_or_create(name=name)[0] for name in words.TAGS],
            requests=[
                FeatureRequest.objects.create(
                    external_id=f"FR-{number + 1}",
                    title=title,
                    created_on=plan.on - dt.timedelta(days=310),
                )
                for number, (title, *_) in enumerate(words.REQUESTS)
            ],
        )


def _catalogue() -> tuple[dict[str, Product], dict[str, list[tuple[int, str]]]]:
    products: dict[str, Product] = {}
    features: dict[str, list[tuple[int, str]]] = {}
    made: dict[str, Feature] = {}
    for (key, name), modules in words.CATALOGUE.items():
        products[key] = Product.objects.create(external_id=key, name=name)
        features[key] = []
        for (module_key, module_name), entries in modules.items():
            module = Module.objects.create(external_id=module_key, name=module_name, product=products[key])
            for feature_name, kind in entries:
                external = feature_name.lower().replace(" ", "-")
                feature = Feature.objects.create(external_id=external, name=feature_name, module=module, kind=kind)
                made[feature_name] = feature
                features[key].append((feature.pk, kind))
    for number, (scenario_name, used) in enumerate(words.SCENARIOS.items()):
        scenario = Scenario.objects.create(external_id=f"s{number + 1}", name=scenario_name)
        scenario.features.set([made[feature_name] for feature_name in used])
    return products, features


def _custom_fields() -> None:
    wanted = [
        ("data_region", "Data region", "choice", ["EU", "US", "CN"]),
        ("public_company", "Listed company", "yes_no", []),
        ("planned_seats", "Seats planned next year", "number", []),
    ]
    for position, (key, label, kind, choices) in enumerate(wanted):
        defaults = {
            "label": label,
            "kind": kind,
            "choices": choices,
            "position": position,
        }
        CustomField.objects.update_or_create(key=key, defaults=defaults)


def _rates(plan: Plan) -> None:
    """Monthly rates to the dollar that wander a little, from before the first contract to the book's last month."""
    months = months_before(plan.on, plan.months + 40)
    rates = []
    for currency, start, swing in (
        ("EUR", Decimal("1.08"), 7),
        ("CNY", Decimal("0.14"), 11),
    ):
        for number, month in enumerate(months):
            wave = Decimal((number * swing) % 13 - 6) / Decimal(400)
            rates.append(
                ExchangeRate(
                    base=currency,
                    quote="USD",
                    on=month,
                    rate=round(start * (1 + wave), 6),
                )
            )
    ExchangeRate.objects.bulk_create(rates, ignore_conflicts=True)


def _write_chunk(plan: Plan, ground: Ground, stories: list[Story]) -> None:
    accounts = Account.objects.bulk_create([_account(story, plan) for story in stories], batch_size=500)
    kept, lines, events = records.Records(), [], Events()
    for story, account in zip(stories, accounts, strict=True):
        _tell_all(plan, ground, kept, story, account)
        lines += [
            ContractLine(
                account=account,
                external_id=f"{story.external_id}-L{number + 1}",
                product=ground.products[line.product],
                seats=line.seats,
                arr=line.arr,
                currency=story.currency,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
                is_payment_failed=story.is_payment_failed and line.ends_on == story.churned_on,
            )
            for number, line in enumerate(story.lines)
        ]
        if plan.with_usage:
            add_events(events, story, account.pk, ground.features, until=plan.on)
    ContractLine.objects.bulk_create(lines, batch_size=1000)
    kept.write(WRITE_ORDER)
    Account.tags.through.objects.bulk_create(_tagged(ground, stories, accounts), batch_size=2000)
    _write_events(events)


def _account(story: Story, plan: Plan) -> Account:
    rng = story.rng
    age = (plan.on - story.signed_on).days
    stage = Account.Stage.MATURE
    if story.churned_on:
        stage = Account.Stage.CHURNED
    elif age < 60:
        stage = Account.Stage.ONBOARDING
    elif age < 200:
        stage = Account.Stage.ADOPTION
    elif (max(line.ends_on for line in story.lines) - plan.on).days < 90:
        stage = Account.Stage.RENEWAL
    live = story.signed_on + dt.timedelta(days=int(rng.integers(30, 60)))
    custom: dict[str, object] = {"data_region": {"USD": "US", "EUR": "EU", "CNY": "CN"}[story.currency]}
    if story.tier != "rabbit":
        custom["public_company"] = bool(rng.random() < 0.3)
    if rng.random() < 0.3:
        custom["planned_seats"] = int(story.seats * rng.uniform(0.8, 1.6))
    return Account(
        external_id=story.external_id,
        name=story.name,
        domain=f"customer{story.number + 1001}.example",
        industry=story.industry,
        region=story.region,
        employees=story.employees,
        tier=story.tier,
        purchase_level=story.level,
        stage=stage,
        signed_on=story.signed_on,
        live_on=live if live <= plan.on else None,
        currency=story.currency,
        custom=custom,
        created_at=min(records.instant(story.signed_on, 8), plan.at),
        updated_at=min(records.instant(story.signed_on, 8), plan.at),
    )


def _tell_all(plan: Plan, ground: Ground, kept: records.Records, story: Story, account: Account) -> None:
    on = plan.on
    region_team = 1 if story.is_chinese or story.region == "Southeast Asia" else 0
    owners = [owner for owner in ground.owners if owner.team and owner.team.name == staff.TEAMS[region_team]]
    owner = records.add_service_team(kept, story, account, owners, ground.experts, on)
    contacts = records.add_contacts(kept, story, account, on)
    records.add_touches(kept, story, account, owner, contacts, on)
    records.add_handoff(kept, story, account, owner, ground.managers[region_team], on, plan.at)
    records.add_goals(kept, story, account, on)
    records.add_churn(kept, story, account)
    voices.add_tickets(kept, story, account, contacts, plan.at)
    voices.add_answers(kept, story, account, contacts, on)
    voices.add_adoption(kept, story, account, ground.milestones, ground.metric, on)
    voices.add_wishes(kept, story, account, contacts, ground.requests, on)
    voices.add_advocate(kept, story, contacts, account, on)


def _tagged(ground: Ground, stories: list[Story], accounts: list[Account]) -> list[Any]:
    return [
        Account.tags.through(account_id=account.pk, tag_id=tag.pk)
        for story, account in zip(stories, accounts, strict=True)
        for tag in ground.tags
        if story.rng.random() < 0.12
    ]


def _write_events(events: Events) -> None:
    """Write raw product events; each stands at noon UTC, which is the same day in the demo's zone."""
    instants = {day: records.instant(day, 12) for day in set(events.day)}
    insert_columns(
        UsageEvent,
        {
            "source": ["demo"] * len(events.day),
            "message_id": events.message_id,
            "account_id": events.account_id,
            "person": events.person,
            "feature_id": events.feature_id,
            "at": [instants[day] for day in events.day],
            "day": events.day,
            "quantity": events.quantity,
        },
    )


def _make_groups(plan: Plan) -> None:
    """Put a few accounts under a parent company, as groups buy."""
    first = add_months(plan.on, -plan.months)
    heads = list(Account.objects.filter(tier="elephant", signed_on__lt=first + dt.timedelta(days=200))[:5])
    others = list(
        Account.objects.exclude(tier="elephant").filter(parent=None).order_by("external_id")[: 3 * len(heads)]
    )
    for number, child in enumerate(others):
        child.parent = heads[number % len(heads)]
    Account.objects.bulk_update(others, ["parent"])
