"""How does everybody who asked hear what became of it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit, today
from accounts.models import Account, ServiceAssignment, TimelineEntry, User
from common.errors import Refused
from roadmap.models import FeatureRequest, RequestAnswer, RequestChange, RequestEvidence
from roadmap.rules.loop import answer_due_on

State, Why = RequestAnswer.State, RequestAnswer.Why
NEW = FeatureRequest.State.NEW
BATCH = 1_000


def open_answers(*, change: RequestChange, at: dt.datetime) -> int:
    """Make an answer to give for each account that asked; what still waits of an earlier decision is overtaken."""
    request = change.request
    RequestAnswer.objects.waiting().filter(request=request).update(
        state=State.NOT_APPLICABLE, why=Why.OVERTAKEN, overtaken_by=change
    )
    if change.after == NEW:
        return 0
    asked = RequestEvidence.objects.filter(request=request).order_by().values_list("account", flat=True).distinct()
    return _make(change, list(asked), at)


def answer_newcomers(*, request: FeatureRequest, account_ids: Iterable[int], at: dt.datetime) -> int:
    """Make an answer for accounts that ask for what is decided already: they hear of it as well."""
    change = request.changes.order_by("-at", "-pk").first()
    if request.state == NEW or change is None:
        return 0
    answered = RequestAnswer.objects.filter(change=change).exclude(why=Why.OVERTAKEN)
    known = set(answered.values_list("account", flat=True))
    return _make(change, [pk for pk in dict.fromkeys(account_ids) if pk not in known], at)


def forget_waiting(*, request: FeatureRequest, account_ids: Iterable[int]) -> int:
    """Take away what waits for accounts that have no voice left for a request."""
    still = RequestEvidence.objects.filter(request=request).order_by().values("account")
    gone = RequestAnswer.objects.waiting().filter(request=request, account__in=list(account_ids))
    return gone.exclude(account__in=still).delete()[0]


def _make(change: RequestChange, account_ids: Sequence[int], at: dt.datetime) -> int:
    """Write the answers; a customer that left has nobody to be told, and stays in the list as such."""
    since = today(at)
    gone = Account.objects.filter(pk__in=account_ids, stage=Account.Stage.CHURNED).values_list("pk", flat=True)
    left = set(gone)
    made = RequestAnswer.objects.bulk_create(
        (
            RequestAnswer(
                change=change,
                request_id=change.request_id,
                account_id=pk,
                since=since,
                due_on=answer_due_on(since),
                state=State.NOT_APPLICABLE if pk in left else State.WAITING,
                why=Why.LEFT if pk in left else "",
            )
            for pk in account_ids
        ),
        batch_size=BATCH,
    )
    _tell_owners(change, [pk for pk in account_ids if pk not in left], at)
    return len(made)


def _tell_owners(change: RequestChange, account_ids: Sequence[int], at: dt.datetime) -> None:
    """Tell the owners of the accounts that customers of theirs wait for an answer."""
    owning = ServiceAssignment.objects.current().owners().filter(account__in=account_ids).order_by().values("user")
    title = change.request.title

    def said() -> str:
        return _("“%(title)s”: %(state)s") % {"title": title, "state": str(change.get_after_display())}

    notify_people(
        User.objects.active().filter(pk__in=owning),
        kind="request_answers",
        title=said,
        body=lambda: _("Customers of yours asked for it. Tell them."),
        cause=f"request-change:{change.pk}",
        url=f"{reverse('request_answers')}?request={change.request_id}",
        at=at,
    )


@transaction.atomic
def tell_customers(*, answers: Iterable[RequestAnswer], by: User, at: dt.datetime) -> int:
    """Note that customers were told, each with an entry on its timeline; answers how many were still waiting."""
    wanted = [answer.pk for answer in answers]
    rows = RequestAnswer.objects.select_for_update(of=("self",)).waiting().filter(pk__in=wanted)
    waiting = list(rows.select_related("change", "request").order_by("pk"))
    RequestAnswer.objects.filter(pk__in=[row.pk for row in waiting]).update(state=State.TOLD, told_at=at, told_by=by)
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(
                account_id=row.account_id,
                kind=TimelineEntry.Kind.REQUEST,
                title=told_title(row)[:200],
                body=row.change.reason if row.change.after == FeatureRequest.State.DECLINED else "",
                author=by,
                at=at,
                details={"event": "told", "answer": row.pk, "request": row.request_id, "name": row.request.title,
                         "state": row.change.after},
            )
            for row in waiting
        ],
        batch_size=BATCH,
    )  # fmt: skip
    for change in {row.change_id: row.change for row in waiting}.values():
        told = [row.account_id for row in waiting if row.change_id == change.pk]
        leave_audit("request_answers.told", change, by=by, at=at, changes={"accounts": [None, told]})
    return len(waiting)


def told_title(answer: RequestAnswer) -> str:
    """What the timeline says of an answer that was given."""
    words = {"title": answer.request.title, "state": str(answer.change.get_after_display())}
    return _("Told of “%(title)s”: %(state)s") % words


@transaction.atomic
def record_reply(
    *, answer: RequestAnswer, reply: str, by: User, at: dt.datetime, replied_on: dt.date | None = None
) -> RequestAnswer:
    """Note what a customer said to the answer; who replied was told."""
    if not reply.strip():
        raise Refused(_("Say what they replied."), field="reply", code="required")
    locked = _locked(answer)
    if locked.state == State.WAITING:
        tell_customers(answers=[locked], by=by, at=at)
        locked.refresh_from_db()
    if locked.state not in RequestAnswer.HEARD:
        raise Refused(_("Nobody was told, so nobody can have replied."))
    day = replied_on or today(at)
    if day > today(at):
        raise Refused(_("The day cannot be in the future."), field="replied_on")
    locked.state, locked.reply, locked.replied_on = State.REPLIED, reply.strip(), day
    locked.save(update_fields=["state", "reply", "replied_on"])
    leave_audit("request_answer.replied", locked, by=by, at=at, changes={"state": ["told", "replied"]})
    return locked


@transaction.atomic
def excuse_answer(*, answer: RequestAnswer, reason: str, by: User, at: dt.datetime) -> RequestAnswer:
    """Say that nobody has to be told, and why."""
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="required")
    locked = _locked(answer)
    if locked.state != State.WAITING:
        raise Refused(_("This answer does not wait any more."))
    locked.state, locked.why, locked.why_text = State.NOT_APPLICABLE, Why.PERSON, reason.strip()
    locked.save(update_fields=["state", "why", "why_text"])
    leave_audit("request_answer.excused", locked, by=by, at=at, changes={"state": ["waiting", "not_applicable"]})
    return locked


@transaction.atomic
def reopen_answers(*, answers: Iterable[RequestAnswer], by: User, at: dt.datetime) -> int:
    """Take back that customers were told, replied, or need not be told; what was overtaken stays so."""
    wanted = [answer.pk for answer in answers]
    rows = RequestAnswer.objects.select_for_update(of=("self",)).filter(pk__in=wanted).exclude(state=State.WAITING)
    waiting = RequestAnswer.objects.waiting().order_by().values_list("request", "account")
    busy = set(waiting.filter(request__in=rows.values("request")))
    reopened = [
        row for row in rows.exclude(why=Why.OVERTAKEN).order_by("pk") if (row.request_id, row.account_id) not in busy
    ]
    pks = [row.pk for row in reopened]
    RequestAnswer.objects.filter(pk__in=pks).update(
        state=State.WAITING, told_at=None, told_by=None, reply="", replied_on=None, why="", why_text=""
    )
    told = TimelineEntry.objects.filter(kind=TimelineEntry.Kind.REQUEST, account__in=[r.account_id for r in reopened])
    told.filter(details__event="told", details__answer__in=pks).delete()
    for row in reopened[:1]:
        leave_audit("request_answers.reopened", row, by=by, at=at, changes={"answers": [None, pks]})
    return len(reopened)


def _locked(answer: RequestAnswer) -> RequestAnswer:
    rows = RequestAnswer.objects.select_related("change", "request", "account")
    return rows.select_for_update(of=("self",)).get(pk=answer.pk)
