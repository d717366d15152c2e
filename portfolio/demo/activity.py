"""What did the people of one demo customer do in the product, day by day?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from portfolio.demo.story import Story

KIND_WEIGHT = {"basic": 1.0, "core": 0.8, "retention": 0.45, "advanced": 0.35}


@dataclass
class Events:
    """Product events as columns, one entry a row; the message id follows from account, day and position."""

    account_id: list[int] = field(default_factory=list)
    message_id: list[str] = field(default_factory=list)
    person: list[str] = field(default_factory=list)
    feature_id: list[int] = field(default_factory=list)
    day: list[dt.date] = field(default_factory=list)
    quantity: list[int] = field(default_factory=list)


def working_days(start: dt.date, end: dt.date) -> list[dt.date]:
    """The Mondays to Fridays of start ≤ day < end."""
    days = (start + dt.timedelta(days=step) for step in range((end - start).days))
    return [day for day in days if day.weekday() < 5]


def add_events(
    events: Events,
    story: Story,
    account_id: int,
    features: dict[str, list[tuple[int, str]]],
    *,
    until: dt.date,
) -> None:
    """Append the events of one account up to and including a day.

    `features` holds (id, kind) per product. More people come, more often, to more features while the hidden state is
    high; before a churn the state falls, and use with it.
    """
    rng = story.rng
    first = max(story.signed_on + dt.timedelta(days=3), story.months[0])
    last = min(until, (story.churned_on or until) - dt.timedelta(days=1))
    days = working_days(first, last + dt.timedelta(days=1))
    if not days:
        return
    people = max(int(story.seats * rng.uniform(0.45, 0.95)), 1)
    habit = rng.uniform(0.25, 0.6, size=people)
    state = np.array([story.state_on(day) for day in days])
    ramp = np.clip(np.array([(day - story.signed_on).days for day in days]) / 60, 0.15, 1)
    come = rng.random((len(days), people)) < habit[None, :] * (0.12 + 0.95 * state * ramp)[:, None]
    # Newcomers among the people join as the state allows: at a low state only the first few are left.
    come &= np.arange(people)[None, :] < np.maximum(np.ceil(people * (0.2 + 0.8 * state * ramp)), 1)[:, None]
    bought = [(min(line.starts_on for line in story.lines if line.product == product), product)
              for product in {line.product for line in story.lines}]  # fmt: skip
    adopted = [
        (since, feature, kind)
        for since, product in sorted(bought)
        for feature, kind in features[product]
        if rng.random() < KIND_WEIGHT[kind] + 0.2
    ] or [(story.signed_on, features["flow"][0][0], "basic")]
    # As the state falls the last of them fall out of use: which those are differs by customer.
    adopted = [adopted[place] for place in rng.permutation(len(adopted))]
    weight = np.array([KIND_WEIGHT[kind] for _, _, kind in adopted])
    known = np.array([since.toordinal() for since, _, _ in adopted])
    for index in np.flatnonzero(come.any(axis=1)):
        _add_day(events, story, account_id, days[index], float(state[index]), np.flatnonzero(come[index]),
                 adopted, weight * (known <= days[index].toordinal()))  # fmt: skip


def _add_day(
    events: Events,
    story: Story,
    account_id: int,
    day: dt.date,
    state: float,
    people: np.ndarray,
    adopted: list[tuple[dt.date, int, str]],
    weight: np.ndarray,
) -> None:
    rng = story.rng
    keep = np.arange(max(int(len(adopted) * (0.35 + 0.65 * state)), 1))
    chance = weight[keep] / weight[keep].sum() if weight[keep].sum() else None
    if chance is None:
        return
    for person in people:
        count = min(
            1 + int(rng.random() < state) + int(rng.random() < state * 0.5),
            int((chance > 0).sum()),
        )
        for choice in set(rng.choice(keep, size=count, p=chance).tolist()):
            events.account_id.append(account_id)
            events.message_id.append(f"{story.external_id}-{day:%y%m%d}-{person}-{choice}")
            events.person.append(f"{story.external_id}-u{person + 1}")
            events.feature_id.append(adopted[choice][1])
            events.day.append(day)
            events.quantity.append(1 + int(rng.poisson(2 + 6 * state)))
