"""How long does it take to plan a quarter exactly, and how much more does that serve than the plain ways?

There is no floor for finding an optimum; what is printed beside it is what everybody could have without a solver: the
top of the ranking, and going step by step by gain for effort. Four plans: customers counted once per need or once, by
number or by value. Each answer is checked: within the capacity, with its must-haves and needs, never worse than the
plain ways, and either proved the best or with the bound that was proved.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np  # noqa: E402
from _measure import load, most_memory, timed  # noqa: E402

from roadmap.actions.solving import Solution, solve  # noqa: E402
from roadmap.rules.planning import Problem, fits, marginal_gains, served_value  # noqa: E402


def draw(requests: int, accounts: int, seed: int = 3) -> tuple[Problem, np.ndarray]:
    """Draw a quarter: most customers want one or two things, some requests are wanted by very many."""
    rng = np.random.default_rng(seed)
    likely = rng.zipf(1.3, requests).clip(1, 50).astype(float)
    wishes = rng.poisson(1.2, accounts) + (rng.random(accounts) < 0.5)
    customer = np.repeat(np.arange(accounts), wishes)
    request = rng.choice(requests, customer.size, p=likely / likely.sum())
    pairs = np.unique(np.column_stack([request, customer]), axis=0)
    effort = rng.integers(5, 200, requests)
    must = np.zeros(requests, dtype=bool)
    must[rng.choice(requests, 2, replace=False)] = True
    needs = tuple((2 * n, 2 * n + 1) for n in range(requests // 10))
    may = np.ones(requests, dtype=bool)
    problem = Problem(
        effort, may, must, int(effort.sum() * 0.04), pairs[:, 0], pairs[:, 1], np.ones(accounts, int), needs
    )
    return problem, np.argsort(np.argsort(-np.bincount(pairs[:, 0], minlength=requests))) + 1


def check(problem: Problem, found: Solution) -> bool:
    """Say whether an answer is one, and no worse than the plain ones."""
    value = served_value(problem, found.chosen)
    plain = max(served_value(problem, one) for one in (found.top, found.greedy))
    return fits(problem, found.chosen) and plain <= value <= found.bound


def main() -> int:
    """Plan, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=120)
    given, _ = parser.parse_known_args()
    problem, rank = draw(given.requests, given.accounts)
    worth = np.random.default_rng(5).lognormal(10, 1.2, given.accounts).astype(np.int64) * 100
    print(f"plan       {given.requests} requests, {given.accounts} accounts, {problem.request.size} wishes, {load()}")
    right = True
    for once_per_need in (True, False):
        for by_value in (False, True):
            this = replace(problem, once_per_need=once_per_need, worth=worth if by_value else problem.worth)
            answers: list[Solution] = []
            seconds = timed(lambda this=this, answers=answers: answers.append(solve(this, rank, seconds=given.seconds)))
            found = answers[0]
            gains = timed(lambda this=this, found=found: marginal_gains(this, found.chosen))
            right &= check(this, found)
            value = served_value(this, found.chosen)
            beside = [value / served_value(this, one) - 1 for one in (found.top, found.greedy)]
            name = f"{'per need' if once_per_need else 'once'}, {'by value' if by_value else 'by number'}"
            sure = "proved" if found.is_proved else f"at most {found.bound / value - 1:.2%} from the best"
            print(
                f"{name:<20} {seconds:.1f} s, {sure}; {beside[0]:+.1%} on the top of the ranking, "
                f"{beside[1]:+.1%} on step by step; marginal gains {gains:.1f} s"
            )
    print(f"memory     {most_memory()} MB at most")
    print(f"equal      every plan {'is' if right else 'is NOT'} one, and no worse than the plain ways")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
