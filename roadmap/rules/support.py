"""Who stands behind each request, and what do they add up to?

On whole columns. Customers are accounts that pay on the day; a voice of anybody else counts for nothing here. The parts
of `PRODUCT.md` §7: frequency F, common C, spread D, users U, value V, validation A, and the largest supporter's share.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# An account of no segment: it counts everywhere but for the spread.
NO_SEGMENT = -1
# Room for the number of a voice beside its day, and for its importance, and whether it blocks, beside both.
VOICES, IMPORTANCES = 1 << 40, 8


@dataclass(frozen=True, slots=True)
class Customers:
    """The accounts that pay, by ascending id: ARR and what of it is up for renewal in cents, use, segment."""

    account: Ints
    arr: Ints
    renewing: Ints
    weighted: Ints
    users: Ints
    segment: Ints
    is_active: Flags

    def only(self, keep: Flags) -> Customers:
        """The same of some accounts."""
        return Customers(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Voices:
    """What was asked for, one entry per piece of evidence; a contact of 0 is nobody named."""

    voice: Ints
    request: Ints
    account: Ints
    contact: Ints
    day: Ints
    importance: Ints
    blocks: Flags


@dataclass(frozen=True, slots=True)
class Support:
    """Requests and the customers behind them, each pair once: places in the two lists, and what the voices come to."""

    request: Ints
    customer: Ints
    asks: Ints
    importance: Ints
    blocks: Flags


@dataclass(frozen=True, slots=True)
class Parts:
    """What each request's supporters add up to, in the order of the requests; money in cents."""

    asks: Ints
    accounts: Ints
    segments: Ints
    spread: Floats
    users: Ints
    weighted: Ints
    arr: Ints
    renewing: Ints
    validated: Ints
    validation: Floats
    largest: Ints
    largest_share: Floats
    blockers: Ints
    importance: Floats

    def only(self, keep: Any) -> Parts:
        """The same of some requests."""
        return Parts(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})


def arr_cap(arr: Ints, percentile: int) -> int:
    """The ARR at which every account's is capped: the percentile of the portfolio, an amount that somebody pays.

    >>> arr_cap(np.array([100, 200, 300, 400, 500, 600, 700, 800, 900, 90_000]), 90)
    900
    >>> arr_cap(np.array([], dtype=np.int64), 90)
    0
    """
    return int(np.percentile(arr, percentile, method="inverted_cdf")) if arr.size else 0


def weighted_arr(arr: Ints, renewing: Ints, cap: int) -> Ints:
    """What an account adds to V: its ARR up to the cap, and what of that is up for renewal once more.

    >>> weighted_arr(np.array([500, 500, 90_000]), np.array([0, 200, 90_000]), 900).tolist()
    [500, 700, 1800]
    """
    capped = np.minimum(arr, cap)
    return capped + np.minimum(renewing, capped)


def supporters(voices: Voices, requests: Ints, customers: Customers) -> Support:
    """Make one supporter of an account's voices: what the latest says holds, the same ask twice is one.

    An ask is a contact on a day. Voices of accounts that do not pay, and for requests that are not listed, are left
    out. `requests` and the customers' accounts ascend.

    >>> ada = Customers(*(np.array([value]) for value in (7, 900, 0, 900, 4, 0, True)))
    >>> said = Voices(*map(np.array, ([1, 2, 3, 4], [5, 5, 5, 5], [7, 7, 7, 8], [1, 1, 2, 1], [10, 10, 9, 10],
    ...                               [1, 3, 0, 3], [False, True, False, True])))
    >>> one = supporters(said, np.array([5]), ada)
    >>> [int(column[0]) for column in (one.request, one.customer, one.asks, one.importance, one.blocks)]
    [0, 0, 2, 3, 1]
    """
    request, known = _places(voices.request, requests)
    customer, pays = _places(voices.account, customers.account)
    keep = known & pays
    pair = request[keep] * max(customers.account.size, 1) + customer[keep]
    order = np.argsort(pair)
    starts = _starts(pair[order])
    if not starts.size:
        none = np.empty(0, dtype=np.int64)
        return Support(none, none, none, none, np.empty(0, dtype=bool))
    day, contact = voices.day[keep][order], voices.contact[keep][order]
    weight = voices.importance[keep][order] * 2 + voices.blocks[keep][order]
    latest = (day * VOICES + voices.voice[keep][order]) * IMPORTANCES + weight
    groups = np.repeat(np.arange(starts.size), np.diff(starts, append=order.size))
    weighed = np.maximum.reduceat(latest, starts) % IMPORTANCES
    return Support(
        request=request[keep][order][starts],
        customer=customer[keep][order][starts],
        asks=_distinct_asks(groups, starts.size, day, contact),
        importance=weighed // 2,
        blocks=weighed % 2 == 1,
    )


def measure_support(support: Support, customers: Customers, requests: int, uses_module: Flags, segments: int) -> Parts:
    """Add up what stands behind each request; `uses_module` says of each pair whether the account uses its module.

    D = segments with at least two supporters / segments; A = supporters that are active and use it / supporters.

    >>> three = Customers(np.array([1, 2, 3]), np.array([900, 100, 100]), np.array([0, 0, 100]),
    ...                   np.array([900, 100, 200]), np.array([9, 1, 1]), np.array([0, 1, 1]), np.array([True] * 3))
    >>> said = Support(*map(np.array, ([0, 0, 0], [0, 1, 2], [1, 2, 1], [3, 0, 0], [True, False, False])))
    >>> found = measure_support(said, three, 1, np.array([True, False, True]), segments=4)
    >>> int(found.asks[0]), int(found.accounts[0]), float(found.spread[0]), int(found.users[0]), int(found.weighted[0])
    (4, 3, 0.25, 11, 1200)
    >>> int(found.validated[0]), float(found.largest_share[0]), int(found.arr[0]), int(found.blockers[0])
    (2, 0.75, 1100, 1)
    """
    who = support.customer
    accounts = np.bincount(support.request, minlength=requests)
    weighted = _sums(support.request, customers.weighted[who], requests)
    shared = _shared_segments(support, customers, requests, segments)
    validated = _sums(support.request, (customers.is_active[who] & uses_module).astype(np.int64), requests)
    largest = _largest(support, customers, requests)
    held = np.where(largest >= 0, customers.weighted[largest] if customers.account.size else 0, 0)
    return Parts(
        asks=_sums(support.request, support.asks, requests),
        accounts=accounts,
        segments=shared,
        spread=shared / max(segments, 1),
        users=_sums(support.request, customers.users[who], requests),
        weighted=weighted,
        arr=_sums(support.request, customers.arr[who], requests),
        renewing=_sums(support.request, customers.renewing[who], requests),
        validated=validated,
        validation=_shares(validated, accounts),
        largest=np.where(largest >= 0, customers.account[largest] if customers.account.size else 0, 0),
        largest_share=_shares(held, weighted),
        blockers=_sums(support.request, support.blocks.astype(np.int64), requests),
        importance=_shares(_sums(support.request, support.importance, requests), accounts),
    )


def parts_beside(wanted: Ints, known: Ints, parts: Parts) -> Parts:
    """Put what is known of some requests beside a list of requests, both by ascending id; 0 for what is not known.

    >>> one = Parts(*[np.array([5])] * 14)
    >>> parts_beside(np.array([1, 2]), np.array([2]), one).accounts.tolist()
    [0, 5]
    """
    place, there = _places(wanted, known)
    found = {}
    for field in fields(parts):
        values = getattr(parts, field.name)
        column = np.zeros(wanted.size, dtype=values.dtype)
        column[there] = values[place[there]]
        found[field.name] = column
    return Parts(**found)


def _places(values: Ints, among: Ints) -> tuple[Ints, Flags]:
    """Where each value stands in an ascending list, and whether it is there at all."""
    if not among.size:
        return np.zeros(values.size, dtype=np.int64), np.zeros(values.size, dtype=bool)
    place = np.minimum(np.searchsorted(among, values), among.size - 1)
    return place, among[place] == values


def _starts(values: Ints) -> Ints:
    """Where the runs of equal values begin in a sorted list."""
    if not values.size:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def _distinct_asks(groups: Ints, count: int, day: Ints, contact: Ints) -> Ints:
    """How many different contacts on different days each group has; most have a single voice."""
    sizes = np.bincount(groups, minlength=count)
    asks = np.ones(count, dtype=np.int64)
    several = sizes[groups] > 1
    if several.any():
        when = day[several] * (int(contact.max()) + 1) + contact[several]
        kinds, ask = np.unique(when, return_inverse=True)
        different = np.unique(groups[several] * kinds.size + ask) // kinds.size
        found = np.bincount(different, minlength=count)
        asks = np.where(found > 0, found, asks)
    return asks


def _shared_segments(support: Support, customers: Customers, requests: int, segments: int) -> Ints:
    """In how many segments at least two customers ask for each request."""
    segment = customers.segment[support.customer]
    named = segment != NO_SEGMENT
    width = max(segments, 1)
    counts = np.bincount(support.request[named] * width + segment[named], minlength=requests * width)
    return np.asarray((counts.reshape(requests, width) >= 2).sum(axis=1), dtype=np.int64)


def _largest(support: Support, customers: Customers, requests: int) -> Ints:
    """The place of each request's heaviest supporter, the first id of equals; −1 where nobody asks."""
    most = np.zeros(requests, dtype=np.int64)
    weighted = customers.weighted[support.customer]
    np.maximum.at(most, support.request, weighted)
    heaviest = np.flatnonzero(weighted == most[support.request])
    found = np.full(requests, customers.account.size, dtype=np.int64)
    np.minimum.at(found, support.request[heaviest], support.customer[heaviest])
    return np.where(found < customers.account.size, found, -1)


def _sums(group: Ints, values: Ints, groups: int) -> Ints:
    """Add whole numbers up by group; exact up to 2⁵³."""
    return np.rint(np.bincount(group, weights=values, minlength=groups)).astype(np.int64)


def _shares(part: Ints, whole: Ints) -> Floats:
    """Part / whole, and 0 where there is no whole."""
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0)
