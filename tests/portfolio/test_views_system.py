"""Does an admin see what is late, what failed, who is unprotected and how old the last backup is?"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from common.models import Job
from portfolio.queries.system import newest_backup, sources, system_health, without_second_factor, zones_version
from tests.factories import make_account, make_user
from usage.models import AccountUsageDay, WaitingEvent

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def given_up(at: dt.datetime) -> Job:
    return Job.objects.create(task="x", state=Job.State.PARKED, finished_at=at, last_error="no")


def test_an_admin_lands_here_and_others_do_not_find_it(client: Client) -> None:
    client.force_login(make_user("admin"))
    make_account()
    assert client.get(reverse("home"))["Location"] == reverse("system_health")
    page = client.get(reverse("system_health")).content.decode()
    assert "Background work does not run." in page
    assert "none found" in page

    for role in ("csm", "cs_manager", "product_manager", "viewer"):
        client.force_login(make_user(role))
        assert client.get(reverse("system_health")).status_code in (403, 404)


def test_a_source_is_as_old_as_its_newest_fact() -> None:
    account = make_account()
    AccountUsageDay.objects.create(account=account, day=dt.date(2026, 2, 20), events=3)
    AccountUsageDay.objects.create(account=account, day=dt.date(2026, 3, 1), events=3)
    # What lies ahead is a wrong clock somewhere, and makes nothing fresh.
    AccountUsageDay.objects.create(account=account, day=dt.date(2026, 4, 1), events=3)

    found = {source.name: source for source in sources(Organisation.load(), AT)}

    assert (found["Product events"].age, found["Product events"].state) == (9, "old")
    assert (found["Tickets"].age, found["Tickets"].state) == (None, "none")
    assert system_health(AT).ages_title == "1 source is older than usual"
    assert system_health(AT - dt.timedelta(days=9)).ages_title == "All that comes in is as new as it should be"
    assert system_health(AT + dt.timedelta(days=20)).ages_title == "1 source is late"


def test_work_that_was_given_up_is_counted_by_day_and_named_in_the_title() -> None:
    given_up(AT - dt.timedelta(days=1))
    given_up(AT - dt.timedelta(days=1, hours=1))
    given_up(AT - dt.timedelta(days=20))
    Job.objects.create(task="x", state=Job.State.DONE, finished_at=AT)

    work = system_health(AT).work

    assert work.parked == 3
    assert work.errors_title == "2 pieces of work were given up in 14 days, of 1 done"
    assert [row[1] for row in work.errors.figures.rows if row[1] != "0"] == ["2"]


def test_the_queue_is_drawn_from_when_work_could_begin_to_when_it_was_over() -> None:
    early = Job.objects.create(task="x", state=Job.State.DONE, finished_at=AT - dt.timedelta(hours=2))
    late = Job.objects.create(task="x")
    Job.objects.filter(pk=early.pk).update(created_at=AT - dt.timedelta(hours=5))
    Job.objects.filter(pk=late.pk).update(created_at=AT - dt.timedelta(hours=4))
    # Asked for, but not to begin before tomorrow.
    Job.objects.create(task="x", run_after=AT + dt.timedelta(days=1))

    work = system_health(AT).work

    depth = [int(row[1]) for row in work.depth.figures.rows]
    assert depth == [0] * 19 + [1, 2, 2, 1, 1, 1]
    assert work.waiting == 1
    assert work.depth_title == "At most 2 pieces of work waited at once in 24 hours"


def test_people_without_a_second_factor_stand_first_whose_role_must_have_one(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["admin"]
    csm, admin, safe = make_user("csm", name="Ann"), make_user("admin", name="Zoe"), make_user("admin", name="Bo")
    Authenticator.objects.create(user=safe, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=admin, type=Authenticator.Type.RECOVERY_CODES, data={})
    make_user("admin", name="Gone", is_active=False)

    assert without_second_factor() == [admin, csm]


def test_the_newest_file_of_the_folder_is_the_backup(tmp_path: Path) -> None:
    assert newest_backup(tmp_path / "none", AT).at is None
    for name, days in (("old.dump", 9), ("new.dump", 3)):
        (tmp_path / name).write_bytes(b"12345")
        stamp = (AT - dt.timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (stamp, stamp))

    found = newest_backup(tmp_path, AT)

    assert (found.age, found.bytes, found.tone) == (3, 5, "watch")
    assert newest_backup(tmp_path, AT + dt.timedelta(days=30)).tone == "risk"


def test_the_edition_of_the_time_zones_is_told() -> None:
    assert zones_version()[:2] == "20"


def test_more_people_and_work_take_no_more_queries() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            system_health(timezone.now())
        return len(queries)

    make_user("csm")
    given_up(AT)
    first = asked()
    for number in range(12):
        make_user("csm")
        given_up(AT)
        WaitingEvent.objects.create(
            source="s", message_id=str(number), account_external_id="x", payload={}, received_at=AT
        )  # fmt: skip
    assert asked() == first
