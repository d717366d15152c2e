"""Are requests ranked from what customers pay, say and use, every night and whenever somebody asks?"""

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from common.errors import Refused
from common.jobs import run_due
from common.models import Job
from revenue.models import Renewal
from roadmap import actions
from roadmap.actions import ranking as ranks
from roadmap.models import AccountWeight, RankDay, RankingSettings, RequestEstimate, RequestRank
from roadmap.queries.ranking import ranking
from roadmap.queries.ranking_facts import accounts_matching, module_users, read_book
from tests.factories import AT, make_account, make_evidence, make_feature, make_module, make_request, make_user
from tests.roadmap.conftest import ON, pay
from usage.models import AccountFeatureUse

pytestmark = pytest.mark.django_db


def rank_of(request):
    return RequestRank.objects.get(request=request)


def test_the_need_that_twelve_share_stands_before_the_one_that_two_giants_shout_for(small_book):
    assert ranks.rank_all(on=ON) == {"ranked": 2, "common": 1, "changed": 2}
    shared, shouted = rank_of(small_book.shared), rank_of(small_book.shouted)
    assert (shared.rank, shared.is_common, shared.accounts, shared.asks) == (1, True, 12, 12)
    assert (shouted.rank, shouted.is_common, shouted.accounts, shouted.blockers) == (2, False, 2, 2)
    assert (shared.arr, shouted.arr) == (Decimal(600_000), Decimal(1_010_000))
    assert (shouted.arr_rank, shared.arr_rank) == (1, 2)
    assert (shared.segments, shared.spread) == (4, 0.8)
    assert (shared.users, shared.validated, shared.validation) == (24, 12, 1.0)
    # The 90th percentile of fourteen accounts is a giant's own ARR.
    assert shouted.weighted_arr == Decimal(1_010_000)
    assert shouted.largest == small_book.giants[0]
    assert AccountWeight.objects.count() == 14


def test_a_second_run_for_the_day_changes_nothing(small_book):
    ranks.rank_all(on=ON)
    before = list(RequestRank.objects.values())
    assert ranks.rank_all(on=ON)["changed"] == 0
    assert list(RequestRank.objects.values()) == before
    assert RankDay.objects.count() == 2


def test_voices_of_churned_future_and_unknown_accounts_count_for_nothing(small_book):
    gone = make_account()
    pay(gone, 900_000, starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2026, 3, 1))
    never = make_account()
    for account in (gone, never):
        make_evidence(account, small_book.shouted, importance=3)
    make_evidence(make_account(), make_request(title="Nobody who pays"), importance=3)
    make_evidence(small_book.small[0], small_book.shouted, asked_on=ON + dt.timedelta(days=1))
    ranks.rank_all(on=ON)
    assert rank_of(small_book.shouted).accounts == 2
    last = RequestRank.objects.get(request__title="Nobody who pays")
    assert (last.rank, last.score, last.accounts, last.arr_rank) == (3, 0, 0, 0)


def test_shipped_and_declined_requests_lose_their_rank_and_keep_their_days(small_book):
    ranks.rank_all(on=ON)
    by = make_user("product_manager")
    actions.change_state(request=small_book.shared, state="shipped", by=by, at=AT)
    ranks.rank_all(on=ON + dt.timedelta(days=1))
    assert list(RequestRank.objects.values_list("request__title", "rank")) == [("Shouted", 1)]
    assert RankDay.objects.filter(request=small_book.shared).count() == 1


def test_renewals_within_the_window_count_twice_and_settled_ones_do_not(small_book):
    near, far, settled = small_book.small[:3]
    for account, due in ((near, 180), (far, 181), (settled, 30)):
        Renewal.objects.create(account=account, due_on=ON + dt.timedelta(days=due), arr=Decimal(50_000))
    Renewal.objects.filter(account=settled).update(stage="won", stage_changed_on=ON)
    ranks.rank_all(on=ON)
    weights = dict(AccountWeight.objects.values_list("account", "weighted_arr"))
    assert [weights[account.pk] for account in (near, far, settled)] == [100_000, 50_000, 50_000]
    assert rank_of(small_book.shared).renewing_arr == Decimal(50_000)
    # Before it was settled it was up for renewal.
    book = read_book(ON - dt.timedelta(days=1), RankingSettings.load(), from_days=True)
    assert (
        dict(zip(book.customers.account.tolist(), book.customers.renewing.tolist(), strict=True))[settled.pk]
        == 50_000_00
    )


def test_who_asks_without_using_the_module_does_not_validate(small_book):
    other = make_module()
    AccountFeatureUse.objects.filter(account__in=small_book.small[:6]).update(feature=make_feature(module=other))
    ranks.rank_all(on=ON)
    found = rank_of(small_book.shared)
    assert (found.validated, found.validation) == (6, 0.5)
    small_book.shared.module = None
    small_book.shared.save()
    ranks.rank_all(on=ON)
    assert rank_of(small_book.shared).validation == 1.0  # of no module, being active is enough


def test_use_counted_from_single_days_is_what_is_kept_of_them(small_book):
    settings = RankingSettings.load()
    kept, counted = (read_book(ON, settings, from_days=way) for way in (False, True))
    for name in ("account", "arr", "weighted", "users", "segment", "is_active"):
        assert getattr(kept.customers, name).tolist() == getattr(counted.customers, name).tolist()
    pairs = [sorted(zip(*(column.tolist() for column in module_users(ON, 30, from_days=way)), strict=True))
             for way in (False, True)]  # fmt: skip
    assert pairs[0] == pairs[1] != []
    later = ON + dt.timedelta(days=31)
    assert not read_book(later, settings).customers.is_active.any()


def test_a_vote_moves_its_request_as_a_whole_run_would(small_book):
    third = make_request(title="Third")
    make_evidence(small_book.small[0], third)
    ranks.rank_all(on=ON)
    newcomer = small_book.giants[0]
    make_evidence(newcomer, third, importance=3)
    make_evidence(small_book.small[1], third)
    ranks.rank_again(request_ids=[third.pk], on=ON)
    moved = list(RequestRank.objects.order_by("request").values())
    ranks.rank_all(on=ON)
    # The same but for what is compared with four weeks before, which the night fills in.
    assert list(RequestRank.objects.order_by("request").values()) == moved
    assert rank_of(third).accounts == 3


def test_a_new_request_takes_its_place_among_the_stored_ones(small_book):
    ranks.rank_all(on=ON)
    new = make_request(title="Fresh")
    for account in small_book.small[:11]:
        make_evidence(account, new)
    ranks.rank_again(request_ids=[new.pk], on=ON)
    assert rank_of(new).is_common
    assert sorted(RequestRank.objects.values_list("rank", flat=True)) == [1, 2, 3]


def test_each_day_is_kept_once_and_only_if_something_changed(small_book):
    for back in (40, 20, 0):
        ranks.rank_all(on=ON - dt.timedelta(days=back))
    # Forty and twenty days ago nobody had asked yet, so those days are the same and the second is not kept.
    assert RankDay.objects.filter(request=small_book.shared).count() == 2
    assert rank_of(small_book.shouted).last_rank is not None


def test_a_past_day_is_worked_out_as_it_was_known(small_book):
    past = ON - dt.timedelta(days=5)
    found = ranking(past, is_past=True)
    assert found.parts.accounts.tolist() == [0, 0]
    assert ranks.note_past_day(on=ON) == 2
    assert ranks.note_past_day(on=ON) == 0


def test_the_ranking_of_a_part_of_the_book_counts_only_that_part(small_book):
    ranks.rank_all(on=ON)
    whole = ranking(ON)
    part = ranking(ON, book=whole.backing.book.only(accounts_matching(tier=["elephant"])))
    assert part.parts.accounts.tolist() == [0, 2]
    assert part.ranked.rank.tolist() == [2, 1]
    assert part.backing.book.segments == ["Finance"]


def test_rice_and_wsjf_take_their_place_beside_ours(small_book):
    RequestEstimate.objects.create(
        request=small_book.shouted, effort=Decimal("2.0"), impact="3.00", confidence=100, reach=50, business_value=20,
        time_criticality=13, opportunity=8, changed_at=AT,
    )  # fmt: skip
    RequestEstimate.objects.create(request=small_book.shared, effort=Decimal("6.0"), changed_at=AT)
    ranks.rank_all(on=ON)
    shouted, shared = rank_of(small_book.shouted), rank_of(small_book.shared)
    assert (shouted.rice, shouted.rice_rank, shouted.wsjf, shouted.wsjf_rank) == (75.0, 1, 20.5, 1)
    # Twelve customers × "useful" × all validated / 6 weeks; nobody said what it is worth to us.
    assert (shared.rice, shared.rice_rank, shared.wsjf, shared.wsjf_rank) == (2.0, 2, None, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [({f"{name}_weight": 0 for name in ("asks", "accounts", "spread", "users", "weighted")}, "accounts_weight")],
)
def test_weights_that_weigh_nothing_are_refused(values, field):
    with pytest.raises(Refused, match="at least one weight") as refusal:
        ranks.change_ranking_settings(by=make_user("admin"), at=AT, **values)
    assert refusal.value.field == field


def test_other_settings_rank_anew(small_book):
    ranks.rank_all(on=ON)
    ranks.change_ranking_settings(by=make_user("admin"), at=AT, threshold=13)
    assert Job.objects.filter(task="roadmap.rank_requests").count() == 1
    ranks.rank_all(on=ON)
    assert not RequestRank.objects.filter(is_common=True).exists()
    assert RankingSettings.load().threshold == 13


def test_an_account_that_pays_no_more_loses_its_weight(small_book):
    ranks.rank_all(on=ON)
    small_book.giants[0].delete()
    ranks.rank_all(on=ON)
    assert AccountWeight.objects.count() == 13
    assert rank_of(small_book.shouted).accounts == 1
    assert rank_of(small_book.shouted).guard == 0.5


def test_the_command_ranks_and_says_it_as_json(small_book):
    out = StringIO()
    call_command("rank_requests", "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    assert [row["title"] for row in told["requests"]] == ["Shared", "Shouted"]
    first = told["requests"][0]
    assert (first["rank"], first["accounts"], first["arr"], first["is_common"]) == (1, 12, "600000.00", True)
    assert set(first["percentiles"]) == set(first["weights"]) == {"asks", "accounts", "spread", "users", "weighted"}
    assert RequestRank.objects.count() == 2
    text = StringIO()
    call_command("rank_requests", "--limit", "1", stdout=text)
    assert "Shared" in text.getvalue()
    assert "Shouted" not in text.getvalue()


def test_the_command_shows_a_past_day_without_writing_it(small_book):
    out = StringIO()
    call_command("rank_requests", "--on", "2026-06-15", stdout=out)
    assert "not written" in out.getvalue()
    assert not RequestRank.objects.exists()
    for wrong in ("2199-01-01", "yesterday"):
        with pytest.raises(CommandError):
            call_command("rank_requests", "--on", wrong)


def test_the_nightly_task_ranks(small_book):
    from common.jobs import enqueue

    enqueue("roadmap.rank_requests", key="all")
    assert run_due(AT, long=True) >= 0
    assert RequestRank.objects.filter(rank__gte=1).count() == 2
    assert not RequestRank.objects.filter(best_rank__gt=F("worst_rank")).exists()


def test_the_rank_four_weeks_before_is_known_at_the_first_night(small_book):
    ranks.note_past_day(on=ON - dt.timedelta(days=40))
    ranks.rank_all(on=ON)
    # Nobody had asked then, so the older request stood first.
    assert (rank_of(small_book.shared).last_rank, rank_of(small_book.shouted).last_rank) == (1, 2)
    assert rank_of(small_book.shared).moved == 0
