"""How are the mails of a step written down, to be sent after the transaction of their cause?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from common.jobs import enqueue, enqueue_many
from playbooks.actions.tasks import complete_task
from playbooks.models import StepMail, Task
from playbooks.queries.mails import Letter, Post, posts_of

# So many steps of the program itself are written at a time; the rest waits for the next minutes.
MOST_AT_ONCE = 500


@transaction.atomic
def send_step_mails(
    *, task: Task, by: User, at: dt.datetime, on: dt.date, language: str = "", contacts: Collection[int] | None = None
) -> int:
    """Send the mails of a step to the chosen contacts, or to all that it means; returns how many.

    Each is written down here and handed to the mail server afterwards, so that none goes out for a change that was
    rolled back. Who has got it already does not get it again.
    """
    locked = Task.objects.select_for_update(of=("self",)).select_related("account").get(pk=task.pk)
    if locked.kind != Task.Kind.EMAIL or locked.state not in (Task.State.OPEN,):
        raise Refused(_("There is nothing to send: this step is not an open e-mail step."))
    post = posts_of([locked], on, language)[0]
    if post.problems:
        raise Refused(" ".join(post.problems))
    letters = [one for one in post.writable if contacts is None or one.contact.pk in contacts]
    if not letters:
        raise Refused(_("Nobody is left to write to."), field="contacts")
    mails = _write(letters, by=by, at=at)
    leave_audit("step_mail.queued", locked, by=by, at=at, changes={"mails": [None, len(mails)]})
    for mail in mails:
        enqueue("playbooks.deliver_mail", key=f"step_mail:{mail.pk}", mail_id=mail.pk)
    return len(mails)


@transaction.atomic
def send_automatic_mails(*, on: dt.date, at: dt.datetime) -> dict[str, int]:
    """Write the mails of the steps that the program itself does and whose day has come; a few queries for all.

    A step with nobody to write to is finished, and says so. One whose text has a placeholder without a value waits:
    the page of the step says what is missing.
    """
    written = StepMail.objects.filter(task=OuterRef("pk"))
    due = Task.objects.asking(on).filter(kind=Task.Kind.EMAIL, role=Task.Role.AUTOMATIC, due_on__lte=on)
    tasks = list(due.exclude(Exists(written)).select_related("account").order_by("due_on", "pk")[:MOST_AT_ONCE])
    posts = posts_of(tasks, on)
    letters = [letter for post in posts if not post.problems for letter in post.writable]
    mails = _write(letters, by=None, at=at)
    enqueue_many("playbooks.deliver_mail", ((f"step_mail:{mail.pk}", {"mail_id": mail.pk}) for mail in mails))
    nobody = [post for post in posts if not post.letters]
    for post in nobody:
        complete_task(task=post.task, by=None, at=at, result=_nobody(post))
    waiting = sum(bool(post.problems) for post in posts)
    return {"mails": len(mails), "nobody": len(nobody), "waiting": waiting}


def _write(letters: Sequence[Letter], *, by: User | None, at: dt.datetime) -> list[StepMail]:
    """Write mails down, each once for a step and a contact."""
    made = [
        StepMail(
            task=letter.task, account_id=letter.task.account_id, contact=letter.contact, address=letter.contact.email,
            subject=letter.subject, body=letter.body, language=letter.language, queued_at=at, queued_by=by,
        )
        for letter in letters
    ]  # fmt: skip
    StepMail.objects.bulk_create(made, batch_size=500)
    return made


def _nobody(post: Post) -> str:
    reasons = [f"{one.contact.name} {one.left_out}" for one in post.recipients]
    return _("Nobody to write to: %(reasons)s") % {"reasons": "; ".join(reasons) or _("no contacts")}
