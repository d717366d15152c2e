"""Does a referral move along its loop, and does nobody bring itself?"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, AuditEvent, TimelineEntry, User
from advocacy.actions import referrals as actions
from advocacy.models import Ask, Referral, SessionTalk, SharingSession
from advocacy.queries.measures import measure_customers
from advocacy.queries.referrals import referral_lines, referral_summary
from common.errors import Refused
from revenue.actions import derive_movements
from tests.factories import AT, make_account, make_advocate, make_contact, make_line, make_referral, make_user
from usage.models import AccountUsageDay

pytestmark = pytest.mark.django_db
TODAY = AT.date()


def brought(referrer: Account, by: User | None = None, **values: Any) -> Referral:
    return actions.add_referral(referrer=referrer, by=by, at=AT, **{"company": "Newcomer"} | values)


def test_a_referral_is_noted_with_its_traces() -> None:
    by, referrer, became = make_user(), make_account(), make_account()
    made = brought(referrer, by, account=became, contact=make_contact(referrer), company="  Newcomer \n Ltd ")

    assert (made.company, made.state, made.invited_on) == ("Newcomer   Ltd", "invited", TODAY)
    assert AuditEvent.objects.get(verb="referral.added").actor == by
    told = TimelineEntry.objects.get(account=referrer)
    assert (told.kind, told.details["event"]) == ("advocacy", "referral_added")
    # The one that was brought does not tell its readers by whom.
    arrived = TimelineEntry.objects.get(account=became)
    assert referrer.name not in arrived.title + arrived.body + str(arrived.details)


def test_nobody_brings_itself() -> None:
    account = make_account()
    with pytest.raises(Refused, match="cannot bring itself") as refusal:
        brought(account, account=account)
    assert refusal.value.field == "account"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_referral(account, account=account)


@pytest.mark.parametrize("length", [2, 3, 7])
def test_nobody_is_brought_in_a_circle(length: int) -> None:
    chain = [make_account() for _ in range(length)]
    for one, other in itertools.pairwise(chain):
        brought(one, account=other)
    with pytest.raises(Refused, match="directly or through others"):
        brought(chain[-1], account=chain[0])
    # Nor by giving an account to a referral that had none.
    late = brought(chain[-1])
    with pytest.raises(Refused, match="directly or through others"):
        actions.change_referral(referral=late, account=chain[0], by=None, at=AT)
    late.refresh_from_db()
    assert late.account is None


def test_an_account_is_brought_once_unless_the_first_was_lost() -> None:
    became = make_account()
    first = brought(make_account(), account=became)
    with pytest.raises(Refused, match="by somebody already"):
        brought(make_account(), account=became)
    actions.advance_referral(referral=first, state="lost", reason="No budget.", by=None, at=AT)
    second = brought(make_account(), account=became)
    # The first is not taken up again beside the second.
    with pytest.raises(Refused, match="by somebody already"):
        actions.advance_referral(referral=first, state="invited", by=None, at=AT)
    assert second.account == became


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"company": " \u200b "}, None),
        ({"invited_on": TODAY + dt.timedelta(days=1)}, "invited_on"),
        ({"contact": "stranger"}, "contact"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], field: str | None) -> None:
    if values.get("contact"):
        values = {"contact": make_contact(make_account())}
    with pytest.raises(Refused) as refusal:
        brought(make_account(), **values)
    assert refusal.value.field == field
    assert not Referral.objects.exists()


def test_it_goes_along_the_loop_and_each_step_can_be_taken_back_once() -> None:
    referral = brought(make_account(), account=make_account())
    for state in ("trial", "shared", "signed"):
        referral = actions.advance_referral(referral=referral, state=state, by=None, at=AT)
        assert (referral.state, referral.day_of(state)) == (state, TODAY)
    assert referral.using_on is None
    with pytest.raises(Refused, match="cannot go"):
        actions.advance_referral(referral=referral, state="trial", by=None, at=AT)
    back = actions.take_back_referral(referral=referral, state="signed", by=None, at=AT)
    assert (back.state, back.signed_on) == ("shared", None)
    # The button pressed twice takes one step back.
    again = actions.take_back_referral(referral=referral, state="signed", by=None, at=AT)
    assert again.state == "shared"


def test_who_signs_has_an_account() -> None:
    referral = brought(make_account())
    with pytest.raises(Refused, match="which account it became") as refusal:
        actions.advance_referral(referral=referral, state="signed", by=None, at=AT)
    assert refusal.value.field == "account"


def test_a_loss_has_a_reason_and_is_taken_up_where_it_stood() -> None:
    referral = brought(make_account())
    referral = actions.advance_referral(referral=referral, state="trial", by=None, at=AT)
    with pytest.raises(Refused, match="Say why"):
        actions.advance_referral(referral=referral, state="lost", by=None, at=AT)
    lost = actions.advance_referral(referral=referral, state="lost", reason="Bought elsewhere.", by=None, at=AT)
    assert (lost.state, lost.lost_on, str(lost.furthest)) == ("lost", TODAY, "trial")
    again = actions.advance_referral(referral=lost, state="invited", by=None, at=AT)
    assert (again.state, again.lost_on, again.lost_reason) == ("trial", None, "")


def test_a_step_is_not_dated_before_the_last_one_nor_ahead() -> None:
    referral = brought(make_account())
    for day in (TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)):
        with pytest.raises(Refused) as refusal:
            actions.advance_referral(referral=referral, state="trial", on=day, by=None, at=AT)
        assert refusal.value.field == "on"


def test_the_thank_you_is_kept_and_can_be_taken_back() -> None:
    by, referral = make_user(), brought(make_account(), invited_on=TODAY - dt.timedelta(days=9))
    with pytest.raises(Refused, match="before the referral"):
        actions.thank_for_referral(
            referral=referral, thanks="A call", by=by, at=AT, thanked_on=TODAY - dt.timedelta(days=10)
        )
    thanked = actions.thank_for_referral(referral=referral, thanks=" A call. ", by=by, at=AT)
    assert (thanked.thanks, thanked.thanked_by, thanked.thanked_on) == ("A call.", by, TODAY)
    assert actions.take_back_thanks(referral=referral, by=by, at=AT).thanked_on is None


def test_facts_move_a_referral_on_and_never_back() -> None:
    silent, uses, brings, speaks, pays, lost = (
        brought(make_account(), account=make_account(), invited_on=TODAY - dt.timedelta(days=60)) for _ in range(6)
    )
    actions.advance_referral(referral=lost, state="lost", reason="Left.", by=None, at=AT)
    day = TODAY - dt.timedelta(days=20)
    for one in (uses, brings, pays, lost):
        AccountUsageDay.objects.create(account=one.account, day=day, events=4)
    make_referral(brings.account, invited_on=day)
    held = SharingSession.objects.create(name="Talks", on=day, state="held", created_at=AT)
    SessionTalk.objects.create(session=held, advocate=make_advocate(speaks.account), title="How we do it")
    make_line(pays.account, starts_on=day)
    make_line(lost.account, starts_on=day)

    assert actions.follow_referrals(on=TODAY, at=AT) == 4
    states = []
    for one in (silent, uses, brings, speaks, pays, lost):
        one.refresh_from_db()
        states.append(one.state)
    assert states == ["invited", "using", "shared", "shared", "signed", "lost"]
    assert (pays.using_on, pays.signed_on, uses.signed_on) == (day, day, None)
    assert TimelineEntry.objects.filter(account=pays.referrer, details__event="referral_moved").count() == 1
    assert actions.follow_referrals(on=TODAY, at=AT) == 0


def test_following_many_asks_no_more_than_following_one(django_assert_max_num_queries: Any) -> None:
    def ready(count: int) -> None:
        for _ in range(count):
            one = brought(make_account(), account=make_account())
            make_line(one.account, starts_on=TODAY)

    ready(1)
    with django_assert_max_num_queries(40) as few:
        actions.follow_referrals(on=TODAY, at=AT)
    ready(12)
    # One audit row for each that moved is all that is added.
    with django_assert_max_num_queries(len(few.captured_queries) + 11):
        assert actions.follow_referrals(on=TODAY, at=AT) == 12


def test_whom_one_brought_counts_once_they_signed_and_a_favour_asked_is_no_customer() -> None:
    good, asked, quiet = make_account(), make_account(), make_account()
    for account in (good, asked, quiet):
        make_line(account)
    derive_movements()
    advocate, day = make_advocate(asked), TODAY - dt.timedelta(days=60)
    Ask.objects.create(
        advocate=advocate, kind="referral", asked_on=day, answer="accepted", answered_on=day, done_on=day
    )
    for referrer in (good, good, asked):
        one = brought(referrer, account=make_account())
        actions.advance_referral(referral=one, state="signed", by=None, at=AT)
    brought(good)
    actions.advance_referral(referral=brought(quiet), state="lost", reason="Budget", by=None, at=AT)

    def referred(on: dt.date) -> list[int]:
        measured = measure_customers(on)
        return [dict(zip(measured.accounts.tolist(), measured.referred.tolist(), strict=True)).get(one.pk, 0)
                for one in (good, asked, quiet)]  # fmt: skip

    assert referred(TODAY) == [2, 1, 0]
    assert referred(TODAY - dt.timedelta(days=1)) == [0, 0, 0]


def test_arr_brought_is_that_of_the_lines_and_only_of_accounts_that_one_may_see() -> None:
    me, other = make_user(), make_user()
    mine, hidden = make_account(me), make_account(other)
    referrer = make_account(me)
    for account, arr in ((mine, 1200), (hidden, 5000)):
        make_line(account, arr)
        actions.advance_referral(referral=brought(referrer, account=account), state="signed", by=None, at=AT)
    derive_movements()
    rows = Referral.objects.visible_to(me)

    assert referral_summary(rows, me, TODAY, with_money=True).arr == Decimal(1200)
    lines = {line.referral.account_id: line for line in referral_lines(list(rows), me, TODAY, with_money=True)}
    assert (lines[mine.pk].arr, lines[mine.pk].account) == (Decimal(1200), mine)
    assert (lines[hidden.pk].arr, lines[hidden.pk].account) == (None, None)
    assert referral_summary(rows, me, TODAY, with_money=False).arr is None
