"""Does the demo book hold what the pages are there to find?"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Notification, Organisation, SavedView, User
from playbooks.models import Playbook, Run, Task, TaskNote
from portfolio.demo.story import Story, months_before, tell
from portfolio.models import Recommendation
from portfolio.queries.recommendations import rows_of_concern, rule_records
from portfolio.queries.system import sources
from portfolio.queries.today_standing import standings
from portfolio.queries.today_team import team_today
from revenue.rules.guards import Part, reversal
from roadmap.queries.landing import roadmap_landing

ON = dt.date(2026, 11, 23)


def kept_by_tier(stories: list[Story], start: dt.date, end: dt.date) -> dict[str, Part]:
    """Customers of each tier the day before a period starts, and those of them still there at its end."""
    there = [story for story in stories if story.pays_on(start - dt.timedelta(days=1))]
    base = Counter(story.tier for story in there)
    kept = Counter(story.tier for story in there if story.pays_on(end - dt.timedelta(days=1)))
    return {tier: Part(count, kept[tier]) for tier, count in base.items()}


def test_retention_rises_in_every_tier_and_falls_overall_for_small_customers_came_in_droves() -> None:
    names: dict[str, int] = {}
    stories = [tell(number, seed=7, months=months_before(ON, 24), on=ON, names=names) for number in range(200)]
    years = [ON.replace(year=ON.year - back) for back in (2, 1, 0)]
    found = reversal(kept_by_tier(stories, *years[:2]), kept_by_tier(stories, *years[1:]))
    assert found is not None
    assert not found.rose
    assert (len(found.compared), found.cause.segment) == (3, "rabbit")


@pytest.mark.django_db
def test_people_of_the_demo_were_told_things_and_answered_recommendations() -> None:
    call_command("load_demo", accounts=30, months=6, verbosity=0)

    assert Notification.objects.unread().exists()
    assert not Notification.objects.exclude(way="app").exists(), "nobody of the demo is mailed"
    told = Notification.objects.unread().values_list("user").distinct().count()
    assert User.objects.filter(unread_count__gt=0).count() == told
    records = rule_records(Organisation.load().day_of(timezone.now()))
    assert len(records) >= 4
    assert all(record.wrong_share is not None and record.wrong_share < 0.6 for record in records if record.shown > 30)
    assert Recommendation.objects.filter(answer="taken").exists()
    assert SavedView.objects.exclude(team=None).exists()
    assert Organisation.load().sample_loaded_at is not None
    # Playbooks are at work: some start by themselves, most of the work is done in time, some is late.
    assert Playbook.objects.filter(is_enabled=True).count() >= 5
    assert Run.objects.unfinished().exists()
    done = Task.objects.filter(state=Task.State.DONE, run__ended_on=None)
    assert done.count() >= 10
    assert done.filter(done_on__lte=F("first_due_on")).count() > done.count() / 2
    assert TaskNote.objects.exists()
    the_landing_pages_have_something_to_draw(Organisation.load().day_of(timezone.now()))


def _at_risk(manager: User, on: dt.date) -> str:
    team = team_today(manager, rows_of_concern(manager), on, standings(rows_of_concern(manager), on))
    return {one.label: one.value for one in team.figures}["ARR at risk"] if team else "$0"


def the_landing_pages_have_something_to_draw(on: dt.date) -> None:
    manager, planner = (User.objects.filter(role=role).earliest("pk") for role in ("cs_manager", "product_manager"))
    team = team_today(manager, rows_of_concern(manager), on, standings(rows_of_concern(manager), on))
    assert team is not None
    assert not team.bridge.is_empty
    assert not team.matrix.chart.is_empty
    assert team.moves is not None
    assert len(team.figures) == 8
    assert any(_at_risk(one, on) != "$0" for one in User.objects.filter(role="cs_manager"))
    landing = roadmap_landing(planner, on)
    assert not landing.loop.is_empty
    assert landing.adoption is not None
    fresh = {source.name for source in sources(Organisation.load(), timezone.now()) if source.state == "fresh"}
    assert {"Product events", "Health scores"} <= fresh
