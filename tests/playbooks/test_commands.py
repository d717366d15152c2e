"""Can an operator judge triggers from the command line, and does the background do the same when a cause comes?"""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actions.accounts import create_account, set_stage, update_account
from accounts.actions.bulk import set_stage_of_accounts
from accounts.actions.handoff import accept_handoff, submit_handoff
from accounts.models import ExpectationGap
from common import jobs
from common.models import Job
from health.actions import evaluate_warnings
from playbooks.models import Playbook, Run, TriggerFiring
from revenue.actions import create_renewal
from tests.factories import make_account, make_handoff, make_playbook, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture(autouse=True)
def only_ours() -> None:
    Playbook.objects.all().delete()


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate_triggers", *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_lists_who_would_enter_and_why_not_and_writes_nothing() -> None:
    playbook = make_playbook(triggers=[{"kind": "signing"}], is_enabled=False)
    make_account(name="Harbour", signed_on=TODAY)
    make_account(name="Gone", signed_on=TODAY, stage="churned")
    said = command("--dry-run", "--playbook", playbook.key)
    assert f"{playbook.key}: churned 1, start 1" in said
    assert "Harbour: Would start" in said
    assert "Gone: The customer left" in said
    assert not TriggerFiring.objects.exists()


def test_in_earnest_it_starts_runs_once() -> None:
    playbook = make_playbook(triggers=[{"kind": "signing"}])
    make_account(signed_on=TODAY)
    assert f"{playbook.key}: started 1" in command()
    assert f"{playbook.key}: nothing" in command()
    yesterday = str(TODAY - dt.timedelta(days=1))
    assert "not written" in command("--on", yesterday)
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--on", "2999-01-01"), "must be between"),
        (("--on", str(TODAY + dt.timedelta(days=3))), "in the future"),
        (("--on", "tomorrow"), "must be a date"),
        (("--playbook", "nothing"), "no playbook"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        command(*arguments)


def work() -> None:
    while jobs.run_due(timezone.now()):
        pass


def asked() -> list[Any]:
    rows = Job.objects.filter(task="playbooks.evaluate_triggers").order_by("pk")
    return [job.kwargs.get("account_ids") for job in rows]


def test_a_signing_starts_what_waits_for_it_in_the_background() -> None:
    make_playbook(triggers=[{"kind": "signing"}])
    csm = make_user()
    account = create_account(by=csm, at=timezone.now(), name="Harbour", signed_on=TODAY)
    work()
    run = Run.objects.get()
    assert (run.account, run.owner, run.cause) == (account, csm, "signing")


def test_each_cause_asks_for_the_judgement_of_its_account_and_a_burst_is_one() -> None:
    csm, at = make_user("cs_manager"), timezone.now()
    account = make_account(owner=csm)
    set_stage(account=account, stage="mature", by=csm, at=at)
    update_account(account=account, by=csm, at=at, live_on=TODAY)
    create_renewal(account=account, due_on=TODAY + dt.timedelta(days=90), by=csm, at=at)
    make_handoff(account)
    submit_handoff(account=account, by=csm, at=at)
    accept_handoff(account=account, by=csm, at=at)
    assert asked() == [[account.pk]]
    set_stage_of_accounts(accounts=[account, make_account()], stage="renewal", by=csm, at=at)
    assert asked() == [[account.pk], None]


def test_a_warning_that_opens_asks_for_it() -> None:
    ExpectationGap.objects.create(account=make_account(), text="Gap", found_on=TODAY - dt.timedelta(days=50))
    opened = evaluate_warnings(on=TODAY, at=timezone.now())
    assert any(one.opened for one in opened)
    assert asked() == [None]
