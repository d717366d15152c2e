"""Do handoffs, promises, goals, the timeline and churn records change only as the rules say?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import churn, goals, handoff, promises, timeline, views
from accounts.models import (
    Account,
    AuditEvent,
    BusinessGoal,
    Handoff,
    ImplementationRecord,
    Organisation,
    Promise,
    SavedView,
    TimelineEntry,
)
from accounts.queries import handoff as handoff_queries
from accounts.queries.promises import promise_ledger
from accounts.rules import attachments as attachment_rules
from common.errors import Conflict, Refused
from tests.factories import make_account, make_contact, make_handoff, make_team, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


def test_a_handoff_goes_from_draft_over_a_return_to_acceptance_and_keeps_every_version():
    sales, csm = make_user("cs_manager"), make_user()
    account = make_account(owner=csm, stage="adoption")
    texts = dict.fromkeys(Handoff.SECTIONS, "Said.")

    handoff.save_handoff(account=account, sections=texts, by=sales, at=NOW)
    handoff.submit_handoff(account=account, by=sales, at=NOW)
    handoff.return_handoff(account=account, reasons="Who signs?", by=csm, at=NOW)
    handoff.save_handoff(account=account, sections={"stakeholders": "Ada signs."}, by=sales, at=NOW)
    handoff.submit_handoff(account=account, by=sales, at=NOW)
    accepted = handoff.accept_handoff(account=account, by=csm, at=NOW)

    assert accepted.state == "accepted"
    states = list(accepted.versions.order_by("number").values_list("state", flat=True))
    assert states == ["draft", "submitted", "returned", "returned", "submitted", "accepted"]
    account.refresh_from_db()
    assert account.stage == Account.Stage.ONBOARDING


def test_a_handoff_is_not_accepted_while_a_required_section_is_empty():
    csm = make_user()
    account = make_account(owner=csm)
    file = make_handoff(account, risks="  ", competitor="")
    handoff.submit_handoff(account=account, by=csm, at=NOW)

    with pytest.raises(Refused, match="before accepting: risks"):
        handoff.accept_handoff(account=account, by=csm, at=NOW)

    file.refresh_from_db()
    assert file.state == "submitted"


def test_required_sections_are_a_setting():
    Organisation.objects.create(pk=1, handoff_required_sections=["business_goals"])
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, text="")
    handoff.submit_handoff(account=account, by=csm, at=NOW)

    with pytest.raises(Refused, match="business goals"):
        handoff.accept_handoff(account=account, by=csm, at=NOW)
    goals.add_goal(account=account, by=csm, at=NOW, name="Faster", baseline=Decimal(10), target=Decimal(2))

    assert handoff.accept_handoff(account=account, by=csm, at=NOW).state == "accepted"


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("draft", "accept"), ("draft", "return"), ("accepted", "submit"), ("accepted", "accept"),
        ("accepted", "return"), ("returned", "accept"), ("submitted", "submit"),
    ],
)  # fmt: skip
def test_a_step_from_the_wrong_state_is_refused_and_changes_nothing(state, step):
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, state=state, submitted_at=NOW, return_reasons="Why?")
    steps = {
        "submit": lambda: handoff.submit_handoff(account=account, by=csm, at=NOW),
        "return": lambda: handoff.return_handoff(account=account, reasons="So.", by=csm, at=NOW),
        "accept": lambda: handoff.accept_handoff(account=account, by=csm, at=NOW),
    }

    with pytest.raises(Refused, match="Only a"):
        steps[step]()

    assert Handoff.objects.get().state == state
    assert not AuditEvent.objects.exists()


def test_returning_needs_reasons():
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, state="submitted", submitted_at=NOW)

    with pytest.raises(Refused, match="Say why"):
        handoff.return_handoff(account=account, reasons=" ", by=csm, at=NOW)


def test_an_edit_after_acceptance_is_a_new_version():
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, state="accepted", submitted_at=NOW, version=4)

    saved = handoff.save_handoff(account=account, sections={"risks": "A merger."}, by=csm, at=NOW, version=4)

    assert (saved.state, saved.version) == ("accepted", 5)
    assert saved.versions.get(number=5).sections["risks"] == "A merger."


def test_a_stale_handoff_is_refused():
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, version=4)

    with pytest.raises(Conflict):
        handoff.save_handoff(account=account, sections={"risks": "Mine."}, by=csm, at=NOW, version=3)


def test_the_clock_counts_business_hours_until_acceptance():
    # Submitted on Friday 16:00, asked on Monday 10:00: two hours on Friday and one on Monday.
    friday = dt.datetime(2026, 11, 20, 16, tzinfo=dt.UTC)
    csm = make_user()
    account = make_account(owner=csm)
    make_handoff(account, state="submitted", submitted_at=friday)

    waiting = handoff_queries.waiting_handoffs(csm, NOW)

    assert [item.clock.hours for item in waiting] == [Decimal("3.0")]
    assert not waiting[0].clock.is_late


def test_waiting_handoffs_cost_the_same_for_one_and_many(django_assert_num_queries):
    admin = make_user("admin")
    make_handoff(make_account(), state="submitted", submitted_at=NOW)
    with django_assert_num_queries(4):
        assert len(handoff_queries.waiting_handoffs(admin, NOW)) == 1
    for _number in range(20):
        make_handoff(make_account(), state="submitted", submitted_at=NOW)
    with django_assert_num_queries(4):
        assert len(handoff_queries.waiting_handoffs(admin, NOW)) == 21


def test_versions_say_what_changed_line_by_line():
    csm = make_user()
    account = make_account(owner=csm)
    handoff.save_handoff(account=account, sections={"risks": "One.\nTwo."}, by=csm, at=NOW)
    file = handoff.save_handoff(account=account, sections={"risks": "One.\nThree."}, by=csm, at=NOW)
    first, second = file.versions.order_by("number")

    (change,) = handoff_queries.version_changes(first, second)

    assert change.lines == (("", "One."), ("-", "Two."), ("+", "Three."))


def test_a_promise_past_its_day_is_overdue_until_it_is_settled():
    csm = make_user()
    account = make_account(owner=csm)
    promise = promises.add_promise(account=account, by=csm, at=NOW, text="Ship SSO.", due_on=TODAY - DAY)
    assert promise_ledger(account, TODAY).overdue == 1

    promises.settle_promise(promise=promise, state="broken", by=csm, at=NOW, evidence="Not shipped.")

    ledger = promise_ledger(account, TODAY)
    assert (ledger.overdue, ledger.broken) == (0, 1)
    with pytest.raises(Refused, match="already settled"):
        promises.settle_promise(promise=promise, state="kept", by=csm, at=NOW)


def test_a_renegotiated_promise_goes_on_with_its_new_day_and_can_be_taken_back():
    csm = make_user()
    account = make_account(owner=csm)
    promise = promises.add_promise(account=account, by=csm, at=NOW, text="Ship SSO.", due_on=TODAY)
    with pytest.raises(Refused, match="new due day"):
        promises.settle_promise(promise=promise, state="renegotiated", by=csm, at=NOW)

    promises.settle_promise(promise=promise, state="renegotiated", by=csm, at=NOW, due_on=TODAY + 30 * DAY)
    assert Promise.objects.get(state="open").due_on == TODAY + 30 * DAY

    promises.reopen_promise(promise=promise, by=csm, at=NOW)
    assert list(Promise.objects.values_list("state", "due_on")) == [("open", TODAY)]
    assert not TimelineEntry.objects.exists()


def test_a_promise_is_made_to_somebody_of_the_same_account():
    csm = make_user()
    stranger = make_contact(make_account())

    with pytest.raises(Refused, match="another account"):
        promises.add_promise(account=make_account(owner=csm), made_to=stranger, by=csm, at=NOW, text="x")


def record_of(csm):
    account = make_account(owner=csm)
    return promises.add_implementation_record(
        account=account, stage="go_live", on=TODAY, outcome="Live.", by=csm, at=NOW
    )


def test_a_go_live_record_dates_the_account():
    record = record_of(make_user())

    assert Account.objects.get(pk=record.account_id).live_on == TODAY


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.svg", b"<svg onload=alert(1)>", "kind of file"),
        ("x.html", b"<html>", "kind of file"),
        ("a.php.png", b"<?php", "kind of file"),
        ("notes.txt", b"<!doctype html><script>", "kind of file"),
        ("empty.pdf", b"", "empty"),
        ("huge.png", PNG + (50_000).to_bytes(4, "big") * 2, "too large"),
        ("odd.png", PNG, "cannot be read"),
    ],
)
def test_a_dangerous_file_is_refused(name, content, words):
    csm = make_user()

    with pytest.raises(Refused, match=words):
        promises.attach_file(record=record_of(csm), upload=SimpleUploadedFile(name, content), by=csm, at=NOW)


def test_a_file_above_ten_megabytes_is_refused():
    csm = make_user()
    upload = SimpleUploadedFile("big.pdf", b"%PDF-")
    upload.size = attachment_rules.MAX_BYTES + 1

    with pytest.raises(Refused, match="10 MB"):
        promises.attach_file(record=record_of(csm), upload=upload, by=csm, at=NOW)


def test_a_file_is_stored_under_an_id_of_ours():
    csm = make_user()
    upload = SimpleUploadedFile("plan.pdf", b"%PDF-1.7")
    upload._name = "../../etc/plan.pdf"

    kept = promises.attach_file(record=record_of(csm), upload=upload, by=csm, at=NOW)

    assert kept.name == "plan.pdf"
    assert "plan" not in kept.file.name
    assert kept.content_type == "application/pdf"


def test_reaching_a_goal_where_lower_is_better_stands_on_the_timeline_once():
    csm = make_user()
    account = make_account(owner=csm)
    goal = goals.add_goal(account=account, by=csm, at=NOW, name="Faster", baseline=Decimal(10), target=Decimal(2))

    goals.measure_goal(goal=goal, on=TODAY - 2 * DAY, value=Decimal(5), by=csm, at=NOW)
    goals.measure_goal(goal=goal, on=TODAY - DAY, value=Decimal(2), by=csm, at=NOW)
    goals.measure_goal(goal=goal, on=TODAY, value=Decimal(1), by=csm, at=NOW)

    assert TimelineEntry.objects.filter(kind="goal").count() == 1


def test_a_second_value_for_a_day_replaces_the_first():
    csm = make_user()
    account = make_account(owner=csm)
    goal = goals.add_goal(account=account, by=csm, at=NOW, name="Faster", baseline=Decimal(10), target=Decimal(2))

    goals.measure_goal(goal=goal, on=TODAY, value=Decimal(5), by=csm, at=NOW)
    goals.measure_goal(goal=goal, on=TODAY, value=Decimal(4), by=csm, at=NOW)

    assert [row.value for row in BusinessGoal.objects.get().measurements.all()] == [4]


def test_a_touch_moves_the_last_touch_forward_and_never_back():
    csm = make_user()
    account = make_account(owner=csm)
    ada = make_contact(account, touched_on=TODAY - 5 * DAY)

    timeline.log_entry(account=account, kind="call", title="Call", by=csm, at=NOW, contacts=[ada])
    timeline.log_entry(
        account=account, kind="call", title="Earlier", by=csm, at=NOW, contacts=[ada], happened_at=NOW - 9 * DAY
    )

    ada.refresh_from_db()
    assert ada.touched_on == TODAY


def test_a_note_is_no_touch():
    csm = make_user()
    account = make_account(owner=csm)
    ada = make_contact(account)

    timeline.log_entry(account=account, kind="note", title="Thought", by=csm, at=NOW, contacts=[ada])

    ada.refresh_from_db()
    assert ada.touched_on is None


def test_a_deleted_entry_comes_back_as_it_was():
    csm = make_user()
    account = make_account(owner=csm)
    ada = make_contact(account)
    entry = timeline.log_entry(
        account=account, kind="call", title="Call", body="Long.", by=csm, at=NOW, contacts=[ada],
        follow_up_on=TODAY + 7 * DAY, is_private=True,
    )  # fmt: skip

    copy = timeline.delete_entry(entry=entry, by=csm, at=NOW)
    assert not TimelineEntry.objects.exists()
    back = timeline.restore_entry(account=account, copy=copy, by=csm, at=NOW)

    back.refresh_from_db()
    assert (back.title, back.body, back.at, back.author, back.is_private) == ("Call", "Long.", NOW, csm, True)
    assert back.follow_up_on == TODAY + 7 * DAY
    assert list(back.contacts.all()) == [ada]


def test_nobody_changes_what_another_wrote_or_the_system_did():
    author, other = make_user(), make_user()
    account = make_account(owner=author)
    entry = timeline.log_entry(account=account, kind="note", title="Mine", by=author, at=NOW)
    by_system = TimelineEntry.objects.create(account=account, kind="stage", title="Stage", at=NOW, author=author)

    with pytest.raises(Refused):
        timeline.delete_entry(entry=entry, by=other, at=NOW)
    with pytest.raises(Refused):
        timeline.delete_entry(entry=by_system, by=author, at=NOW)


def test_a_follow_up_ticked_twice_stays_done_at_the_first_time():
    csm = make_user()
    account = make_account(owner=csm)
    entry = timeline.log_entry(account=account, kind="call", title="Call", by=csm, at=NOW, follow_up_on=TODAY)

    timeline.finish_follow_up(entry=entry, by=csm, at=NOW)
    done = timeline.finish_follow_up(entry=entry, by=csm, at=NOW + DAY)

    assert done.follow_up_done_at == NOW


def test_a_churn_record_is_kept_once_a_day_and_tells_of_the_win_back():
    csm = make_user()
    account = make_account(owner=csm)
    record = churn.record_churn(account=account, by=csm, at=NOW, on=TODAY - 30 * DAY, reason="price")
    with pytest.raises(Refused, match="exists already"):
        churn.record_churn(account=account, by=csm, at=NOW, on=TODAY - 30 * DAY, reason="price")
    with pytest.raises(Refused, match="before left on"):
        churn.update_churn(record=record, by=csm, at=NOW, won_back_on=TODAY - 60 * DAY)

    record.refresh_from_db()
    churn.update_churn(record=record, by=csm, at=NOW, won_back_on=TODAY)

    assert sorted(TimelineEntry.objects.values_list("title", flat=True)) == [
        "Customer left: Price",
        "Customer won back",
    ]


def test_a_view_is_shared_with_ones_own_team_only_when_asked():
    team = make_team()
    me, colleague = make_user(team=team), make_user(team=team)

    views.save_view(name="Risky", query="?band=red", by=me, at=NOW)
    assert not SavedView.objects.visible_to(colleague).exists()
    views.save_view(name="Risky", query="?band=red", by=me, at=NOW, for_team=True)

    shared = SavedView.objects.visible_to(colleague).get()
    assert shared.query == "band=red"
    with pytest.raises(Refused, match="Only who made"):
        views.delete_view(view=shared, by=colleague, at=NOW)


def test_the_archive_keeps_each_stage():
    record = record_of(make_user())

    assert ImplementationRecord.objects.get() == record
