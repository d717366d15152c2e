"""What happens when somebody decides about a request, puts it into a quarter, or shows the roadmap to customers?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import User
from common.errors import Refused
from roadmap.actions.loop import open_answers
from roadmap.actions.writing import rank_anew
from roadmap.models import FeatureRequest, RequestAnswer, RequestChange, SharedRoadmap
from roadmap.rules.board import quarter_of

State = FeatureRequest.State
# Which states need a place in time: what is planned or built comes in some quarter, what is not has none.
TIMED = (State.PLANNED, State.BUILDING, State.SHIPPED)


@transaction.atomic
def change_state(
    *, request: FeatureRequest, state: str, by: User | None, at: dt.datetime, decline_reason: str = "",
    quarter: dt.date | None = None,
) -> FeatureRequest:  # fmt: skip
    """Decide about a need: everybody who asked is to be told. Declining takes a reason, which they will hear."""
    reason = _checked_reason(state, decline_reason)
    locked = _locked(request)
    before = {name: getattr(locked, name) for name in ("state", "decline_reason", "quarter", "shipped_on")}
    locked.quarter = _quarter(locked, state, quarter, at)
    locked.state, locked.decline_reason = state, reason
    locked.shipped_on = (locked.shipped_on or today(at)) if state == State.SHIPPED else None
    changes = {name: [_plain(old), _plain(getattr(locked, name))] for name, old in before.items()
               if old != getattr(locked, name)}  # fmt: skip
    if not changes:
        return locked
    locked.save(update_fields=list(before))
    leave_audit("feature_request.state_changed", locked, by=by, at=at, changes=changes)
    if "state" in changes:
        change = RequestChange.objects.create(
            request=locked, at=at, by=by, before=before["state"], after=state, reason=reason,
            reason_before=before["decline_reason"], quarter_before=before["quarter"],
            shipped_before=before["shipped_on"],
        )  # fmt: skip
        open_answers(change=change, at=at)
        rank_anew(locked.pk)
    return locked


@transaction.atomic
def take_back_change(*, change: RequestChange, by: User, at: dt.datetime) -> FeatureRequest:
    """Undo the latest decision, as if it had not been: what waited before waits again. Not once somebody was told."""
    locked = _locked(change.request)
    if locked.changes.order_by("-at", "-pk").values_list("pk", flat=True).first() != change.pk:
        raise Refused(_("A later decision was made. Change the state instead."))
    if change.answers.filter(state__in=RequestAnswer.HEARD).exists():
        raise Refused(_("Customers were told already. Change the state instead."))
    locked.state, locked.decline_reason = change.before, change.reason_before
    locked.quarter, locked.shipped_on = change.quarter_before, change.shipped_before
    locked.save(update_fields=["state", "decline_reason", "quarter", "shipped_on"])
    change.answers.all().delete()
    overtaken = RequestAnswer.objects.filter(overtaken_by=change)
    overtaken.update(state=RequestAnswer.State.WAITING, why="", overtaken_by=None)
    named = {"state": [change.after, change.before]}
    leave_audit("feature_request.decision_taken_back", locked, by=by, at=at, changes=named)
    change.delete()
    rank_anew(locked.pk)
    return locked


@transaction.atomic
def schedule_request(*, request: FeatureRequest, quarter: dt.date | None, by: User, at: dt.datetime) -> FeatureRequest:
    """Put a request into a quarter, or into none; a decision that nobody has to hear of."""
    locked = _locked(request)
    wanted = quarter_of(quarter) if quarter else None
    if locked.quarter == wanted:
        return locked
    changes = {"quarter": [_plain(locked.quarter), _plain(wanted)]}
    locked.quarter = wanted
    locked.save(update_fields=["quarter"])
    leave_audit("feature_request.scheduled", locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def share_roadmap(*, name: str, by: User, at: dt.datetime, shipped_days: int = 180) -> SharedRoadmap:
    """Make an address at which customers read the roadmap."""
    page = SharedRoadmap.objects.create(name=name, shipped_days=shipped_days, created_at=at, created_by=by)
    leave_audit("roadmap.shared", page, by=by, at=at, changes={"name": [None, name]})
    return page


@transaction.atomic
def revoke_roadmap(*, page: SharedRoadmap, by: User, at: dt.datetime) -> SharedRoadmap:
    """Let an address answer no more; revoked twice it stays as it was."""
    locked = SharedRoadmap.objects.select_for_update().get(pk=page.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_by = at, by
        locked.save(update_fields=["revoked_at", "revoked_by"])
        leave_audit("roadmap.share_revoked", locked, by=by, at=at)
    return locked


def _checked_reason(state: str, decline_reason: str) -> str:
    reason = decline_reason.strip()
    if state not in State.values:
        raise Refused(_("Choose a state of the request."), field="state")
    if state == State.DECLINED and not reason:
        raise Refused(_("Say why the request is declined."), field="decline_reason")
    if state != State.DECLINED and reason:
        raise Refused(_("Only a declined request has a reason for declining."), field="decline_reason")
    return reason


def _quarter(request: FeatureRequest, state: str, quarter: dt.date | None, at: dt.datetime) -> dt.date | None:
    """The quarter that a state brings: the one asked for, the one it had, of a shipped one that of today."""
    if state not in TIMED:
        return None
    if quarter is not None:
        return quarter_of(quarter)
    if state == State.SHIPPED and request.state != State.SHIPPED:
        return quarter_of(today(at))
    return request.quarter


def _locked(request: FeatureRequest) -> FeatureRequest:
    """Hold a request that may be decided about: one that still stands by itself."""
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.merged_into_id is not None:
        raise Refused(_("This request was merged into another one. Decide there, or part them first."))
    return locked


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
