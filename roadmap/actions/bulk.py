"""What can be done to many answers at once: say that the customers were told?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk_runs import BulkAct, Done
from accounts.models import User
from accounts.rules.roles import Capability
from common.formats import number
from roadmap.actions.loop import reopen_answers, tell_customers
from roadmap.models import RequestAnswer


class TellCustomers(BulkAct):
    """Note of customers that they were told."""

    key = "roadmap.tell"
    capability = Capability.EDIT_ROADMAP

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the act."""
        return _("Note customers as told")

    def rows(self, by: User) -> QuerySet[RequestAnswer]:
        """The answers that a person sees."""
        rows: QuerySet[RequestAnswer] = RequestAnswer.objects.visible_to(by)
        return rows.select_related("account", "request", "change")

    def name(self, row: RequestAnswer) -> str:
        """An answer by its customer and the request."""
        return f"{row.account.name}: {row.request.title}"

    def said(self, count: int) -> str:
        """Say how many were told."""
        return ngettext("%(count)s customer told", "%(count)s customers told", count) % {"count": number(count)}

    def do(self, rows: Sequence[RequestAnswer], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Note those that still wait."""
        waiting = [row for row in rows if row.state == RequestAnswer.State.WAITING]
        tell_customers(answers=waiting, by=by, at=at)
        done = {row.pk: None for row in waiting}
        return Done(done, {row.pk: _("did not wait any more") for row in rows if row.pk not in done})

    def undo(
        self,
        rows: Sequence[RequestAnswer],
        was: Mapping[int, Any],
        given: Mapping[str, Any],
        *,
        by: User,
        at: dt.datetime,
    ) -> Done:
        """Let those wait again that nothing has happened to since."""
        told = [row for row in rows if row.state == RequestAnswer.State.TOLD]
        reopen_answers(answers=told, by=by, at=at)
        pks = [row.pk for row in told]
        back = dict.fromkeys(
            RequestAnswer.objects.filter(pk__in=pks, state=RequestAnswer.State.WAITING).values_list("pk", flat=True)
        )
        return Done(back, {row.pk: _("was changed since") for row in rows if row.pk not in back})
