"""What happens to a case study from its draft to the public page, and off it again?"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.notifications import notify_people
from accounts.actions.traces import differences, leave_audit, today
from accounts.models import Account, BusinessGoal, Contact, User
from advocacy.actions.entries import tell
from advocacy.models import AskKind, CaseStudy
from advocacy.queries.case_studies import lost_consent, proofs_of
from advocacy.queries.consents import contacts_with_consent
from advocacy.rules.case_studies import next_case_states
from common import text
from common.errors import Refused

State = CaseStudy.State
# A publication that does not say how long it lasts ends after two years; one of more than five is not an end.
USUAL_DAYS, MOST_DAYS = 730, 1_826
LINES = {"situation", "solution", "outcome", "quote"}
OFF_ITS_PAGE = {
    "case_expired": gettext_lazy("“%(title)s” is past its day and off its public page"),
    "case_withdrawn": gettext_lazy("“%(title)s” lost its consent and is off its public page"),
}
# 192 random bits: nobody finds an address by trying.
TOKEN_BYTES = 24


@transaction.atomic
def write_case(
    *, account: Account, title: str, by: User | None, at: dt.datetime, goals: Iterable[BusinessGoal] = (), **texts: str
) -> CaseStudy:
    """Begin a case study of a customer."""
    case = CaseStudy(account=account, created_at=at, created_by=by, changed_at=at)
    values = {"title": title, "shown_as": account.name} | {name: value for name, value in texts.items() if value}
    for name, value in values.items():
        setattr(case, name, _clean(name, value))
    chosen = _goals(case, goals)
    case.save()
    case.goals.set(chosen)
    leave_audit("case_study.written", case, by=by, at=at, changes={"account": [None, account.pk]})
    return case


@transaction.atomic
def change_case(
    *, case: CaseStudy, by: User | None, at: dt.datetime, goals: Iterable[BusinessGoal] | None = None, **texts: str
) -> CaseStudy:
    """Change a draft; what the customer has seen or approved becomes a draft first."""
    locked = _locked(case)
    if not locked.is_draft:
        raise Refused(_("The customer has seen this text. Make it a draft again to change it."))
    values = {name: _clean(name, value) for name, value in texts.items()}
    changes = differences(locked, values, private=frozenset(CaseStudy.TEXTS))
    for name, value in values.items():
        setattr(locked, name, value)
    if goals is not None:
        chosen, before = _goals(locked, goals), set(locked.goals.values_list("pk", flat=True))
        if {goal.pk for goal in chosen} != before:
            changes["goals"] = [sorted(before), sorted(goal.pk for goal in chosen)]
            locked.goals.set(chosen)
    if changes:
        locked.changed_at = at
        locked.save()
        leave_audit("case_study.changed", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def send_case(*, case: CaseStudy, by: User | None, at: dt.datetime) -> CaseStudy:
    """Send a draft to the customer for approval: from now on text and figures stand as they are."""
    locked = _locked(case)
    _check_way(locked, State.WITH_CUSTOMER)
    lacking = [name for name in ("situation", "solution", "outcome") if not getattr(locked, name).strip()]
    if lacking:
        names = ", ".join(str(getattr(CaseStudy._meta.get_field(name), "verbose_name", name)) for name in lacking)
        raise Refused(_("Still to be written: %(names)s.") % {"names": names}, field=lacking[0])
    if bool(locked.quote) != bool(locked.quoted):
        raise Refused(_("A quote needs who says so, and the other way round."), field="quoted")
    proofs = proofs_of(list(locked.goals.all()), locked.account, today(at))
    if not proofs:
        message = _("Choose at least one goal that was measured since the customer went live: it is the proof.")
        raise Refused(message, field="goals")
    locked.frozen = [proof.frozen() for proof in proofs]
    _enter(locked, State.WITH_CUSTOMER, by=by, at=at, sent_on=today(at))
    tell(locked.account, "case_sent", by=by, at=at, name=locked.title)
    return locked


@transaction.atomic
def approve_case(
    *, case: CaseStudy, approved_by: Contact, by: User | None, at: dt.datetime, approved_on: dt.date | None = None,
    approval_note: str = "",
) -> CaseStudy:  # fmt: skip
    """Write down who at the customer approved what they were sent, and when."""
    locked, day = _locked(case), approved_on or today(at)
    _check_way(locked, State.APPROVED)
    if approved_by.account_id != locked.account_id:
        raise Refused(_("This contact belongs to another account."), field="approved_by")
    if approved_by.left_on is not None and approved_by.left_on <= day:
        raise Refused(_("This contact has left the customer."), field="approved_by")
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field="approved_on")
    if locked.sent_on is not None and day < locked.sent_on:
        raise Refused(_("It was sent for approval after that day."), field="approved_on")
    note = text.clean(approval_note, _("How it was approved"), max_length=300)
    values = {"approved_on": day, "approved_by": approved_by, "approval_note": note}
    _enter(locked, State.APPROVED, by=by, at=at, **values)
    tell(locked.account, "case_approved", by=by, at=at, name=locked.title)
    return locked


@transaction.atomic
def publish_case(*, case: CaseStudy, by: User | None, at: dt.datetime, expires_on: dt.date | None = None) -> CaseStudy:
    """Put an approved case study on a public page of its own, as long as the consent of who approved it holds."""
    locked, on = _locked(case), today(at)
    _check_way(locked, State.PUBLISHED)
    end = expires_on or on + dt.timedelta(days=USUAL_DAYS)
    if end <= on:
        raise Refused(_("Choose a later day than today."), field="expires_on")
    if (end - on).days > MOST_DAYS:
        raise Refused(_("Choose a day within five years."), field="expires_on")
    if not _has_consent(locked, on):
        message = _("Who approved it has no consent in force to case studies on our website. Note the consent first.")
        raise Refused(message, code="consent")
    values = {"published_on": on, "published_by": by, "expires_on": end, "token": secrets.token_urlsafe(TOKEN_BYTES)}
    _enter(locked, State.PUBLISHED, by=by, at=at, **values)
    tell(locked.account, "case_published", by=by, at=at, name=locked.title)
    return locked


@transaction.atomic
def withdraw_case(*, case: CaseStudy, reason: str, by: User | None, at: dt.datetime) -> CaseStudy:
    """Take a case study back, from its public page too, with the reason."""
    locked, words = _locked(case), text.clean(reason, _("Why"), max_length=500)
    _check_way(locked, State.WITHDRAWN)
    _enter(locked, State.WITHDRAWN, by=by, at=at, token=None, withdrawn_on=today(at), withdrawn_reason=words)
    tell(locked.account, "case_withdrawn", by=by, at=at, body=words, name=locked.title)
    return locked


@transaction.atomic
def redraft_case(*, case: CaseStudy, by: User | None, at: dt.datetime) -> CaseStudy:
    """Make a case study a draft again: text and figures may change, and the customer approves anew."""
    locked = _locked(case)
    if locked.is_draft:
        return locked
    _check_way(locked, State.DRAFT)
    gone: dict[str, Any] = dict.fromkeys(
        ("sent_on", "approved_on", "approved_by", "published_on", "published_by", "expires_on", "withdrawn_on")
    )
    return _enter(
        locked, State.DRAFT, by=by, at=at, **gone, token=None, approval_note="", withdrawn_reason="", frozen=[]
    )


@transaction.atomic
def delete_case(*, case: CaseStudy, by: User | None, at: dt.datetime) -> None:
    """Take away a draft; what a customer has seen is withdrawn instead."""
    locked = _locked(case)
    if not locked.is_draft:
        raise Refused(_("The customer has seen it. Withdraw it instead, so that it stays on record."))
    leave_audit("case_study.deleted", locked, by=by, at=at, changes={"account": [locked.account_id, None]})
    locked.delete()


@transaction.atomic
def follow_case_studies(*, on: dt.date, at: dt.datetime, contact_ids: Iterable[int] | None = None) -> int:
    """Expire what is past its day, withdraw what lost its consent, and tell whoever published it; returns how many.

    The public page asks for day and consent itself, at each reading: this only brings the state up to it.
    """
    published = CaseStudy.objects.select_for_update(of=("self",)).filter(state=State.PUBLISHED)
    if contact_ids is not None:
        published = published.filter(approved_by__in=list(contact_ids))
    lost = set(lost_consent(on).values_list("pk", flat=True))
    moved = 0
    for case in published.select_related("account", "published_by", "created_by").order_by("pk"):
        if case.expires_on is not None and case.expires_on <= on:
            _enter(case, State.EXPIRED, by=None, at=at, token=None)
            tell(case.account, "case_expired", by=None, at=at, name=case.title)
            _notify(case, "case_expired", at)
        elif case.pk in lost:
            values = {"token": None, "withdrawn_on": on, "withdrawn_reason": _("The consent is in force no more.")}
            _enter(case, State.WITHDRAWN, by=None, at=at, **values)
            tell(case.account, "case_withdrawn", by=None, at=at, body=case.withdrawn_reason, name=case.title)
            _notify(case, "case_withdrawn", at)
        else:
            continue
        moved += 1
    return moved


def _notify(case: CaseStudy, event: str, at: dt.datetime) -> None:
    """Tell whoever wrote and whoever published it that the public reads it no more."""
    people = {person.pk: person for person in (case.created_by, case.published_by) if person is not None}
    notify_people(
        people.values(), kind=event, title=lambda: str(OFF_ITS_PAGE[event]) % {"title": case.title},
        account=case.account, at=at, cause=f"case_study:{case.pk}:{event}:{at.date().isoformat()}",
    )  # fmt: skip


def _locked(case: CaseStudy) -> CaseStudy:
    rows = CaseStudy.objects.select_for_update(of=("self",)).select_related("account")
    found: CaseStudy = rows.get(pk=case.pk)
    return found


def _clean(name: str, value: str) -> str:
    field: Any = CaseStudy._meta.get_field(name)
    required = name in ("title", "shown_as")
    return text.clean(
        value, str(field.verbose_name), max_length=field.max_length, lines=name in LINES, required=required
    )


def _goals(case: CaseStudy, goals: Iterable[BusinessGoal]) -> list[BusinessGoal]:
    chosen = list(goals)
    if any(goal.account_id != case.account_id for goal in chosen):
        raise Refused(_("This goal belongs to another account."), field="goals")
    return chosen


def _check_way(case: CaseStudy, state: str) -> None:
    if state not in next_case_states(case.state):
        words = {"state": case.get_state_display(), "next": ", ".join(str(State(one).label) for one in case.ways)}
        raise Refused(_("From %(state)s one can go to: %(next)s.") % words, field="state")


def _has_consent(case: CaseStudy, on: dt.date) -> bool:
    contact = case.approved_by_id
    return contact is not None and bool(contacts_with_consent([contact], AskKind.CASE_STUDY, on))


def _enter(case: CaseStudy, state: str, *, by: User | None, at: dt.datetime, **values: Any) -> CaseStudy:
    before, case.state, case.changed_at = str(case.state), state, at
    for name, value in values.items():
        setattr(case, name, value)
    case.save()
    leave_audit("case_study.moved", case, by=by, at=at, changes={"state": [before, str(state)]})
    return case
