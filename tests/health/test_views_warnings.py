"""Do the pages of warnings show what one may see, and do what one may do?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, ExpectationGap
from common.jobs import run_due
from common.models import Job
from health import actions
from health.models import EarlyWarning, TrackRecord, WarningRule
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture(autouse=True)
def _rules(shipped_rules: None) -> None:
    """Have the shipped rules."""


def warned(count: int = 1, owner: Any = None) -> list[Account]:
    """Accounts with an expectation gap, of which the rule has warned."""
    made = [make_account(owner, name=f"Customer {number:02}") for number in range(count)]
    for account in made:
        make_line(account)
        ExpectationGap.objects.create(account=account, text="Gap", found_on=TODAY - dt.timedelta(days=20))
    actions.evaluate_warnings(on=TODAY, at=timezone.now(), rule=WarningRule.objects.get(key="expectation_gap"))
    return made


def signed_in(client: Client, role: str = "admin", **fields: Any) -> Any:
    user = make_user(role, **fields)
    client.force_login(user)
    return user


def page(client: Client, name: str = "warnings", query: str = "", **how: Any) -> str:
    answer = client.get(reverse(name, **how) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_why_and_links_to_the_rows(client: Client) -> None:
    signed_in(client)
    (account,) = warned()
    text = page(client)

    assert "1 open expectation gap, since" in text
    assert reverse("account_handoff", args=[account.pk]) in text
    assert "1 warning" in text


def test_nobody_sees_warnings_of_accounts_that_are_not_theirs(client: Client) -> None:
    warned(1, make_user("csm"))
    signed_in(client, "csm")

    assert "Customer 00" not in page(client)


def test_who_may_not_see_money_sees_none_and_cannot_sort_by_it(client: Client) -> None:
    signed_in(client, "product_manager")
    warned()

    text = page(client, query="?sort=-risk")
    assert "ARR at risk" not in text
    assert "Customer 00" in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", True), ("?state=resolved", False), ("?rule=expectation_gap", True), ("?rule=silent_7d", False),
     ("?severity=1", True), ("?severity=3", False), ("?tier=rabbit", True), ("?owner=none", True),
     ("?owner=me", False), ("?q=customer", True), ("?q=zebra", False)],
)  # fmt: skip
def test_the_list_is_narrowed(client: Client, query: str, shown: bool) -> None:
    signed_in(client)
    warned()

    assert ("Customer 00</a>" in page(client, query=query)) == shown


def test_a_filter_that_does_not_exist_lists_nothing(client: Client) -> None:
    signed_in(client)
    warned()

    answer = client.get(reverse("warnings") + "?rule=moon")
    assert answer.status_code == 400
    assert "Customer 00" not in answer.content.decode()


def test_more_rows_ask_no_more_queries(client: Client, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    signed_in(client)
    warned(1)
    page(client)
    with django_assert_max_num_queries(60) as one:
        page(client)
    warned(12)
    with django_assert_max_num_queries(len(one.captured_queries)):
        page(client)


def test_a_warning_is_acknowledged_put_off_resolved_and_opened_again(client: Client) -> None:
    signed_in(client, "admin")
    warned()
    warning = EarlyWarning.objects.get()

    def state() -> str:
        warning.refresh_from_db()
        return warning.state

    client.post(reverse("warning_acknowledge", args=[warning.pk]))
    assert state() == "acknowledged"
    assert "Until the end of" in page(client, "warning_snooze", args=[warning.pk])
    refused = client.post(reverse("warning_snooze", args=[warning.pk]), {"until": "2020-01-01", "reason": "Later."})
    assert refused.status_code == 422
    until = (TODAY + dt.timedelta(days=9)).isoformat()
    client.post(reverse("warning_snooze", args=[warning.pk]), {"until": until, "reason": "Later."})
    assert state() == "snoozed"
    assert "Nobody to be warned of" in page(client)
    client.post(reverse("warning_resolve", args=[warning.pk]), {"reason": "Settled.", "next": "/warnings/?owner=me"})
    assert state() == "resolved"
    assert "Settled." in page(client, query="?state=resolved")
    client.post(reverse("warning_reopen", args=[warning.pk]))
    assert state() == "open"


def test_the_chosen_ones_or_all_that_match_are_answered_at_once(client: Client) -> None:
    signed_in(client)
    warned(3)
    first = EarlyWarning.objects.first()
    assert first is not None
    client.post(reverse("warnings_acknowledge"), {"selected": [first.pk], "query": ""})
    assert EarlyWarning.objects.filter(state="acknowledged").count() == 1
    until = (TODAY + dt.timedelta(days=3)).isoformat()
    client.post(reverse("warnings_snooze"), {"all_matching": "1", "query": "", "until": until, "reason": "Later."})
    assert EarlyWarning.objects.filter(state="snoozed").count() == 3
    answer = client.post(reverse("warnings_snooze"), {"selected": [first.pk], "until": until}, follow=True)
    assert "required" in answer.content.decode()


def test_the_list_leaves_as_a_file_with_money_only_for_who_may_see_it(client: Client) -> None:
    signed_in(client)
    warned()
    lines = b"".join(client.get(reverse("warning_export", args=["csv"]))).decode()
    assert "arr_at_risk" in lines
    assert "1 open expectation gap" in lines
    signed_in(client, "product_manager")
    assert "arr_at_risk" not in b"".join(client.get(reverse("warning_export", args=["csv"]))).decode()


def test_what_is_held_back_is_told_and_opened(client: Client) -> None:
    signed_in(client)
    warned(21)
    assert "would open 21 warnings at once" in page(client)
    rule = WarningRule.objects.get(key="expectation_gap")
    assert "Customer 07" in page(client, "warning_rule_edit", "?preview=1", args=[rule.pk])
    client.post(reverse("warning_rule_open", args=[rule.pk]))
    run_due(timezone.now())

    assert EarlyWarning.objects.count() == 21


def test_the_rules_are_listed_in_words(client: Client) -> None:
    signed_in(client)
    text = page(client, "warning_rules")

    assert "Days without a login: at least 7" in text
    assert "Change of core use, %: at most -30 (30 days)" in text.replace("−", "-")


def sent(**values: Any) -> dict[str, Any]:
    """What the form of a rule sends."""
    tests = {"test-TOTAL_FORMS": 2, "test-INITIAL_FORMS": 0, "test-0-measure": "open_gaps"}
    tests |= {"test-0-comparison": "at_least", "test-0-threshold": "1", "test-1-measure": ""}
    known = {"name": "Any gap", "severity": 2, "match": "all", "after_days": 0, "position": 5, "reopen_days": 30}
    return {**tests, **known, "hold_percent": 20, "hold_count": 500, "is_enabled": "on", **values}


def test_a_rule_is_tried_before_it_is_saved(client: Client) -> None:
    signed_in(client)
    warned(2)
    answer = client.post(reverse("warning_rule_create"), sent(preview="1"))

    text = answer.content.decode()
    assert "Customer 01" in text
    assert "Would open" in text
    assert not WarningRule.objects.filter(name="Any gap").exists()


def test_a_rule_is_added_and_changed(client: Client) -> None:
    signed_in(client)
    client.post(reverse("warning_rule_create"), sent(tier=["elephant"]))
    rule = WarningRule.objects.get(name="Any gap")
    assert rule.definition["conditions"] == [{"field": "tier", "operator": "in", "value": ["elephant"]}]
    assert Job.objects.filter(task="health.evaluate_warnings", kwargs__rule_id=rule.pk).exists()

    assert 'value="1"' in page(client, "warning_rule_edit", args=[rule.pk])
    client.post(reverse("warning_rule_edit", args=[rule.pk]), sent(**{"test-0-threshold": "3", "severity": 3}))
    rule.refresh_from_db()
    assert (rule.definition["tests"][0]["threshold"], rule.severity) == (3.0, 3)
    client.post(reverse("warning_rule_switch", args=[rule.pk]))
    rule.refresh_from_db()
    assert not rule.is_enabled


@pytest.mark.parametrize(
    "wrong",
    [{"test-0-threshold": "many"}, {"test-0-threshold": ""}, {"test-0-measure": ""}, {"test-0-days": "0"},
     {"hold_percent": "0"}, {"name": ""}, {"after_days": "99999"}],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_told_so(client: Client, wrong: dict[str, str]) -> None:
    signed_in(client)
    answer = client.post(reverse("warning_rule_create"), sent(**wrong))

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not WarningRule.objects.filter(name="Any gap").exists()


def test_the_api_answers_warnings_by_the_same_actions(client: Client) -> None:
    signed_in(client)
    warned()
    row = client.get("/api/v1/early-warnings/?state=open").json()["results"][0]
    assert (row["rule_key"], row["state"]) == ("expectation_gap", "open")
    at = f"/api/v1/early-warnings/{row['id']}/"
    assert client.post(f"{at}acknowledge/").json()["state"] == "acknowledged"
    until = (TODAY + dt.timedelta(days=2)).isoformat()
    body = {"until": until, "reason": "Later."}
    assert client.post(f"{at}snooze/", body, content_type="application/json").json()["snoozed_until"] == until
    body = {"reason": "Settled."}
    assert client.post(f"{at}resolve/", body, content_type="application/json").json()["state"] == "resolved"
    assert client.post(f"{at}resolve/", body, content_type="application/json").status_code == 409
    assert client.post(f"{at}reopen/").json()["state"] == "open"


def test_the_api_adds_and_changes_rules(client: Client) -> None:
    signed_in(client)
    definition = {"tests": [{"measure": "tickets", "comparison": "more_than", "threshold": 9, "days": 14}]}
    body = {"name": "Very many tickets", "definition": definition, "severity": 3}
    made = client.post("/api/v1/warning-rules/", body, content_type="application/json")
    assert (made.status_code, made.json()["key"]) == (201, "very_many_tickets")
    at = f"/api/v1/warning-rules/{made.json()['id']}/"
    assert client.patch(at, {"is_enabled": False}, content_type="application/json").json()["is_enabled"] is False
    wrong = {"definition": {"tests": [{"measure": "moon"}]}}
    assert client.patch(at, wrong, content_type="application/json").status_code in (400, 409)


def test_the_rules_count_only_the_warnings_that_one_sees(client: Client) -> None:
    warned(2, make_user("csm"))
    signed_in(client, "cs_manager", visibility="own")
    assert "?rule=expectation_gap" not in page(client, "warning_rules")
    signed_in(client)
    assert "?rule=expectation_gap" in page(client, "warning_rules")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("fair", "warned 354 times · 39 left · precision 11% · recall 37% · 21 days ahead"),
     ("too_few", "Too few losses to tell: 106."), ("never", "It never warned of anybody.")],
)  # fmt: skip
def test_each_rule_shows_its_own_record_beside_its_warnings(client: Client, verdict: str, said: str) -> None:
    signed_in(client)
    warned()
    assert "Not judged yet" in page(client, "warning_rules")
    at = f"/api/v1/warning-rules/{WarningRule.objects.get(key='expectation_gap').pk}/"
    assert client.get(at).json()["record"] is None

    counts = {"flagged": 354, "right": 39, "precision": 0.1102, "recall": 0.3679, "lead_days": 21}
    TrackRecord.objects.create(on=TODAY, subject="warning", key="expectation_gap", horizon_days=90, rows=2103,
                               events=106, verdict=verdict, measures=counts)  # fmt: skip
    for name in ("warnings", "warning_rules"):
        text = page(client, name)
        assert said in text
        assert reverse("track_record") + "?ahead=90#warnings" in text

    record = client.get(at).json()["record"]
    assert (record["verdict"], record["warned"], record["left"]) == (verdict, 354, 39)
    assert (record["precision"], record["recall"], record["lead_days"]) == (0.1102, 0.3679, 21)
