"""Do the head, overview, health, usage and revenue of an account say what is true, cheaply, to who may see it?"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, BusinessGoal, Contact, CustomField, Promise, Tag, TimelineEntry, User
from health.actions import publish_version, score_accounts
from health.models import EarlyWarning, HealthScore, Scorecard, WarningRule
from portfolio.actions import refresh_rows
from portfolio.queries.account_head import account_head
from portfolio.queries.overview import overview
from portfolio.queries.score_page import score_page
from portfolio.queries.usage_page import use_of
from revenue.actions import add_line, sync_renewals
from revenue.models import ContractLine, Renewal
from tests.factories import make_account, make_contact, make_feature, make_product, make_user
from tests.health.book import use
from usage.models import Metric, Milestone, MilestoneReached, Reading, SurveyAnswer, Ticket

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
PARTS = ("", "?part=features", "?part=voice")
TABS = ("account_overview", "account_health", "account_usage", "account_revenue")
FORMS = ("ticket_add", "survey_answer_add", "milestone_reach", "reading_add", "contract_line_add")
# What PERFORMANCE.md allows the account page is 14 of its own; session and person come on top.
MOST_QUERIES = 16


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


@pytest.fixture
def csm(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def full(owner: User, number: int = 1, **fields: Any) -> Account:
    """An account with so many of everything, scored on so many weeks and today."""
    fields = {"signed_on": dt.date(2025, 1, 1), "live_on": dt.date(2025, 2, 1), "custom": {"plan": "gold"}} | fields
    account = make_account(owner, **fields)
    CustomField.objects.get_or_create(key="plan", defaults={"label": "Plan", "kind": "text"})
    for place in range(number):
        day = ago(40 + place)
        at = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
        product = make_product()
        add_line(account=account, product=product, arr=Decimal(1200), currency="USD", seats=5, by=owner, at=NOW,
                 starts_on=dt.date(2025, 1, 1) + dt.timedelta(days=place), ends_on=dt.date(2026, 9, 1))  # fmt: skip
        feature = make_feature("core", module=make_module_of(product))
        for week in range(1, 9):
            use(account, ago(7 * week), feature, person=f"person{place}", events=3)
        contact = make_contact(account, role="champion", left_on=ago(20))
        TimelineEntry.objects.create(account=account, kind="business_review", title=f"Review {place}", at=at,
                                     author=owner, follow_up_on=TODAY)  # fmt: skip
        Ticket.objects.create(account=account, subject=f"Broken {place}", contact=contact, is_escalated=True,
                              opened_at=at, target_at=at + dt.timedelta(days=1))  # fmt: skip
        SurveyAnswer.objects.create(account=account, score=3, comment="Slow.", answered_on=day, contact=contact)
        Promise.objects.create(account=account, text=f"Promise {place}", due_on=ago(5))
        goal = BusinessGoal.objects.create(account=account, name=f"Goal {place}", baseline=10, target=2)
        goal.measurements.create(on=day, value=6)
        milestone = Milestone.objects.create(external_id=f"m{account.pk}{place}", name=f"Milestone {place}")
        MilestoneReached.objects.create(account=account, milestone=milestone, on=day)
        metric = Metric.objects.create(external_id=f"x{account.pk}{place}", name=f"Metric {place}")
        Reading.objects.create(account=account, metric=metric, on=day, value=7)
        account.tags.add(Tag.objects.get_or_create(name=f"tag {place}")[0])
        rule, _ = WarningRule.objects.get_or_create(key=f"rule_{place}", defaults={"name": "Quiet", "definition": {}})
        EarlyWarning.objects.create(account=account, rule=rule, owner=owner, severity=3, opened_on=day,
                                    last_seen_on=TODAY)  # fmt: skip
        make_account(owner, parent=account)
    sync_renewals(on=TODAY, at=NOW)
    for week in range(2 + number, -1, -1):
        score_accounts(on=ago(7 * week), at=NOW, account_ids=[account.pk], refresh=False)
    refresh_rows(on=TODAY)
    return account


def make_module_of(product: Any) -> Any:
    return product.modules.create(external_id=f"M{product.pk}", name=f"Module {product.pk}")


def main_part(page: str) -> str:
    return page.partition("<main")[2]


def addresses(account: Account) -> list[str]:
    """Every tab of this account, with the parts of the usage tab."""
    found = [reverse(name, args=[account.pk]) for name in TABS]
    return found + [reverse("account_usage", args=[account.pk]) + part for part in PARTS[1:]]


def test_every_tab_costs_the_same_for_much_as_for_little_and_never_too_much(client, csm):
    little, much = full(csm, 1), full(csm, 4)
    client.get(addresses(little)[0])  # a new session costs more once

    for few, many in zip(addresses(little), addresses(much), strict=True):
        counts = []
        for address in (few, many):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= MOST_QUERIES, (few, counts)


@pytest.mark.parametrize("name", TABS + FORMS)
def test_a_foreign_account_is_not_there(client, csm, name):
    foreign = make_account(make_user())

    assert client.get(reverse(name, args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize("name", TABS)
def test_an_account_without_anything_says_what_to_do_instead_of_showing_blanks(client, csm, name):
    account = make_account(csm)

    for part in PARTS if name == "account_usage" else ("",):
        page = client.get(reverse(name, args=[account.pk]) + part)
        assert page.status_code == 200
        assert 'class="empty"' in main_part(page.content.decode())


def test_whoever_may_not_see_money_finds_none_on_any_tab(client, csm):
    account = full(csm, 2)
    client.force_login(make_user("product_manager"))

    assert client.get(reverse("account_revenue", args=[account.pk])).status_code == 404
    for address in addresses(account):
        page = client.get(address)
        if page.status_code == 200:
            text = main_part(page.content.decode())
            assert "ARR" not in text
            assert "$" not in text
            assert reverse("account_revenue", args=[account.pk]) not in text


@pytest.mark.parametrize("name", FORMS)
def test_a_viewer_writes_nothing_and_sees_no_button_that_would(client, csm, name):
    account = full(csm)
    client.force_login(make_user("viewer"))

    assert client.get(reverse(name, args=[account.pk])).status_code == 404
    assert client.post(reverse(name, args=[account.pk])).status_code == 404
    for address in addresses(account):
        forms = re.findall(r'<form[^>]*method="post"[^>]*>', main_part(client.get(address).content.decode()))
        # How one likes to read is one's own.
        assert [form for form in forms if not re.search(r'action="/panels/[^"]*"', form)] == []


def test_the_head_shows_the_score_with_its_change_reasons_money_and_renewal(client, csm):
    account = full(csm)
    head = account_head(account, csm, TODAY)
    page = main_part(client.get(reverse("account_overview", args=[account.pk])).content.decode())

    scores = dict(account.health_scores.values_list("on", "score"))
    assert head.latest.shown == scores[TODAY]
    assert head.change == scores[TODAY] - scores[ago(7)]
    assert (head.arr, head.renewal.due_on, head.renewal.days_left) == (1200, dt.date(2026, 9, 1), 63)
    assert len(head.reasons) == 3
    assert all(reason in page for reason in head.reasons)
    assert "$1.2K" in page
    assert "in 63 days" in page
    assert "tag 0" in page


def test_a_parent_that_the_person_may_not_see_is_not_named(client, csm):
    parent = make_account(make_user(), name="Secret Holding")
    child = make_account(csm, parent=parent)

    assert "Secret Holding" not in client.get(reverse("account_overview", args=[child.pk])).content.decode()


def test_a_family_shows_its_worst_child_and_the_weighted_figure_of_those_one_may_see(client, csm):
    parent = full(csm)
    child = Account.objects.get(parent=parent)
    hidden = make_account(make_user(), parent=parent, name="Hidden Child")
    version = HealthScore.objects.first().version
    for account, score in ((child, 40), (hidden, 10)):
        HealthScore.objects.create(account=account, on=TODAY, score=score, band="red", coverage=1, version=version)
    refresh_rows(on=TODAY)

    shown = overview(account_head(parent, csm, TODAY), csm)

    assert shown.family.worst.account == child
    assert [row.name for row in shown.family.children] == [child.name]
    assert "Hidden Child" not in client.get(reverse("account_overview", args=[parent.pk])).content.decode()


def test_what_moved_the_score_adds_up_to_the_change(csm):
    account = full(csm, 2)
    head = account_head(account, csm, TODAY)

    shown = overview(head, csm)

    assert shown.week.total == shown.week.after.score - shown.week.before.score == head.change
    assert shown.week.before.on == ago(7)
    assert shown.month.total == shown.month.after.score - shown.month.before.score


def test_the_chart_marks_what_happened_beside_the_score(csm):
    shown = overview(account_head(full(csm), csm, TODAY), csm)

    said = " | ".join(event.text for event in shown.chart.stories)
    assert "Ticket: Broken 0" in said
    assert "left" in said
    assert "Business review" in said


def test_next_steps_list_overdue_promises_and_open_follow_ups(client, csm):
    account = full(csm)
    page = main_part(client.get(reverse("account_overview", args=[account.pk])).content.decode())

    assert "Promise overdue since" in page
    assert "Review 0" in page


def test_somebody_elses_private_note_stays_out_of_the_overview(client, csm):
    account = full(csm)
    TimelineEntry.objects.create(account=account, kind="note", title="Between us", at=NOW, is_private=True,
                                 author=make_user(), follow_up_on=TODAY)  # fmt: skip

    assert "Between us" not in client.get(reverse("account_overview", args=[account.pk])).content.decode()


def test_the_lines_of_the_score_add_up_to_it_and_say_what_is_missing(client, csm):
    account = full(csm)
    SurveyAnswer.objects.all().delete()
    score_accounts(on=TODAY, at=NOW, account_ids=[account.pk])

    page = score_page(account_head(account, csm, TODAY))
    text = main_part(client.get(reverse("account_health", args=[account.pk])).content.decode())

    given = [line.component.contribution for group in page.groups for line in group.lines]
    assert sum(given) == page.total == page.score.score
    assert sum(line.component.weight for group in page.groups for line in group.lines) == 100
    assert "NPS" in dict(page.missing)
    assert "nobody answered a survey in 180 days" in text
    assert "version 1" in text


def test_a_past_score_is_shown_as_it_was_and_compared_with_any_day(client, csm):
    account = full(csm, 3)
    address = reverse("account_health", args=[account.pk])

    page = score_page(account_head(account, csm, TODAY), since=ago(21), until=ago(7))
    text = main_part(client.get(address, {"since": ago(21).isoformat(), "until": ago(7).isoformat()}).content.decode())

    assert (page.score.on, page.moves.before.on) == (ago(7), ago(21))
    assert page.moves.total == page.moves.after.score - page.moves.before.score
    assert not page.is_newest
    assert "This is the score as it was on" in text


def test_a_score_of_a_day_stays_while_any_two_days_are_compared(client, csm):
    account = full(csm, 3)
    address = reverse("account_health", args=[account.pk])

    days = {"on": ago(14).isoformat(), "since": ago(21).isoformat(), "until": TODAY.isoformat()}
    text = main_part(client.get(address, days).content.decode())
    page = score_page(account_head(account, csm, TODAY), on=ago(14), since=ago(21), until=TODAY)

    assert (page.score.on, page.moves.before.on, page.moves.after.on) == (ago(14), ago(21), TODAY)
    assert page.is_reproduced
    assert "the same, to the hundredth" in text
    assert f'name="on" value="{ago(14).isoformat()}"' in text
    assert page.slopes.weeks_13 is not None


def test_steps_are_drawn_with_the_value_on_its_step(client, csm):
    account = full(csm)
    steps = {"key": "nps", "weight": 100, "steps": [[-100, 0], [0, 60], [50, 100]], "days": 180}
    definition = {"groups": [{"key": "voice", "indicators": [steps]}], "coverage_floor": 0}
    publish_version(scorecard=Scorecard.objects.get(), definition=definition, effective_on=TODAY, by=None, at=NOW)
    SurveyAnswer.objects.filter(account=account).update(score=10)
    score_accounts(on=TODAY, at=NOW, account_ids=[account.pk])

    line = score_page(account_head(account, csm, TODAY)).groups[0].lines[0]
    text = main_part(client.get(reverse("account_health", args=[account.pk])).content.decode())

    assert [(step.score, step.is_here) for step in line.steps.steps] == [("0", False), ("60", False), ("100", True)]
    assert 80 < line.steps.place < 90
    assert "scale-step" in text
    assert "Changed scorecard" in text


def test_a_parent_shows_its_worst_child_and_the_weighted_figure_beside_its_score(client, csm):
    parent = full(csm)
    child = full(csm, parent=parent, name="Little one")

    text = main_part(client.get(reverse("account_health", args=[parent.pk])).content.decode())

    assert "Worst child" in text
    assert "Little one" in text
    assert child.row.band


@pytest.mark.parametrize("day", ["yesterday", "2026-13-40", "0000-01-01", "9" * 400])
def test_a_day_that_is_none_is_said_in_words(client, csm, day):
    account = full(csm)

    page = client.get(reverse("account_health", args=[account.pk]), {"until": day})

    assert page.status_code == 400
    assert 'class="error"' in page.content.decode()


def test_a_day_before_the_first_score_says_so(client, csm):
    account = full(csm)

    page = client.get(reverse("account_health", args=[account.pk]), {"until": "2020-01-01"})

    assert "No score by that day" in page.content.decode()


@pytest.mark.parametrize(("name", "query", "block"), [("account_health", "", "score"), ("account_usage", "", "part")])
def test_swapping_the_part_gives_the_page_that_a_reload_gives(client, csm, name, query, block):
    account = full(csm)
    address = reverse(name, args=[account.pk]) + query

    part = client.get(address, headers={"HX-Request": "true", "HX-Target": block}).content.decode().strip()
    page = client.get(address).content.decode()

    # Each answer masks the token of its forms anew.
    part, squeezed = (re.sub(r'\s+|(?<=value=")\w{64}(?=")', " ", text) for text in (part, page))
    assert part in squeezed
    assert f'id="{block}"' in page


def test_usage_says_who_uses_of_what_is_paid_and_draws_whole_weeks(client, csm):
    account = full(csm)
    shown = use_of(account_head(account, csm, TODAY))
    text = main_part(client.get(reverse("account_usage", args=[account.pk])).content.decode())

    assert shown.seats == 5
    assert shown.people_title == "1 of 5 seats were used last week"
    assert len(shown.people.figures.rows) == 12
    assert "Use is normal for this customer" in text


def test_a_ticket_is_added_shown_and_taken_back(client, csm):
    account = full(csm)
    fields = {"subject": "Login fails", "severity": "high", "opened_at": "2026-06-29 10:00"}

    client.post(reverse("ticket_add", args=[account.pk]), fields)
    page = client.get(reverse("account_usage", args=[account.pk]) + "?part=voice").content.decode()
    undo = re.search(r'action="(/undo/[^"]+)"', page)[1]
    assert "Login fails" in page

    client.post(undo)
    assert not Ticket.objects.filter(subject="Login fails").exists()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ticket_add", {"severity": "huge", "opened_at": "2026-06-29 10:00"}),
        ("ticket_add", {"severity": "low", "opened_at": "2031-01-01 10:00"}),
        ("survey_answer_add", {"kind": "nps", "score": "11", "answered_on": "2026-06-01"}),
        ("survey_answer_add", {"kind": "nps", "score": "5", "answered_on": "2026-08-01"}),
        ("milestone_reach", {"milestone": "", "on": "2026-06-01"}),
        ("reading_add", {"metric": "0", "period": "day", "on": "2026-06-01", "value": "NaN"}),
        ("contract_line_add", {"arr": "-1", "currency": "USD", "starts_on": "2026-06-01"}),
        ("contract_line_add", {"arr": "1", "currency": "XXX1", "starts_on": "2026-06-01", "ends_on": "2026-05-01"}),
    ],
)
def test_a_wrong_form_comes_back_with_the_reason_and_what_was_typed(client, csm, name, fields):
    account = full(csm)

    page = client.post(reverse(name, args=[account.pk]), fields)

    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()


def test_an_answer_a_milestone_and_a_reading_are_written_down(client, csm):
    account = full(csm)
    milestone = Milestone.objects.create(external_id="go", name="First value")
    metric = Metric.objects.create(external_id="calls", name="Calls")

    client.post(
        reverse("survey_answer_add", args=[account.pk]), {"kind": "nps", "score": "9", "answered_on": "2026-06-29"}
    )
    client.post(reverse("milestone_reach", args=[account.pk]), {"milestone": milestone.pk, "on": "2026-06-29"})
    client.post(
        reverse("reading_add", args=[account.pk]),
        {"metric": metric.pk, "period": "day", "on": "2026-06-29", "value": "12"},
    )

    assert account.survey_answers.filter(score=9).exists()
    assert account.milestones_reached.filter(milestone=milestone, on=ago(1)).exists()
    assert account.readings.get(metric=metric).value == 12


def test_one_click_starts_the_talks_and_undo_takes_it_back(client, csm):
    account = full(csm)
    renewal = Renewal.objects.get(account=account)
    here = reverse("account_health", args=[account.pk])

    answer = client.post(reverse("renewal_advance", args=[renewal.pk]), {"stage": "in_talks", "next": here})
    renewal.refresh_from_db()
    assert (answer.status_code, answer["Location"], renewal.stage) == (302, here, "in_talks")

    undo = re.search(r'action="(/undo/[^"]+)"', client.get(here).content.decode())[1]
    client.post(undo)
    renewal.refresh_from_db()
    assert renewal.stage == "not_started"


def test_a_renewal_leads_to_no_foreign_site_and_moves_for_nobody_without_the_right(client, csm):
    renewal = Renewal.objects.get(account=full(csm))
    address = reverse("renewal_advance", args=[renewal.pk])

    answer = client.post(address, {"stage": "in_talks", "next": "https://evil.example/"})
    assert answer["Location"] == reverse("account_overview", args=[renewal.account_id])
    assert client.post(address, {"stage": "nonsense"}).status_code == 302
    for role in ("viewer", "product_manager"):
        client.force_login(make_user(role))
        assert client.post(address, {"stage": "won"}).status_code == 404
    renewal.refresh_from_db()
    assert renewal.stage == "in_talks"


def test_a_line_is_corrected_ended_deleted_and_each_can_be_taken_back(client, csm):
    account = full(csm)
    line = ContractLine.objects.get(account=account)
    before = {name: getattr(line, name) for name in ("arr", "starts_on", "ends_on", "seats", "currency")}
    page = reverse("account_revenue", args=[account.pk])

    def undo_last() -> None:
        client.post(re.search(r'action="(/undo/[^"]+)"', client.get(page).content.decode())[1])

    fields = {"product": line.product_id, "arr": "900", "currency": "USD", "starts_on": "2025-01-01"}
    client.post(reverse("contract_line_edit", args=[line.pk]), fields)
    assert "$900" in client.get(reverse("account_overview", args=[account.pk])).content.decode()

    client.post(reverse("contract_line_edit", args=[line.pk]), fields | {"arr": "800"})
    undo_last()
    line.refresh_from_db()
    assert line.arr == 900

    client.post(reverse("contract_line_end", args=[line.pk]), {"ends_on": "2026-07-31", "notice_on": "2026-06-30"})
    line.refresh_from_db()
    assert (line.ends_on, line.notice_on) == (dt.date(2026, 7, 31), TODAY)
    undo_last()

    client.post(reverse("contract_line_delete", args=[line.pk]))
    assert not ContractLine.objects.filter(account=account).exists()
    undo_last()
    assert ContractLine.objects.get(account=account).arr == 900
    assert before["arr"] == 1200


def test_revenue_shows_steps_movements_and_what_is_not_bought_yet(client, csm):
    account = full(csm)
    make_product(name="Not Bought Yet")
    text = main_part(client.get(reverse("account_revenue", args=[account.pk])).content.decode())

    assert "ARR has stayed at $1.2K for a year" in text
    assert "unless renewed" in text
    assert "Not Bought Yet" in text


def test_a_champion_who_left_long_ago_marks_no_chart(csm):
    account = full(csm)
    Contact.objects.filter(account=account).update(left_on=ago(400))

    assert account_head(account, csm, TODAY).lost_champion is None
