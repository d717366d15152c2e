"""What is done about requests in the background, and when?"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from common.jobs import task
from roadmap.actions import duplicates
from roadmap.actions.planning import solve_plan
from roadmap.actions.ranking import rank_again, rank_all
from roadmap.models import QuarterPlan

# What a plan may take; after that the best set known is kept, with how far from the best it can be at most.
SECONDS = 120.0


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


@task("roadmap.rank_requests", atomic=False, lease=600)
def rank_requests() -> dict[str, int]:
    """Rank all requests anew, because what accounts count for or how requests are weighed has changed."""
    return rank_all(on=_today())


@task("roadmap.rank_nightly", atomic=False, lease=600, daily_at="03:00")
def rank_nightly() -> dict[str, int]:
    """Rank all requests for the organisation's day, after scores and renewals: windows move on by themselves."""
    return rank_all(on=_today())


@task("roadmap.rank_request")
def rank_request(request_ids: list[int]) -> dict[str, int]:
    """Put some requests in their places because somebody asked for them, or something was decided about them."""
    return rank_again(request_ids=request_ids, on=_today())


@task("roadmap.solve_plan", atomic=False, lease=600)
def solve_quarter_plan(plan_id: int) -> dict[str, int]:
    """Work out the plan of a quarter with all the time that it may take."""
    plan = QuarterPlan.objects.filter(pk=plan_id).first()
    if plan is None:
        return {"planned": 0}
    solve_plan(plan=plan, on=_today(), seconds=SECONDS)
    return {"planned": 1}


@task("roadmap.find_duplicates")
def find_duplicates(request_ids: list[int]) -> dict[str, int]:
    """Look what some requests resemble, because they are new or were worded anew."""
    return {"pairs": duplicates.find_duplicates(request_ids=request_ids)}


@task("roadmap.find_all_duplicates", atomic=False, lease=600, daily_at="02:20")
def find_all_duplicates() -> dict[str, int]:
    """Look what all requests resemble: rare words of today may be common ones tomorrow."""
    return {"pairs": duplicates.find_duplicates()}
