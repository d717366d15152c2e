"""Does a person's word stand beside the computed band, for as long as said, and end by itself?"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, AuditEvent, Organisation, TimelineEntry, User
from common.errors import Refused
from health.actions import end_override, follow_overrides, score_accounts, set_override
from health.models import HealthOverride, HealthScore
from health.queries.overrides import override_on, overrides_on
from health.tasks import follow_overrides as nightly
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from portfolio.queries.account_head import account_head
from portfolio.queries.today import today as today_page
from tests.factories import make_account, make_user
from tests.health.book import AT, ON, ago, make_line

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def scored(owner: User, band: str = "red") -> Account:
    account = make_account(owner, signed_on=dt.date(2025, 1, 1))
    make_line(account)
    score_accounts(on=ON, at=AT, account_ids=[account.pk], refresh=False)
    HealthScore.objects.filter(account=account).update(band=band, score=41)
    return account


def override(account: Account, by: User, days: int = 30, at: dt.datetime = AT, band: str = "green") -> HealthOverride:
    ends_on = at.date() + days * DAY
    return set_override(account=account, band=band, reason="The sponsor signed.", ends_on=ends_on, by=by, at=at)


def test_an_override_lives_from_its_day_to_its_end_while_scores_go_on():
    csm = make_user()
    account = scored(csm)
    made = override(account, csm)
    assert (made.computed_band, made.author, made.starts_on) == ("red", csm, ON)
    for moved, holds in ((0, True), (29, True), (30, False)):
        on, at = ON + moved * DAY, AT + moved * DAY
        score_accounts(on=on, at=at, account_ids=[account.pk], refresh=False)
        refresh_rows(on=on, account_ids=[account.pk])
        row = AccountRow.objects.get(account=account)
        computed = HealthScore.objects.get(account=account, on=on).band
        assert (override_on(account, on) is not None) == holds
        assert (row.band, row.override_until) == (("green", made.ends_on) if holds else (computed, None))
        head = account_head(account, csm, on)
        assert (head.by_hand is not None) == holds
        assert head.latest is not None
        assert head.latest.band == computed  # both stay visible


def test_the_owner_is_told_three_days_before_once_and_the_end_is_noted_once():
    csm, other = make_user(), make_user()
    account = scored(csm)
    made = override(account, csm)
    seen = []
    for moved in range(32):
        on, at = ON + moved * DAY, AT + moved * DAY
        first, again = follow_overrides(on=on, at=at), follow_overrides(on=on, at=at)
        assert again == {"told": 0, "ended": 0}
        seen += [(moved, verb) for verb, count in first.items() if count]
        if moved == 28:
            assert "ends on" in next(entry.title for entry in today_page(csm, on).follow_ups)
            assert today_page(other, on).follow_ups == []
    assert seen == [(27, "told"), (30, "ended")]
    made.refresh_from_db()
    assert (made.ends_on, made.closed_at) == (ON + 30 * DAY, AT + 30 * DAY)
    assert today_page(csm, ON + 31 * DAY).follow_ups == []
    titles = list(TimelineEntry.objects.filter(account=account).order_by("at", "pk").values_list("title", flat=True))
    assert [title.split(" ")[0] for title in titles if "verrid" in title or "by hand" in title] == [
        "Health", "Override", "Override",
    ]  # fmt: skip


def test_a_new_override_takes_the_place_of_the_old_one_and_one_click_ends_it():
    csm = make_user()
    account = scored(csm)
    first = override(account, csm)
    second = override(account, csm, 10, AT + DAY, "yellow")
    first.refresh_from_db()
    assert (first.ends_on, first.closed_at) == (ON + DAY, AT + DAY)
    assert overrides_on(ON + DAY) == {account.pk: second}
    end_override(override=second, by=csm, at=AT + 2 * DAY)
    assert overrides_on(ON + 2 * DAY) == {}
    assert overrides_on(ON + DAY) == {account.pk: second}  # the past stays
    with pytest.raises(Refused, match="ended already"):
        end_override(override=second, by=csm, at=AT + 3 * DAY)
    verbs = AuditEvent.objects.filter(verb__startswith="health.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["health.overridden", "health.overridden", "health.override_ended"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ends_on": ON}, "must end after today"),
        ({"ends_on": ago(400)}, "must end after today"),
        ({"ends_on": ON + 91 * DAY}, "at most 90 days"),
        ({"band": "unknown"}, "Choose healthy"),
        ({"reason": " \u200b "}, "visible character"),
    ],
)
def test_an_override_in_the_past_too_long_or_without_a_reason_is_refused(given, message):
    account = scored(make_user())
    whole = {"band": "green", "reason": "Because.", "ends_on": ON + DAY} | given
    with pytest.raises(Refused, match=message):
        set_override(account=account, by=make_user(), at=AT, **whole)
    assert not HealthOverride.objects.exists()


def test_how_long_and_how_early_are_settings():
    Organisation.objects.update_or_create(
        pk=1, defaults={"override_days": 5, "override_most_days": 7, "override_notice_days": 1}
    )
    csm = make_user()
    account = scored(csm)
    made = set_override(account=account, band="green", reason="Because.", by=csm, at=AT)
    assert made.ends_on == ON + 5 * DAY
    assert follow_overrides(on=ON + 3 * DAY, at=AT + 3 * DAY)["told"] == 0
    assert follow_overrides(on=ON + 4 * DAY, at=AT + 4 * DAY)["told"] == 1
    with pytest.raises(Refused, match="at most 7 days"):
        override(account, csm, 8)


def test_the_page_sets_and_ends_it_and_shows_both_bands(client: Client):
    csm = make_user()
    account = scored(csm)
    client.force_login(csm)
    with time_machine.travel(AT, tick=False):
        address = reverse("override_add", args=[account.pk])
        assert f'value="{(ON + 30 * DAY).isoformat()}"' in client.get(address).content.decode()
        refused = client.post(address, {"band": "green", "reason": "Because.", "ends_on": ago(1).isoformat()})
        assert refused.status_code == 422
        done = client.post(address, {"band": "green", "reason": "<b>Signed</b>", "ends_on": (ON + 9 * DAY).isoformat()})
        assert done.status_code == 302
        page = client.get(reverse("account_health", args=[account.pk])).content.decode()
        assert "&lt;b&gt;Signed&lt;/b&gt;" in page
        assert "Set to Healthy by hand until" in page
        made = HealthOverride.objects.get()
        client.post(reverse("override_end", args=[made.pk]))
        assert override_on(account, ON) is None
        assert "by hand until" not in client.get(reverse("account_health", args=[account.pk])).content.decode()


def test_the_api_sets_lists_and_ends_overrides(client: Client):
    csm = make_user()
    account = scored(csm)
    client.force_login(csm)
    with time_machine.travel(AT, tick=False):
        sent = {"account": account.pk, "band": "yellow", "reason": "Because."}
        made = client.post("/api/v1/health-overrides/", sent, content_type="application/json")
        assert (made.status_code, made.json()["computed_band"]) == (201, "red")
        late = client.post(
            "/api/v1/health-overrides/", {**sent, "ends_on": "2020-01-01"}, content_type="application/json"
        )
        assert (late.status_code, "ends_on" in late.content.decode()) == (400, True)
        asked = client.get("/api/v1/health-overrides/", {"on": ON.isoformat()}).json()["results"]
        assert [row["id"] for row in asked] == [made.json()["id"]]
        assert client.delete(f"/api/v1/health-overrides/{made.json()['id']}/").status_code == 204
        assert client.get("/api/v1/health-overrides/", {"on": ON.isoformat()}).json()["results"] == []


def test_the_overrides_of_a_book_take_one_query_and_the_nightly_task_runs():
    csm = make_user()
    for _ in range(3):
        override(scored(csm), csm)
    with CaptureQueriesContext(connection) as queries:
        assert len(overrides_on(ON)) == 3
    assert len(queries) == 1
    with time_machine.travel(AT + 30 * DAY, tick=False):
        assert nightly() == {"told": 0, "ended": 3}
