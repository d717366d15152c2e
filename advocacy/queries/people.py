"""What does the page of one person show: limits, consents, asks, the customer's score with its parts, fatigue?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Contact
from advocacy.models import (
    CHANNEL_OF,
    AdvocacySettings,
    Advocate,
    AdvocateRow,
    AdvocateScore,
    Ask,
    AskKind,
    Consent,
    PublicMention,
)
from advocacy.queries.standing import Judged, judge
from advocacy.rules import next_stages
from advocacy.rules.limits import covers
from common.charts import Chart, sparkline
from common.charts.marks import Mark, short

MONTHS = 12


@dataclass(frozen=True)
class KindLine:
    """One kind of favour, and whether a consent covers it."""

    kind: str
    label: str
    has_consent: bool


@dataclass(frozen=True)
class Fatigue:
    """How often somebody was asked in the window: marks on a line of days, 0 to 100 per cent of the way."""

    days: int
    asks: int
    most: int
    marks: Sequence[Mark]
    rest_from: float | None


@dataclass(frozen=True)
class Person:
    """One contact who speaks for us or could, with everything that says whether to ask them."""

    contact: Contact
    advocate: Advocate | None
    row: AdvocateRow | None
    judged: Judged
    ways: Sequence[tuple[str, str]]
    asks: Sequence[Ask]
    consents: Sequence[tuple[Consent, bool]]
    kinds: Sequence[KindLine]
    mentions: Sequence[PublicMention]
    fatigue: Fatigue

    @property
    def may_be_asked(self) -> bool:
        """Whether nothing forbids an ask but perhaps a consent, which can be given with it."""
        return all(limit == "consent" for limit in self.judged.hard)


@dataclass(frozen=True)
class Part:
    """One part of the score with its two measures: (name, number in words)."""

    key: str
    points: Decimal | None
    weight: int


def person_page(contact: Contact, on: dt.date) -> Person:
    """Read everything about one person; the number of queries does not depend on how much there is."""
    settings = AdvocacySettings.load()
    advocate = Advocate.objects.filter(contact=contact).first()
    asks = list(
        Ask.objects.filter(advocate__contact=contact)
        .select_related("asked_by", "request", "advocate")
        .order_by("-asked_on", "-pk")
    )
    consents = list(Consent.objects.filter(contact=contact).select_related("recorded_by"))
    held = [(consent.scope, consent.channel) for consent in consents if consent.holds_on(on)]
    return Person(
        contact=contact,
        advocate=advocate,
        row=AdvocateRow.objects.filter(contact=contact).first(),
        judged=judge(on, contact.pk, "", settings),
        ways=[(str(stage), str(Advocate.Stage(stage).label)) for stage in next_stages(advocate.stage)]
        if advocate
        else (),
        asks=asks,
        consents=[(consent, consent.holds_on(on)) for consent in consents],
        kinds=[
            KindLine(kind.value, str(kind.label), any(covers(*one, kind.value, CHANNEL_OF[kind]) for one in held))
            for kind in AskKind
        ],
        mentions=list(PublicMention.objects.filter(account=contact.account_id)[:20]),
        fatigue=fatigue_of(asks, on, settings),
    )


def fatigue_of(asks: Sequence[Ask], on: dt.date, settings: AdvocacySettings) -> Fatigue:
    """Draw the asks of the window as marks on a line from its first day to today."""
    days = settings.asks_days
    within = [ask for ask in asks if 0 <= (on - ask.asked_on).days < days]
    marks = [
        Mark(short((1 - (on - ask.asked_on).days / days) * 100), 0, label=f"{ask.get_kind_display()} · {ask.asked_on}")
        for ask in within
    ]
    last = min(((on - ask.asked_on).days for ask in within), default=None)
    resting = last is not None and last < settings.rest_days
    return Fatigue(
        days, len(within), settings.most_asks, marks, short((1 - (last or 0) / days) * 100) if resting else None
    )


def score_of(account_id: int) -> tuple[AdvocateScore | None, Chart | None]:
    """The current score of a customer, and the line of its months."""
    rows = list(AdvocateScore.objects.filter(account=account_id).order_by("-month")[:MONTHS])
    if not rows:
        return None, None
    values = [None if row.score is None else float(row.score) for row in reversed(rows)]
    return rows[0], sparkline(values, bounds=(0, 100)) if len(rows) > 1 else None


def parts_of(score: AdvocateScore, settings: AdvocacySettings) -> list[Part]:
    """The three parts with their weights."""
    return [
        Part("spread", score.spread, settings.spread_weight),
        Part("dependence", score.dependence, settings.dependence_weight),
        Part("feedback", score.feedback, settings.feedback_weight),
    ]
