"""Is nobody asked whom a limit protects, by whatever way one tries?

Each hard limit is brought about by facts, and each way of asking is tried against it as a person would: the page, the
bulk action, the API by advocate and by contact, the admin, and a file. What passes is counted.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Contact
from advocacy import actions
from advocacy.models import Advocate, Ask, Consent
from advocacy.rules.limits import Hard, Limits, Soft, hard_limits, soft_limits, standing_of
from common.errors import Refused
from health.models import HealthOverride, HealthScore, ScorecardVersion
from portfolio.importing.book import apply_import
from revenue.models import Renewal
from tests.factories import AT, make_account, make_advocate, make_consent, make_contact, make_line, make_user
from usage.models import SurveyAnswer, Ticket

pytestmark = pytest.mark.django_db
TODAY = AT.date()
DAY = dt.timedelta(days=1)


def score(account, band: str, on: dt.date = TODAY):
    HealthScore.objects.create(
        account=account, on=on, score=None if band == "onboarding" else 40, band=band, coverage=1,
        version=ScorecardVersion.objects.first(),
    )  # fmt: skip


def answer(contact, points: int, days: int = 10):
    on = TODAY - days * DAY
    SurveyAnswer.objects.create(account=contact.account, contact=contact, kind="nps", score=points, answered_on=on)


def asked(advocate, *days: int):
    for ago in days:
        Ask.objects.create(
            advocate=advocate, kind="talk", asked_on=TODAY - ago * DAY, answer="accepted",
            answered_on=TODAY - ago * DAY, done_on=TODAY - ago * DAY,
        )  # fmt: skip


def critical(account):
    opened = AT - DAY
    Ticket.objects.create(account=account, severity="critical", opened_at=opened, target_at=opened + DAY)


def left(contact):
    Contact.objects.filter(pk=contact.pk).update(left_on=TODAY)


def gone(account):
    account.stage = "churned"
    account.save()


def withdrawn(advocate):
    Advocate.objects.filter(pk=advocate.pk).update(stage="withdrawn", withdrawn_cause="person")


# What brings each limit about.
CAUSES: dict[Hard, Callable[[Advocate], object]] = {
    Hard.RED: lambda one: score(one.account, "red"),
    Hard.NPS: lambda one: answer(one.contact, 6),
    Hard.ASKS: lambda one: asked(one, 30, 90, 170),
    Hard.REST: lambda one: asked(one, 20),
    Hard.TICKET: lambda one: critical(one.account),
    Hard.RENEWAL: lambda one: make_line(one.account, ends_on=TODAY + 60 * DAY),
    Hard.LEFT: lambda one: left(one.contact),
    Hard.GONE: lambda one: gone(one.account),
    Hard.WITHDRAWN: withdrawn,
    Hard.CONSENT: lambda one: Consent.objects.filter(contact=one.contact).update(revoked_on=TODAY),
}


def by_page(advocate, user):
    client = Client()
    client.force_login(user)
    client.post(reverse("advocate_ask", args=[advocate.contact_id]), {"kind": "review", "reason": "They offered."})


def by_list(advocate, user):
    client = Client()
    client.force_login(user)
    fields = {"kind": "review", "reason": "They offered.", "selected": [advocate.contact_id]}
    client.post(reverse("advocates_ask"), fields)


def by_all_matching(advocate, user):
    client = Client()
    client.force_login(user)
    actions.refresh_people(on=TODAY)
    fields = {"kind": "review", "reason": "They offered.", "all_matching": "1", "query": ""}
    client.post(reverse("advocates_ask"), fields)


def by_api(advocate, user):
    client = APIClient()
    client.force_authenticate(user)
    client.post("/api/v1/asks/", {"advocate": advocate.pk, "kind": "review", "reason": "They offered."}, format="json")


def by_api_of_contact(advocate, user):
    client = APIClient()
    client.force_authenticate(user)
    body = {"contact": advocate.contact_id, "kind": "review", "reason": "They offered."}
    client.post("/api/v1/asks/", body, format="json")


def by_admin(advocate, user):
    client = Client()
    client.force_login(make_user("admin"))
    fields = {"advocate": advocate.pk, "kind": "review", "reason": "They offered."}
    client.post(reverse("admin:advocacy_ask_add"), fields)


def by_action(advocate, user):
    with pytest.raises(Refused):
        actions.record_ask(advocate=advocate, kind="review", reason="They offered.", by=user, at=AT)


def by_file(advocate, user):
    Contact.objects.filter(pk=advocate.contact_id).update(external_id="c1")
    with tempfile.TemporaryDirectory() as folder:
        rows = f"advocate,kind,asked_on,reason\nc1,review,{TODAY},They offered.\n"
        (Path(folder) / "asks.csv").write_text(rows)
        apply_import(Path(folder), by=None, at=AT)


PATHS = {
    "page": by_page,
    "list": by_list,
    "all that match": by_all_matching,
    "API": by_api,
    "API by contact": by_api_of_contact,
    "admin": by_admin,
    "file": by_file,
    "action": by_action,
}


@pytest.fixture
def willing():
    """An advocate at a healthy customer who agreed to everything, and the CSM who serves them."""
    csm = make_user()
    advocate = make_advocate(make_account(csm))
    score(advocate.account, "green")
    make_consent(advocate.contact)
    return advocate, csm


@pytest.mark.parametrize("path", [path for path in PATHS if path != "action"])
def test_without_a_limit_every_way_leads_to_an_ask(willing, path):
    advocate, csm = willing
    with time_machine.travel(AT, tick=False):
        PATHS[path](advocate, csm)
    assert Ask.objects.filter(advocate=advocate, kind="review", asked_on=TODAY).count() == 1


@pytest.mark.parametrize("limit", CAUSES)
@pytest.mark.parametrize("path", PATHS)
def test_no_way_leads_past_a_hard_limit(willing, limit, path):
    advocate, csm = willing
    if limit == Hard.RED:
        HealthScore.objects.all().delete()
    CAUSES[limit](advocate)
    with time_machine.travel(AT, tick=False):
        PATHS[path](advocate, csm)
    assert not Ask.objects.filter(kind="review").exists()


@pytest.mark.parametrize("limit", [Hard.RED, Hard.NPS, Hard.TICKET, Hard.RENEWAL, Hard.LEFT, Hard.GONE])
@pytest.mark.parametrize("stage", ["asked", "agreed", "active"])
def test_nobody_is_moved_along_by_hand_past_a_limit_of_the_account(willing, limit, stage):
    advocate, csm = willing
    HealthScore.objects.all().delete()
    CAUSES[limit](advocate)
    with pytest.raises(Refused):
        actions.advance_advocate(advocate=advocate, stage=stage, by=csm, at=AT)


def test_the_table_holds_every_limit_of_the_rule():
    assert set(CAUSES) == set(Hard)


@pytest.mark.parametrize(
    ("limit", "at", "before"),
    [
        (Hard.NPS, {"nps": 6}, {"nps": 7}),
        (Hard.ASKS, {"asks": 3}, {"asks": 2}),
        (Hard.REST, {"since": 20}, {"since": 21}),
        (Hard.TICKET, {"critical": 1}, {"critical": 0}),
        (Hard.RENEWAL, {"renewal": 60}, {"renewal": 61}),
        (Hard.RENEWAL, {"renewal": -5}, {"renewal": None}),
        (Hard.RED, {"band": "red"}, {"band": "yellow"}),
        (Hard.CONSENT, {"consent": False}, {"consent": True}),
    ],
)
def test_a_limit_begins_where_it_says(limit, at, before):
    assert hard_limits(standing_of(**at), Limits())[limit][0]
    assert not hard_limits(standing_of(**before), Limits())[limit][0]


def test_what_is_not_known_forbids_nothing():
    nobody = standing_of(band="", nps=None)
    assert not any(where[0] for where in hard_limits(nobody, Limits()).values())
    assert not any(where[0] for where in soft_limits(nobody, Limits()).values())


def test_days_and_scopes_are_counted_from_the_facts(willing):
    advocate, csm = willing
    asked(advocate, 21, 180)
    make_line(advocate.account, ends_on=TODAY + 61 * DAY)
    answer(advocate.contact, 3, days=40)
    answer(advocate.contact, 9, days=10)
    ask = actions.record_ask(advocate=advocate, kind="review", reason="They offered.", by=csm, at=AT)
    assert ask.soft_limits == ["next_renewal"]


def test_the_answer_of_a_colleague_counts_only_where_the_person_gave_none(willing):
    advocate, csm = willing
    answer(make_contact(advocate.account), 2, days=1)
    with pytest.raises(Refused, match="NPS answer is 2"):
        actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT)
    answer(advocate.contact, 8, days=300)
    assert actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT).pk


def test_an_override_by_hand_counts_before_the_computed_band(willing):

    advocate, csm = willing
    HealthOverride.objects.create(
        account=advocate.account, band="red", reason="They are angry.", starts_on=TODAY, ends_on=TODAY + 9 * DAY,
        made_at=AT,
    )  # fmt: skip
    with pytest.raises(Refused, match="red"):
        actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT)


def test_a_renewal_that_is_won_is_no_longer_ahead(willing):
    advocate, csm = willing
    line = make_line(advocate.account, ends_on=TODAY + 30 * DAY)
    renewal = Renewal.objects.create(account=advocate.account, due_on=line.ends_on, stage="committed")
    with pytest.raises(Refused, match="30 days"):
        actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT)
    Renewal.objects.filter(pk=renewal.pk).update(stage="won")
    assert actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT).pk


def test_a_soft_limit_asks_for_a_typed_reason_and_keeps_it(willing):
    advocate, csm = willing
    HealthScore.objects.update(band="yellow")
    for blank in ("", "   "):
        with pytest.raises(Refused, match="yellow") as refused:
            actions.record_ask(advocate=advocate, kind="review", reason=blank, by=csm, at=AT)
    assert (refused.value.field, refused.value.code) == ("reason", "soft_limit")
    ask = actions.record_ask(advocate=advocate, kind="review", reason=" They offered. ", by=csm, at=AT)
    assert (ask.soft_limits, ask.reason) == ([str(Soft.WATCH)], "They offered.")


def test_all_that_forbids_is_said_at_once(willing):
    advocate, csm = willing
    critical(advocate.account)
    asked(advocate, 3)
    with pytest.raises(Refused) as refused:
        actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT)
    assert str(refused.value) == (
        "Asked 3 days ago; after an ask there are 21 days of rest. 1 critical ticket is open."
    )


@pytest.mark.parametrize(("scope", "channel", "passes"), [
    ("review", "social", True), ("any", "social", True), ("review", "any", True),
    ("review", "private", False), ("case_study", "any", False),
])  # fmt: skip
def test_a_consent_has_to_reach_as_far_as_the_ask(willing, scope, channel, passes):
    advocate, csm = willing
    Consent.objects.update(scope=scope, channel=channel)
    if passes:
        assert actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT).pk
    else:
        with pytest.raises(Refused, match="no consent"):
            actions.record_ask(advocate=advocate, kind="review", by=csm, at=AT)


def test_a_consent_given_with_the_ask_is_kept_and_enough(willing):
    advocate, csm = willing
    Consent.objects.all().delete()
    given = actions.GivenConsent("Said so on the phone.", TODAY + 100 * DAY)
    ask = actions.record_ask(advocate=advocate, kind="talk", by=csm, at=AT, consent=given)
    consent = Consent.objects.get()
    assert (ask.kind, consent.scope, consent.channel, consent.recorded_by) == ("talk", "talk", "event", csm)


def test_a_refused_ask_leaves_nothing_behind(willing):
    advocate, csm = willing
    critical(advocate.account)
    Consent.objects.all().delete()
    stranger = make_contact(advocate.account)
    given = actions.GivenConsent("Said so on the phone.", TODAY + 100 * DAY)
    with pytest.raises(Refused):
        actions.ask_person(contact=stranger, kind="talk", by=csm, at=AT, consent=given)
    assert not Advocate.objects.filter(contact=stranger).exists()
    assert not Consent.objects.exists()
