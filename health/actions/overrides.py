"""How does a person's word stand in for the computed band, and how does it end by itself?

The computed score is never touched: an override is a row beside it, so scoring again cannot wipe it.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import Account, Organisation, TimelineEntry, User
from accounts.queries.notifications import owners_of
from common import text
from common.errors import Refused
from common.formats import date
from common.jobs import enqueue
from health.actions.scoring import refresh_rows
from health.models import HealthOverride, HealthScore
from health.queries.overrides import computed_band
from health.rules.override import is_ending, override_fault


@transaction.atomic
def set_override(
    *, account: Account, band: str, reason: str, by: User, at: dt.datetime, ends_on: dt.date | None = None
) -> HealthOverride:
    """Give an account a band until a day; an earlier override that still holds ends with it."""
    organisation = Organisation.load()
    on = organisation.day_of(at)
    ends_on = ends_on or on + dt.timedelta(days=organisation.override_days)
    _check(band, on, ends_on, organisation.override_most_days)
    reason = text.clean(reason, _("Reason"), max_length=2_000, lines=True)
    Account.objects.select_for_update().get(pk=account.pk)
    for earlier in HealthOverride.objects.filter(account=account, closed_at=None):
        _close(earlier, on=on, at=at)
    override = HealthOverride.objects.create(
        account=account, band=band, computed_band=computed_band(account, on), reason=reason,
        starts_on=on, ends_on=ends_on, author=by, made_at=at,
    )  # fmt: skip
    leave_audit("health.overridden", override, by=by, at=at, changes={"band": [override.computed_band, band]})
    words = {"band": _label(band), "day": date(ends_on)}
    title = _("Health set to %(band)s by hand until %(day)s") % words
    _tell(override, title, by=by, at=at, body=reason)
    refresh_rows([account.pk])
    enqueue("advocacy.withdraw_unfit", key=f"unfit:{account.pk}", account_ids=[account.pk])
    return override


def _check(band: str, on: dt.date, ends_on: dt.date, most_days: int) -> None:
    if band not in HealthOverride.BANDS:
        raise Refused(_("Choose healthy, watch or at risk."), field="band")
    fault = override_fault(on, ends_on, most_days)
    if fault == "past":
        raise Refused(_("An override must end after today."), field="ends_on")
    if fault:
        raise Refused(_("An override lasts at most %(days)s days.") % {"days": most_days}, field="ends_on")


@transaction.atomic
def end_override(*, override: HealthOverride, by: User, at: dt.datetime) -> HealthOverride:
    """End an override today; the computed band shows again at once."""
    locked = HealthOverride.objects.select_for_update().get(pk=override.pk)
    on = today(at)
    if locked.closed_at is not None or locked.ends_on <= on:
        raise Refused(_("This override has ended already."))
    _close(locked, on=on, at=at)
    leave_audit("health.override_ended", locked, by=by, at=at)
    _tell(locked, _("Override of health ended: the computed band shows again"), by=by, at=at)
    refresh_rows([locked.account_id])
    return locked


@transaction.atomic
def follow_overrides(*, on: dt.date, at: dt.datetime) -> dict[str, int]:
    """Tell owners of overrides that end soon, and note those that have ended; each once, however often it runs."""
    notice_days = Organisation.load().override_notice_days
    told = ended = 0
    rows = HealthOverride.objects.filter(closed_at=None).select_for_update(of=("self",)).select_related("account")
    for override in rows.order_by("pk"):
        if override.ends_on <= on:
            _close(override, on=override.ends_on, at=at)
            _tell(override, _("Override of health ended: the computed band shows again"), by=None, at=at)
            refresh_rows([override.account_id])
            ended += 1
        elif override.told_at is None and is_ending(override.ends_on, on, notice_days):
            _announce(override, on=on, at=at)
            told += 1
    return {"told": told, "ended": ended}


def _announce(override: HealthOverride, *, on: dt.date, at: dt.datetime) -> None:
    """Put the end before the owner: as something to come back to today, which Today shows them."""
    words = {"band": _label(override.band), "day": date(override.ends_on)}
    entry = _tell(override, _("Override to %(band)s ends on %(day)s: renew it, or let it end") % words, by=None, at=at)
    TimelineEntry.objects.filter(pk=entry.pk).update(follow_up_on=on)
    HealthOverride.objects.filter(pk=override.pk).update(told_at=at)
    account = override.account
    people = {one.pk: one for one in [*owners_of(account), override.author] if one is not None}
    notify_people(
        people.values(),
        kind="override_ends",
        title=lambda: (
            _("%(name)s: the band set by hand ends on %(day)s") % {"name": account.name, "day": date(override.ends_on)}
        ),
        body=lambda: _("Renew it, or let the computed band show again."),
        cause=f"override:{override.pk}:ends",
        at=at,
        url=f"{reverse('account_health', args=[account.pk])}#override",
        account=account,
    )


def _close(override: HealthOverride, *, on: dt.date, at: dt.datetime) -> None:
    override.ends_on, override.closed_at = min(override.ends_on, on), at
    override.save(update_fields=["ends_on", "closed_at"])
    waiting = TimelineEntry.objects.filter(
        account_id=override.account_id, kind=TimelineEntry.Kind.HEALTH, follow_up_done_at=None,
        follow_up_on__isnull=False, details__override=override.pk,
    )  # fmt: skip
    waiting.update(follow_up_done_at=at)


def _tell(override: HealthOverride, title: str, *, by: User | None, at: dt.datetime, body: str = "") -> TimelineEntry:
    details = {"override": override.pk, "band": override.band, "computed": override.computed_band}
    account = override.account
    return leave_entry(account, TimelineEntry.Kind.HEALTH, title, by=by, at=at, body=body, details=details)


def _label(band: str) -> str:
    return str(HealthScore.Band(band).label)
