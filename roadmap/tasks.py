"""What is done about requests in the background, and when?"""

from __future__ import annotations

from common.jobs import task
from roadmap import actions


@task("roadmap.find_duplicates")
def find_duplicates(request_ids: list[int]) -> dict[str, int]:
    """Look what some requests resemble, because they are new or were worded anew."""
    return {"pairs": actions.find_duplicates(request_ids=request_ids)}


@task("roadmap.find_all_duplicates", atomic=False, lease=600, daily_at="02:20")
def find_all_duplicates() -> dict[str, int]:
    """Look what all requests resemble: rare words of today may be common ones tomorrow."""
    return {"pairs": actions.find_duplicates()}
