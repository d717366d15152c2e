"""Who is told of renewals on which CSM and rule differ, and of risks that are due for an update?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import Notice, notify_each
from accounts.models import User
from common.formats import date
from revenue.models import Renewal, Risk

MOST = 500


@transaction.atomic
def tell_of_disagreements(*, at: dt.datetime, renewal: Renewal | None = None) -> int:
    """Tell managers of renewals, or of one, that wait for their call; once as long as nobody calls it anew."""
    disputed = Renewal.objects.disagreeing().select_related("account")
    if renewal is not None:
        disputed = disputed.filter(pk=renewal.pk)
    managers = User.objects.active().filter(role=User.Role.CS_MANAGER)
    return notify_each(
        [
            _of_disagreement(one, manager)
            for manager in managers
            for one in disputed.visible_to(manager).order_by("due_on", "pk")[:MOST]
        ],
        at=at,
    )


def _of_disagreement(renewal: Renewal, manager: User) -> Notice:
    def title() -> str:
        words = {"name": renewal.account.name, "day": date(renewal.due_on)}
        return _("%(name)s: CSM and rule differ about the renewal of %(day)s") % words

    def body() -> str:
        words = {"csm": renewal.get_csm_call_display(), "rule": renewal.get_computed_call_display()}
        return _("The CSM says: %(csm)s. The rule says: %(rule)s. The final call is yours.") % words

    return Notice(
        person=manager,
        kind="renewal_disagreement",
        title=title,
        body=body,
        cause=f"renewal:{renewal.pk}:{renewal.csm_call}:{renewal.computed_call}",
        url=reverse("renewal", args=[renewal.pk]),
        account=renewal.account,
    )


@transaction.atomic
def remind_of_risks(*, on: dt.date, at: dt.datetime) -> int:
    """Tell the owners of open risks that an update is due, once for each day on which one is due."""
    due = Risk.objects.open().filter(update_due_on__lte=on).exclude(owner=None).select_related("account", "owner")
    return notify_each([_of_risk(risk) for risk in due.order_by("update_due_on", "pk")], at=at)


def _of_risk(risk: Risk) -> Notice:
    def title() -> str:
        words = {"name": risk.account.name, "day": date(risk.update_due_on)}
        return _("%(name)s: an update of the risk was due on %(day)s") % words

    assert risk.owner is not None  # noqa: S101 (for the type checker)
    return Notice(
        person=risk.owner,
        kind="risk_update_due",
        title=title,
        body=risk.reason,
        cause=f"risk:{risk.pk}:{risk.update_due_on.isoformat()}",
        url=reverse("risk", args=[risk.pk]),
        account=risk.account,
    )
