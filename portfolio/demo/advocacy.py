"""Who in the demo book speaks for the company at heart, and what has come of it?

That somebody does is drawn from the account's number alone and written nowhere: only what follows from it is in the
book, so that the ranking can be held against it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.random import Generator

from accounts.models import Contact, Product, ServiceAssignment, User
from accounts.rules.roles import Role
from advocacy.actions import withdraw_unfit
from advocacy.models import Advocate, Ask, Consent, PublicMention, ReferenceRequest
from common.periods import add_months
from portfolio.actions import rank_advocates
from portfolio.demo import words
from portfolio.demo.load import Plan
from portfolio.models import AccountRow
from usage.models import Integration, Scenario, SurveyAnswer

# One in so many customers speaks for the company at heart.
HEARTS = 0.09
MONTHS_OF_RANKS = 6
FIRST_NUMBER = 1001
DAY = dt.timedelta(days=1)
MENTIONS = {
    "review": ("Five stars on a review site", "软件测评网站的五星评价"),
    "post": ("Post about the roll-out", "分享上线经验的帖子"),
    "article": ("Article on how they plan now", "介绍新计划方式的文章"),
    "talk": ("Talk at an operations meetup", "运营沙龙的演讲"),
}
EVIDENCE = ("Ticked the box in the spring survey.", "Said so in the business review.", "Wrote it in a mail to us.")
THANKS = (
    "The call went well; they booked a second one.",
    "Published, with a picture of the team.",
    "Forty people came.",
)
# Prospects of sales: name, kind, outcome, ARR, days since it was asked for.
PROSPECTS = (
    ("Quayside Brewing", "reference_call", "open", 42_000, 3),
    ("Meridian Rail", "case_study", "open", 180_000, 9),
    ("澄海食品", "reference_call", "open", 65_000, 5),
    ("Northgate Clinics", "reference_call", "won", 96_000, 120),
    ("Solveig Outdoor", "talk", "won", 31_000, 200),
    ("Pinewood Insurance", "reference_call", "lost", 74_000, 160),
    ("Halden Paper", "review", "cancelled", 12_000, 90),
)
Outcome = ReferenceRequest.Outcome


@dataclass(frozen=True)
class Cast:
    """Everybody who plays a part: the accounts' rows, their people who are there, and their owners."""

    rows: Sequence[AccountRow]
    contacts: dict[int, list[Contact]]
    owners: dict[int, User]

    def speaker(self, account: int) -> Contact | None:
        """Who of an account would speak: its champion, else anybody but a blocker."""
        people = [one for one in self.contacts.get(account, ()) if one.role != Contact.Role.BLOCKER]
        return next((one for one in people if one.role == Contact.Role.CHAMPION), people[0] if people else None)


def is_advocate_at_heart(seed: int, number: int) -> bool:
    """Say whether the customer of a number speaks for the company at heart."""
    return bool(np.random.default_rng([seed, number, 6]).random() < HEARTS)


def number_of(external_id: str) -> int:
    """The number of a demo customer."""
    return int(external_id.removeprefix("C-")) - FIRST_NUMBER


def add_advocacy(plan: Plan) -> None:
    """Write what advocates at heart did, some noise of others, consents, requests of sales; then rank all months."""
    rng = np.random.default_rng([plan.seed, 13 * 10**8])
    cast = _cast(plan)
    hearts = {row.pk for row in cast.rows if is_advocate_at_heart(plan.seed, number_of(row.external_id))}
    _speak_in_public(plan, rng, cast, hearts)
    _connect_and_answer(plan, rng, cast, hearts)
    _settle_old_asks(plan, rng)
    _ask_hearts(plan, rng, cast, hearts)
    _consent(plan, rng)
    _serve_sales(plan, rng, cast)
    for back in range(MONTHS_OF_RANKS if plan.with_usage else 0, 0, -1):
        rank_advocates(on=add_months(plan.on.replace(day=1), 1 - back) - DAY)
    rank_advocates(on=plan.on)
    withdraw_unfit(on=plan.on, at=plan.at)


def _cast(plan: Plan) -> Cast:
    rows = list(AccountRow.objects.filter(arr__gt=0).order_by("pk"))
    contacts: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(left_on=None).order_by("pk"):
        contacts.setdefault(contact.account_id, []).append(contact)
    serving = ServiceAssignment.objects.current().owners().select_related("user")
    return Cast(rows, contacts, {one.account_id: one.user for one in serving})


def _speak_in_public(plan: Plan, rng: Generator, cast: Cast, hearts: set[int]) -> None:
    mentions = []
    for row in cast.rows:
        count = int(rng.integers(1, 5)) if row.pk in hearts else int(rng.random() < 0.07)
        is_chinese = words.REGIONS[row.region][2] if row.region in words.REGIONS else False
        for _ in range(count):
            kind = str(rng.choice(list(MENTIONS)))
            on = plan.on - dt.timedelta(days=int(rng.integers(5, 330)))
            title = MENTIONS[kind][1 if is_chinese else 0]
            speaker = cast.speaker(row.pk)
            mentions.append(PublicMention(account_id=row.pk, contact=speaker, kind=kind, title=title, on=on))
    PublicMention.objects.bulk_create(mentions, batch_size=1000)


def _connect_and_answer(plan: Plan, rng: Generator, cast: Cast, hearts: set[int]) -> None:
    """Advocates at heart connect more systems and answer surveys gladly."""
    known = set(Integration.objects.filter(account__in=hearts).values_list("account_id", "name"))
    systems, answers = [], []
    for row in cast.rows:
        if row.pk not in hearts:
            continue
        for name in words.INTEGRATIONS:
            if (row.pk, name) not in known and rng.random() < 0.6:
                on = plan.on - dt.timedelta(days=int(rng.integers(40, 400)))
                systems.append(Integration(account_id=row.pk, name=name, connected_on=on))
        for number, contact in enumerate(cast.contacts.get(row.pk, [])[:3]):
            if contact.role != Contact.Role.BLOCKER:
                on = plan.on - dt.timedelta(days=int(rng.integers(4, 120)))
                key = f"{row.external_id}-adv{number}"
                score = int(rng.integers(9, 11))
                answers.append(
                    SurveyAnswer(account_id=row.pk, contact=contact, external_id=key, score=score, answered_on=on)
                )
    Integration.objects.bulk_create(systems, batch_size=1000)
    SurveyAnswer.objects.bulk_create(answers, batch_size=1000)


def _settle_old_asks(plan: Plan, rng: Generator) -> None:
    """What was asked long ago was answered, and what was agreed was done; active advocates have done something."""
    open_ones = Ask.objects.filter(done_on=None, withdrawn_on=None)
    asks = list(open_ones.select_related("advocate").order_by("pk"))
    for ask in asks:
        age = (plan.on - ask.asked_on).days
        if ask.answer == Ask.Answer.WAITING and age > 30:
            said_no = rng.random() < 0.4
            ask.answer = Ask.Answer.DECLINED if said_no else Ask.Answer.ACCEPTED
            ask.answered_on = ask.asked_on + dt.timedelta(days=int(rng.integers(2, 12)))
        if ask.answer == Ask.Answer.ACCEPTED and (age > 45 or ask.advocate.stage == Advocate.Stage.ACTIVE):
            _finish(plan, rng, ask)
        stage = Advocate.Stage.ACTIVE if ask.done_on else ask.advocate.stage
        if ask.answer == Ask.Answer.ACCEPTED and stage == Advocate.Stage.ASKED:
            stage = Advocate.Stage.AGREED
        ask.advocate.stage = stage
    Ask.objects.bulk_update(asks, ["answer", "answered_on", "done_on", "thanked_on", "outcome"], batch_size=500)
    Advocate.objects.bulk_update([ask.advocate for ask in asks], ["stage"], batch_size=500)


def _finish(plan: Plan, rng: Generator, ask: Ask) -> None:
    ask.done_on = min(ask.asked_on + dt.timedelta(days=int(rng.integers(12, 40))), plan.on)
    ask.answered_on = min(ask.answered_on or ask.done_on, ask.done_on)
    ask.outcome = str(rng.choice(THANKS)) if rng.random() < 0.5 else ""
    if rng.random() < 0.8:
        ask.thanked_on = min(ask.done_on + dt.timedelta(days=int(rng.integers(0, 6))), plan.on)


def _ask_hearts(plan: Plan, rng: Generator, cast: Cast, hearts: set[int]) -> None:
    """Most advocates at heart were asked before and did what they were asked for; some were never asked."""
    known = {one.contact_id: one for one in Advocate.objects.all()}
    asks = []
    for row in cast.rows:
        speaker = cast.speaker(row.pk)
        chance = 0.7 if row.pk in hearts else 0.03
        if speaker is None or rng.random() > chance:
            continue
        first = plan.on - dt.timedelta(days=int(rng.integers(30, 300)))
        advocate = known.get(speaker.pk) or Advocate.objects.create(
            account_id=row.pk, contact=speaker, stage=Advocate.Stage.ACTIVE, since=first + 20 * DAY
        )
        if rng.random() < 0.35:  # asked again lately: some said no, some have not answered yet
            lately = plan.on - dt.timedelta(days=int(rng.integers(4, 80)))
            waits = rng.random() < 0.5
            asks.append(
                Ask(
                    advocate=advocate, kind="case_study", asked_on=lately, asked_by=cast.owners.get(row.pk),
                    answer=Ask.Answer.WAITING if waits else Ask.Answer.DECLINED,
                    answered_on=None if waits else min(lately + 2 * DAY, plan.on),
                )
            )  # fmt: skip
        for kind in rng.choice(
            ["referral", "review", "talk", "reference_call"], size=int(rng.integers(1, 4)), replace=False
        ):
            on = first - dt.timedelta(days=int(rng.integers(0, 90)))
            ask = Ask(
                advocate=advocate, kind=str(kind), asked_on=on, asked_by=cast.owners.get(row.pk),
                answer=Ask.Answer.ACCEPTED, answered_on=on + 3 * DAY,
            )  # fmt: skip
            _finish(plan, rng, ask)
            asks.append(ask)
    Ask.objects.bulk_create(asks, batch_size=500)


def _consent(plan: Plan, rng: Generator) -> None:
    """Advocates agreed to what they were asked, some promoters ticked a box; a few consents are over."""
    consents = []
    people = {one.contact_id: one.account_id for one in Advocate.objects.order_by("pk")}
    answered = SurveyAnswer.objects.filter(kind="nps", score__gte=9, answered_on__gt=plan.on - dt.timedelta(days=180))
    for contact, account in answered.exclude(contact=None).order_by("pk").values_list("contact", "account"):
        if contact not in people and rng.random() < 0.5:
            people[contact] = account
    for contact, account in people.items():
        given = plan.on - dt.timedelta(days=int(rng.integers(20, 340)))
        fate = float(rng.random())
        consents.append(
            Consent(
                account_id=account,
                contact_id=contact,
                scope="any" if rng.random() < 0.6 else str(rng.choice(["reference_call", "case_study", "talk"])),
                channel="any",
                given_on=given,
                expires_on=max(given + DAY, plan.on - 2 * DAY) if fate < 0.06 else given + dt.timedelta(days=365),
                revoked_on=plan.on - DAY if 0.06 <= fate < 0.09 else None,
                evidence=str(rng.choice(EVIDENCE)),
            )
        )
    Consent.objects.bulk_create(consents, batch_size=500)


def _serve_sales(plan: Plan, rng: Generator, cast: Cast) -> None:
    """Sales asked for references: some deals were won with an advocate, some are open."""
    products, cases = list(Product.objects.order_by("pk")), list(Scenario.objects.order_by("pk"))
    askers = list(User.objects.filter(role=Role.CS_MANAGER).order_by("pk"))
    industries = sorted({row.industry for row in cast.rows if row.industry}) or [""]
    regions = sorted({row.region for row in cast.rows if row.region}) or [""]
    done = list(Ask.objects.filter(done_on__isnull=False, request=None).order_by("-asked_on", "pk"))
    for number, (prospect, kind, outcome, arr, days) in enumerate(PROSPECTS):
        on = plan.on - dt.timedelta(days=days)
        request = ReferenceRequest.objects.create(
            prospect=prospect,
            kind=kind,
            industry=industries[(number * 3) % len(industries)],
            region=regions[number % len(regions)] if number % 2 else "",
            employees=int(rng.integers(60, 900)),
            product=products[number % len(products)] if products and number % 3 else None,
            use_case=cases[number % len(cases)] if cases and number % 2 == 0 else None,
            note="How long did it take, and what would they do otherwise?" if number % 2 == 0 else "",
            needed_by=plan.on + dt.timedelta(days=6 + number) if outcome == Outcome.OPEN else None,
            requested_by=askers[number % len(askers)] if askers else None,
            requested_on=on,
            arr=Decimal(arr),
            outcome=outcome,
            decided_on=None if outcome == Outcome.OPEN else on + dt.timedelta(days=30),
        )
        if outcome in (Outcome.WON, Outcome.LOST):
            served = [ask for ask in done if ask.kind == kind and ask.asked_on >= on - 60 * DAY][: 1 + number % 2]
            for ask in served:
                done.remove(ask)
                Ask.objects.filter(pk=ask.pk).update(request=request)
