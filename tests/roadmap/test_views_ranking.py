"""Does the page of the ranking show what many share first, to each what they may see?"""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, User
from common.models import Job
from roadmap import actions
from roadmap.actions import ranking as ranks
from roadmap.actions.estimates import change_estimate
from roadmap.models import RankingSettings, RequestEstimate
from tests.factories import AT, make_account, make_evidence, make_request, make_user
from tests.roadmap.conftest import pay

pytestmark = pytest.mark.django_db


def page(user: User, address: str, **query):
    client = Client()
    client.force_login(user)
    return client.get(address, query)


def post(user: User, address: str, **values):
    client = Client()
    client.force_login(user)
    return client.post(address, values)


@pytest.fixture
def today(monkeypatch):
    """Look at the pages on the day on which the book stands."""
    for module in ("ranking", "disagreements", "plans", "estimates", "settings"):
        monkeypatch.setattr(f"roadmap.views.{module}.timezone.now", lambda: AT)


@pytest.fixture
def ranked(small_book, today):
    ranks.rank_all(on=AT.date())
    return small_book


@pytest.fixture
def planner():
    return make_user("product_manager")


def test_the_common_need_stands_before_the_loud_one(ranked, planner):
    answer = page(planner, reverse("roadmap"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.index("Shared") < text.index("Shouted")
    assert "1 need is shared by 10 customers or more" in text
    assert "Common needs" in text


def test_the_product_manager_lands_on_it(planner):
    assert page(planner, reverse("home")).url == reverse("roadmap")


def test_money_is_shown_only_to_who_may_see_it(ranked, planner):
    for address in (reverse("roadmap"), reverse("rank_why", args=[ranked.shouted.pk]), reverse("rank_disagreements")):
        assert "1,010,000" not in page(planner, address).content.decode()
        assert "$1M" not in page(planner, address).content.decode()
    seen = page(make_user("admin"), reverse("rank_why", args=[ranked.shouted.pk])).content.decode()
    assert "$1,010,000" in seen
    # Nor can the order tell it.
    by_value = page(planner, reverse("roadmap"), sort="-value").content.decode()
    assert by_value.index(">Shared<") < by_value.index(">Shouted<")
    assert page(make_user("admin"), reverse("roadmap"), sort="-arr").content.decode().index(">Shouted<") > 0


def test_who_sees_a_part_of_the_accounts_gets_the_ranking_of_that_part(ranked):
    csm = make_user("csm")
    from accounts.models import ServiceAssignment

    for account in (ranked.small[0], *ranked.giants):
        ServiceAssignment.objects.create(account=account, user=csm, started_on=dt.date(2026, 1, 1))
    text = page(csm, reverse("roadmap")).content.decode()
    assert "the voices of 3 customers" in text
    assert text.index(">Shouted<") < text.index(">Shared<")
    why = page(csm, reverse("rank_why", args=[ranked.shared.pk])).content.decode()
    assert "Small 0" in why
    assert "Small 1<" not in why
    assert page(csm, reverse("rank_disagreements")).status_code == 200


def test_a_segment_ranks_by_its_own_voices(ranked, planner):
    text = page(planner, reverse("roadmap"), tier="elephant").content.decode()
    assert "the voices of 2 customers" in text
    assert text.index(">Shouted<") < text.index(">Shared<")
    both = page(planner, reverse("roadmap"), industry="Retail", region="").content.decode()
    assert "the voices of 3 customers" in both


@pytest.mark.parametrize(
    "query", [{"state": "gone"}, {"tier": "whale"}, {"module": "x"}, {"sort": "colour"}, {"colour": "red"}]
)
def test_a_filter_that_makes_no_sense_is_said(ranked, planner, query):
    answer = page(planner, reverse("roadmap"), **query)
    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()


def test_filters_narrow_what_is_listed_and_leave_the_ranks(ranked, planner):
    text = page(planner, reverse("roadmap"), q="shout").content.decode()
    assert ">Shared<" not in text
    assert "<b>2</b>" in text
    assert ">Shouted<" not in page(planner, reverse("roadmap"), common="true").content.decode()
    assert "No request matches" in page(planner, reverse("roadmap"), state="building").content.decode()


def test_an_empty_place_says_what_to_do(today, planner):
    assert "Rank now" in page(planner, reverse("roadmap")).content.decode()
    assert "Rank now" not in page(make_user("csm"), reverse("roadmap")).content.decode()
    assert "Nothing is ranked yet" in page(planner, reverse("rank_disagreements")).content.decode()
    assert "Not ranked yet" in page(planner, reverse("rank_why", args=[make_request().pk])).content.decode()


def test_the_same_number_of_queries_for_one_and_for_many(ranked, planner):
    people = (planner, make_user("csm"))

    def asked() -> list[int]:
        counts = []
        for who in people:
            for address in (reverse("roadmap"), reverse("rank_disagreements")):
                client = Client()
                client.force_login(who)
                client.get(address)
                with CaptureQueriesContext(connection) as found:
                    client.get(address)
                counts.append(len(found))
        return counts

    few = asked()
    for number in range(60):
        make_evidence(ranked.small[number % 12], make_request(title=f"Wish {number}"))
    ranks.rank_all(on=AT.date())
    assert asked() == few
    second = page(planner, reverse("roadmap"))
    assert "after=" in second.content.decode()


def test_pages_of_a_ranking_of_a_part_follow_each_other(ranked, planner):
    for number in range(60):
        make_evidence(ranked.giants[0], make_request(title=f"Wish {number:02}"))
    first = page(planner, reverse("roadmap"), tier="elephant").content.decode()
    assert "after=50" in first
    second = page(planner, reverse("roadmap"), tier="elephant", after="50").content.decode()
    assert second.count('class="ranked-need"') == 12
    assert page(planner, reverse("roadmap"), tier="elephant", after="-1").status_code == 200


def test_why_a_rank_shows_every_part_and_who_is_behind_it(ranked, planner):
    ranks.note_past_day(on=AT.date() - dt.timedelta(days=7))
    text = page(planner, reverse("rank_why", args=[ranked.shared.pk])).content.decode()
    for said in ("12 asks", "12 customers", "4 of 5 segments", "24 users", "Common need: 12 customers ask", "Small 11"):
        assert said in text
    assert "used it" in text
    shouted = page(planner, reverse("rank_why", args=[ranked.shouted.pk])).content.decode()
    assert "Not yet a common need: 2 customers ask" in shouted
    assert "blocks 2 accounts" in shouted


def test_what_moved_a_rank_is_told(ranked, planner):
    other = make_request(title="Grows")
    make_evidence(ranked.small[0], other)
    ranks.rank_all(on=AT.date() + dt.timedelta(days=1))
    for account in ranked.small[1:8]:
        make_evidence(account, other)
    ranks.rank_all(on=AT.date() + dt.timedelta(days=2))
    text = page(planner, reverse("rank_why", args=[other.pk])).content.decode()
    assert "points since" in text
    assert "Customers who share it" in text
    assert "What moved the score" in text


def test_a_request_that_is_done_says_so(ranked, planner):
    actions.change_state(request=ranked.shared, state="shipped", by=planner, at=AT)
    ranks.rank_all(on=AT.date())
    assert "Not ranked any more" in page(planner, reverse("rank_why", args=[ranked.shared.pk])).content.decode()
    assert page(planner, reverse("rank_why", args=[999])).status_code == 404


def test_accounts_that_do_not_pay_are_named_as_counting_for_nothing(ranked, planner):
    make_evidence(make_account(), ranked.shared)
    text = page(planner, reverse("rank_why", args=[ranked.shared.pk])).content.decode()
    assert "1 more account asked and does not pay" in text


def test_where_orders_disagree_is_said_with_why(ranked, planner):
    for number in range(6):
        need = make_request(title=f"Middle {number}")
        for account in ranked.small[number : number + 4]:
            make_evidence(account, need)
    ranks.rank_all(on=AT.date())
    text = page(make_user("admin"), reverse("rank_disagreements")).content.decode()
    assert "Behind it stand only 2 customers; the common band begins at 10." in text
    assert "12 customers share it, so it stands in the common band." in text
    assert "no common need" in text
    assert "It needs an effort on two requests at least." in text


def test_the_files_hold_what_matches(ranked, planner):
    rows = list(
        csv.reader(io.StringIO(page(planner, reverse("ranking_export", args=["csv"])).getvalue().decode("utf-8-sig")))
    )
    assert [row[2] for row in rows[1:]] == ["Shared", "Shouted"]
    assert "arr" not in rows[0]
    with_money = (
        page(make_user("admin"), reverse("ranking_export", args=["csv"]), q="shout").getvalue().decode("utf-8-sig")
    )
    assert "1010000.00" in with_money
    assert "Shared" not in with_money
    assert page(planner, reverse("ranking_export", args=["xlsx"])).getvalue()[:2] == b"PK"
    assert page(planner, reverse("ranking_export", args=["pdf"])).status_code == 404
    assert page(make_user("viewer"), reverse("ranking_export", args=["csv"])).status_code == 404
    assert page(planner, reverse("ranking_export", args=["csv"]), state="gone").status_code == 400


def test_an_estimate_is_written_and_ranks_follow(ranked, planner):
    address = reverse("request_estimate", args=[ranked.shared.pk])
    answer = post(planner, address, effort="4.5", impact="2.00", needs=[ranked.shouted.pk])
    assert answer.url == reverse("rank_why", args=[ranked.shared.pk])
    estimate = RequestEstimate.objects.get()
    assert (estimate.effort, estimate.impact, estimate.changed_by) == (Decimal("4.5"), "2.00", planner)
    assert estimate.needs == [ranked.shouted]
    assert Job.objects.filter(task="roadmap.rank_request").count() == 1
    assert (
        post(planner, reverse("request_estimate", args=[ranked.shouted.pk]), needs=[ranked.shared.pk]).status_code
        == 422
    )


@pytest.mark.parametrize("effort", ["0", "-2", "x", "1e9", "0.01"])
def test_an_effort_that_makes_no_sense_keeps_the_form(ranked, planner, effort):
    answer = post(planner, reverse("request_estimate", args=[ranked.shared.pk]), effort=effort)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not RequestEstimate.objects.exists()


def test_who_does_not_plan_finds_no_form(ranked):
    for role in ("csm", "cs_manager", "viewer"):
        who = make_user(role)
        assert page(who, reverse("request_estimate", args=[ranked.shared.pk])).status_code == 404
        assert page(who, reverse("ranking_settings")).status_code == 404
        assert post(who, reverse("ranking_refresh")).status_code == 404


def test_settings_change_the_ranking(ranked, planner):
    form = {field: getattr(RankingSettings(), field) for field in (
        "asks_weight", "accounts_weight", "spread_weight", "users_weight", "weighted_weight", "threshold",
        "guard_percent", "spread_by", "cap_percentile", "renewal_days", "usage_days", "swing_percent",
    )}  # fmt: skip
    assert page(planner, reverse("ranking_settings")).status_code == 200
    assert post(planner, reverse("ranking_settings"), **form | {"threshold": 13}).status_code == 302
    assert RankingSettings.load().threshold == 13
    assert Job.objects.filter(task="roadmap.rank_requests").count() == 1
    assert AuditEvent.objects.get(verb="ranking_settings.changed").changes == {"threshold": [10, 13]}
    for wrong in ({"threshold": 0}, {"cap_percentile": 101}, {"spread_by": "colour"}, {"usage_days": 0}):
        assert post(planner, reverse("ranking_settings"), **form | wrong).status_code == 422
    nothing = dict.fromkeys([name for name in form if name.endswith("_weight")], 0)
    refused = post(planner, reverse("ranking_settings"), **form | nothing)
    assert refused.status_code == 422
    assert "Give at least one weight." in refused.content.decode()


def test_ranking_anew_is_a_job(planner):
    assert post(planner, reverse("ranking_refresh")).status_code == 302
    assert Job.objects.get(task="roadmap.rank_requests").owner_id == planner.pk


def test_a_large_new_customer_changes_nothing_until_the_night(ranked, planner):
    giant = make_account()
    pay(giant, 9_000_000)
    make_evidence(giant, ranked.shouted)
    change_estimate(request=ranked.shouted, by=planner, at=AT, effort=Decimal(3))
    ranks.rank_again(request_ids=[ranked.shouted.pk], on=AT.date())
    text = page(planner, reverse("rank_why", args=[ranked.shouted.pk])).content.decode()
    assert "Not yet a common need: 2 customers ask" in text
