"""How likely is a customer to leave, from published figures alone?

The prior knows nothing of the organisation's own customers: a base rate by purchase level, moved by the published
effect of each sign that shows, on the odds scale, and capped. It stands in until a model fitted to the own history is
better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

YEAR = 365
SOON, LATER = 90, 365
# How a published effect is meant.
TIMES, RETENTION, REACHES, PER_POINT = "times", "retention", "reaches", "per_point"
KINDS = (TIMES, RETENTION, REACHES, PER_POINT)
LEAST, MOST = 1e-6, 1 - 1e-6
# A fall of the NPS by more points than this says no more (its answers go from 0 to 10).
MOST_POINTS = 10.0

# The benchmarks of yearly logo retention by purchase level (92, 80 and 55 %), seen from the other side.
DEFAULT_BASE_RATES = {"enterprise": 0.08, "team": 0.2, "individual": 0.45}
# Published effects, by the warning that tells of them. Signs without a published effect do not move the prior.
DEFAULT_EFFECTS: list[dict[str, Any]] = [
    {"key": "silent_7d", "kind": TIMES, "value": 3},
    {"key": "core_drop_30", "kind": RETENTION, "value": 0.6},
    {"key": "complaints_5", "kind": REACHES, "value": 0.65},
    {"key": "milestone_30d", "kind": TIMES, "value": 1.7},
    {"key": "shallow_use", "kind": RETENTION, "value": 0.79},
    {"key": "renewal_quiet_90d", "kind": TIMES, "value": 4},
    {"key": "ka_no_expansion", "kind": REACHES, "value": 0.35},
    {"key": "nps_falling", "kind": PER_POINT, "value": 1.1},
]
DEFAULT_CAP = 0.95


@dataclass(frozen=True, slots=True)
class Effect:
    """What a sign does to the risk: `times` the odds, keeps a share of `retention`, `reaches` a yearly rate at least,
    or multiplies the odds `per_point`.
    """

    key: str
    kind: str
    value: float


@dataclass(frozen=True)
class Prior:
    """The prior's settings: yearly base rates by purchase level, effects, and the yearly risk that is never passed."""

    base_rates: Mapping[str, float]
    effects: Sequence[Effect]
    cap: float = DEFAULT_CAP

    @property
    def keys(self) -> tuple[str, ...]:
        """The signs that it listens to, in order."""
        return tuple(effect.key for effect in self.effects)


@dataclass(frozen=True)
class Risk:
    """The risk of n accounts (0 to 1), what it starts from, and the log-odds that each of k signs adds (n × k)."""

    risk: Floats
    base: Floats
    pushes: Floats


def rate_over(yearly: Floats | float, days: int) -> Any:
    """The share that leaves within some days, when `yearly` leave within a year at an even pace.

    >>> float(rate_over(0.2, 365).round(4)), float(rate_over(0.2, 90).round(4))
    (0.2, 0.0535)
    """
    return 1 - (1 - np.asarray(yearly, dtype=np.float64)) ** (days / YEAR)


def log_odds(share: Floats | float) -> Any:
    """The logarithm of the odds of a share, finite also for 0 and 1.

    >>> float(log_odds(0.5))
    0.0
    """
    sure = np.clip(np.asarray(share, dtype=np.float64), LEAST, MOST)
    return np.log(sure) - np.log1p(-sure)


def share_of(odds: Floats | float) -> Any:
    """Turn log-odds back into a share.

    >>> float(share_of(0.0))
    0.5
    """
    return 1 / (1 + np.exp(-np.clip(odds, -40, 40)))


def prior_risk(prior: Prior, levels: Sequence[str], signs: Floats, days: int) -> Risk:
    """The risk of accounts to leave within some days: base rate × effects, on the odds scale, capped.

    `signs` is n × k in the order of the prior's effects: 0 where a sign does not show, 1 where it does, the number of
    points for an effect per point. Effects add up as log-odds, as if the signs were independent.

    >>> prior = Prior({"team": 0.2}, [Effect("silent_7d", TIMES, 3), Effect("nps_falling", PER_POINT, 1.1)])
    >>> found = prior_risk(prior, ["team", "team"], np.array([[0.0, 0.0], [1.0, 2.0]]), 365)
    >>> found.base.round(3).tolist(), found.risk.round(4).tolist()
    ([0.2, 0.2], [0.2, 0.4758])
    """
    fallback = float(np.mean(list(prior.base_rates.values()))) if prior.base_rates else 0.0
    yearly = np.array([prior.base_rates.get(level, fallback) for level in levels], dtype=np.float64)
    base = rate_over(yearly, days)
    pushes = np.zeros(signs.shape)
    for position, effect in enumerate(prior.effects):
        pushes[:, position] = _push(effect, base, days) * np.clip(
            np.nan_to_num(signs[:, position]), 0, MOST_POINTS if effect.kind == PER_POINT else 1
        )
    risk = share_of(log_odds(base) + pushes.sum(axis=1))
    return Risk(np.minimum(risk, np.maximum(rate_over(prior.cap, days), base)), base, pushes)


def _push(effect: Effect, base: Floats, days: int) -> Floats:
    """The log-odds that a sign adds to a base risk."""
    if effect.kind == RETENTION:
        kept = (1 - base) * effect.value ** (days / YEAR)
        return np.asarray(log_odds(1 - kept) - log_odds(base))
    if effect.kind == REACHES:
        return np.asarray(np.maximum(log_odds(rate_over(effect.value, days)) - log_odds(base), 0))
    return np.full(len(base), np.log(effect.value))


def beyond(soon: Floats, rate: float, days: int = SOON, later: int = LATER) -> Floats:
    """The risk within a year from the one of the days that a model foresees: for the rest, a base rate holds.

    `rate` is the share that leaves within `days` on average; 1 − (1 − soon) × (1 − rate) ^ ((later − days) / days).

    >>> beyond(np.array([0.0, 0.5]), 0.05).round(4).tolist()
    [0.1451, 0.5725]
    """
    return np.asarray(1 - (1 - soon) * (1 - min(max(rate, 0.0), MOST)) ** ((later - days) / days))


def shares(pushes: Floats, keys: Sequence[str], count: int = 5) -> list[list[tuple[str, float]]]:
    """The strongest reasons of each row: key and its share of all that pushes (negative: it holds the risk down).

    >>> shares(np.array([[3.0, 0.0, -1.0]]), ["a", "b", "c"])
    [[('a', 0.75), ('c', -0.25)]]
    """
    whole = np.abs(pushes).sum(axis=1)
    order = np.argsort(-np.abs(pushes), axis=1, kind="stable")[:, :count]
    found = []
    for row, places in enumerate(order.tolist()):
        some = [place for place in places if abs(pushes[row, place]) > 0.005 * whole[row] > 0]
        found.append([(keys[place], round(float(pushes[row, place] / whole[row]), 4)) for place in some])
    return found


def parse_prior(base_rates: Any, effects: Any, cap: Any) -> Prior:
    """Read stored settings; an effect that makes no sense is a ValueError that names it.

    >>> parse_prior({"team": 0.2}, [{"key": "silent_7d", "kind": "times", "value": 3}], 0.9).keys
    ('silent_7d',)
    >>> parse_prior({"team": 2}, [], 0.9)
    Traceback (most recent call last):
    ValueError: team
    """
    rates = {str(level): float(rate) for level, rate in dict(base_rates).items()}
    for level, rate in rates.items():
        if not 0 <= rate < 1:
            raise ValueError(level)
    read = [Effect(str(row["key"]), str(row["kind"]), float(row["value"])) for row in effects]
    for effect in read:
        most = 1 if effect.kind in (RETENTION, REACHES) else 100
        if effect.kind not in KINDS or not 0 < effect.value <= most or (effect.kind == REACHES and effect.value == 1):
            raise ValueError(effect.key)
    if not 0 < float(cap) < 1:
        raise ValueError("cap")
    return Prior(rates, read, float(cap))
