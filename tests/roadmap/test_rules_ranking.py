"""Does what many share come before what one shouts, for every book there can be?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roadmap.rules.ranking import (
    PARTS,
    Standing,
    Weighing,
    concentration_guard,
    percentile_ranks,
    rank_requests,
    ranks_when_varied,
    score_drivers,
)
from roadmap.rules.support import Parts, arr_cap, supporters, weighted_arr
from tests.roadmap.books import books, customers, measured, placed, voices, weighings


def test_twelve_customers_of_600k_come_before_two_of_1010k():
    """The example of the product's definition."""
    rows = [{"arr": 50_000_00} for _ in range(12)] + [{"arr": 505_000_00} for _ in range(2)]
    book = customers(rows)
    said = voices([(1, 13, 0, 1, 3), (1, 14, 0, 1, 3)] + [(2, number, 0, 1, 1) for number in range(1, 13)])
    requests = np.array([1, 2])
    parts = measured(book, said, requests)
    assert parts.arr.tolist() == [1_010_000_00, 600_000_00]
    found = rank_requests(parts, requests, Weighing())
    assert found.rank.tolist() == [2, 1]
    assert found.is_common.tolist() == [False, True]
    # And neither the weights nor an uncapped value would turn it round.
    for name in PARTS:
        weights = dict.fromkeys(PARTS, 0.0) | {name: 1.0}
        assert rank_requests(parts, requests, Weighing(weights)).rank.tolist() == [2, 1]


def test_one_request_worked_through_by_hand():
    """Three requests, five customers; every part and the score as on paper."""
    rows = [
        {"arr": 1000, "users": 10, "segment": 0},
        {"arr": 1000, "users": 5, "segment": 0, "renewing": 400},
        {"arr": 2000, "users": 1, "segment": 1, "is_active": False},
        {"arr": 3000, "users": 2, "segment": 1},
        {"arr": 90_000, "users": 100, "segment": 2},
    ]
    book = customers(rows)
    assert book.weighted.tolist() == [1000, 1400, 2000, 3000, 90_000]  # the 90th of five is the largest itself
    book = replace(book, weighted=weighted_arr(book.arr, book.renewing, 3000))
    said = voices([
        (1, 1, 7, 10, 1), (1, 1, 7, 10, 3), (1, 1, 8, 11, 2), (1, 2, 0, 10, 3), (1, 3, 0, 10, 0),
        (2, 5, 9, 10, 3),
        (3, 4, 0, 10, 1), (3, 5, 0, 12, 1),
    ])  # fmt: skip
    requests = np.array([1, 2, 3])
    parts = measured(book, said, requests, {(1, 1), (1, 3), (2, 5)})
    assert parts.asks.tolist() == [4, 1, 2]  # contact 7 on day 10 is one ask, said twice
    assert parts.accounts.tolist() == [3, 1, 2]
    assert parts.segments.tolist() == [1, 0, 0]
    assert parts.spread.tolist() == [0.25, 0.0, 0.0]
    assert parts.users.tolist() == [16, 100, 102]
    assert parts.weighted.tolist() == [4400, 3000, 6000]
    assert parts.validated.tolist() == [1, 1, 0]  # the third customer is not active, the second uses it not
    assert parts.blockers.tolist() == [1, 1, 0]  # the first customer's latest word is "important"
    assert parts.largest_share.tolist() == pytest.approx([2000 / 4400, 1.0, 0.5])
    found = placed(parts, requests, Weighing(dict.fromkeys(PARTS, 1.0), threshold=3))
    assert found.percentiles[0].tolist() == pytest.approx([5 / 6, 5 / 6, 5 / 6, 1 / 6, 3 / 6])
    mean = (5 / 6 * 5 / 6 * 5 / 6 * 1 / 6 * 3 / 6) ** 0.2
    assert found.score[0] == pytest.approx(100 * mean * (0.5 + 0.5 / 3), abs=1e-4)
    assert found.guard.tolist() == pytest.approx([1.0, 0.5, 1.0])


@given(books(), st.randoms(use_true_random=False), weighings)
def test_the_order_of_the_input_does_not_matter(drawn, random, weighing):
    book, said, requests, users = drawn
    numbered = [(number, *row) for number, row in enumerate(said, start=1)]
    shuffled = numbered.copy()
    random.shuffle(shuffled)
    first, second = (measured(book, voices(rows), requests, users) for rows in (numbered, shuffled))
    for name in Parts.__slots__:
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
    # Requests in another order get the same ranks.
    turned = np.array(list(reversed(range(requests.size))))
    one = placed(first, requests, weighing)
    other = placed(first.only(turned), requests[turned], weighing)
    assert one.rank[turned].tolist() == other.rank.tolist()
    assert one.score[turned].tolist() == other.score.tolist()


@given(books(), weighings)
def test_ranks_are_one_to_n_and_a_common_need_stands_before_all_others(drawn, weighing):
    book, said, requests, users = drawn
    parts = measured(book, voices(said), requests, users)
    found = placed(parts, requests, weighing)
    assert sorted(found.rank.tolist()) == list(range(1, requests.size + 1))
    assert found.is_common.tolist() == (parts.accounts >= weighing.threshold).tolist()
    assert all(found.rank[found.is_common] <= found.is_common.sum())
    assert ((found.score >= 0) & (found.score <= 100)).all()
    assert (found.best <= found.rank).all()
    assert (found.worst >= found.rank).all()


@given(books(), st.data())
def test_no_single_account_lifts_a_request_into_or_above_the_common_band(drawn, data):
    """However large it is and however often it speaks, one account is one supporter.

    So a request that fewer than threshold − 1 others ask for stays outside the band, and outside the band nothing
    stands before anything in it.
    """
    book, said, requests, users = drawn
    threshold = 3
    loud = data.draw(st.sampled_from(book.account.tolist()))
    request = data.draw(st.sampled_from(requests.tolist()))
    huge = replace(
        book,
        arr=np.where(book.account == loud, 10**12, book.arr),
        weighted=np.where(book.account == loud, 10**12, book.weighted),
        users=np.where(book.account == loud, 10**6, book.users),
    )
    shouts = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.just(3)), min_size=1, max_size=9))
    louder = voices([*said, *((request, loud, *shout) for shout in shouts)])
    others = {row[1] for row in said if row[0] == request and row[1] in book.account and row[1] != loud}
    parts = measured(huge, louder, requests, users)
    found = placed(parts, requests, Weighing(threshold=threshold))
    place = request - 1
    if len(others) < threshold - 1:
        assert not found.is_common[place]
    if not found.is_common[place]:
        assert (found.rank[found.is_common] < found.rank[place]).all()


@given(books(), weighings, st.data())
def test_a_supporter_who_uses_the_module_and_holds_at_most_half_of_the_value_never_lowers_a_rank(drawn, weighing, data):
    """For an account that is part of the portfolio already, whatever the weights and the threshold."""
    book, said, requests, users = drawn
    request = data.draw(st.sampled_from(requests.tolist()))
    asking = {row[1] for row in said if row[0] == request}
    silent = [account for account in book.account.tolist() if account not in asking and book.is_active[account - 1]]
    assume(silent)
    new = data.draw(st.sampled_from(silent))
    vote = (request, new, data.draw(st.integers(0, 3)), data.draw(st.integers(1, 9)), data.draw(st.integers(0, 3)))
    before = measured(book, voices(said), requests, users)
    after = measured(book, voices([*said, vote]), requests, {*users, (request, new)})
    place = request - 1
    assume(book.weighted[new - 1] * 2 <= after.weighted[place])
    first, last = placed(before, requests, weighing), placed(after, requests, weighing)
    assert last.rank[place] <= first.rank[place]
    assert last.score[place] >= first.score[place]


def test_one_supporter_with_more_than_half_of_the_value_may_lower_a_rank():
    """Which is what the guard is for: the property above has its condition for a reason."""
    book = customers([{"arr": 100} for _ in range(20)] + [{"arr": 100_000}])
    book = replace(book, weighted=book.arr)
    requests = np.array([1, 2])
    said = [(1, 1, 0, 1, 1), (1, 2, 0, 1, 1), (2, 3, 0, 1, 1), (2, 4, 0, 1, 1), (2, 5, 0, 1, 1)]
    weights = Weighing({"asks": 1, "accounts": 1, "spread": 0, "users": 0, "weighted": 0}, threshold=9)
    before = placed(measured(book, voices([*said, (1, 6, 0, 1, 1)]), requests), requests, weights)
    after = placed(measured(book, voices([*said, (1, 21, 0, 1, 1)]), requests), requests, weights)
    assert (before.rank[0], after.rank[0]) == (1, 2)


@given(books(), st.integers(1, 6), st.integers(1, 6))
def test_merging_equals_having_collected_together(drawn, one, other):
    book, said, requests, users = drawn
    assume(one != other and max(one, other) <= requests.size)
    numbered = [(number, *row) for number, row in enumerate(said, start=1)]
    merged = [(number, one if request == other else request, *rest) for number, request, *rest in numbered]
    left = requests[requests != other]
    together = measured(book, voices(merged), left, users)
    # Whoever said it twice, to both, is one supporter with the latest word.
    pairs = {(row[1], row[2]) for row in merged if row[1] in left and row[2] in book.account}
    assert int(together.accounts.sum()) == len(pairs)
    apart = measured(book, voices(numbered), requests, users)
    places = [int(np.flatnonzero(requests == number)[0]) for number in left.tolist() if number != one]
    here = [int(np.flatnonzero(left == number)[0]) for number in left.tolist() if number != one]
    for name in Parts.__slots__:
        assert getattr(apart, name)[places].tolist() == getattr(together, name)[here].tolist()


@given(books())
def test_two_segments_never_count_an_account_twice(drawn):
    """Cut into segments the customers of a request add up to those of the whole, each once."""
    book, said, requests, users = drawn
    whole = measured(book, voices(said), requests, users)
    parts = [
        measured(book.only(book.segment == segment), voices(said), requests, users)
        for segment in sorted(set(book.segment.tolist()))
    ]
    for name in ("asks", "accounts", "users", "weighted", "arr", "renewing", "validated", "blockers"):
        assert sum(getattr(part, name) for part in parts).tolist() == getattr(whole, name).tolist()
    both = measured(book.only(np.isin(book.segment, [0, 1])), voices(said), requests, users)
    one, two = (measured(book.only(book.segment == segment), voices(said), requests, users) for segment in (0, 1))
    assert (one.accounts + two.accounts).tolist() == both.accounts.tolist()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_percentile_ranks_keep_the_order_and_average_one_half(values):
    column = np.array(values)
    ranks = percentile_ranks(column, np.ones(column.size, dtype=bool))
    assert ranks.mean() == pytest.approx(0.5)
    assert ((ranks > 0) & (ranks < 1)).all()
    for one in range(column.size):
        assert ((column < column[one]) == (ranks < ranks[one])).all()


def test_who_does_not_pay_or_is_not_known_counts_for_nothing():
    book = customers([{"arr": 100}, {"arr": 100}])
    said = voices([(1, 1, 0, 1, 3), (1, 99, 0, 1, 3), (1, -5, 0, 1, 3), (7, 2, 0, 1, 1)])
    found = supporters(said, np.array([1, 2]), book)
    assert (found.request.tolist(), found.customer.tolist()) == ([0], [0])
    parts = measured(book, said, np.array([1, 2]))
    ranked = placed(parts, np.array([1, 2]))
    assert (ranked.score[1], ranked.rank.tolist()) == (0.0, [1, 2])


def test_without_any_customer_or_voice_there_is_an_order_all_the_same():
    empty = customers([])
    requests = np.array([4, 9])
    ranked = placed(measured(empty, voices([(4, 1, 0, 1, 3)]), requests), requests)
    assert (ranked.rank.tolist(), ranked.score.tolist()) == ([1, 2], [0.0, 0.0])
    none = np.empty(0, dtype=np.int64)
    assert placed(measured(empty, voices([]), none), none).rank.size == 0


def test_the_cap_is_an_amount_that_somebody_pays():
    assert arr_cap(np.arange(1, 101), 90) == 90
    assert arr_cap(np.arange(1, 101), 100) == 100
    assert concentration_guard(np.array([0.9]), 0.5).tolist() == pytest.approx([0.6])


@given(books(), weighings)
def test_the_sensitivity_of_one_request_is_that_of_the_whole_ranking(drawn, weighing):
    book, said, requests, users = drawn
    parts = measured(book, voices(said), requests, users)
    ranked = rank_requests(parts, requests, weighing, 0.2)
    varied = ranks_when_varied(parts, requests, weighing, 0, 0.2)
    every = [rank for pair in varied.values() for rank in pair] + [int(ranked.rank[0])]
    assert (min(every), max(every)) == (ranked.best[0], ranked.worst[0])


shares = st.floats(0.01, 1)
standings = st.builds(
    Standing,
    score=st.floats(0, 100),
    percentiles=st.fixed_dictionaries(dict.fromkeys(PARTS, shares)),
    weights=st.fixed_dictionaries(dict.fromkeys(PARTS, st.floats(1, 50))),
    validation=st.floats(0, 1),
    guard=st.floats(0.5, 1),
)


@given(standings, standings)
def test_what_moved_a_score_adds_up_to_its_change(before, now):
    def scored(one):
        total = sum(one.weights.values())
        mean = np.exp(sum(one.weights[name] / total * np.log(one.percentiles[name]) for name in PARTS))
        return replace(one, score=float(100 * mean * (0.5 + one.validation / 2) * one.guard))

    first, last = scored(before), scored(now)
    drivers = score_drivers(first, last)
    assert sum(drivers.values()) == pytest.approx(last.score - first.score, abs=1e-6)
