"""What can be done to many warnings at once: take note of them, put them off?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.bulk_runs import BulkAct, Done
from accounts.models import User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import date, number
from health.actions.warnings import acknowledge_warning, restore_warning, snooze_warning
from health.models import EarlyWarning

State = EarlyWarning.State


class OfWarnings(BulkAct):
    """An act on warnings."""

    capability = Capability.EDIT_ACCOUNTS
    leads_to: str

    def rows(self, by: User) -> QuerySet[EarlyWarning]:
        """The warnings that a person sees."""
        rows: QuerySet[EarlyWarning] = EarlyWarning.objects.visible_to(by)
        return rows.select_related("account", "rule")

    def name(self, row: EarlyWarning) -> str:
        """A warning by its account and its rule."""
        return f"{row.account.name}: {row.rule.shown_name}"

    def said(self, count: int) -> str:
        """Say how many warnings were changed."""
        return ngettext("%(count)s warning changed", "%(count)s warnings changed", count) % {"count": number(count)}

    def undo(
        self,
        rows: Sequence[EarlyWarning],
        was: Mapping[int, Any],
        given: Mapping[str, Any],
        *,
        by: User,
        at: dt.datetime,
    ) -> Done:
        """Bring those back that are still as this left them."""
        back: dict[int, None] = {}
        stay: dict[int, str] = {}
        for row in rows:
            state, until, reason = was[row.pk]
            if row.state != self.leads_to:
                stay[row.pk] = _("was changed since")
                continue
            restore_warning(warning=row, state=state, until=until, reason=reason, by=by, at=at)
            back[row.pk] = None
        return Done(back, stay)


def _each(rows: Sequence[EarlyWarning], act: Callable[[EarlyWarning], object], *, but: str = "") -> Done:
    done, skipped = {}, {}
    for row in rows:
        until = row.snoozed_until.isoformat() if row.snoozed_until else None
        was = [str(row.state), until, row.snooze_reason]
        if row.state == but:
            skipped[row.pk] = _("so already")
            continue
        try:
            act(row)
        except Refused as refusal:
            skipped[row.pk] = str(refusal).rstrip(".。")
        else:
            done[row.pk] = was
    return Done(done, skipped)


class AcknowledgeWarnings(OfWarnings):
    """Say of warnings that somebody sees to them."""

    key = "health.acknowledge"
    leads_to = State.ACKNOWLEDGED

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the act."""
        return _("Acknowledge warnings")

    def do(self, rows: Sequence[EarlyWarning], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Acknowledge those that wait."""
        return _each(rows, lambda one: acknowledge_warning(warning=one, by=by, at=at), but=State.ACKNOWLEDGED)


class SnoozeWarnings(OfWarnings):
    """Put warnings off until a day, with the reason."""

    key = "health.snooze"
    leads_to = State.SNOOZED

    def title(self, given: Mapping[str, Any]) -> str:
        """Name the day."""
        return _("Snooze warnings until %(day)s") % {"day": date(dt.date.fromisoformat(given["until"]))}

    def do(self, rows: Sequence[EarlyWarning], given: Mapping[str, Any], *, by: User, at: dt.datetime) -> Done:
        """Put off those that are not resolved."""
        until = dt.date.fromisoformat(given["until"])
        return _each(rows, lambda one: snooze_warning(warning=one, until=until, reason=given["reason"], by=by, at=at))
