"""Is each recommendation explained, one's own, gone when it was called wrong, and its rule held to its record?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification, ServiceAssignment
from common.errors import Refused
from portfolio.actions import recommendations as actions
from portfolio.models import AccountRow, Recommendation, RecommendationPolicy, RecommendationRule
from portfolio.queries.recommendations import recommended, rule_records
from revenue.models import Renewal
from tests.factories import AT, make_account, make_team, make_user

pytestmark = pytest.mark.django_db
ON = AT.date()
LOW_NPS = [{"indicator": "nps", "value": "-40", "label": ""}]


def make_row(owner, *, priority=100, drivers=LOW_NPS, **fields):
    account = make_account(owner)
    fields = {"arr": Decimal(50_000), "score": Decimal(30), "band": "red"} | fields
    AccountRow.objects.create(
        account=account, name=account.name, external_id=account.external_id, search_text=account.name.lower(),
        tier="rabbit", purchase_level="team", stage="mature", owner=owner, priority=priority, drivers=drivers, **fields,
    )  # fmt: skip
    return account


@pytest.fixture
def csm(client):
    with time_machine.travel(AT, tick=False):
        user = make_user(team=make_team())
        client.force_login(user)
        yield user


def answer(client, account, word, rule="low:nps"):
    return client.post(reverse("recommendation_answer", args=[account.pk]), {"rule": rule, "answer": word})


def names(person, on=ON):
    return [one.row.pk for one in recommended(person, on)]


class TestWhatStandsThere:
    def test_every_one_has_a_reason_with_its_evidence_one_step_away(self, client, csm) -> None:
        for number in range(8):
            make_row(csm, priority=number + 1, score_change=Decimal(-9), renewal_on=ON + dt.timedelta(days=40))

        found = recommended(csm, ON)

        assert len(found) == 5
        for one in found:
            assert [reason.text for reason in one.reasons][:2] == ["Health fell 9 points in 4 weeks", "NPS −40"]
            assert all(client.get(reason.href.partition("#")[0]).status_code == 200 for reason in one.reasons)

    def test_without_a_reason_there_is_no_recommendation(self) -> None:
        person = make_user("product_manager")  # sees no money, so nothing is left to say of this account
        make_row(None, drivers=[])

        assert recommended(person, ON) == []

    def test_none_is_about_an_account_that_the_person_may_not_see(self, client, csm) -> None:
        foreign = make_row(make_user())
        mine = make_row(csm)
        manager = make_user("cs_manager", team=csm.team)

        assert names(csm) == [mine.pk]
        assert names(manager) == [mine.pk]
        assert answer(client, foreign, "wrong").status_code == 404
        ServiceAssignment.objects.filter(account=mine).update(ended_on=dt.date(2026, 1, 1))
        assert names(csm) == names(manager) == []

    def test_money_is_no_reason_for_who_may_not_see_it(self) -> None:
        make_row(None)
        person = make_user("product_manager")

        assert [reason.text for reason in recommended(person, ON)[0].reasons] == ["NPS −40"]

    def test_it_costs_the_same_for_one_and_for_thirty(self, csm) -> None:
        counts = []
        for number in (1, 29):
            for _each in range(number):
                make_row(csm)
            with CaptureQueriesContext(connection) as queries:
                recommended(csm, ON, currency="USD")
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 6


class TestNotNow:
    @pytest.mark.parametrize(("word", "days"), [("later", 1), ("done", 7), ("wrong", 14)])
    def test_it_comes_back_after_the_days_that_the_answer_holds_and_not_before(self, client, csm, word, days) -> None:
        account = make_row(csm)

        assert answer(client, account, word).status_code == 302

        assert names(csm, ON + dt.timedelta(days=days - 1)) == []
        assert names(csm, ON + dt.timedelta(days=days)) == [account.pk]

    def test_another_reason_for_the_same_account_is_not_held_back(self, client, csm) -> None:
        account = make_row(csm)
        answer(client, account, "wrong")
        AccountRow.objects.update(drivers=[{"indicator": "login_frequency", "value": "0.1", "label": ""}])

        assert names(csm) == [account.pk]

    def test_an_answer_is_ones_own(self, client, csm) -> None:
        account = make_row(csm)
        manager = make_user("cs_manager", team=csm.team)

        answer(client, account, "wrong")

        assert names(manager) == [account.pk]

    def test_the_undo_brings_it_back(self, client, csm) -> None:
        account = make_row(csm)
        page = client.post(
            reverse("recommendation_answer", args=[account.pk]), {"rule": "low:nps", "answer": "wrong"}, follow=True
        ).content.decode()
        undo = page.partition("data-undo")[0].rpartition('action="')[2].partition('"')[0]

        said = client.post(undo, follow=True).content.decode()

        assert "Undone" in said
        assert Recommendation.objects.get().answer == ""

    @pytest.mark.parametrize(("rule", "word"), [("low:nps", "never"), ("low:nps", ""), ("made up", "wrong"), ("", "")])
    def test_what_was_not_recommended_cannot_be_answered(self, client, csm, rule, word) -> None:
        account = make_row(csm)

        answer(client, account, word, rule)

        assert not Recommendation.objects.exclude(answer="").exists()
        assert names(csm) == [account.pk]

    def test_a_viewer_is_not_asked(self, client, csm) -> None:
        account = make_row(csm)
        client.force_login(make_user("viewer"))

        assert answer(client, account, "wrong").status_code == 404
        assert "Not now" not in client.get(reverse("today")).content.decode()

    def test_a_logged_call_counts_as_taken_and_puts_it_aside(self, client, csm) -> None:
        account = make_row(csm)
        actions.show_recommendations(on=ON, at=AT)

        client.post(reverse("account_touch_add", args=[account.pk]), {"kind": "call", "title": "Spoke", "body": "x"})

        assert Recommendation.objects.get(user=csm).answer == "taken"
        assert names(csm) == []

    def test_begun_talks_count_as_taken(self, client, csm) -> None:
        account = make_row(csm, renewal_on=ON + dt.timedelta(days=20))
        renewal = Renewal.objects.create(account=account, due_on=ON + dt.timedelta(days=20), arr=Decimal(1))
        actions.show_recommendations(on=ON, at=AT)
        assert Recommendation.objects.get(user=csm).rule == "renewal_talks"

        client.post(reverse("renewal_advance", args=[renewal.pk]), {"stage": "in_talks"})

        assert Recommendation.objects.get(user=csm).answer == "taken"


class TestTheRecord:
    def shown(self, person, wrong, right, rule="low:nps"):
        for number in range(wrong + right):
            account = make_row(None)
            word = "wrong" if number < wrong else ""
            Recommendation.objects.create(
                user=person, account=account, rule=rule, on=ON, answer=word, answered_at=AT if word else None
            )

    def test_what_stands_before_people_is_counted_once_a_day(self, csm) -> None:
        make_row(csm)
        make_user("cs_manager", team=csm.team)

        assert actions.show_recommendations(on=ON, at=AT) == 2
        assert actions.show_recommendations(on=ON, at=AT) == 0
        assert [(one.key, one.shown) for one in rule_records(ON)] == [("low:nps", 2)]

    def test_a_rule_that_is_mostly_wrong_is_switched_off_and_the_managers_are_told(self, csm) -> None:
        manager = make_user("cs_manager", team=csm.team)
        account = make_row(csm)
        self.shown(csm, wrong=19, right=11)

        assert actions.review_rules(on=ON, at=AT) == ["low:nps"]
        assert actions.review_rules(on=ON, at=AT) == []

        assert account.pk not in names(csm)
        rule = RecommendationRule.objects.get()
        assert (rule.is_enabled, rule.by_itself) == (False, True)
        told = Notification.objects.get(user=manager)
        assert told.kind == "rule_switched_off"
        assert "19 of 30" in told.body

    @pytest.mark.parametrize(("wrong", "right"), [(18, 12), (29, 0)])
    def test_at_the_edge_it_stays(self, csm, wrong, right) -> None:
        self.shown(csm, wrong, right)

        assert actions.review_rules(on=ON, at=AT) == []

    def test_a_manager_switches_it_on_again_with_a_new_record(self, client, csm) -> None:
        manager = make_user("cs_manager", team=csm.team)
        client.force_login(manager)
        self.shown(csm, wrong=30, right=0)
        actions.review_rules(on=ON, at=AT)
        page = client.get(reverse("recommendation_rules")).content.decode()
        assert "Off: mostly wrong" in page
        assert "Low NPS" in page

        said = client.post(reverse("recommendation_rule_switch"), {"key": "low:nps", "on": "1"}, follow=True)
        assert "its record begins anew" in said.content.decode()
        actions.switch_rule(key="low:nps", on_again=True, by=manager, at=AT + dt.timedelta(days=1))

        assert RecommendationRule.objects.get().is_enabled
        assert rule_records(ON + dt.timedelta(days=1))[0].shown == 0
        assert actions.review_rules(on=ON + dt.timedelta(days=1), at=AT) == []

    def test_the_terms_are_settings(self, client, csm) -> None:
        client.force_login(make_user("admin"))
        sent = {"later_days": 2, "done_days": 5, "wrong_days": 30, "wrong_percent": 50, "least_shown": 10}

        assert client.post(reverse("recommendation_rules"), sent).status_code == 302
        assert RecommendationPolicy.load().wrong_days == 30
        assert client.post(reverse("recommendation_rules"), sent | {"wrong_percent": 101}).status_code == 422

    def test_a_csm_does_not_switch_rules(self, csm) -> None:
        self.shown(csm, wrong=1, right=0)
        with pytest.raises(Refused):
            actions.switch_rule(key="low:nps", on_again=False, by=csm, at=AT)
