"""What did people write down about the demo customers: contacts, handoffs, goals, promises, touches, losses?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models

from accounts.models import (
    Account,
    BusinessGoal,
    ChurnRecord,
    Contact,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
    ServiceAssignment,
    TimelineEntry,
    User,
)
from portfolio.demo import words
from portfolio.demo.story import Story


@dataclass
class Records:
    """Rows to be written, by model, in the order in which they were drawn."""

    rows: dict[type[models.Model], list[Any]] = field(default_factory=dict)

    def add(self, row: models.Model) -> Any:
        """Keep a row for writing and hand it back."""
        self.rows.setdefault(type(row), []).append(row)
        return row

    def write(self, order: Iterable[type[models.Model]]) -> None:
        """Write the kept rows in bulk, those that others point at first."""
        for model in order:
            model._default_manager.bulk_create(self.rows.pop(model, []), batch_size=2000)


def instant(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A time of day in UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=dt.UTC)


def add_service_team(
    records: Records,
    story: Story,
    account: Account,
    owners: list[User],
    experts: list[User],
    on: dt.date,
) -> User:
    """Give the account its CSM (one in ten changed hands) and a key account its iron triangle; returns the CSM."""
    rng = story.rng
    roles = ServiceAssignment.Role
    start = story.signed_on
    owner = owners[int(rng.integers(len(owners)))]
    span = (min(on, story.churned_on or on) - start).days
    if rng.random() < 0.1 and span > 200:
        change = start + dt.timedelta(days=int(rng.integers(90, span - 30)))
        before = owners[int(rng.integers(len(owners)))]
        records.add(
            ServiceAssignment(
                account=account,
                user=before,
                role=roles.CSM,
                started_on=start,
                ended_on=change,
            )
        )
        start = change
    records.add(ServiceAssignment(account=account, user=owner, role=roles.CSM, started_on=start))
    if story.tier == "elephant":
        for expert, role in zip(experts, (roles.SOLUTION_EXPERT, roles.DELIVERY_MANAGER), strict=True):
            records.add(ServiceAssignment(account=account, user=expert, role=role, started_on=story.signed_on))
    return owner


def add_contacts(records: Records, story: Story, account: Account, on: dt.date) -> list[Contact]:
    """Draw the people of a customer; where the state is low, a champion may have left."""
    rng = story.rng
    count = {"elephant": 6, "cheetah": 4, "rabbit": 2}[story.tier] - int(rng.random() < 0.3)
    roles = [
        "champion",
        "decision_maker",
        "economic_buyer",
        "end_user",
        "end_user",
        "blocker",
    ][: max(count, 1)]
    contacts: list[Contact] = []
    for position, role in enumerate(roles):
        name = _person(story)
        # Nobody has a namesake at the same customer.
        while name in {one.name for one in contacts}:
            name = _person(story)
        state = story.state_on(on)
        contact = Contact(
            account=account,
            external_id=f"{story.external_id}-p{position + 1}",
            name=name,
            title=str(rng.choice(words.JOB_TITLES[role])),
            email=f"p{position + 1}@{account.domain}",
            phone=f"+00 {int(rng.integers(100, 999))} {int(rng.integers(1000, 9999))}",
            role=role,
            sentiment=_sentiment(state + float(rng.normal(0, 0.15)), role),
        )
        if role in ("champion", "decision_maker") and state < 0.45 and rng.random() < 0.4 and story.pays_on(on):
            contact.left_on = on - dt.timedelta(days=int(rng.integers(4, 70)))
        contacts.append(records.add(contact))
    return contacts


def _person(story: Story) -> str:
    if story.is_chinese:
        return str(story.rng.choice(words.CHINESE_PEOPLE))
    return f"{story.rng.choice(words.ENGLISH_PEOPLE_FIRST)} {story.rng.choice(words.ENGLISH_PEOPLE_LAST)}"


def _sentiment(mood: float, role: str) -> str:
    if role == "blocker":
        return Contact.Sentiment.NEGATIVE
    if mood > 0.62:
        return Contact.Sentiment.POSITIVE
    return Contact.Sentiment.NEUTRAL if mood > 0.4 else Contact.Sentiment.NEGATIVE


def add_handoff(
    records: Records,
    story: Story,
    account: Account,
    owner: User,
    manager: User,
    on: dt.date,
    at: dt.datetime,
) -> None:
    """Write the handoff file; those of the last weeks are still on their way."""
    rng = story.rng
    age = (on - story.signed_on).days
    if story.tier == "rabbit" and age > 500:
        return
    texts = {
        "business_situation": f"{account.name} has {story.employees} staff and plans work in spreadsheets today.",
        "size_and_industry": f"{story.industry}, {story.employees} employees, {story.region}.",
        "why_bought": "Approvals take days and nobody sees where they wait.",
        "promised": "Two trainings, the ERP connector, and a review after 90 days.",
        "price_terms": "Yearly in advance; price fixed for the second year.",
        "stakeholders": "Operations drives it, finance pays, IT has to agree.",
        "competitor": str(rng.choice(["", "A rival’s board tool", "Their office suite"])),
        "risks": "The budget owner changes in spring.",
        "scope": f"{story.seats} seats, processes and boards; no offline use.",
    }
    state = Handoff.State.ACCEPTED
    if age < 25:
        state = Handoff.State(str(rng.choice(["draft", "submitted", "submitted", "returned"])))
    if state == Handoff.State.DRAFT:
        texts |= {"risks": "", "scope": ""}
    sent = min(instant(story.signed_on, 9) + dt.timedelta(days=1), at)
    answered = min(sent + dt.timedelta(hours=int(rng.integers(3, 40))), at)
    submitted = None if state == Handoff.State.DRAFT else sent
    decided = state in (Handoff.State.ACCEPTED, Handoff.State.RETURNED)
    handoff = records.add(
        Handoff(
            account=account,
            state=state,
            submitted_at=submitted,
            submitted_by=manager if submitted else None,
            decided_at=answered if decided else None,
            decided_by=owner if decided else None,
            return_reasons="Who decides about the ERP connector?" if state == Handoff.State.RETURNED else "",
            **texts,
        )
    )
    records.add(
        HandoffVersion(
            handoff=handoff,
            number=1,
            state=state,
            sections=texts,
            saved_at=submitted or at,
            saved_by=manager,
        )
    )
    _add_archive(records, story, account, on)
    _add_promises(records, story, account, on)


def _add_archive(records: Records, story: Story, account: Account, on: dt.date) -> None:
    outcomes = {
        "kick_off": (3, "Goals and dates agreed."),
        "configuration": (16, "Approvals and forms set up for two teams."),
        "training": (24, "Twelve people trained, one session to repeat."),
        "go_live": (34, "Live in the first team."),
    }
    for stage, (days, outcome) in outcomes.items():
        day = story.signed_on + dt.timedelta(days=days + int(story.rng.integers(0, 9)))
        if day <= on and (story.churned_on is None or day < story.churned_on):
            people = "Operations lead, our delivery manager"
            records.add(ImplementationRecord(account=account, stage=stage, on=day, people=people, outcome=outcome))


def _add_promises(records: Records, story: Story, account: Account, on: dt.date) -> None:
    rng = story.rng
    count = int(rng.integers(1, 4))
    for number, text in enumerate(rng.choice(words.PROMISES, size=count, replace=False)):
        due = story.signed_on + dt.timedelta(days=int(rng.integers(30, 200)))
        if due < on - dt.timedelta(days=25):
            state = Promise.State.KEPT if rng.random() < 0.35 + 0.6 * story.state_on(due) else Promise.State.BROKEN
        else:
            state = Promise.State.OPEN
        records.add(
            Promise(
                account=account,
                external_id=f"{story.external_id}-pr{number + 1}",
                text=str(text),
                made_by="Sales",
                made_on=story.signed_on,
                due_on=due,
                state=state,
                evidence="Confirmed in the call after" if state == Promise.State.KEPT else "",
                settled_on=due if state != Promise.State.OPEN else None,
            )
        )
    if story.state_on(on) < 0.55 and rng.random() < 0.4 and story.pays_on(on):
        found = on - dt.timedelta(days=int(rng.integers(5, 120)))
        records.add(ExpectationGap(account=account, text=str(rng.choice(words.GAPS)), found_on=found))


def add_goals(records: Records, story: Story, account: Account, on: dt.date) -> None:
    """Set one or two business goals; measurements follow the hidden state, so some are reached and some are not."""
    rng = story.rng
    for number in range(int(rng.integers(1, 3 if story.tier != "rabbit" else 2))):
        name, metric, unit, baseline, target = words.GOALS[(int(rng.integers(len(words.GOALS))) + number) % 5]
        goal = records.add(
            BusinessGoal(
                account=account,
                external_id=f"{story.external_id}-g{number + 1}",
                name=name,
                metric=metric,
                unit=unit,
                baseline=Decimal(baseline),
                target=Decimal(target),
                due_on=story.signed_on + dt.timedelta(days=270),
            )
        )
        day, reached = story.signed_on + dt.timedelta(days=45), 0.0
        while day <= on and story.pays_on(day):
            reached = min(
                max(
                    reached + 0.35 * (story.state_on(day) - 0.3) + float(rng.normal(0, 0.05)),
                    0,
                ),
                1.15,
            )
            value = Decimal(baseline) + (Decimal(target) - Decimal(baseline)) * Decimal(str(round(reached, 2)))
            records.add(GoalMeasurement(goal=goal, on=day, value=round(value, 1)))
            day += dt.timedelta(days=91)


def add_touches(
    records: Records,
    story: Story,
    account: Account,
    owner: User,
    contacts: list[Contact],
    on: dt.date,
) -> None:
    """Log calls, meetings and reviews: weekly to monthly by tier, and fewer where nobody looked."""
    rng = story.rng
    step = {"elephant": 13, "cheetah": 34, "rabbit": 85}[story.tier]
    day = max(story.signed_on, story.months[0]) + dt.timedelta(days=int(rng.integers(0, step)))
    last = None
    while day < on and story.pays_on(day):
        state = story.state_on(day)
        kind = str(rng.choice(list(words.TOUCHES), p=[0.38, 0.22, 0.22, 0.1, 0.08]))
        good = state + float(rng.normal(0, 0.15)) > 0.5
        entry = TimelineEntry(
            account=account,
            external_id=f"{story.external_id}-t{day:%y%m%d}",
            kind=kind,
            at=instant(day, 7 + int(rng.integers(0, 9)), int(rng.integers(0, 60))),
            title=str(rng.choice(words.TOUCHES[kind])),
            body=str(rng.choice(words.NOTES_GOOD if good else words.NOTES_BAD)) if rng.random() < 0.6 else "",
            author=owner,
        )
        if (on - day).days < 12 and rng.random() < 0.5:
            entry.follow_up_on = day + dt.timedelta(days=7 + int(rng.integers(0, 9)))
        records.add(entry)
        last = day
        day += dt.timedelta(days=max(int(rng.normal(step, step / 3)), 2) + (int(step * 2) if state < 0.3 else 0))
    for contact in contacts[: 1 + int(rng.integers(0, len(contacts)))]:
        contact.touched_on = last


def add_churn(records: Records, story: Story, account: Account) -> None:
    """Record why a customer left."""
    if story.churned_on is None:
        return
    rng = story.rng
    reason = str(rng.choice(list(words.CHURN_STUDIES), p=[0.3, 0.18, 0.16, 0.14, 0.14, 0.08]))
    final = max(line.starts_on for line in story.lines if line.product == "flow")
    lost = sum(
        (line.arr for line in story.lines if line.ends_on == story.churned_on),
        Decimal(0),
    )
    records.add(
        ChurnRecord(
            account=account,
            external_id=f"{story.external_id}-churn",
            on=story.churned_on,
            notice_on=max(story.churned_on - dt.timedelta(days=int(rng.integers(20, 90))), final),
            arr_lost=lost,
            currency=story.currency,
            reason=reason,
            is_failed_payment=story.is_payment_failed,
            study=words.CHURN_STUDIES[reason],
            would_have_saved="A sponsor on their side, found in the first quarter." if rng.random() < 0.5 else "",
        )
    )
