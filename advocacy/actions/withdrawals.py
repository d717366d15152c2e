"""How is an advocate withdrawn by itself when the account turns red, escalates or nears its renewal?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify_people
from accounts.actions.traces import leave_audit, leave_entry, today
from accounts.models import TimelineEntry, User
from advocacy.actions.ranking import refresh_people
from advocacy.actions.stories import tell
from advocacy.models import CHANNEL_OF, AdvocacySettings, Advocate, Ask, Consent, WithdrawalCause
from advocacy.queries.standing import people_on
from advocacy.queries.words import event_title
from advocacy.rules.limits import covers, hard_limits, withdrawal_cause
from common import jobs

Stage = Advocate.Stage


@transaction.atomic
def withdraw_unfit(*, on: dt.date, at: dt.datetime, account_ids: Iterable[int] | None = None) -> int:
    """Withdraw every engaged advocate whose account turned red, has a critical ticket open or a near renewal.

    With them go the asks that are still open, and whoever asked is told. Asks whose consent has run out go as well.
    Returns how many advocates were withdrawn; running it again changes nothing.
    """
    rows = Advocate.objects.filter(stage__in=Advocate.ENGAGED)
    if account_ids is not None:
        rows = rows.filter(account__in=list(account_ids))
    advocates = {
        one.contact_id: one
        for one in rows.select_related("account", "contact").select_for_update(of=("self",)).order_by("pk")
    }
    settings = AdvocacySettings.load()
    people = people_on(on, settings, advocates)
    found = hard_limits(people.standing, settings.limits())
    causes = {
        contact: cause
        for row, contact in enumerate(people.contacts.tolist())
        if (cause := withdrawal_cause(found, row)) is not None
    }
    for contact, cause in causes.items():
        withdraw_advocate(advocates[contact], WithdrawalCause(cause.value), by=None, at=at)
    withdraw_without_consent(contact_ids=None if account_ids is None else list(advocates), at=at)
    touched = {advocates[contact].account_id for contact in causes}
    if touched:
        refresh_people(on=on, account_ids=touched)
    return len(causes)


def withdraw_advocate(advocate: Advocate, cause: WithdrawalCause, *, by: User | None, at: dt.datetime) -> None:
    """Take an advocate out of the pipeline with all that was still asked of them."""
    before = str(advocate.stage)
    advocate.stage, advocate.since, advocate.withdrawn_cause = Stage.WITHDRAWN, today(at), cause
    advocate.save(update_fields=["stage", "since", "withdrawn_cause"])
    changes = {"stage": [before, str(Stage.WITHDRAWN)], "cause": [None, cause.value]}
    leave_audit("advocate.advanced", advocate, by=by, at=at, changes=changes)
    name = advocate.contact.name
    leave_entry(
        advocate.account, TimelineEntry.Kind.ADVOCACY, event_title("advocate_withdrawn", "", name), by=by, at=at,
        body=str(cause.label), details={"advocacy": "advocate_withdrawn", "name": name, "cause": cause.value},
    )  # fmt: skip
    _withdraw_asks(Ask.objects.filter(advocate=advocate).open(), cause, by=by, at=at)
    care_for(advocate.account_id)


def care_for(account_id: int) -> None:
    """Let playbooks look whether the account's advocates need care now, after one of them moved."""
    jobs.enqueue("playbooks.evaluate_triggers", key=f"advocates:{account_id}", account_ids=[account_id])


def withdraw_without_consent(*, contact_ids: Sequence[int] | None, at: dt.datetime) -> int:
    """Withdraw open asks for which no consent holds any more; returns how many."""
    on = today(at)
    asks = Ask.objects.open()
    if contact_ids is not None:
        asks = asks.filter(advocate__contact__in=contact_ids)
    pairs = list(asks.values_list("pk", "advocate__contact", "kind"))
    given: dict[int, list[tuple[str, str]]] = {}
    holding = Consent.objects.in_force_on(on).filter(contact__in={contact for _pk, contact, _kind in pairs})
    for contact, scope, channel in holding.values_list("contact", "scope", "channel"):
        given.setdefault(contact, []).append((scope, channel))
    bare = [
        pk
        for pk, contact, kind in pairs
        if not any(covers(scope, channel, kind, CHANNEL_OF[kind]) for scope, channel in given.get(contact, ()))
    ]
    return _withdraw_asks(Ask.objects.filter(pk__in=bare), WithdrawalCause.CONSENT, by=None, at=at)


def _withdraw_asks(asks: QuerySet[Ask], cause: WithdrawalCause, *, by: User | None, at: dt.datetime) -> int:
    """Withdraw asks, and tell those who asked and those for whom it was asked."""
    rows = asks.select_related("advocate__account", "advocate__contact", "asked_by", "request__requested_by")
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for ask in found:
        ask.withdrawn_on, ask.withdrawn_cause = today(at), cause
        ask.save(update_fields=["withdrawn_on", "withdrawn_cause"])
        leave_audit("ask.withdrawn", ask, by=by, at=at, changes={"cause": [None, cause.value]})
        tell("withdrawn", ask, by=by, at=at, body=str(cause.label))
        _tell_requesters(ask, cause, by=by, at=at)
    return len(found)


def _tell_requesters(ask: Ask, cause: WithdrawalCause, *, by: User | None, at: dt.datetime) -> None:
    asked_for = ask.request.requested_by if ask.request is not None else None
    people = {one.pk: one for one in (ask.asked_by, asked_for) if one is not None and one != by}
    notify_people(
        people.values(),
        kind="advocacy",
        title=_titled(ask),
        body=_explained(ask, cause),
        cause=f"ask:{ask.pk}:withdrawn",
        at=at,
        url=reverse("advocate_person", args=[ask.advocate.contact_id]),
        account=ask.advocate.account,
    )


def _titled(ask: Ask) -> Callable[[], str]:
    return lambda: event_title("withdrawn", ask.kind, ask.advocate.contact.name)


def _explained(ask: Ask, cause: WithdrawalCause) -> Callable[[], str]:
    def say() -> str:
        words = {"account": ask.advocate.account.name, "cause": str(cause.label)}
        if ask.request is None:
            return _("%(account)s: %(cause)s. Do not go on with this ask.") % words
        words["prospect"] = ask.request.prospect
        return _("%(account)s: %(cause)s. Find somebody else for %(prospect)s.") % words

    return say
