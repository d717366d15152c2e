"""Does the demo book show plans, mails, and a playbook that helps?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from playbooks.models import (
    Checkpoint,
    EffectPolicy,
    EffectRecord,
    EffectSubject,
    Playbook,
    Run,
    StabilizationPlan,
    StepMail,
)
from portfolio.demo.load import Plan
from portfolio.demo.playbook_effect import LIFT, plant, start_day
from portfolio.demo.story import months_before, tell
from tests.factories import make_playbook, make_step

ON = dt.date(2026, 11, 23)
MAIL = {"subject": {"en": "Welcome, {{account}}"}, "body": {"en": "Dear {{contact}}, see {{guide}}."}}


def test_the_planted_truth_is_enough_to_be_found_and_comes_after_the_start() -> None:
    names: dict[str, int] = {}
    plan = Plan(accounts=200, months=24, seed=7, on=ON, at=dt.datetime(2026, 11, 23, 18, tzinfo=dt.UTC))
    months = months_before(ON, 24)
    stories = [tell(number, seed=7, months=months, on=ON, names=names) for number in range(200)]
    before = [story.state.copy() for story in stories]
    plant(stories, plan)
    treated = [story for story in stories if story.external_id in plan.treated]
    assert len(treated) >= 25
    for story in treated:
        day = plan.treated[story.external_id]
        assert day == start_day(story, plan)
        assert story.state_on(day) == before[story.number][months.index(day.replace(day=1))]
        lifted = story.state[-1] - before[story.number][-1]
        assert lifted == pytest.approx(min(LIFT, 1 - before[story.number][-1]))
    untouched = [story for story in stories if story.external_id not in plan.treated]
    assert all((story.state == before[story.number]).all() for story in untouched)


@pytest.mark.django_db
def test_a_small_demo_has_plans_in_every_state_mails_and_runs() -> None:
    for key, steps in {
        "usage_drop": [make_step("call", offset=1)],
        "digital_onboarding": [make_step("guide", kind="email", role="automatic", mail=MAIL)],
    }.items():
        if not Playbook.objects.filter(key=key).exists():
            made = make_playbook(*steps)
            Playbook.objects.filter(pk=made.pk).update(key=key)

    call_command("load_demo", accounts=60, months=14, on=ON)

    states = set(StabilizationPlan.objects.values_list("state", flat=True))
    assert {"active", "stabilized"} <= states
    assert Checkpoint.objects.exclude(verdict="").exists()
    assert Run.objects.filter(playbook__key="usage_drop", state="ended").count() >= 3
    assert EffectSubject.objects.filter(is_treated=True).exists()
    record = EffectRecord.objects.get(on=ON, version=None, playbook__key="usage_drop")
    assert record.on_time_rate is not None
    assert EffectPolicy.load().kept_days == 120
    assert StepMail.objects.filter(state="sent").exists()
