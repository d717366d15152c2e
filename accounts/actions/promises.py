"""How do promises, expectation gaps and implementation records come and go?"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import judge_triggers, leave_audit, leave_entry, rescore, today
from accounts.models import (
    Account,
    Attachment,
    Contact,
    ExpectationGap,
    ImplementationRecord,
    Promise,
    TimelineEntry,
    User,
)
from accounts.rules import attachments
from common.errors import Refused

State = Promise.State


def _check_contact(account: Account, contact: Contact | None) -> None:
    if contact is not None and contact.account_id != account.pk:
        raise Refused(_("This person belongs to another account."), field="made_to")


@transaction.atomic
def add_promise(
    *, account: Account, by: User, at: dt.datetime, made_to: Contact | None = None, **values: Any
) -> Promise:
    """Write a promise into the ledger."""
    _check_contact(account, made_to)
    promise = Promise.objects.create(account=account, made_to=made_to, **values)
    leave_audit("promise.added", promise, by=by, at=at)
    rescore(account.pk)
    return promise


@transaction.atomic
def update_promise(*, promise: Promise, by: User, at: dt.datetime, **values: Any) -> Promise:
    """Change the words, the day or the evidence of a promise."""
    if "made_to" in values:
        _check_contact(promise.account, values["made_to"])
    changes = differences(promise, values, private=frozenset({"text", "made_by", "evidence"}))
    if changes:
        for name, value in values.items():
            setattr(promise, name, value)
        promise.save(update_fields=list(values))
        leave_audit("promise.changed", promise, by=by, at=at, changes=changes)
        rescore(promise.account_id)
    return promise


@transaction.atomic
def settle_promise(
    *, promise: Promise, state: str, by: User, at: dt.datetime, evidence: str = "", due_on: dt.date | None = None
) -> Promise:
    """Say how an open promise ended; a renegotiated one needs its new day and goes on as a new, open promise."""
    locked = Promise.objects.select_for_update(of=("self",)).select_related("account").get(pk=promise.pk)
    if locked.state != State.OPEN:
        message = _("This promise is already settled: %(state)s.")
        raise Refused(message % {"state": locked.get_state_display().lower()})
    if state not in {State.KEPT, State.BROKEN, State.RENEGOTIATED}:
        raise Refused(_("Say whether the promise was kept, broken or renegotiated."), field="state")
    if state == State.RENEGOTIATED and due_on is None:
        raise Refused(_("Give the new due day of a renegotiated promise."), field="due_on")
    locked.state, locked.settled_on = State(state), today(at)
    locked.evidence = evidence or locked.evidence
    locked.save(update_fields=["state", "settled_on", "evidence"])
    leave_audit("promise.settled", locked, by=by, at=at, changes={"state": [State.OPEN.value, str(state)]})
    title = _("Promise %(state)s: %(text)s") % {"state": locked.get_state_display().lower(), "text": locked.text}
    details: dict[str, Any] = {"promise": locked.pk}
    if state == State.RENEGOTIATED:
        details["successor"] = Promise.objects.create(
            account=locked.account,
            text=locked.text,
            made_by=locked.made_by,
            made_to=locked.made_to,
            made_on=locked.settled_on,
            due_on=due_on,
        ).pk
    leave_entry(locked.account, TimelineEntry.Kind.PROMISE, title, by=by, at=at, details=details)
    rescore(locked.account_id)
    return locked


@transaction.atomic
def reopen_promise(*, promise: Promise, by: User, at: dt.datetime) -> Promise:
    """Take back how a promise was settled, with the entry and the new promise that came of it."""
    locked = Promise.objects.select_for_update().get(pk=promise.pk)
    if locked.state == State.OPEN:
        return locked
    old = locked.state
    entries = TimelineEntry.objects.filter(
        account=locked.account_id, kind=TimelineEntry.Kind.PROMISE, details__promise=locked.pk
    )
    successors = [entry.details["successor"] for entry in entries if "successor" in entry.details]
    Promise.objects.filter(pk__in=successors, account=locked.account_id, state=State.OPEN).delete()
    entries.delete()
    locked.state, locked.settled_on = State.OPEN, None
    locked.save(update_fields=["state", "settled_on"])
    leave_audit("promise.reopened", locked, by=by, at=at, changes={"state": [old, State.OPEN.value]})
    rescore(locked.account_id)
    return locked


@transaction.atomic
def add_expectation_gap(
    *, account: Account, text: str, by: User, at: dt.datetime, found_on: dt.date | None = None
) -> ExpectationGap:
    """Write down what the customer expects and the product does not do today."""
    gap = ExpectationGap.objects.create(account=account, text=text, found_on=found_on or today(at))
    leave_audit("expectation_gap.added", gap, by=by, at=at)
    return gap


@transaction.atomic
def close_expectation_gap(
    *, gap: ExpectationGap, by: User, at: dt.datetime, closed_on: dt.date | None = None
) -> ExpectationGap:
    """Say that an expectation is met, or given up, since a day."""
    day = closed_on or today(at)
    if day < gap.found_on:
        raise Refused(_("Closed on must not be before found on."), field="closed_on")
    if gap.closed_on is None:
        gap.closed_on = day
        gap.save(update_fields=["closed_on"])
        leave_audit("expectation_gap.closed", gap, by=by, at=at)
    return gap


@transaction.atomic
def reopen_expectation_gap(*, gap: ExpectationGap, by: User, at: dt.datetime) -> ExpectationGap:
    """Take back that an expectation is met."""
    if gap.closed_on is not None:
        gap.closed_on = None
        gap.save(update_fields=["closed_on"])
        leave_audit("expectation_gap.reopened", gap, by=by, at=at)
    return gap


@transaction.atomic
def add_implementation_record(
    *, account: Account, stage: str, on: dt.date, outcome: str, by: User | None, at: dt.datetime, people: str = "",
    upload: UploadedFile | None = None,
) -> ImplementationRecord:  # fmt: skip
    """Put what happened at one stage into the archive; a go-live also dates the account's first live day."""
    if on > today(at):
        raise Refused(_("The date cannot be in the future."), field="on")
    record = ImplementationRecord.objects.create(account=account, stage=stage, on=on, outcome=outcome, people=people)
    leave_audit("implementation_record.added", record, by=by, at=at, changes={"stage": [None, str(stage)]})
    if stage == ImplementationRecord.Stage.GO_LIVE:
        Account.objects.filter(pk=account.pk, live_on=None).update(live_on=on, updated_at=at)
        rescore(account.pk)
        judge_triggers(account.pk)
    if upload is not None:
        attach_file(record=record, upload=upload, by=by, at=at)
    return record


@transaction.atomic
def attach_file(*, record: ImplementationRecord, upload: UploadedFile, by: User | None, at: dt.datetime) -> Attachment:
    """Keep a file with an archive record, under an id of ours, when its kind and size are allowed."""
    name, kind, data = read_upload(upload)
    made = Attachment(record=record, name=name, content_type=kind, size=len(data), added_by=by, added_at=at)
    made.file.save(uuid4().hex, ContentFile(data), save=False)
    made.save()
    leave_audit("attachment.added", made, by=by, at=at, changes={"size": [None, len(data)]})
    return made


def read_upload(upload: UploadedFile) -> tuple[str, str, bytes]:
    """Give the safe name, the kind and the bytes of a file that may be kept, or say why it may not."""
    name = attachments.safe_name(upload.name or "")
    if (upload.size or 0) > attachments.MAX_BYTES:
        raise Refused(_("The file is larger than 10 MB."), field="file")
    if not upload.size:
        raise Refused(_("The file is empty."), field="file")
    data = upload.read()
    kind = attachments.content_type(name, data[: attachments.HEAD_BYTES])
    if kind is None:
        allowed = "PDF, PNG, JPEG, GIF, WebP, DOCX, XLSX, PPTX, TXT, CSV, MD"
        raise Refused(_("This kind of file cannot be kept. Allowed: %(kinds)s.") % {"kinds": allowed}, field="file")
    if kind.startswith("image/"):
        pixels = attachments.image_pixels(data[: attachments.HEAD_BYTES])
        if pixels is None:
            raise Refused(_("The picture cannot be read."), field="file")
        if pixels > attachments.MAX_PIXELS:
            raise Refused(_("The picture is too large: at most 40 million pixels."), field="file")
    return name, kind, data


@transaction.atomic
def delete_attachment(*, attachment: Attachment, by: User, at: dt.datetime) -> None:
    """Throw away a file of the archive."""
    leave_audit("attachment.deleted", attachment, by=by, at=at, changes={"size": [attachment.size, None]})
    storage, stored = attachment.file.storage, str(attachment.file.name)
    attachment.delete()
    # Only once the row is gone for good: a failed transaction must not leave a row without its file.
    transaction.on_commit(lambda: storage.delete(stored))
