"""Whom did the demo's customers bring, who came to its sharing sessions, and whose story is told?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from accounts.models import Account, Contact, ServiceAssignment, TimelineEntry, User
from accounts.rules.roles import Role
from advocacy.actions import case_studies as cases
from advocacy.actions import referrals, sessions
from advocacy.actions.consents import record_consent, revoke_consent
from advocacy.models import Advocate, CaseStudy, Consent, Referral, SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.case_studies import attained_goals
from advocacy.queries.sessions import first_contacts
from common.errors import Refused
from portfolio.demo.advocacy import is_advocate_at_heart, number_of
from portfolio.demo.load import Plan
from portfolio.demo.records import instant
from portfolio.models import AccountRow
from usage.models import Attendance

DAY = dt.timedelta(days=1)
TOPICS = (
    "Approvals in a day: three customers show their forms, and what they took away first.",
    "The monthly close on one board: who does what by when, and what finance sees of it.",
    "From spreadsheets to processes: how to begin with one team, and whom to take along.",
)
TALKS = ("How we cut approvals to a third", "One board for the monthly close", "What we would do differently")
PROSPECTS = (
    "Alder & Sons Foundry", "Brookside Clinics", "Nordkap Seafood", "Vela Logistics", "晨光包装", "Fairmont Textiles",
    "Kestrel Aviation Parts", "Lindqvist Möbel", "江南制药设备", "Redwood Credit Union", "Tamarind Hotels",
    "Osprey Tools",
)  # fmt: skip
# How far the companies that are no customers yet have come, or came before they were lost.
ON_THE_WAY = (
    "invited",
    "trial",
    "using",
    "invited",
    "trial",
    "shared",
    "lost",
    "using",
    "invited",
    "trial",
    "lost",
    "shared",
)
THANKS = ("A call, and a mention in the newsletter.", "A hand-written card to the team.", "Lunch at the user day.")
LOST = "Chose to stay with their office suite for another year."
SIGNED = 9
STORIES = {
    "Shorter approval time": (
        "Every approval went through three inboxes, and nobody saw where it waited.",
        "Two forms and one route for each kind of purchase, set up with their operations lead in four weeks.",
        "Approvals are done the same week, and the budget owners see what waits for them.",
    ),
    "Fewer late orders": (
        "Late orders were found when the customer called.",
        "Orders run over one board with a clock on each step; who is late sees it first.",
        "Fewer orders are late, and the weekly meeting about them is gone.",
    ),
    "More processes without paper": (
        "Purchase, leave and travel ran on paper, with copies in three offices.",
        "One process after another moved to forms, the loudest one first.",
        "New processes are built by the teams themselves.",
    ),
    "Faster monthly close": (
        "The close took until the middle of the next month, and finance asked for each missing file by phone.",
        "One board for the close: each step has an owner and a day, and the files hang on it.",
        "The books are closed in the first week, and nobody phones.",
    ),
    "More teams on one plan": (
        "Each team planned in a tool of its own, and met on Mondays to compare.",
        "A common plan for two teams, then the rest on their own wish.",
        "The plan is one, and the Monday meeting takes twenty minutes.",
    ),
}
QUOTES = (
    "We stopped asking where it is. We look.",
    "I expected a project. It was four weeks and one person.",
    "The first month paid for the year.",
)
# So long ago a goal was reached that makes a story: before the first of them was written.
LOOK_BACK = dt.timedelta(days=60)
# What becomes of each story, in the order in which it was found.
FATES = ("published", "published", "approved", "with_customer", "draft", "draft", "revoked", "withdrawn")


@dataclass(frozen=True)
class Cast:
    """Who plays a part: paying accounts with their rows, and who acts for the company."""

    rows: Sequence[AccountRow]
    owners: dict[int, User]
    manager: User


def add_growth(plan: Plan) -> None:
    """Write sessions around the attendances that the book holds, referrals, and case studies with their consents."""
    rng = np.random.default_rng([plan.seed, 17 * 10**8])
    manager = User.objects.filter(role=Role.CS_MANAGER).order_by("pk").first()
    if manager is None:
        return
    serving = ServiceAssignment.objects.current().owners().select_related("user")
    rows = list(AccountRow.objects.filter(arr__gt=0).select_related("account").order_by("pk"))
    cast = Cast(rows, {one.account_id: one.user for one in serving}, manager)
    _hold_sessions(plan, rng, cast)
    _plan_next(plan, cast)
    _bring(plan, rng, cast)
    _tell_stories(plan, cast)


def _hold_sessions(plan: Plan, rng: Generator, cast: Cast) -> None:
    """Make a session of each name and day of attendance, with those who were invited and did not come."""
    facts: dict[tuple[str, dt.date], dict[int, int]] = defaultdict(dict)
    kept = Attendance.objects.filter(kind=Attendance.Kind.SHARING_SESSION).order_by("pk")
    for name, on, account, pk in kept.values_list("name", "on", "account", "pk"):
        facts[name, on].setdefault(account, pk)
    invitations: list[SessionInvitation] = []
    for number, ((name, on), came) in enumerate(sorted(facts.items(), key=lambda item: item[0][1])):
        session = SharingSession.objects.create(
            name=name, on=on, starts_at=dt.time(15), place="Online", topic=TOPICS[number % 3], host=cast.manager,
            state=SharingSession.State.HELD, created_at=instant(on - 30 * DAY, 9),
        )  # fmt: skip
        signed = {row.account_id: row.account.signed_on for row in cast.rows}
        there = [pk for pk, day in signed.items() if day and day < on - 30 * DAY and pk not in came]
        missed = [pk for pk in there if rng.random() < 0.5]
        walked = {pk for pk in came if rng.random() < 0.1}
        people = first_contacts([*came, *missed], on)
        invitations += [
            _invitation(session, pk, people.get(pk), came.get(pk), rng, cast, invited=pk not in walked)
            for pk in [*came, *missed]
        ]
        _let_speak(session, list(came), plan)
    SessionInvitation.objects.bulk_create(invitations, batch_size=500)
    _follow_up(plan, cast)


def _invitation(
    session: SharingSession, account: int, contact: int | None, fact: int | None, rng: Generator, cast: Cast, *,
    invited: bool,
) -> SessionInvitation:  # fmt: skip
    sent = session.on - 14 * DAY
    answer = "accepted" if fact else str(rng.choice(["waiting", "declined", "accepted"], p=[0.5, 0.4, 0.1]))
    return SessionInvitation(
        session=session, account_id=account, contact_id=contact, attendance_id=fact,
        invited_on=sent if invited else None, invited_by=cast.owners.get(account) if invited else None,
        answer=answer if invited else "waiting",
        answered_on=sent + 3 * DAY if invited and answer != "waiting" else None,
    )  # fmt: skip


def _let_speak(session: SharingSession, came: list[int], plan: Plan) -> None:
    """Put up to two advocates who were there on the programme, with a consent of the time."""
    there = Advocate.objects.filter(account__in=came, contact__left_on=None).exclude(stage="withdrawn").order_by("pk")
    for advocate, title in zip(there.select_related("contact")[:2], TALKS, strict=False):
        SessionTalk.objects.create(session=session, advocate=advocate, title=title)
        _consent(advocate.contact, "talk", "event", session.on - 20 * DAY, plan)


def _consent(contact: Contact, scope: str, channel: str, given_on: dt.date, plan: Plan) -> None:
    record_consent(
        contact=contact, scope=scope, channel=channel, given_on=given_on, expires_on=plan.on + 300 * DAY,
        evidence="Wrote it in a mail to us.", by=None, at=plan.at, refresh=False,
    )  # fmt: skip


def _follow_up(plan: Plan, cast: Cast) -> None:
    """Follow up on the latest session: half of the customers are spoken to, the rest wait for their owners."""
    last = SharingSession.objects.filter(state=SharingSession.State.HELD).order_by("-on").first()
    if last is None:
        return
    came = last.invitations.came().order_by("pk")
    sessions.plan_follow_ups(session=last, invitations=came, due_on=plan.on + 5 * DAY, by=cast.manager, at=plan.at)
    done = came.values_list("follow_up", flat=True)[::2]
    TimelineEntry.objects.filter(pk__in=list(done)).update(follow_up_done_at=plan.at)


def _plan_next(plan: Plan, cast: Cast) -> None:
    """Plan the next session, with healthy mid-size customers invited and a few answers in."""
    session = sessions.plan_session(
        name="Customer session: planning the new year", on=plan.on + 16 * DAY, starts_at=dt.time(15), place="Online",
        topic=TOPICS[0], host=cast.manager, seats=60, by=cast.manager, at=plan.at,
    )  # fmt: skip
    chosen = [row.account for row in cast.rows if row.band == "green" and row.account.tier != "rabbit"][:24]
    sessions.invite_accounts(session=session, accounts=chosen, by=cast.manager, at=plan.at)
    for number, row in enumerate(session.invitations.order_by("pk")):
        if number % 3 < 2:
            answer = "declined" if number % 7 == 5 else "accepted"
            sessions.answer_invitation(invitation=row, answer=answer, by=cast.manager, at=plan.at)


def _bring(plan: Plan, rng: Generator, cast: Cast) -> None:
    """Let healthy customers, those who speak for the company at heart above all, bring others."""
    hearts = [row for row in cast.rows if is_advocate_at_heart(plan.seed, number_of(row.external_id))]
    others = [row for row in cast.rows if row.band == "green" and row not in hearts]
    givers = (hearts * 3 + others)[: SIGNED + len(PROSPECTS)]
    if not givers:
        return
    young = [row.account for row in cast.rows if row.account.signed_on and row.account.signed_on > plan.on - 500 * DAY]
    brought: list[Referral] = []
    for giver, account in zip(givers, young, strict=False):
        if len(brought) == SIGNED:
            break
        made = _signed(plan, rng, cast, giver.account, account)
        brought += [made] if made else []
    for number, company in enumerate(PROSPECTS):
        _on_the_way(plan, rng, cast, givers[-1 - number % len(givers)].account, company, ON_THE_WAY[number])
    for number, one in enumerate(brought):
        if number % 3:
            day = min((one.signed_on or plan.on) + 9 * DAY, plan.on)
            referrals.thank_for_referral(
                referral=one, thanks=THANKS[number % 3], thanked_on=day, by=cast.owners.get(one.referrer_id), at=plan.at
            )


def _signed(plan: Plan, rng: Generator, cast: Cast, giver: Account, account: Account) -> Referral | None:
    """One customer that another brought, if that one was there first."""
    signed_on = account.signed_on
    if signed_on is None or giver.signed_on is None or giver.signed_on > signed_on - 90 * DAY:
        return None
    invited = signed_on - int(rng.integers(35, 80)) * DAY
    try:
        made = referrals.add_referral(
            referrer=giver, company=account.name, account=account, invited_on=invited,
            by=cast.owners.get(giver.pk), at=plan.at,
        )  # fmt: skip
    except Refused:
        return None
    for state, back in (("trial", 28), ("using", 14)):
        made = referrals.advance_referral(
            referral=made, state=state, on=signed_on - back * DAY, by=cast.owners.get(giver.pk), at=plan.at
        )
    return referrals.advance_referral(
        referral=made, state="signed", on=signed_on, by=cast.owners.get(giver.pk), at=plan.at
    )


def _on_the_way(plan: Plan, rng: Generator, cast: Cast, giver: Account, company: str, state: str) -> None:
    """One company that is no customer yet."""
    by = cast.owners.get(giver.pk)
    invited = plan.on - int(rng.integers(20, 150)) * DAY
    made = referrals.add_referral(referrer=giver, company=company, invited_on=invited, by=by, at=plan.at)
    path = {"trial": ("trial",), "using": ("trial", "using"), "shared": ("trial", "using", "shared"),
            "lost": ("trial", "lost")}.get(state, ())  # fmt: skip
    for number, step in enumerate(path):
        day = min(invited + 7 * (number + 1) * DAY, plan.on)
        made = referrals.advance_referral(referral=made, state=step, on=day, reason=LOST, by=by, at=plan.at)


def _tell_stories(plan: Plan, cast: Cast) -> None:
    """Tell the stories of customers that reached a goal, each as far as its fate."""
    fates = list(FATES)
    rows = sorted(cast.rows, key=lambda row: (-(row.score or 0), row.pk))
    for row in rows:
        if not fates:
            return
        goals = attained_goals(row.account, plan.on - LOOK_BACK)
        contact = first_contacts([row.pk], plan.on).get(row.pk)
        if goals and contact is not None and goals[0].name in STORIES:
            _tell_story(plan, cast, row.account, Contact.objects.get(pk=contact), fates.pop(0), len(FATES) - len(fates))


def _tell_story(plan: Plan, cast: Cast, account: Account, contact: Contact, fate: str, number: int) -> None:
    by, at = cast.owners.get(account.pk) or cast.manager, plan.at - dt.timedelta(days=4 * number + 20)
    goals = attained_goals(account, plan.on - LOOK_BACK)[:2]
    situation, solution, outcome = STORIES[goals[0].name]
    case = cases.write_case(
        account=account, title=f"{account.name}: {goals[0].name[:1].lower()}{goals[0].name[1:]}",
        about=f"{account.industry}, {account.employees} employees, {account.region}.", situation=situation,
        solution=solution, outcome=outcome, quote=QUOTES[number % 3], quoted=f"{contact.name}, {contact.title}",
        goals=goals, by=by, at=at,
    )  # fmt: skip
    if fate == "draft":
        return
    cases.send_case(case=case, by=by, at=at)
    if fate == "with_customer":
        return
    at += dt.timedelta(days=5)
    note = "Mail with the approved page"
    case = cases.approve_case(case=case, approved_by=contact, approval_note=note, by=by, at=at)
    if fate in ("published", "revoked"):
        _consent(contact, "case_study", "web", at.date(), plan)
        _publish(plan, cast, case, contact, fate, at + dt.timedelta(days=2))
    elif fate == "withdrawn":
        reason = "Their new communications lead reviews all references first."
        cases.withdraw_case(case=case, reason=reason, by=by, at=at + dt.timedelta(days=3))


def _publish(plan: Plan, cast: Cast, case: CaseStudy, contact: Contact, fate: str, at: dt.datetime) -> None:
    """Publish a story; one whose consent is taken back later leaves its page by itself."""
    cases.publish_case(case=case, by=cast.manager, at=at, expires_on=plan.on + 280 * DAY)
    if fate == "revoked":
        for consent in Consent.objects.filter(contact=contact).covering("case_study", "web"):
            revoke_consent(consent=consent, by=cast.manager, at=plan.at)
