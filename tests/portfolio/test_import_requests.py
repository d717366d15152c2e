"""Do requests and voices come in from files, once, without undoing what was decided or merged here?"""

from __future__ import annotations

from pathlib import Path

import pytest

from common.models import Job
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer, RequestEvidence
from tests.factories import AT
from tests.portfolio.books import ACCOUNTS, bring_in, counts_of, rejects_of, try_out

pytestmark = pytest.mark.django_db

REQUESTS = "external_id,title,description,created_on\nr1,Export to Excel,导出,2026-01-05\nr2,Excel exports,,\n"
VOICES = (
    "external_id,request,account,verbatim,importance,is_blocker,asked_on\n"
    "v1,r1,a1,We copy it by hand.,3,yes,2026-02-01\nv2,r2,a2,,,,2026-02-02\n"
)
BOOK = {"accounts.csv": ACCOUNTS, "feature_requests.csv": REQUESTS, "request_evidence.csv": VOICES}
WHO = {"by": None, "at": AT}


def test_a_trial_says_what_would_come_and_writes_nothing(tmp_path: Path) -> None:
    report = try_out(tmp_path, BOOK)
    assert counts_of(report)["request_evidence"] == {"new": 2, "changed": 0, "same": 0, "rejected": 0}
    assert not FeatureRequest.objects.exists()


def test_requests_and_voices_come_in_once(tmp_path: Path) -> None:
    bring_in(tmp_path, BOOK)
    first, second = RequestEvidence.objects.order_by("external_id")
    assert (first.request.title, first.importance, first.is_blocker) == ("Export to Excel", 3, True)
    assert (second.importance, second.request.created_on) == (1, AT.date())
    again = bring_in(tmp_path, BOOK)
    assert again.totals() == {"new": 0, "changed": 0, "same": 6, "rejected": 0}
    assert Job.objects.filter(task="roadmap.find_all_duplicates").exists()


def test_a_bad_row_is_named_and_harms_no_other(tmp_path: Path) -> None:
    book = BOOK | {
        "feature_requests.csv": REQUESTS + "r3,,,\nr4,Late,,2027-01-01\nr5,No,,\n",
        "request_evidence.csv": VOICES
        + "v3,r9,a1,,,,2026-02-01\nv4,r1,a9,,,,2026-02-01\nv5,r1,a1,,4,,2026-02-01\nv6,r1,a1,,,,2027-02-01\n"
        + f"v7,r1,a1,{'x' * 10_001},,,2026-02-01\n",
    }
    report = bring_in(tmp_path, book)
    assert sorted(rejects_of(report)) == [
        ("feature_requests.csv", 4, "title", "is missing"),
        ("feature_requests.csv", 5, "created_on", "lies in the future"),
        ("request_evidence.csv", 4, "request", "“r9” is not known in feature_requests."),
        ("request_evidence.csv", 5, "account", "“a9” is not known in accounts."),
        ("request_evidence.csv", 6, "importance", "importance cannot be above 3."),
        ("request_evidence.csv", 7, "asked_on", "lies in the future"),
        ("request_evidence.csv", 8, "verbatim", "verbatim: at most 10,000 characters (got 10,001)."),
    ]
    assert (FeatureRequest.objects.count(), RequestEvidence.objects.count()) == (3, 2)


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [("declined", "", "is missing, though the request was declined"),
     ("planned", "Why", "is given, though the request was not declined")],
)  # fmt: skip
def test_a_reason_belongs_to_a_declined_request(tmp_path: Path, state: str, reason: str, said: str) -> None:
    book = {"feature_requests.csv": f"external_id,title,state,decline_reason\nr1,Wish,{state},{reason}\n"}
    assert rejects_of(bring_in(tmp_path, book)) == [("feature_requests.csv", 2, "decline_reason", said)]


def test_an_old_file_does_not_undo_a_decision(tmp_path: Path) -> None:
    file = {"feature_requests.csv": "external_id,title,state\nr1,Wish,new\n"}
    bring_in(tmp_path, file)
    actions.change_state(request=FeatureRequest.objects.get(), state="planned", **WHO)
    bring_in(tmp_path, {"feature_requests.csv": "external_id,title,state\nr1,Better words,new\n"})
    need = FeatureRequest.objects.get()
    assert (need.title, need.state) == ("Better words", "planned")


def test_voices_for_a_merged_request_count_where_it_went_and_stay_there(tmp_path: Path) -> None:
    bring_in(tmp_path, BOOK)
    kept, gone = FeatureRequest.objects.order_by("external_id")
    actions.merge_requests(request=gone, into=kept, **WHO)
    more = VOICES + "v3,r2,a1,Me too.,,,2026-03-01\n"
    report = bring_in(tmp_path, BOOK | {"request_evidence.csv": more})
    assert counts_of(report)["request_evidence"] == {"new": 1, "changed": 0, "same": 2, "rejected": 0}
    assert kept.evidence.count() == 3
    gone.refresh_from_db()
    actions.unmerge_request(request=gone, **WHO)
    assert set(gone.evidence.values_list("external_id", flat=True)) == {"v2", "v3"}


def test_who_asks_by_file_for_what_is_decided_hears_of_it(tmp_path: Path) -> None:
    bring_in(tmp_path, BOOK)
    actions.change_state(request=FeatureRequest.objects.get(external_id="r1"), state="planned", **WHO)
    bring_in(tmp_path, BOOK | {"request_evidence.csv": VOICES + "v3,r1,a2,,,,2026-03-01\n"})
    assert set(RequestAnswer.objects.values_list("account__external_id", flat=True)) == {"a1", "a2"}
