"""Books with a hidden truth: who gets a playbook fares worse to begin with, and what it does for them is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playbooks.rules.effect import (
    Estimate,
    Floats,
    Ints,
    Standing,
    differences,
    kept_effect,
    match_untreated,
    mean_effect,
)


@dataclass(frozen=True)
class Planted:
    """A book as it was on the day of the start, what came of it, and what nobody sees in life."""

    standing: Standing
    is_treated: Ints
    change: Floats
    stayed: Floats
    # The chance to leave without and with the playbook.
    leaves: Floats
    leaves_treated: Floats


def plant(seed: int, *, points: float, saved: float, accounts: int = 400) -> Planted:
    """Draw a book in which the playbook adds so many points of health and keeps this share of those who would leave.

    Who fares badly and falls is treated more often, and comes back by itself more than others: without pairs one would
    see an effect where there is none. The effect differs from account to account.
    """
    rng = np.random.default_rng([seed, 2026])
    tier = rng.choice(3, accounts, p=[0.12, 0.33, 0.55])
    arr = np.array([150e3, 36e3, 6e3])[tier] * rng.lognormal(0, 0.45, accounts)
    tenure = rng.integers(40, 1500, accounts).astype(float)
    score = np.clip(rng.normal(60, 16, accounts), 5, 99)
    trend = rng.normal(-0.3, 1.2, accounts) - 0.02 * (70 - score)
    band = np.where(score >= 75, 2, np.where(score >= 50, 1, 0))
    wish = -1.3 + 1.3 * (band == 0) - 1.2 * (band == 2) - 0.8 * trend + 0.6 * (tier == 0) - 0.3 * (tier == 2)
    treated = rng.random(accounts) < 1 / (1 + np.exp(-wish))
    alone = 0.3 * (68 - score) + 1.8 * trend + 1.5 * (tier == 0) + rng.normal(0, 1, accounts) * (5 + 3 * (band == 0))
    spread = 3.0 if points else 0.0
    change = alone + np.where(treated, points + rng.normal(0, 1, accounts) * spread, 0)
    leaves = 1 / (1 + np.exp(2.0 - 1.0 * (band == 0) + 0.5 * trend + 0.5 * (tier == 0) + 0.4 * (tenure > 700)))
    less = leaves * (1 - saved)
    stayed = (rng.random(accounts) >= np.where(treated, less, leaves)).astype(float)
    standing = Standing(
        np.arange(accounts), tier.astype(np.int64), band.astype(np.int64), arr, tenure, score, trend
    )  # fmt: skip
    return Planted(standing, treated, change, stayed, leaves, less)


def estimated(book: Planted) -> tuple[Estimate, Estimate, float]:
    """What is said of health and of retention, and by how much the paired ones truly stay more often."""
    ours, theirs = np.flatnonzero(book.is_treated), np.flatnonzero(~book.is_treated)
    mine, partner = match_untreated(book.standing.at(ours), book.standing.at(theirs))
    order = np.argsort(mine, kind="stable")
    mine, partner = mine[order], theirs[partner[order]]
    pairs = np.unique(mine)
    like = np.stack(
        [np.log(book.standing.arr), np.log(book.standing.tenure + 182), book.standing.score, book.standing.trend],
        axis=1,
    )
    at = np.searchsorted(pairs, mine)
    count = np.bincount(at, minlength=len(pairs))
    means = np.stack(
        [np.bincount(at, weights=like[partner, n], minlength=len(pairs)) / count for n in range(4)], axis=1
    )
    off = like[ours[pairs]] - means
    _runs, treated, untreated = differences(pairs, book.change[ours[pairs]], book.change[partner], mine)
    health = mean_effect(treated, untreated, off, len(partner))
    _runs, treated, untreated = differences(pairs, book.stayed[ours[pairs]], book.stayed[partner], mine)
    kept = kept_effect(treated, untreated, off, len(partner))
    truth = float((book.leaves - book.leaves_treated)[ours[pairs]].mean())
    return health, kept, truth
