"""Does everybody who asked hear what became of it, in time, and is it taken back exactly?"""

import datetime as dt
from fractions import Fraction

import pytest

from accounts.models import Notification, TimelineEntry
from common.errors import Refused
from roadmap import actions
from roadmap.models import RequestAnswer, RequestChange
from roadmap.queries import answers_of, told_report, use_of, waiting_for, with_answerer, with_words
from tests.factories import AT, make_account, make_evidence, make_feature, make_line, make_request, make_user
from tests.roadmap.ledgers import ledger_of
from usage.models import AccountFeatureUse

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(days=3)


@pytest.fixture
def csm():
    return make_user()


@pytest.fixture
def who():
    return {"by": make_user("product_manager"), "at": AT}


def asked(number=1, owner=None, **fields):
    need = make_request(**fields)
    for _one in range(number):
        make_evidence(make_account(owner), need, verbatim="我们每个月手抄。")
    return need


def test_a_decision_makes_an_answer_for_each_account_that_asked(who, csm):
    need, account = make_request(), make_account(csm)
    make_evidence(account, need, verbatim="First words.", asked_on=dt.date(2026, 1, 1))
    make_evidence(account, need, verbatim="", asked_on=dt.date(2026, 3, 1))
    actions.change_state(request=need, state="declined", decline_reason="Only one asks.", **who)
    answer = with_answerer(with_words(RequestAnswer.objects.all())).get()
    assert (answer.account, answer.owner_id, answer.words) == (account, csm.pk, "First words.")
    assert (answer.state, answer.change.reason, answer.due_on) == (
        "waiting", "Only one asks.", AT.date() + dt.timedelta(days=14),
    )  # fmt: skip
    (told,) = Notification.objects.all()
    assert (told.user, told.url) == (csm, f"/roadmap/answers/?request={need.pk}")
    assert waiting_for(csm, AT.date()) == (1, 0)


def test_the_answer_goes_along_when_the_owner_changes(who, csm):
    asked(owner=csm)
    account_owner = make_user()
    need = asked(owner=account_owner)
    actions.change_state(request=need, state="planned", **who)
    assert answers_of(account_owner).count() == 1
    assert not answers_of(csm).exists()


def test_a_customer_that_left_has_nobody_to_be_told(who):
    need = make_request()
    make_evidence(make_account(stage="churned"), need)
    actions.change_state(request=need, state="shipped", **who)
    answer = RequestAnswer.objects.get()
    assert (answer.state, answer.why) == ("not_applicable", "left")


def test_a_later_decision_overtakes_what_still_waits(who):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    actions.change_state(request=need, state="building", by=who["by"], at=LATER)
    old, new = RequestAnswer.objects.order_by("pk")
    assert (old.state, old.why, old.overtaken_by) == ("not_applicable", "overtaken", new.change)
    assert (new.state, new.since) == ("waiting", LATER.date())


def test_back_to_new_leaves_nobody_waiting(who):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    actions.change_state(request=need, state="new", by=who["by"], at=LATER)
    assert not RequestAnswer.objects.waiting().exists()
    assert RequestChange.objects.count() == 2


def test_who_asks_for_what_is_decided_hears_it_too_and_once(who):
    need, late = asked(), make_account()
    actions.change_state(request=need, state="planned", **who)
    for _twice in range(2):
        actions.add_evidence(request=need, account=late, by=who["by"], at=LATER)
    answer = RequestAnswer.objects.get(account=late)
    assert (answer.state, answer.due_on) == ("waiting", LATER.date() + dt.timedelta(days=14))
    actions.add_evidence(request=asked(), account=late, **who)
    assert RequestAnswer.objects.filter(account=late).count() == 1


def test_telling_leaves_an_entry_on_the_timeline(who, csm):
    need = asked(3, owner=csm, title="Export")
    actions.change_state(request=need, state="declined", decline_reason="Too few.", **who)
    assert actions.tell_customers(answers=RequestAnswer.objects.all(), by=csm, at=LATER) == 3
    entry = TimelineEntry.objects.filter(kind="request").first()
    assert (entry.title, entry.body, entry.author) == ("Told of “Export”: Declined", "Too few.", csm)
    assert actions.tell_customers(answers=RequestAnswer.objects.all(), by=csm, at=LATER) == 0
    assert TimelineEntry.objects.count() == 3


def test_a_reply_tells_as_well_and_needs_words(who, csm):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    answer = RequestAnswer.objects.get()
    with pytest.raises(Refused):
        actions.record_reply(answer=answer, reply="  ", by=csm, at=LATER)
    replied = actions.record_reply(answer=answer, reply="At last!", by=csm, at=LATER)
    assert (replied.state, replied.reply, replied.told_by, replied.replied_on) == (
        "replied", "At last!", csm, LATER.date(),
    )  # fmt: skip
    tomorrow = LATER.date() + dt.timedelta(days=1)
    with pytest.raises(Refused):
        actions.record_reply(answer=answer, reply="Later", by=csm, at=LATER, replied_on=tomorrow)


def test_nobody_replies_to_what_was_overtaken(who, csm):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    old = RequestAnswer.objects.get()
    actions.change_state(request=need, state="building", by=who["by"], at=LATER)
    with pytest.raises(Refused):
        actions.record_reply(answer=old, reply="Yes", by=csm, at=LATER)
    assert actions.reopen_answers(answers=[old], by=csm, at=LATER) == 0


def test_an_excuse_has_a_reason_and_is_taken_back(who, csm):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    answer = RequestAnswer.objects.get()
    with pytest.raises(Refused):
        actions.excuse_answer(answer=answer, reason=" ", by=csm, at=LATER)
    excused = actions.excuse_answer(answer=answer, reason="Our own test account.", by=csm, at=LATER)
    assert (excused.state, excused.why_text) == ("not_applicable", "Our own test account.")
    with pytest.raises(Refused):
        actions.excuse_answer(answer=answer, reason="Again", by=csm, at=LATER)
    assert actions.reopen_answers(answers=[answer], by=csm, at=LATER) == 1
    answer.refresh_from_db()
    assert (answer.state, answer.why, answer.why_text) == ("waiting", "", "")


def test_taking_back_that_they_were_told_takes_the_entry_too(who, csm):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    actions.tell_customers(answers=RequestAnswer.objects.all(), by=csm, at=LATER)
    actions.reopen_answers(answers=RequestAnswer.objects.all(), by=csm, at=LATER)
    answer = RequestAnswer.objects.get()
    assert (answer.state, answer.told_at) == ("waiting", None)
    assert not TimelineEntry.objects.exists()


def test_the_share_told_in_time_counts_who_was_to_hear(who, csm):
    need = asked(4)
    actions.change_state(request=need, state="planned", **who)
    in_time, late, excused, waiting = RequestAnswer.objects.order_by("pk")
    actions.tell_customers(answers=[in_time], by=csm, at=AT + dt.timedelta(days=14))
    actions.tell_customers(answers=[late], by=csm, at=AT + dt.timedelta(days=15))
    actions.excuse_answer(answer=excused, reason="Test", by=csm, at=LATER)
    answers = RequestAnswer.objects.all()
    report = told_report(answers, AT.date() + dt.timedelta(days=14))
    assert (report.rate, report.waiting, report.overdue, report.not_applicable) == (Fraction(1, 2), 1, 0, 1)
    report = told_report(answers, AT.date() + dt.timedelta(days=15))
    assert (report.rate, report.in_time, report.late, report.overdue) == (Fraction(1, 3), 1, 2, 1)
    # A decision that comes only after the time was over does not hide that nobody told them.
    actions.change_state(request=need, state="building", by=who["by"], at=AT + dt.timedelta(days=20))
    first = told_report(answers.filter(pk__lte=waiting.pk), AT.date() + dt.timedelta(days=21))
    assert (first.rate, first.late) == (Fraction(1, 3), 2)


def test_a_decision_is_undone_as_if_it_had_not_been(who):
    need = asked(2)
    actions.change_state(request=need, state="planned", quarter=dt.date(2026, 8, 5), **who)
    before = list(RequestAnswer.objects.order_by("pk").values())
    actions.change_state(request=need, state="declined", decline_reason="No.", by=who["by"], at=LATER)
    undone = actions.take_back_change(change=need.changes.first(), by=who["by"], at=LATER)
    assert (undone.state, undone.decline_reason, undone.quarter) == ("planned", "", dt.date(2026, 7, 1))
    assert list(RequestAnswer.objects.order_by("pk").values()) == before


def test_a_decision_that_somebody_heard_of_stays(who, csm):
    need = asked()
    actions.change_state(request=need, state="planned", **who)
    change = need.changes.get()
    actions.tell_customers(answers=RequestAnswer.objects.all(), by=csm, at=LATER)
    with pytest.raises(Refused, match="told already"):
        actions.take_back_change(change=change, by=who["by"], at=LATER)
    actions.change_state(request=need, state="building", by=who["by"], at=LATER)
    with pytest.raises(Refused, match="later decision"):
        actions.take_back_change(change=change, by=who["by"], at=LATER)


def test_use_is_measured_against_what_was_expected(who):
    feature = make_feature("core", name="Excel export")
    need = make_request(feature=feature, use_goal_percent=50, use_goal_on=dt.date(2026, 9, 1),
                        promised_on=dt.date(2026, 6, 10))  # fmt: skip
    accounts = [make_account() for _number in range(4)]
    for account in accounts:
        make_line(account, 1_000)
        make_evidence(account, need)
    make_evidence(make_account(stage="churned"), need)
    ledger_of(*accounts)
    actions.change_state(request=need, state="shipped", **who)
    need.refresh_from_db()
    on = dt.date(2026, 8, 20)
    days = [(dt.date(2026, 6, 20), dt.date(2026, 8, 19)), (dt.date(2026, 7, 25), dt.date(2026, 8, 1)),
            (dt.date(2026, 7, 1), dt.date(2026, 7, 2))]  # fmt: skip
    for account, (first, last) in zip(accounts, days, strict=False):
        AccountFeatureUse.objects.create(account=account, feature=feature, first_on=first, last_on=last)
    use = use_of(need, make_user("admin"), on)
    assert (use.asked, use.using, use.tried, use.verdict, use.late_days) == (4, 2, 3, "reached", 5)
    assert dict(use.looks) == {30: Fraction(1, 2), 60: Fraction(3, 4), 90: None}
    assert use_of(need, make_user(), on).asked == 0


@pytest.mark.parametrize("state", ["planned", "declined"])
def test_what_is_not_shipped_has_no_use(who, state):
    need = asked(feature=make_feature())
    reason = "No." if state == "declined" else ""
    actions.change_state(request=need, state=state, decline_reason=reason, **who)
    need.refresh_from_db()
    assert use_of(need, make_user("admin"), AT.date()) is None
