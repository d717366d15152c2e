"""What happens when a person writes, changes or ends a contract line?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit, leave_entry, rescore, today
from accounts.models import Account, Product, TimelineEntry, User
from common.errors import Refused
from common.money import check_currency
from revenue.actions.ledger import derive_movements
from revenue.models import ContractLine, Movement

EDITABLE = (
    *("product", "seats", "arr", "currency", "starts_on", "ends_on"),
    *("notice_on", "is_payment_failed", "external_id"),
)


@transaction.atomic
def add_line(
    *,
    account: Account,
    product: Product,
    arr: Decimal,
    currency: str,
    starts_on: dt.date,
    by: User | None,
    at: dt.datetime,
    ends_on: dt.date | None = None,
    seats: int | None = None,
    notice_on: dt.date | None = None,
    is_payment_failed: bool = False,
    external_id: str | None = None,
) -> ContractLine:
    """Write a contract line; movements, timeline and score follow."""
    line = ContractLine(
        account=account,
        product=product,
        seats=seats,
        arr=arr,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        notice_on=notice_on,
        is_payment_failed=is_payment_failed,
        external_id=external_id or None,
    )
    _check(line)
    line.save()
    leave_audit("contract_line.added", line, by=by, at=at, changes={"account": [None, account.pk]})
    _follow(account, by=by, at=at)
    return line


@transaction.atomic
def change_line(*, line: ContractLine, by: User | None, at: dt.datetime, **values: Any) -> ContractLine:
    """Correct a contract line, back-dated or ahead of time alike."""
    Account.objects.select_for_update().get(pk=line.account_id)
    locked: ContractLine = ContractLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not a field that may change: {', '.join(sorted(unknown))}")
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    changes = differences(locked, values)
    if not changes:
        return locked
    for name, value in values.items():
        setattr(locked, name, value)
    _check(locked)
    locked.save()
    leave_audit("contract_line.changed", locked, by=by, at=at, changes=changes)
    _follow(locked.account, by=by, at=at)
    return locked


def end_line(
    *,
    line: ContractLine,
    ends_on: dt.date,
    by: User | None,
    at: dt.datetime,
    notice_on: dt.date | None = None,
    is_payment_failed: bool = False,
) -> ContractLine:
    """Let a contract line end on a day, the first that is not paid for; the notice is kept beside it."""
    return change_line(
        line=line, by=by, at=at, ends_on=ends_on, notice_on=notice_on, is_payment_failed=is_payment_failed
    )


@transaction.atomic
def delete_line(*, line: ContractLine, by: User | None, at: dt.datetime) -> None:
    """Take away a contract line that never was; one that is over should be ended instead."""
    account = line.account
    names = ("product_id", "arr", "currency", "starts_on", "ends_on")
    kept = {name: [str(getattr(line, name)), None] for name in names}
    leave_audit("contract_line.deleted", line, by=by, at=at, changes={"account": [account.pk, None], **kept})
    line.delete()
    _follow(account, by=by, at=at)


def _check(line: ContractLine) -> None:
    """Refuse in words what the database would refuse, and what nobody means."""
    check_currency(line.currency)
    if line.arr < 0:
        raise Refused(_("ARR cannot be below 0."), field="arr")
    if line.ends_on is not None and line.ends_on <= line.starts_on:
        raise Refused(_("The end must be after the start: it is the first day that is not paid for."), field="ends_on")
    if line.external_id:
        others = ContractLine.objects.exclude(pk=line.pk).filter(external_id=line.external_id)
        if others.exists():
            raise Refused(_("This external id is in use."), field="external_id", code="unique")


def _follow(account: Account, *, by: User | None, at: dt.datetime) -> None:
    """Derive the account's movements, tell the timeline which days changed, and ask for a new score."""
    before = _days(account, at)
    derive_movements(account_ids=[account.pk])
    for on, kind in sorted(_days(account, at) - before):
        words = {"kind": Movement.Kind(kind).label, "on": on.isoformat()}
        # Amounts stay in the ledger: not everybody who reads a timeline may see money.
        leave_entry(
            account, TimelineEntry.Kind.MOVEMENT, _("%(kind)s on %(on)s") % words, by=by, at=at,
            details={"movement": kind, "on": on.isoformat()},
        )  # fmt: skip
    rescore(account.pk)


def _days(account: Account, at: dt.datetime) -> set[tuple[dt.date, str]]:
    """The account's movements up to today, as day and kind."""
    moved = Movement.objects.filter(account=account, on__lte=today(at)).order_by()
    return set(moved.values_list("on", "kind"))
