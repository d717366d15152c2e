"""What happens when somebody is asked for a favour, answers, does it, and is thanked?

`record_ask` is the one door to an ask: pages, API, admin, lists and files all come through it, and what the limits
forbid does not pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Contact, User
from advocacy.actions.advocates import enter_stage, follow_answer, lock_advocate, lock_contact
from advocacy.actions.consents import record_consent
from advocacy.actions.ranking import refresh_people
from advocacy.actions.stories import tell
from advocacy.models import CHANNEL_OF, AdvocacySettings, Advocate, Ask, Consent, ReferenceRequest
from advocacy.queries.standing import Judged, judge
from common.errors import Refused

Stage, Answer = Advocate.Stage, Ask.Answer


@dataclass(frozen=True)
class GivenConsent:
    """A consent that was given together with the ask: how, and until when."""

    evidence: str
    expires_on: dt.date


@dataclass(frozen=True)
class Outcome:
    """What became of asking several people at once."""

    asked: list[Ask]
    refused: list[tuple[Contact, str]]


@transaction.atomic
def ask_person(
    *, contact: Contact, kind: str, by: User | None, at: dt.datetime, asked_on: dt.date | None = None, reason: str = "",
    request: ReferenceRequest | None = None, consent: GivenConsent | None = None,
) -> Ask:  # fmt: skip
    """Ask a contact for a favour, whether they are known as an advocate already or not."""
    locked = lock_contact(contact)
    advocate = Advocate.objects.filter(contact=locked).first()
    if advocate is None:
        advocate = Advocate.objects.create(account_id=locked.account_id, contact=locked, since=today(at))
        changes = {"contact": [None, locked.pk], "stage": [None, str(Stage.IDENTIFIED)]}
        leave_audit("advocate.added", advocate, by=by, at=at, changes=changes)
    return record_ask(
        advocate=advocate, kind=kind, by=by, at=at, asked_on=asked_on, reason=reason, request=request, consent=consent
    )


@transaction.atomic
def record_ask(
    *, advocate: Advocate, kind: str, by: User | None, at: dt.datetime, asked_on: dt.date | None = None,
    reason: str = "", request: ReferenceRequest | None = None, consent: GivenConsent | None = None,
) -> Ask:  # fmt: skip
    """Ask an advocate for a favour today, unless a limit forbids it; who was only identified is asked from now on.

    The advocate is locked first and judged then, so that of two who ask at once one is told of the other.
    """
    lock_contact(Contact(pk=advocate.contact_id))
    locked = lock_advocate(advocate)
    on = today(at)
    if kind not in Ask.Kind.values:
        raise Refused(_("Choose what was asked."), field="kind")
    _check_today(asked_on, on)
    if request is not None and not request.is_open:
        raise Refused(
            _("This request is closed: %(outcome)s.") % {"outcome": request.get_outcome_display()}, field="request"
        )
    if consent is not None:
        record_consent(
            contact=locked.contact, scope=kind, channel=CHANNEL_OF[kind], given_on=on, expires_on=consent.expires_on,
            evidence=consent.evidence, by=by, at=at, refresh=False,
        )  # fmt: skip
    judged = judge(on, locked.contact_id, kind, AdvocacySettings.load())
    _refuse_forbidden(judged)
    words = _reason_given(judged, reason)
    ask = Ask.objects.create(
        advocate=locked, kind=kind, asked_on=on, asked_by=by, request=request, reason=words,
        soft_limits=[str(limit) for limit in judged.soft],
    )  # fmt: skip
    changes = {"advocate": [None, locked.pk], "kind": [None, str(kind)]}
    leave_audit("ask.recorded", ask, by=by, at=at, changes=changes)
    tell("asked", ask, by=by, at=at)
    follow_answer(locked, Answer.WAITING, by=by, at=at)
    refresh_people(on=on, account_ids=[locked.account_id])
    return ask


def ask_people(*, contacts: Iterable[Contact], kind: str, by: User, at: dt.datetime, reason: str = "") -> Outcome:
    """Ask several people for the same; each by themselves, so that a limit of one holds nobody else back."""
    asked, refused = [], []
    for contact in contacts:
        try:
            asked.append(ask_person(contact=contact, kind=kind, by=by, at=at, reason=reason))
        except Refused as refusal:
            refused.append((contact, str(refusal)))
    return Outcome(asked, refused)


@transaction.atomic
def record_answer(
    *, ask: Ask, answer: str, by: User | None, at: dt.datetime, answered_on: dt.date | None = None
) -> Ask:
    """Write down the answer; a yes makes who was asked an advocate who agreed."""
    if answer not in Answer.values:
        raise Refused(_("Choose an answer."), field="answer")
    advocate, locked = _locked(ask)
    _refuse_settled(locked)
    day = None if answer == Answer.WAITING else answered_on or today(at)
    if day is not None:
        _check_past(day, at, "answered_on")
        if day < locked.asked_on:
            raise Refused(_("The answer cannot come before the question."), field="answered_on")
    if (locked.answer, locked.answered_on) == (answer, day):
        return locked
    if answer == Answer.ACCEPTED:
        _refuse_without_consent(locked, today(at))
    before = str(locked.answer)
    locked.answer, locked.answered_on = answer, day
    locked.save(update_fields=["answer", "answered_on"])
    leave_audit("ask.answered", locked, by=by, at=at, changes={"answer": [before, str(answer)]})
    if answer != Answer.WAITING:
        tell(answer, locked, by=by, at=at)
    follow_answer(advocate, answer, by=by, at=at)
    refresh_people(on=today(at), account_ids=[advocate.account_id])
    return locked


@transaction.atomic
def finish_ask(*, ask: Ask, by: User | None, at: dt.datetime, done_on: dt.date | None = None, outcome: str = "") -> Ask:
    """Say that what was agreed is done; the advocate is an active one from now on.

    This is where something of the customer goes out, so the consent has to hold on that day.
    """
    advocate, locked = _locked(ask)
    if locked.state != Ask.State.ACCEPTED:
        raise Refused(_("Only what was agreed can be done: this is “%(state)s”.") % {"state": locked.state_label})
    day = done_on or today(at)
    _check_past(day, at, "done_on")
    if day < locked.asked_on:
        raise Refused(_("It cannot be done before it was asked."), field="done_on")
    _refuse_without_consent(locked, day)
    locked.done_on, locked.outcome = day, outcome.strip()
    locked.save(update_fields=["done_on", "outcome"])
    leave_audit("ask.done", locked, by=by, at=at, changes={"done_on": [None, str(day)]})
    tell("done", locked, by=by, at=at)
    if advocate.stage in (Stage.ASKED, Stage.AGREED):
        enter_stage(advocate, Stage.ACTIVE, by=by, at=at)
    refresh_people(on=today(at), account_ids=[advocate.account_id])
    return locked


@transaction.atomic
def thank_for_ask(*, ask: Ask, by: User | None, at: dt.datetime, thanked_on: dt.date | None = None) -> Ask:
    """Write down that somebody said thank you."""
    _advocate, locked = _locked(ask)
    if locked.state == Ask.State.THANKED:
        return locked
    if locked.done_on is None or locked.state != Ask.State.DONE:
        raise Refused(_("Thank them for what is done: this is “%(state)s”.") % {"state": locked.state_label})
    day = thanked_on or today(at)
    _check_past(day, at, "thanked_on")
    if day < locked.done_on:
        raise Refused(_("The thanks cannot come before the favour."), field="thanked_on")
    locked.thanked_on = day
    locked.save(update_fields=["thanked_on"])
    leave_audit("ask.thanked", locked, by=by, at=at, changes={"thanked_on": [None, str(day)]})
    tell("thanked", locked, by=by, at=at)
    return locked


@transaction.atomic
def delete_ask(*, ask: Ask, by: User | None, at: dt.datetime) -> None:
    """Take away an ask that never was, on the day on which it was written down; later it stays on record."""
    advocate, locked = _locked(ask)
    if locked.asked_on != today(at) or locked.answer != Answer.WAITING:
        raise Refused(_("An ask can be taken back on its own day, while nobody has answered it."))
    leave_audit("ask.deleted", locked, by=by, at=at, changes={"advocate": [locked.advocate_id, None]})
    locked.delete()
    if advocate.stage == Stage.ASKED and not advocate.asks.exists():
        enter_stage(advocate, Stage.IDENTIFIED, by=by, at=at)
    refresh_people(on=today(at), account_ids=[advocate.account_id])


def _locked(ask: Ask) -> tuple[Advocate, Ask]:
    """Read an ask and its advocate so that nobody else changes them meanwhile; the advocate first, as everywhere."""
    advocate = lock_advocate(Advocate(pk=ask.advocate_id))
    rows = Ask.objects.select_for_update(of=("self",)).select_related("advocate__account", "advocate__contact")
    return advocate, rows.get(pk=ask.pk)


def _refuse_forbidden(judged: Judged) -> None:
    if judged.hard:
        field = "consent" if [str(limit) for limit in judged.hard] == ["consent"] else None
        raise Refused(" ".join(judged.forbidden), field=field, code="hard_limit")


def _reason_given(judged: Judged, reason: str) -> str:
    """The reason for asking against a soft limit, which has to be typed; none is kept where none is needed."""
    words = reason.strip()
    if judged.soft and not words:
        message = _("Say why you ask all the same: %(limits)s")
        raise Refused(message % {"limits": " ".join(judged.doubts)}, field="reason", code="soft_limit")
    return words[:500] if judged.soft else ""


def _refuse_without_consent(ask: Ask, on: dt.date) -> None:
    """Let nothing go out for which no consent holds on the day."""
    rows = Consent.objects.filter(contact=ask.advocate.contact_id).in_force_on(on)
    if not rows.covering(ask.kind, CHANNEL_OF[ask.kind]).exists():
        words = _("There is no consent in force that covers this: %(kind)s.") % {"kind": ask.get_kind_display()}
        raise Refused(words, field="consent", code="hard_limit")


def _refuse_settled(ask: Ask) -> None:
    if ask.done_on is not None or ask.withdrawn_on is not None:
        raise Refused(_("This ask is settled: %(state)s.") % {"state": ask.state_label})


def _check_today(asked_on: dt.date | None, on: dt.date) -> None:
    if asked_on is None or asked_on == on:
        return
    if asked_on > on:
        raise Refused(_("The day cannot be in the future."), field="asked_on")
    raise Refused(_("Nobody can be asked in the past: an ask is of today."), field="asked_on")


def _check_past(day: dt.date, at: dt.datetime, field: str) -> None:
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field=field)
