"""What did the demo customers say: tickets, survey answers, wishes, and who would speak for us?"""

from __future__ import annotations

import datetime as dt

from accounts.models import Account, Contact
from advocacy.models import Advocate, Ask
from portfolio.demo import words
from portfolio.demo.records import Records, instant
from portfolio.demo.story import Story, add_months
from roadmap.models import FeatureRequest, RequestEvidence
from usage.models import (
    Attendance,
    Integration,
    Metric,
    Milestone,
    MilestoneReached,
    Reading,
    SurveyAnswer,
    Ticket,
)

# Tickets a month at the worst state.
TICKET_RATE = {"elephant": 3.2, "cheetah": 1.5, "rabbit": 0.6}


def add_tickets(
    records: Records,
    story: Story,
    account: Account,
    contacts: list[Contact],
    at: dt.datetime,
) -> None:
    """Draw tickets: more, graver and slower to resolve while the state is low."""
    rng = story.rng
    for month in story.months:
        state = story.state_on(month)
        for number in range(int(rng.poisson(TICKET_RATE[story.tier] * (1.15 - state)))):
            day = month + dt.timedelta(days=int(rng.integers(0, 28)))
            opened = instant(day, int(rng.integers(7, 18)), int(rng.integers(0, 60)))
            if not story.pays_on(day) or opened > at:
                continue
            complaint = bool(rng.random() < 0.45 * (0.8 - state))
            severity = str(rng.choice(["low", "normal", "high", "critical"], p=[0.3, 0.45, 0.2, 0.05]))
            target = opened + dt.timedelta(hours=Ticket.TARGET_HOURS[Ticket.Severity(severity)])
            in_time = rng.random() < 0.5 + 0.45 * state
            spent = (target - opened) * float(rng.uniform(0.1, 0.95) if in_time else rng.uniform(1.1, 4))
            resolved = opened + spent
            records.add(
                Ticket(
                    account=account,
                    contact=contacts[int(rng.integers(len(contacts)))],
                    external_id=f"{story.external_id}-{day:%y%m%d}-{number}",
                    subject=str(rng.choice(words.COMPLAINTS if complaint else words.TICKETS)),
                    severity=severity,
                    is_complaint=complaint,
                    is_escalated=severity == "critical" and state < 0.5,
                    opened_at=opened,
                    target_at=target,
                    resolved_at=resolved if resolved <= at else None,
                    first_response_minutes=int(rng.integers(4, 400)),
                    satisfaction=int(min(max(round(1 + 4 * state + float(rng.normal(0, 0.7))), 1), 5))
                    if rng.random() < 0.4 and resolved <= at
                    else None,
                )
            )


def add_answers(
    records: Records,
    story: Story,
    account: Account,
    contacts: list[Contact],
    on: dt.date,
) -> None:
    """Ask every contact for an NPS score about twice a year; some answer."""
    rng = story.rng
    for contact in contacts:
        for month in story.months[int(rng.integers(0, 6)) :: 6]:
            day = month + dt.timedelta(days=int(rng.integers(0, 28)))
            if not story.pays_on(day) or day > on or rng.random() > 0.62:
                continue
            state = story.state_on(day) + (-0.2 if contact.role == "blocker" else 0)
            score = int(min(max(round(2 + 8.8 * state + float(rng.normal(0, 1.2))), 0), 10))
            records.add(
                SurveyAnswer(
                    account=account,
                    contact=contact,
                    external_id=f"{contact.external_id}-{day:%y%m}",
                    kind="nps",
                    score=score,
                    comment=str(rng.choice(words.NOTES_GOOD if score > 7 else words.NOTES_BAD))
                    if rng.random() < 0.25
                    else "",
                    answered_on=day,
                )
            )


def add_adoption(
    records: Records,
    story: Story,
    account: Account,
    milestones: list[Milestone],
    metric: Metric,
    on: dt.date,
) -> None:
    """Milestones, connected systems, shared sessions and the monthly count of API calls."""
    rng = story.rng
    for milestone in milestones:
        state = story.state_on(story.signed_on)
        days = milestone.due_after_days * float(rng.uniform(0.5, 1.0 + 1.6 * (1 - state)))
        day = story.signed_on + dt.timedelta(days=int(days) + 1)
        if rng.random() < 0.6 + 0.4 * state and day <= on and story.pays_on(day):
            records.add(MilestoneReached(account=account, milestone=milestone, on=day))
    for name in words.INTEGRATIONS:
        day = story.signed_on + dt.timedelta(days=int(rng.integers(20, 400)))
        if rng.random() < 0.5 * story.state_on(day) and day <= on and story.pays_on(day):
            records.add(Integration(account=account, name=name, connected_on=day))
    for month in story.months:
        if month >= story.signed_on and story.pays_on(month) and story.tier != "rabbit":
            calls = int(story.seats * 40 * story.state_on(month) * float(rng.uniform(0.7, 1.3)))
            records.add(
                Reading(
                    account=account,
                    metric=metric,
                    period="month",
                    on=month,
                    value=calls,
                )
            )
        if month.month in (3, 9) and rng.random() < 0.3 * story.state_on(month) and story.pays_on(month):
            day = add_months(month, 0) + dt.timedelta(days=14)
            if day <= on:
                external = f"{story.external_id}-s{day:%y%m}"
                name = f"Customer session {day.year}"
                records.add(Attendance(account=account, external_id=external, name=name, on=day))


def add_wishes(
    records: Records, story: Story, account: Account, contacts: list[Contact], requests: list[FeatureRequest],
    on: dt.date,
) -> None:  # fmt: skip
    """Let the account ask for features: some needs are shared by many, one by two giants alone."""
    rng = story.rng
    chance = {"common": 0.16, "some": 0.05, "few": 0.02}
    for number, (request, (_, spread, english, chinese)) in enumerate(zip(requests, words.REQUESTS, strict=True)):
        if spread == "giants":
            asks = story.tier == "elephant" and rng.random() < 0.08
        else:
            asks = rng.random() < chance[spread]
        day = on - dt.timedelta(days=int(rng.integers(3, 300)))
        if asks and story.pays_on(day):
            records.add(
                RequestEvidence(
                    request=request,
                    account=account,
                    contact=contacts[int(rng.integers(len(contacts)))],
                    external_id=f"{story.external_id}-r{number + 1}",
                    verbatim=chinese if story.is_chinese else english,
                    asked_on=day,
                    importance=int(rng.integers(0, 4)) if spread != "giants" else 3,
                    source=str(rng.choice(["Call", "Ticket", "Survey", "Business review"])),
                )
            )


def add_advocate(
    records: Records,
    story: Story,
    contacts: list[Contact],
    account: Account,
    on: dt.date,
) -> None:
    """Where a customer thrives, its champion may be on the way to speaking for us."""
    rng = story.rng
    champion = next(
        (contact for contact in contacts if contact.role == "champion" and not contact.left_on),
        None,
    )
    if champion is None or not story.pays_on(on) or story.state_on(on) < 0.74 or rng.random() > 0.35:
        return
    stage = str(rng.choice(["identified", "asked", "agreed", "active"]))
    since = on - dt.timedelta(days=int(rng.integers(10, 200)))
    advocate = records.add(Advocate(account=account, contact=champion, stage=stage, since=since))
    if stage != "identified":
        answer = "waiting" if stage == "asked" else "accepted"
        kind = str(rng.choice(["reference_call", "case_study", "review", "talk"]))
        answered = None if answer == "waiting" else min(since + dt.timedelta(days=4), on)
        records.add(
            Ask(
                advocate=advocate,
                kind=kind,
                asked_on=since,
                answer=answer,
                answered_on=answered,
            )
        )
