"""Can a person set up a scorecard by settings alone, see what it changes, and be told what is wrong?"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, AuditEvent, BusinessGoal, CustomField, GoalMeasurement, TimelineEntry
from common.models import Job
from health.actions import change_draft, score_accounts
from health.models import HealthScore, Scorecard, ScorecardDraft, ScorecardVersion
from health.rules.default import DEFAULT_DEFINITION
from tests.factories import make_user
from tests.health.book import answer, make_account, make_feature, make_line, use
from tests.health.public_scorecard import set_up
from usage.models import Metric, Reading

pytestmark = pytest.mark.django_db

BASE = "/settings/health/"


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(make_user("admin"), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def card() -> Scorecard:
    return Scorecard.objects.get()


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def weights(**changed: str) -> dict[str, str]:
    rows = (row for group in DEFAULT_DEFINITION["groups"] for row in group["indicators"])
    return {f"weight-{row['key']}": str(row["weight"]) for row in rows} | {
        f"weight-{key}": value for key, value in changed.items()
    }


def today() -> dt.date:
    return timezone.now().date()


def test_weights_change_in_four_steps_from_the_settings(browser: Client, card: Scorecard):
    assert "Login frequency" in words(browser.get(BASE))  # 1: Health scores
    typed = weights(nps="12")  # 2: the weight
    sent = browser.post(f"{BASE}{card.pk}/weights/", {"version": 0, "do": "preview", **typed})  # 3: Preview
    page = browser.get(sent.url)
    assert "Publish version 2 of “Default”?" in words(page)
    assert "The other weights were scaled so that all add up to 100." in words(page)
    assert ScorecardVersion.objects.count() == 1
    draft = ScorecardDraft.objects.get()
    said = {"effective_on": str(today()), "version": draft.version}
    browser.post(f"{BASE}{card.pk}/publish/", said)  # 4: Publish
    newest = card.versions.order_by("-number").first()
    assert newest is not None
    found = {row["key"]: row["weight"] for group in newest.definition["groups"] for row in group["indicators"]}
    assert (newest.number, newest.effective_on, found["nps"]) == (2, today(), 12)
    assert round(sum(found.values()), 2) == 100
    assert not ScorecardDraft.objects.exists()
    assert Job.objects.filter(task="health.score_book").exists()
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"scorecard.drafted", "scorecard.published"} <= verbs


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nps": "-1"}, "A weight lies between 0 and 100."),
        ({"nps": "ten"}, "must be a number"),
        ({"nps": ""}, "is required"),
        ({"nps": "1.234"}, "at most 2 decimals"),
    ],
)
def test_a_weight_that_makes_no_sense_is_told_at_its_field(
    browser: Client, card: Scorecard, typed: dict[str, str], said: str
):
    page = browser.post(f"{BASE}{card.pk}/weights/", {"version": 0, "from": "list", **weights(**typed)})
    assert page.status_code == 422
    assert said in words(page)
    assert not ScorecardDraft.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nps": "0"}, "The weights add up to 90, not to 100."),
        (dict.fromkeys((name.removeprefix("weight-") for name in weights()), "0"), "Give at least one weight."),
    ],
)
def test_weights_that_do_not_add_up_are_kept_as_a_draft_but_not_published(
    browser: Client, card: Scorecard, typed: dict[str, str], said: str
):
    browser.post(f"{BASE}{card.pk}/weights/", {"version": 0, "do": "save", **weights(**typed)})
    assert said in words(browser.get(f"{BASE}{card.pk}/preview/"))
    refused = browser.post(f"{BASE}{card.pk}/publish/", {"effective_on": str(today()), "version": 1})
    assert (refused.status_code, said in words(refused)) == (422, True)


def test_whoever_read_an_older_draft_is_told_and_nothing_is_lost(browser: Client, card: Scorecard):
    change_draft(scorecard=card, definition=DEFAULT_DEFINITION, by=make_user("cs_manager"), at=timezone.now())
    page = browser.post(f"{BASE}{card.pk}/weights/", {"version": 0, **weights(nps="1")})
    assert (page.status_code, "Someone else changed this draft" in words(page)) == (409, True)


def test_a_version_does_not_begin_in_the_past(browser: Client, card: Scorecard):
    change_draft(scorecard=card, by=make_user("cs_manager"), at=timezone.now())
    page = browser.post(f"{BASE}{card.pk}/publish/", {"effective_on": "2020-01-01", "version": 1})
    assert "history is never scored again" in words(page)


def test_rows_move_and_go_by_buttons_without_a_script(browser: Client, card: Scorecard):
    def do(what: str) -> list[str]:
        version = ScorecardDraft.objects.get().version if ScorecardDraft.objects.exists() else 0
        shown = {name: value for name, value in weights().items() if name.removeprefix("weight-") in (kept or name)}
        browser.post(f"{BASE}{card.pk}/weights/", {"version": version, "do": what, **shown})
        groups = ScorecardDraft.objects.get().definition["groups"]
        kept[:] = [row["key"] for group in groups for row in group["indicators"]]
        return kept

    kept: list[str] = []
    assert do("down login_frequency")[:2] == ["feature_coverage", "login_frequency"]
    assert do("group-up voice")[4:6] == ["nps", "issue_resolution"]
    assert "nps" not in do("remove nps")
    assert "issue_resolution" not in do("group-remove voice")
    browser.post(f"{BASE}{card.pk}/discard/")
    assert not ScorecardDraft.objects.exists()


INDICATOR = {"group": "voice", "name": "Mine", "scale": "line", "red": "0", "green": "1", "weight": "0", "days": "30"}


@pytest.mark.parametrize(
    ("measure", "typed", "said"),
    [
        ("of=events", {"days": "0"}, "greater than or equal to 1"),
        ("of=events", {"red": "1"}, "The two points must differ."),
        ("of=events", {"green": ""}, "Say at which value."),
        ("of=events", {"of-feature": "gone"}, "Select a valid choice"),
        ("of=events", {"scale": "steps", "steps": "5: 0\n2: 100"}, "Steps must rise from one to the next"),
        ("of=events", {"scale": "steps", "steps": "five"}, "Write each step as a value, a colon and a score."),
        ("of=events", {"scale": "steps", "steps": ""}, "Write each step as a value, a colon and a score."),
        ("of=events", {"stale_days": "90", "shelf_days": "60"}, "Must come before it goes missing."),
        ("of=events", {"name": ""}, "is required"),
        ("of=reading", {}, "Metric: This field is required."),
    ],
)
def test_an_indicator_that_makes_no_sense_is_told_at_its_field(
    browser: Client, card: Scorecard, measure: str, typed: dict[str, str], said: str
):
    page = browser.post(f"{BASE}{card.pk}/indicators/add/?{measure}", {"version": 0, **INDICATOR, **typed})
    assert page.status_code == 422
    assert said in words(page)
    assert not ScorecardDraft.objects.exists()


def test_an_indicator_shows_its_picture_how_values_lie_and_keeps_its_formula(browser: Client, card: Scorecard):
    make_feature("f", "core")
    use(make_account("Ada"), today(), make_feature("g", "core"), events=4)
    typed = {"version": 0, **INDICATOR, "of-kind": "core", "windows": "4"}
    assert browser.post(f"{BASE}{card.pk}/indicators/add/?of=events&as=usual", typed).status_code == 302
    row = ScorecardDraft.objects.get().definition["groups"][2]["indicators"][-1]
    assert row["params"] == {"of": {"what": "events", "kind": "core"}, "as": "usual", "windows": 4}
    page = words(browser.get(f"{BASE}{card.pk}/indicators/mine/"))
    assert "The score for each value" in page
    assert "no account has a value" in page
    plain = browser.post(f"{BASE}{card.pk}/indicators/mine/?of=events&as=value", {**typed, "version": 1, "red": "9"})
    assert plain.status_code == 302
    assert "1 of 1 accounts have a value" in words(browser.get(f"{BASE}{card.pk}/indicators/mine/"))


def test_a_source_that_went_away_is_said_and_stands_against_publishing(browser: Client, card: Scorecard):
    field = CustomField.objects.create(key="plan", label="Plan", kind="number")
    typed = {"version": 0, **INDICATOR, "of-field": "plan"}
    browser.post(f"{BASE}{card.pk}/indicators/add/?of=field", typed)
    field.delete()
    assert "“Mine” measures “plan”, which is gone." in words(browser.get(f"{BASE}{card.pk}/"))
    page = browser.post(f"{BASE}{card.pk}/publish/", {"effective_on": str(today()), "version": 1})
    assert "“Mine” measures something that is gone: plan." in words(page)
    assert browser.get(f"{BASE}{card.pk}/indicators/mine/").status_code == 200


def test_the_preview_shows_the_accounts_behind_a_passage_and_writes_nothing(card: Scorecard):
    make_line(ada := make_account("Ada"))
    answer(ada, 6, today())
    make_line(make_account("Bob"))
    only = {"key": "nps", "weight": 100, "red": -100, "green": 100, "days": 365}
    definition = {"groups": [{"key": "all", "indicators": [only]}], "grace_days": 0}
    change_draft(scorecard=card, definition=definition, by=make_user("cs_manager"), at=timezone.now())
    client = Client()
    client.force_login(make_user("admin"), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = words(client.get(f"{BASE}{card.pk}/preview/?from=unknown&to=red"))
    assert "1 account changes band" in page
    assert "Ada" in page
    assert "Nobody left in this time" in page
    assert not HealthScore.objects.exists()


LIMITS = {
    "green": "75",
    "yellow": "50",
    "clear_points": "3",
    "readings": "2",
    "coverage_floor": "60",
    "grace_days": "30",
}


@pytest.mark.parametrize(
    ("page", "typed", "said"),
    [
        ("limits/", {**LIMITS, "green": "50"}, "The yellow band must begin below the green one."),
        ("limits/", {**LIMITS, "green": "40"}, "The yellow band must begin below the green one."),
        ("limits/", {**LIMITS, "green": "140"}, "must be between 0 and 100"),
        ("limits/", {**LIMITS, "coverage_floor": "101"}, "less than or equal to 100"),
        ("knock-outs/", {"add": "1", "indicator": "nps", "below": "-5", "band": "red"}, "must be between 0 and 100"),
        ("knock-outs/", {"add": "1", "indicator": "moon", "below": "5", "band": "red"}, "Select a valid choice"),
        ("conditions/", {"add": "1", "field": "tier", "operator": "at_least", "value": "3"}, "does not fit the field"),
        (
            "conditions/",
            {"add": "1", "field": "employees", "operator": "is", "value": "many"},
            "does not fit the field",
        ),
        ("conditions/", {"add": "1", "field": "moon", "operator": "is", "value": "1"}, "Select a valid choice"),
        ("groups/", {"name": ""}, "This field is required."),
    ],
)
def test_limits_and_rows_that_make_no_sense_are_refused_in_words(
    browser: Client, card: Scorecard, page: str, typed: dict[str, str], said: str
):
    answered = browser.post(f"{BASE}{card.pk}/{page}", {"version": "0", **typed})
    assert answered.status_code == 422
    assert said in words(answered)
    assert not ScorecardDraft.objects.exists()


def test_conditions_and_knock_outs_are_added_and_removed_by_plain_forms(browser: Client, card: Scorecard):
    base = f"{BASE}{card.pk}/"
    browser.post(f"{base}conditions/", {"add": "1", "field": "tier", "operator": "in", "value": "elephant，cheetah"})
    browser.post(f"{base}conditions/", {"add": "1", "field": "employees", "operator": "at_least", "value": "50"})
    browser.post(f"{base}knock-outs/", {"add": "1", "indicator": "nps", "below": "40", "band": "yellow"})
    draft = ScorecardDraft.objects.get()
    assert draft.conditions == [
        {"field": "tier", "operator": "in", "value": ["elephant", "cheetah"]},
        {"field": "employees", "operator": "at_least", "value": 50},
    ]
    assert draft.definition["knock_outs"] == [{"indicator": "nps", "below": 40, "band": "yellow"}]
    page = words(browser.get(base))
    assert "Size of customer is one of Key account, Mid-size" in page
    assert "When “NPS” scores below 40, the account is at best: Watch" in page
    browser.post(f"{base}conditions/", {"remove": "0"})
    browser.post(f"{base}conditions/", {"remove": "9"})
    browser.post(f"{base}knock-outs/", {"remove": "0"})
    draft.refresh_from_db()
    assert [row["field"] for row in draft.conditions] == ["employees"]
    assert draft.definition["knock_outs"] == []


def test_scorecards_are_added_named_ordered_and_retired(browser: Client, card: Scorecard):
    browser.post(f"{BASE}add/", {"name": "Key"})
    key = Scorecard.objects.get(name="Key")
    assert [row.name for row in Scorecard.objects.all()] == ["Key", "Default"]
    assert "has this name" in words(browser.post(f"{BASE}{key.pk}/rename/", {"name": "Default"}))
    browser.post(f"{BASE}{key.pk}/rename/", {"name": "Key accounts"})
    browser.post(f"{BASE}{key.pk}/move/", {"to": "later"})
    assert [row.name for row in Scorecard.objects.all()] == ["Default", "Key accounts"]
    assert "Never reached" in words(browser.get(BASE))
    page = browser.post(f"{BASE}{card.pk}/use/", {"use": "no"})
    assert "This is the last scorecard in use." in words(page)
    browser.post(f"{BASE}{key.pk}/discard/")
    assert [row.name for row in Scorecard.objects.all()] == ["Default"]


def test_nobody_without_the_right_finds_the_editor(card: Scorecard):
    client = Client()
    client.force_login(make_user("csm"), backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in ("", "add/", f"{card.pk}/", f"{card.pk}/preview/", f"{card.pk}/indicators/nps/"):
        assert client.get(BASE + path).status_code == 404


def test_a_page_that_is_read_changes_nothing_and_every_page_opens(browser: Client, card: Scorecard):
    for path in ("", "add/", *(f"{card.pk}/{part}" for part in (
        "", "rename/", "limits/", "knock-outs/", "conditions/", "measures/", "indicators/add/?of=survey&as=change",
        "indicators/add/?source=nps", "indicators/nps/", "preview/", "versions/1/",
    ))):  # fmt: skip
        assert browser.get(BASE + path).status_code == 200, path
    assert browser.get(f"{BASE}{card.pk}/indicators/moon/").status_code == 404
    assert browser.get(f"{BASE}{card.pk}/versions/9/").status_code == 404
    assert not ScorecardDraft.objects.exists()


def reading(account: Account, metric: str, days: int, number: str) -> None:
    found, _made = Metric.objects.get_or_create(external_id=metric, defaults={"name": metric})
    Reading.objects.create(account=account, metric=found, on=today() - dt.timedelta(days=days), value=Decimal(number))


def test_a_public_scorecard_is_set_up_by_settings_alone_and_scores_as_it_says(browser: Client):
    for metric in ("csm_sentiment", "licence_use"):
        Metric.objects.create(external_id=metric, name=metric)
    everybody, newcomers = set_up(browser, str(today()))
    long_ago = today() - dt.timedelta(days=400)
    names = ("Fresh", "Old", "Gone", "Sad", "New")
    ada = {name: make_account(name, signed_on=long_ago) for name in names}
    Account.objects.filter(name="New").update(signed_on=today() - dt.timedelta(days=30))
    for account in ada.values():
        make_line(account, starts_on=today() - dt.timedelta(days=30), seats=10)
        goal = BusinessGoal.objects.create(account=account, name="Goal", baseline=0, target=1)
        GoalMeasurement.objects.create(goal=goal, on=today(), value=1)
        TimelineEntry.objects.create(account=account, kind="call", at=timezone.now(), title="Call")
        answer(account, 10, today())
    ages = {"Fresh": (90, 60), "Old": (91, 61), "Gone": (121, 1), "Sad": (1, 1), "New": (1, 1)}
    for name, (sentiment, licences) in ages.items():
        reading(ada[name], "csm_sentiment", sentiment, "1" if name == "Sad" else "3")
        reading(ada[name], "licence_use", licences, "0.75")
    score_accounts(on=today(), at=timezone.now())
    found = {row.account.name: row for row in HealthScore.objects.select_related("account", "version__scorecard")}
    assert {name: row.version.scorecard.name for name, row in found.items()} == {
        **dict.fromkeys(names[:4], "Everybody"),
        "New": "First 30 days",
    }
    coverage = {name: row.coverage for name, row in found.items()}
    # Users against seats are never known here (20); product is missing after 60 days, sentiment after 120.
    assert coverage == {
        "Fresh": Decimal("0.8"), "Old": Decimal("0.5"), "Gone": Decimal("0.55"), "Sad": Decimal("0.8"),
        "New": Decimal(1),
    }  # fmt: skip
    voices = {name: next(part for part in row.parts if part.key == "csm_sentiment") for name, row in found.items()}
    assert {name: (part.is_stale, part.is_expired) for name, part in voices.items()} == {
        "Fresh": (False, False), "Old": (True, False), "Gone": (False, True), "Sad": (False, False),
        "New": (False, False),
    }  # fmt: skip
    assert {name: row.band for name, row in found.items()} == {
        "Fresh": "green", "Old": "green", "Gone": "green", "Sad": "red", "New": "green",
    }  # fmt: skip
    assert found["Sad"].score == Decimal("75.00")
    groups = ScorecardVersion.objects.get(scorecard=everybody).definition["groups"]
    assert {group["name"]: sum(row["weight"] for row in group["indicators"]) for group in groups} == {
        "Product": 50, "Risk": 25, "Outcomes": 10, "Voice": 5, "Engagement": 10,
    }  # fmt: skip
    assert [row.pk for row in Scorecard.objects.all()[:2]] == [newcomers.pk, everybody.pk]
