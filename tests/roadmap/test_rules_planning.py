"""Is the plan of a quarter the best there is, and does it say why it is not possible?"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.actions.solving import solve
from roadmap.rules.planning import (
    Problem,
    alike_customers,
    effort_of,
    fits,
    greedy,
    has_circle,
    marginal_gains,
    obstacle,
    served_value,
    top_by_rank,
    unserved,
    why_left_out,
    with_needs,
)


def instance(seed: int) -> tuple[Problem, np.ndarray]:
    """A small quarter drawn from a seed: 3 to 9 requests, up to 12 customers, needs, must-haves, exclusions."""
    rng = np.random.default_rng(seed)
    count, size = int(rng.integers(3, 10)), int(rng.integers(2, 13))
    pairs = np.unique(np.column_stack([rng.integers(0, count, 25), rng.integers(0, size, 25)]), axis=0)
    # A need points to a smaller number, so that there is no circle.
    needs = tuple({(int(a), int(rng.integers(0, a))) for a in rng.integers(1, count, int(rng.integers(0, 3)))})
    problem = Problem(
        effort=rng.integers(1, 60, count),
        may=rng.random(count) < 0.9,
        must=rng.random(count) < 0.1,
        capacity=int(rng.integers(20, 140)),
        request=pairs[:, 0],
        customer=pairs[:, 1],
        worth=rng.integers(1, 5_000_000, size) if rng.random() < 0.5 else np.ones(size, dtype=np.int64),
        needs=needs,
        once_per_need=bool(rng.random() < 0.5),
    )
    return problem, rng.permutation(count) + 1


def best_by_trying_all(problem: Problem) -> int | None:
    sets = (np.array(bits, dtype=bool) for bits in product([False, True], repeat=problem.requests))
    return max((served_value(problem, chosen) for chosen in sets if fits(problem, chosen)), default=None)


@pytest.mark.parametrize("hundred", range(2))
def test_it_is_exact_on_200_random_quarters_and_never_worse_than_the_plain_ways(hundred):
    impossible = 0
    for seed in range(hundred * 100, hundred * 100 + 100):
        problem, rank = instance(seed)
        best = best_by_trying_all(problem)
        assert (best is None) == bool(obstacle(problem))
        if best is None:
            impossible += 1
            continue
        found = solve(problem, rank, seconds=20)
        assert (served_value(problem, found.chosen), found.is_proved, found.bound) == (best, True, best), seed
        assert fits(problem, found.chosen)
        for plain in (found.top, found.greedy):
            assert fits(problem, plain)
            assert served_value(problem, plain) <= best
    assert 0 < impossible < 50


def test_one_large_wish_is_left_out_for_three_small_ones_that_more_customers_share():
    pairs = [(0, customer) for customer in range(5)]
    pairs += [(request, 4 * request + customer) for request in (1, 2, 3) for customer in range(4)]
    request, customer = (np.array(column) for column in zip(*pairs, strict=True))
    problem = Problem(
        np.array([60, 20, 20, 20]), np.ones(4, dtype=bool), np.zeros(4, dtype=bool), 60, request, customer,
        np.ones(16, dtype=np.int64),
    )  # fmt: skip
    found = solve(problem, np.array([1, 2, 3, 4]), seconds=10)
    assert found.chosen.tolist() == [False, True, True, True]
    assert (served_value(problem, found.top), served_value(problem, found.chosen)) == (5, 12)
    assert unserved(problem, found.chosen).tolist() == [0, 1, 2, 3]
    assert marginal_gains(problem, found.chosen).tolist() == [5, 4, 4, 4]
    assert why_left_out(problem, found.chosen, 0, 5, True) == "no_room"


def test_greed_is_not_enough():
    """The small one first and the two that fill the quarter are out: the exact set serves more."""
    request = np.repeat([0, 1, 2], [3, 8, 8])
    problem = Problem(
        np.array([10, 40, 40]), np.ones(3, dtype=bool), np.zeros(3, dtype=bool), 80, request, np.arange(19),
        np.ones(19, dtype=np.int64),
    )  # fmt: skip
    found = solve(problem, np.array([1, 2, 3]), seconds=10)
    assert served_value(problem, greedy(problem)) == 11
    assert served_value(problem, found.chosen) == 16


def test_without_any_capacity_or_request_nothing_is_chosen():
    none = np.empty(0, dtype=np.int64)
    empty = Problem(none, none.astype(bool), none.astype(bool), 10, none, none, none)
    assert solve(empty, none, seconds=1).chosen.tolist() == []
    problem, rank = instance(3)
    nothing = solve(replace(problem, capacity=0, must=np.zeros_like(problem.must)), rank, seconds=5)
    assert (nothing.chosen.sum(), nothing.is_proved) == (0, True)


def test_what_runs_out_of_time_says_so_and_is_never_worse_than_the_plain_ways(monkeypatch):
    problem, rank = instance(7)
    problem = replace(problem, must=np.zeros_like(problem.must))
    monkeypatch.setattr("roadmap.actions.solving._solver_answer", lambda problem, seconds: None)
    found = solve(problem, rank, seconds=1)
    best = best_by_trying_all(problem)
    assert served_value(problem, found.chosen) == max(served_value(problem, one) for one in (found.top, found.greedy))
    assert found.bound >= best
    assert found.is_proved == (found.bound == served_value(problem, found.chosen))


def test_must_haves_with_what_they_need_may_be_too_much():
    problem, _rank = instance(1)
    wide = replace(problem, may=np.ones_like(problem.may), must=np.ones_like(problem.must))
    assert obstacle(replace(wide, capacity=effort_of(wide, wide.must))) == ""
    assert obstacle(replace(wide, capacity=effort_of(wide, wide.must) - 1)) == "too_much"
    assert obstacle(replace(wide, may=np.zeros_like(wide.may))) == "not_allowed"


@given(st.integers(0, 10_000))
def test_customers_who_want_the_same_are_put_together_without_a_loss(seed):
    problem, _rank = instance(seed)
    request, group, worth = alike_customers(problem)
    asking = np.unique(problem.customer)
    assert worth.sum() == problem.worth[asking].sum()
    grouped = replace(problem, request=request, customer=group, worth=worth, once_per_need=False)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        chosen = rng.random(problem.requests) < 0.5
        assert served_value(grouped, chosen) == served_value(replace(problem, once_per_need=False), chosen)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_a_circle_is_found_exactly_when_something_leads_back_to_itself(pairs):
    needs = tuple(pairs)
    nobody = np.zeros(6, dtype=bool)
    empty = np.empty(0, dtype=np.int64)
    problem = Problem(np.ones(6, dtype=np.int64), ~nobody, nobody, 6, empty, empty, empty, needs)

    def leads_to(start):
        first = nobody.copy()
        first[[b for a, b in needs if a == start]] = True
        return with_needs(problem, first)

    assert has_circle(needs) == any(leads_to(one)[one] for one in range(6))


def test_going_down_the_ranking_takes_what_still_fits():
    problem, rank = instance(12)
    problem = replace(problem, must=np.zeros_like(problem.must))
    chosen = top_by_rank(problem, rank)
    for request in np.flatnonzero(~chosen & problem.may):
        added = chosen.copy()
        added[request] = True
        # What was passed over does not fit beside what stands before it.
        assert effort_of(problem, with_needs(problem, added)) > problem.capacity or not fits(
            problem, with_needs(problem, added)
        )
