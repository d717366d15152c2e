"""Which customers are worth most as examples, by four criteria, and which are partners?

On whole columns, one entry per customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Criterion(StrEnum):
    """The four criteria, in their order."""

    LOGIN = "login"
    MODULES = "modules"
    RESULT = "result"
    EXPANSION = "expansion"


@dataclass(frozen=True, slots=True)
class Marks:
    """The thresholds, each a setting: shares in per cent."""

    login_top: float = 2
    modules: float = 80
    results: int = 1
    expansions: int = 1
    integrations: int = 3
    referrals: int = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What the criteria are held against, a column each: days with a login in 30, logins (people added up over those
    days), modules used and entitled, goals attained, expansions in the last year.
    """

    active_days: Ints
    logins: Ints
    modules_used: Ints
    modules_entitled: Ints
    goals_attained: Ints
    expansions: Ints


def high_value(figures: Figures, marks: Marks) -> dict[Criterion, Flags]:
    """Say who meets which criterion.

    Top 2 % by login frequency; more than 80 % of the modules that the contract gives are used; a proven result; an
    expansion in the last year.

    >>> of = lambda *values: np.array(values)
    >>> met = high_value(Figures(of(22, 9), of(80, 9), of(5, 4), of(5, 5), of(1, 0), of(0, 2)), Marks())
    >>> [flags.tolist() for flags in met.values()]
    [[True, False], [True, False], [True, False], [False, True]]
    """
    return {
        Criterion.LOGIN: is_at_the_top(login_order(figures.active_days, figures.logins), marks.login_top),
        Criterion.MODULES: module_shares(figures.modules_used, figures.modules_entitled) * 100 > marks.modules,
        Criterion.RESULT: figures.goals_attained >= marks.results,
        Criterion.EXPANSION: figures.expansions >= marks.expansions,
    }


def login_order(active_days: Ints, logins: Ints) -> Ints:
    """Order by days with a login; of those with equally many days, by how many people came on them.

    Working days run out at 22 in a month: without the second figure most of a lively portfolio would be its top.

    >>> np.argsort(login_order(np.array([22, 21, 22]), np.array([30, 999, 80]))).tolist()
    [1, 0, 2]
    """
    return active_days * (int(logins.max(initial=0)) + 1) + logins


def is_at_the_top(values: Ints, percent: float) -> Flags:
    """Say who is within the top so many per cent: fewer than that share of the others have more; never without any.

    Who has as much as the best of them is among them, so ties are not drawn by lot.

    >>> is_at_the_top(np.array([22, 22, 21, 0]), 2).tolist(), is_at_the_top(np.zeros(3, dtype=int), 2).tolist()
    ([True, True, False, False], [False, False, False])
    >>> is_at_the_top(np.array([5]), 2).tolist()
    [True]
    """
    ordered = np.sort(values)
    more = len(values) - np.searchsorted(ordered, values, side="right")
    return np.asarray((values > 0) & (more < len(values) * percent / 100))


def module_shares(used: Ints, entitled: Ints) -> Floats:
    """Modules used / modules that the contract gives; nan without any.

    >>> module_shares(np.array([4, 0]), np.array([5, 0])).tolist()
    [0.8, nan]
    """
    return np.where(entitled > 0, used / np.maximum(entitled, 1), np.nan)


def goals_attained(baseline: Ints, target: Ints, current: Ints) -> Flags:
    """Say which goals are attained by their latest measurement, whichever way is better; exact on whole numbers.

    >>> goals_attained(np.array([10, 10, 10]), np.array([2, 20, 20]), np.array([2, 19, 25])).tolist()
    [True, False, True]
    """
    return np.asarray(np.where(target > baseline, current >= target, current <= target))


def partners(integrations: Ints, referred: Ints, marks: Marks) -> tuple[Flags, Flags]:
    """Say who is a technology partner (connected systems) and who a channel partner (customers referred).

    >>> [flags.tolist() for flags in partners(np.array([3, 0]), np.array([0, 2]), Marks())]
    [[True, False], [False, True]]
    """
    return integrations >= marks.integrations, referred >= marks.referrals
