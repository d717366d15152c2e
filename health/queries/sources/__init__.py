"""What is the value of a formula, for many accounts on one day?

Each measure of `health.rules.vocabulary` is a function of a book and a term that returns a column, with the same few
queries for one account and for a hundred thousand. It reads only what was known by the day of the book, so the window
before is the same measure on the book of an earlier day. A measure whose source is gone (a feature, a metric, an own
field that was deleted) reads missing for everybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from health.queries.indicators.book import Book, Measure
from health.queries.sources import contract, outcomes, people, usage, voice
from health.rules import formulas as rules
from health.rules.formulas import Formula, Term
from health.rules.scorecard import Indicator

MEASURES: dict[str, Callable[[Book, Term], Measure]] = {
    "events": usage.events,
    "active_days": usage.active_days,
    "active_users": usage.active_users,
    "features_used": usage.features_used,
    "modules_used": usage.modules_used,
    "days_since_use": usage.days_since_use,
    "reading": voice.reading,
    "days_since_reading": voice.days_since_reading,
    "tickets_opened": voice.tickets_opened,
    "tickets_open": voice.tickets_open,
    "tickets_in_time": voice.tickets_in_time,
    "ticket_satisfaction": voice.ticket_satisfaction,
    "survey": voice.survey,
    "days_since_answer": voice.days_since_answer,
    "seats": contract.seats,
    "arr": contract.arr,
    "tenure": contract.tenure,
    "days_to_renewal": contract.days_to_renewal,
    "renewal_stage": contract.renewal_stage,
    "contacts": people.contacts,
    "sentiment": people.sentiment,
    "touches": people.touches,
    "days_since_touch": people.days_since_touch,
    "milestones": outcomes.milestones,
    "goals": outcomes.goals,
    "integrations": outcomes.integrations,
    "attendances": outcomes.attendances,
    "field": outcomes.field,
    "days_since_field": outcomes.days_since_field,
}


def formula(book: Book, indicator: Indicator) -> Measure:
    """Measure an indicator that was put together by settings."""
    return work_out(book, rules.parse_formula(dict(indicator.params), indicator.days))


def work_out(book: Book, asked: Formula) -> Measure:
    """Work a formula out for every account of a book."""
    now = measure_term(book, asked.of)
    if asked.how == rules.VALUE:
        return now
    if asked.over is not None:
        other = measure_term(book, asked.over)
        ages = [measure.age for measure in (now, other) if measure.age is not None]
        age = np.maximum.reduce(ages) if ages else None
        return Measure(rules.work_out(asked.how, rules.Columns(now.values, (), other.values)), age)
    back = range(1, (asked.windows if asked.how == rules.USUAL else 1) + 1)
    before = tuple(measure_term(earlier(book, n * asked.of.days), asked.of).values for n in back)
    return Measure(rules.work_out(asked.how, rules.Columns(now.values, before)), now.age)


def measure_term(book: Book, term: Term) -> Measure:
    """Measure one term, once for all formulas that have it."""
    return book.once(("term", term), lambda: MEASURES[term.what](book, term))


def earlier(book: Book, days: int) -> Book:
    """The same accounts so many days before."""
    return book.once(("earlier", days), lambda: replace(book, on=book.on - dt.timedelta(days=days)))
