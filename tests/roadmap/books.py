"""Which customers and votes do the tests of the ranking draw, without a database?"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from roadmap.rules.ranking import PARTS, Ranked, Weighing, rank_requests
from roadmap.rules.support import Customers, Parts, Voices, arr_cap, measure_support, supporters, weighted_arr

SEGMENTS = 4


def customers(rows: list[dict[str, Any]]) -> Customers:
    """Accounts 1, 2, 3, … from dicts with arr, renewing, users, segment, is_active."""
    arr = np.array([row["arr"] for row in rows], dtype=np.int64)
    renewing = np.minimum(np.array([row.get("renewing", 0) for row in rows], dtype=np.int64), arr)
    return Customers(
        account=np.arange(1, len(rows) + 1),
        arr=arr,
        renewing=renewing,
        weighted=weighted_arr(arr, renewing, arr_cap(arr, 90)),
        users=np.array([row.get("users", 1) for row in rows], dtype=np.int64),
        segment=np.array([row.get("segment", 0) for row in rows], dtype=np.int64),
        is_active=np.array([row.get("is_active", True) for row in rows], dtype=bool),
    )


def voices(rows: list[tuple[int, ...]]) -> Voices:
    """Votes as (request, account, contact, day, importance), numbered in the order given unless a number leads."""
    numbered = [row if len(row) == 6 else (number, *row) for number, row in enumerate(rows, start=1)]
    # What matters most to somebody blocks them here.
    numbered = [(*row, int(row[5] == 3)) for row in numbered]
    return Voices(*(np.array(column, dtype=np.int64) for column in zip(*numbered, strict=True)) if numbered else
                  [np.empty(0, dtype=np.int64)] * 7)  # fmt: skip


def measured(
    book: Customers, said: Voices, requests: np.ndarray, users_of: set[tuple[int, int]] | None = None
) -> Parts:
    """The parts of each request; `users_of` are (request, account) where the account uses the module."""
    found = supporters(said, requests, book)
    pairs = zip(requests[found.request].tolist(), book.account[found.customer].tolist(), strict=True)
    uses = np.array([users_of is None or pair in users_of for pair in pairs], dtype=bool)
    return measure_support(found, book, requests.size, uses, SEGMENTS)


def placed(parts: Parts, requests: np.ndarray, weighing: Weighing | None = None) -> Ranked:
    return rank_requests(parts, requests, weighing or Weighing(threshold=3))


accounts = st.lists(
    st.fixed_dictionaries({
        "arr": st.integers(1, 10_000_000),
        "renewing": st.one_of(st.just(0), st.integers(1, 10_000_000)),
        "users": st.integers(0, 50),
        "segment": st.integers(-1, SEGMENTS - 1),
        "is_active": st.booleans(),
    }),
    min_size=2,
    max_size=12,
)  # fmt: skip
weighings = st.builds(
    Weighing,
    weights=st.fixed_dictionaries(dict.fromkeys(PARTS, st.integers(0, 40))).filter(
        lambda weights: any(weights.values())
    ),
    threshold=st.integers(2, 6),
)


@st.composite
def books(draw: Any) -> tuple[Customers, list[tuple[int, ...]], np.ndarray, set[tuple[int, int]]]:
    """A book, votes for up to six requests, and who uses which request's module."""
    book = customers(draw(accounts))
    requests = np.arange(1, draw(st.integers(2, 6)) + 1)
    size = book.account.size
    vote = st.tuples(
        st.integers(1, requests.size), st.integers(1, size + 1), st.integers(0, 3), st.integers(1, 5), st.integers(0, 3)
    )
    said = draw(st.lists(vote, max_size=40))
    pair = st.tuples(st.integers(1, requests.size), st.integers(1, size))
    return book, said, requests, draw(st.sets(pair, max_size=40))
