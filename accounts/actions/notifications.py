"""How are people told what concerns them, and how do they say that they have read it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import Account, Notification, NotificationChoice, User, Way
from accounts.queries.notifications import kinds_for, ways_of
from common import jobs
from common.errors import Refused
from common.models import Job

# A text, or what gives it in the language that is active when it is called.
Words = str | Callable[[], str]
# What was told is kept for half a year.
KEPT = dt.timedelta(days=182)
BATCH = 500
# The task that sends mails of notifications.
MAILING = "accounts.send_mail"


@dataclass(frozen=True)
class Notice:
    """What one person is to be told."""

    person: User
    kind: str
    title: Words
    cause: str
    body: Words = ""
    url: str = ""
    account: Account | None = None
    # What must not lead to a mail, for it tells of mails that do not go out.
    is_in_app_only: bool = False


def notify_people(
    people: Iterable[User],
    *,
    kind: str,
    title: Words,
    cause: str,
    at: dt.datetime,
    body: Words = "",
    url: str = "",
    account: Account | None = None,
) -> int:
    """Tell people something, each in their own language and once per cause; return how many were to be told.

    title, body: text, or a function that gives it in the active language (`lambda: _("…") % values`). cause: names
    what happened, like "handoff:12:submitted", at most 100 characters. url: where to act on it, a path of this site.
    People who may not sign in any more are left out.
    """
    return notify_each([Notice(one, kind, title, cause, body, url, account) for one in people], at=at)


@transaction.atomic
def notify_each(notices: Iterable[Notice], *, at: dt.datetime) -> int:
    """Tell each person what is theirs, in a few statements for all; return how many were to be told.

    Who wants nothing of a kind gets nothing. Mails and the chat follow in the background.
    """
    wanted = [one for one in notices if one.person.is_active]
    ways = ways_of({one.person.pk for one in wanted}, {one.kind for one in wanted})
    told = [_written(one, way, at) for one in wanted if (way := ways[one.person.pk, one.kind]) != Way.OFF]
    if not told:
        return 0
    Notification.objects.bulk_create(told, ignore_conflicts=True, batch_size=BATCH)
    count_unread({row.user_id for row in told})
    hurried = sorted({row.user_id for row in told if row.way == Way.AT_ONCE})
    jobs.enqueue_many("accounts.mail_notifications", ((f"person:{pk}", {"user_id": pk}) for pk in hurried))
    jobs.enqueue("integrations.post_to_chat", key="chat")
    return len(told)


def _written(notice: Notice, way: str, at: dt.datetime) -> Notification:
    with translation.override(notice.person.language or None):
        return Notification(
            user=notice.person, account=notice.account, kind=notice.kind, title=_said(notice.title)[:200],
            body=_said(notice.body)[:4_000], url=notice.url, cause=notice.cause, at=at,
            way=Way.APP if notice.is_in_app_only else way,
        )  # fmt: skip


def _said(words: Words) -> str:
    return words() if callable(words) else words


def count_unread(people: Iterable[int]) -> None:
    """Bring the number at the bell in line with what is unread."""
    unread = Notification.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
    counted = Subquery(unread.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    User.objects.filter(pk__in=set(people)).update(unread_count=Coalesce(counted, 0))


@transaction.atomic
def read_notification(*, notification: Notification, by: User, at: dt.datetime) -> Notification:
    """Note that a person has read something; again is harmless."""
    if Notification.objects.filter(pk=notification.pk, user=by, read_at=None).update(read_at=at):
        notification.read_at = at
        leave_audit("notification.read", notification, by=by, at=at)
        count_unread([by.pk])
    return notification


@transaction.atomic
def read_all(*, by: User, at: dt.datetime) -> int:
    """Note that a person has read all they were told; return how many were new to them."""
    count = Notification.objects.unread().filter(user=by).update(read_at=at)
    if count:
        leave_audit("notification.all_read", by, by=by, at=at, changes={"count": count})
        count_unread([by.pk])
    return count


@transaction.atomic
def choose_ways(*, by: User, at: dt.datetime, ways: Mapping[str, str]) -> None:
    """Set how a person hears of kinds of things."""
    known = {kind.key for kind in kinds_for(by)}
    for kind, way in ways.items():
        if kind not in known:
            raise Refused(_("There is no such kind of notification."), field="kind")
        if way not in Way.values:
            raise Refused(_("Choose one of the ways: in the app, at once, once a day, not at all."), field=kind)
    NotificationChoice.objects.bulk_create(
        [NotificationChoice(user=by, kind=kind, way=way) for kind, way in ways.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["way"],
    )
    leave_audit("notification.ways_chosen", by, by=by, at=at, changes={"ways": [None, dict(ways)]})


def tell_of_parked_jobs(*, at: dt.datetime) -> int:
    """Tell admins of each piece of work that was given up within a day, once for each time it was given up.

    Mails that do not go out are told once a day, and never by mail.
    """
    parked = list(Job.objects.parked().filter(finished_at__gte=at - dt.timedelta(days=1)).order_by("pk")[:BATCH])
    admins = User.objects.active().admins() if parked else []
    return notify_each([_of_parked(job, admin, at) for admin in admins for job in parked], at=at)


def _of_parked(job: Job, admin: User, at: dt.datetime) -> Notice:
    is_mail = job.task == MAILING
    return Notice(
        person=admin, kind="job_parked", title=partial(_parked, job.task), body=job.last_error,
        cause=f"job:{job.task}:{at.date()}" if is_mail else f"job:{job.pk}:{job.claim}",
        url=reverse("parked_jobs"), is_in_app_only=is_mail,
    )  # fmt: skip


def _parked(task: str) -> str:
    return _("Background work was given up: %(task)s") % {"task": task}


def forget_old(*, at: dt.datetime) -> int:
    """Delete what people were told long ago."""
    old = Notification.objects.filter(at__lt=at - KEPT)
    people = set(old.unread().order_by().values_list("user", flat=True).distinct())
    count, _by_model = old.delete()
    count_unread(people)
    return count
