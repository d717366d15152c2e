"""How does a dated exchange rate get in?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from common.jobs import enqueue
from common.money import check_currency
from revenue.actions.kept_months import ledger_changed
from revenue.models import ExchangeRate


@transaction.atomic
def set_rate(*, base: str, quote: str, on: dt.date, rate: Decimal, by: User | None, at: dt.datetime) -> ExchangeRate:
    """Say what one unit of a currency is worth in another from a day on; a rate of the same day is replaced."""
    check_currency(base)
    check_currency(quote)
    if base == quote:
        raise Refused(_("Choose two currencies that differ."), field="quote")
    if rate <= 0:
        raise Refused(_("The rate must be above 0."), field="rate")
    old = ExchangeRate.objects.select_for_update().filter(base=base, quote=quote, on=on).first()
    if old is not None and old.rate == rate:
        return old
    row, _made = ExchangeRate.objects.update_or_create(base=base, quote=quote, on=on, defaults={"rate": rate})
    changes = {"rate": [str(old.rate) if old else None, str(rate)]}
    leave_audit("exchange_rate.set", row, by=by, at=at, changes=changes)
    _follow(on)
    return row


@transaction.atomic
def delete_rate(*, rate: ExchangeRate, by: User | None, at: dt.datetime) -> None:
    """Take a rate away; figures that need it will say that it is missing."""
    leave_audit("exchange_rate.deleted", rate, by=by, at=at, changes={"rate": [str(rate.rate), None]})
    rate.delete()
    _follow(rate.on)


def _follow(since: dt.date) -> None:
    """Amounts are worth something else from a day on, and a change of currency may read otherwise now."""
    ledger_changed(since=since)
    enqueue("revenue.derive_movements", key="all")
