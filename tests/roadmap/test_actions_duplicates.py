"""Is no voice lost when requests become one, and is all as before when they are parted?"""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, ExpectationGap
from common.errors import Refused
from roadmap import actions
from roadmap.models import DuplicatePair, FeatureRequest, RequestAnswer, RequestEvidence, RequestLink
from roadmap.queries import family_of, likely_duplicates, root_of, with_voices
from tests.factories import AT, make_account, make_evidence, make_request, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return {"by": make_user("product_manager"), "at": AT}


def standing():
    """Which voice counts for which request, and what it was given for."""
    return set(RequestEvidence.objects.values_list("pk", "request", "asked_as"))


def test_all_voices_count_for_the_one_that_stays(who):
    gone, kept = make_request(), make_request()
    shared = make_account()
    for account in (shared, make_account()):
        make_evidence(account, gone)
    make_evidence(shared, kept)
    actions.merge_requests(request=gone, into=kept, **who)
    gone.refresh_from_db()
    assert (gone.merged_into, kept.evidence.count(), gone.evidence.count()) == (kept, 3, 0)
    counted = with_voices(FeatureRequest.objects.filter(pk=kept.pk), make_user("admin")).get()
    assert (counted.evidence_count, counted.account_count) == (3, 2)
    assert AuditEvent.objects.get(verb="feature_request.merged").changes == {"merged_into": [None, kept.pk]}


def test_parting_gives_every_voice_back(who):
    gone, kept = make_request(), make_request()
    for need in (gone, gone, kept):
        make_evidence(make_account(), need)
    before = standing()
    actions.merge_requests(request=gone, into=kept, **who)
    gone.refresh_from_db()
    parted = actions.unmerge_request(request=gone, **who)
    assert standing() == before
    assert (parted.returned, parted.stayed, parted.request.merged_into) == (2, 1, None)


def test_what_came_in_since_goes_where_it_was_asked_for(who):
    gone, kept = make_request(), make_request()
    old = make_evidence(make_account(), gone)
    actions.merge_requests(request=gone, into=kept, **who)
    gone.refresh_from_db()
    for_gone = actions.add_evidence(request=gone, account=make_account(), **who)
    for_kept = actions.add_evidence(request=kept, account=make_account(), **who)
    assert {for_gone.request, for_kept.request} == {kept}
    actions.unmerge_request(request=gone, **who)
    assert set(gone.evidence.all()) == {old, for_gone}
    assert set(kept.evidence.all()) == {for_kept}


def test_merging_into_itself_or_in_a_circle_is_refused(who):
    one, two, three = make_request(), make_request(), make_request()
    with pytest.raises(Refused, match="into itself"):
        actions.merge_requests(request=one, into=one, **who)
    actions.merge_requests(request=one, into=two, **who)
    actions.merge_requests(request=two, into=three, **who)
    for gone, into in ((three, one), (three, two)):
        gone.refresh_from_db()
        into.refresh_from_db()
        with pytest.raises(Refused, match="circle"):
            actions.merge_requests(request=gone, into=into, **who)
    one.refresh_from_db()
    with pytest.raises(Refused, match="merged already"):
        actions.merge_requests(request=one, into=three, **who)
    with pytest.raises(Refused, match="not merged"):
        actions.unmerge_request(request=three, **who)
    assert root_of(one) == three
    assert set(family_of(three)) == {one.pk, two.pk, three.pk}


def test_merging_into_one_that_was_merged_goes_to_the_one_that_stands(who):
    one, two, three = make_request(), make_request(), make_request()
    make_evidence(make_account(), one)
    actions.merge_requests(request=two, into=three, **who)
    two.refresh_from_db()
    assert actions.merge_requests(request=one, into=two, **who) == three
    assert three.evidence.count() == 1


def test_parting_the_middle_of_a_chain_takes_its_own_along(who):
    one, two, three = make_request(), make_request(), make_request()
    voices = [make_evidence(make_account(), need) for need in (one, two, three)]
    actions.merge_requests(request=one, into=two, **who)
    actions.merge_requests(request=two, into=three, **who)
    two.refresh_from_db()
    actions.unmerge_request(request=two, **who)
    assert set(two.evidence.all()) == set(voices[:2])
    assert set(three.evidence.all()) == {voices[2]}
    one.refresh_from_db()
    actions.unmerge_request(request=one, **who)
    assert [need.evidence.get() for need in (one, two, three)] == voices


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8), st.lists(st.integers(0, 4), max_size=6))
def test_whatever_is_merged_no_voice_is_lost_and_all_parted_is_as_before(pairs, asks):
    who = {"by": None, "at": AT}
    needs = [make_request() for _number in range(5)]
    for ask in asks:
        make_evidence(make_account(), needs[ask])
    mine = RequestEvidence.objects.filter(request__in=needs)
    before = set(mine.values_list("pk", "request", "asked_as"))
    for gone, into in pairs:
        fresh = {need.pk: need for need in FeatureRequest.objects.filter(pk__in=[one.pk for one in needs])}
        try:
            actions.merge_requests(request=fresh[needs[gone].pk], into=fresh[needs[into].pk], **who)
        except Refused:
            continue
        assert RequestEvidence.objects.filter(pk__in=[row[0] for row in before]).count() == len(asks)
        assert not RequestEvidence.objects.filter(request__merged_into__isnull=False).exists()
    for need in FeatureRequest.objects.filter(pk__in=[one.pk for one in needs], merged_into__isnull=False):
        need.refresh_from_db()
        actions.unmerge_request(request=need, **who)
    assert set(mine.values_list("pk", "request", "asked_as")) == before


def test_links_go_along_and_what_hangs_on_both_counts_once(who):
    gone, kept, account = make_request(), make_request(), make_account()
    gaps = [ExpectationGap.objects.create(account=account, text=text, found_on=AT.date()) for text in "ab"]
    for gap in gaps:
        actions.link_request(request=gone, target=gap, **who)
    actions.link_request(request=kept, target=gaps[0], **who)
    actions.merge_requests(request=gone, into=kept, **who)
    assert set(kept.links.values_list("gap", flat=True)) == {gap.pk for gap in gaps}
    gone.refresh_from_db()
    actions.unmerge_request(request=gone, **who)
    assert (gone.links.count(), kept.links.count()) == (2, 1)
    assert not RequestLink.objects.exclude(linked_as=None).exists()


def test_a_merged_request_is_not_decided_about_by_itself(who):
    gone, kept = make_request(), make_request()
    actions.merge_requests(request=gone, into=kept, **who)
    for act in (
        lambda: actions.change_state(request=gone, state="planned", **who),
        lambda: actions.schedule_request(request=gone, quarter=dt.date(2026, 7, 1), **who),
        lambda: actions.delete_request(request=gone, **who),
        lambda: actions.delete_request(request=kept, **who),
    ):
        with pytest.raises(Refused):
            act()


def test_who_comes_along_hears_what_was_decided_already(who):
    gone, kept, account = make_request(), make_request(), make_account()
    make_evidence(account, gone)
    make_evidence(make_account(), kept)
    actions.change_state(request=kept, state="planned", **who)
    actions.merge_requests(request=gone, into=kept, **who)
    assert RequestAnswer.objects.waiting().filter(request=kept).count() == 2
    gone.refresh_from_db()
    actions.unmerge_request(request=gone, **who)
    assert not RequestAnswer.objects.waiting().filter(account=account).exists()


def test_suggestions_name_their_words_and_stay_apart_once_told(who):
    one, two = make_request(title="Export to Excel"), make_request(title="Excel exports")
    make_request(title="Dark mode")
    assert actions.find_duplicates() == 1
    pair = DuplicatePair.objects.open().get()
    assert (pair.one, pair.other, pair.shared_words) == (one, two, ["export", "excel"])
    actions.tell_apart(pair=pair, **who)
    actions.find_duplicates()
    actions.find_duplicates(request_ids=[two.pk])
    assert not DuplicatePair.objects.open().exists()
    actions.suggest_again(pair=pair, **who)
    assert DuplicatePair.objects.open().get() == pair


def test_a_merged_request_is_found_by_its_own_words_under_the_one_that_stays(who):
    gone, kept = make_request(title="单点登录"), make_request(title="Sign in with our identity provider")
    actions.merge_requests(request=gone, into=kept, **who)
    (found, *_rest) = likely_duplicates("支持单点登录", make_user())
    assert found.request == kept
    assert "单点登录" in found.words
    assert actions.find_duplicates() == 0


def test_a_suggestion_goes_when_the_words_change(who):
    one = make_request(title="Export to Excel")
    make_request(title="Excel exports")
    actions.find_duplicates()
    actions.change_request(request=one, title="Dark mode", **who)
    actions.find_duplicates(request_ids=[one.pk])
    assert not DuplicatePair.objects.exists()
