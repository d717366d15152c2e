"""What happens when a customer asks for something?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit, today
from accounts.models import Account, Contact, TimelineEntry, User
from common.errors import Refused
from roadmap.actions.loop import answer_newcomers, forget_waiting
from roadmap.actions.requests import add_request
from roadmap.actions.writing import apply_changes, check_day, check_external_id, rank_anew
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries.duplicates import root_of
from usage.models import Module, Ticket

EVIDENCE_FIELDS = frozenset({"verbatim", "importance", "is_blocker", "asked_on", "contact", "source", "external_id"})
MOST_WORDS = 10_000


@transaction.atomic
def ask_for(
    *, account: Account, title: str, by: User | None, at: dt.datetime, request: FeatureRequest | None = None,
    module: Module | None = None, **evidence: Any,
) -> RequestEvidence:  # fmt: skip
    """Write down that an account asks for something: one more voice for a known need, or for a new one."""
    need = request or add_request(title=title, module=module, by=by, at=at)
    return add_evidence(request=need, account=account, by=by, at=at, **evidence)


@transaction.atomic
def add_evidence(
    *,
    request: FeatureRequest,
    account: Account,
    by: User | None,
    at: dt.datetime,
    verbatim: str = "",
    importance: int = RequestEvidence.Importance.USEFUL,
    is_blocker: bool = False,
    asked_on: dt.date | None = None,
    contact: Contact | None = None,
    source: str = "",
    external_id: str | None = None,
    entry: TimelineEntry | None = None,
    ticket: Ticket | None = None,
) -> RequestEvidence:
    """Write down one voice for a need, in the customer's own words; of a merged need it counts where that went."""
    root = _locked_root(request)
    voice = RequestEvidence(
        request=root, asked_as=request if root.pk != request.pk else None, account=account, contact=contact,
        verbatim=verbatim, importance=importance, is_blocker=is_blocker, source=source, entry=entry, ticket=ticket,
        asked_on=asked_on or today(at), external_id=external_id or None,
    )  # fmt: skip
    _check(voice, at)
    voice.save()
    named = {"request": [None, root.pk], "account": [None, account.pk], "importance": [None, int(importance)]}
    leave_audit("request_evidence.added", voice, by=by, at=at, changes=named)
    answer_newcomers(request=root, account_ids=[account.pk], at=at)
    rank_anew(root.pk)
    return voice


@transaction.atomic
def link_accounts(
    *, request: FeatureRequest, accounts: Sequence[Account], by: User | None, at: dt.datetime, **evidence: Any
) -> int:
    """Give accounts a voice each for a need; answers how many had none before."""
    if not accounts:
        raise Refused(_("Choose at least one account."), field="accounts")
    root = _locked_root(request)
    had = set(root.evidence.filter(account__in=accounts).order_by().values_list("account", flat=True))
    new = [account for account in accounts if account.pk not in had]
    for account in new:
        add_evidence(request=request, account=account, by=by, at=at, **evidence)
    return len(new)


@transaction.atomic
def change_evidence(*, evidence: RequestEvidence, by: User | None, at: dt.datetime, **values: Any) -> RequestEvidence:
    """Correct what a customer said, how much it mattered to them, or when."""
    locked: RequestEvidence = RequestEvidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    changes = apply_changes(locked, EVIDENCE_FIELDS, values)
    if changes:
        _check(locked, at)
        locked.save(update_fields=list(changes))
        leave_audit("request_evidence.changed", locked, by=by, at=at, changes=changes)
        rank_anew(locked.request_id)
    return locked


@transaction.atomic
def delete_evidence(*, evidence: RequestEvidence, by: User | None, at: dt.datetime) -> None:
    """Take away a voice that never was; if it was the account's only one, nobody waits for an answer any more."""
    named = {"request": [evidence.request_id, None], "account": [evidence.account_id, None]}
    leave_audit("request_evidence.deleted", evidence, by=by, at=at, changes=named)
    request, account_id = evidence.request, evidence.account_id
    evidence.delete()
    forget_waiting(request=request, account_ids=[account_id])
    rank_anew(request.pk)


def _locked_root(request: FeatureRequest) -> FeatureRequest:
    """The request that has the voices, held so that nobody merges it meanwhile."""
    root = root_of(request)
    locked = FeatureRequest.objects.select_for_update(of=("self",)).get(pk=root.pk)
    return locked if locked.merged_into_id is None else _locked_root(locked)


def _check(voice: RequestEvidence, at: dt.datetime) -> None:
    """Refuse what nobody can have said."""
    check_external_id(voice)
    check_day(voice.asked_on, at, "asked_on")
    if len(voice.verbatim) > MOST_WORDS:
        words = _("Keep it to %(most)s characters: the words that matter.")
        raise Refused(words % {"most": f"{MOST_WORDS:,}"}, field="verbatim")
    if voice.contact is not None and voice.contact.account_id != voice.account_id:
        raise Refused(_("Choose a contact of this account."), field="contact")
    for name in ("entry", "ticket"):
        row = getattr(voice, name)
        if row is not None and row.account_id != voice.account_id:
            raise Refused(_("This belongs to another account."), field=name)
