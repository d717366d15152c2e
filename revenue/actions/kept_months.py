"""How do the kept months follow the ledger, and how is it caught if they do not?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import Organisation
from revenue.models import KeptMonth, LedgerChange
from revenue.queries import RetentionMonth, kept_months, kept_span, retention_months, stale_since
from revenue.rules.rates import to_cents
from revenue.rules.retention import Figures

BATCH = 1_000


def ledger_changed(*, since: dt.date) -> None:
    """Leave word, in the transaction of the change, that every kept month which ends after a day is stale.

    Always a row of its own: one that stands already may be about to be settled by a reader that cannot see this change.
    """
    LedgerChange.objects.create(since=since)


@transaction.atomic
def keep_months(*, on: dt.date, at: dt.datetime) -> int:
    """Work out the stale months of the whole book in one pass over the ledger, and say how many there were.

    What changes while this runs has left a word that is not among those read first, and is followed the next time.
    Two that keep at once wait for each other, or the one that read earlier might write last.
    """
    list(KeptMonth.objects.select_for_update().order_by("pk").values_list("pk"))
    settled = list(LedgerChange.objects.order_by().values_list("pk", flat=True))
    since = stale_since(on)
    if since is None:
        _settle(settled)
        return 0
    first, last = kept_span(on)
    months = retention_months(since, last)
    currency = Organisation.load().reporting_currency
    rows = [row for month in months for row in _rows(month, currency, at)]
    KeptMonth.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["month", "window"],
        update_fields=["currency", *KeptMonth.FIGURES, "made_at"],
    )
    KeptMonth.objects.filter(month__lt=first).delete()
    _settle(settled)
    return len(months)


def audit_months(*, on: dt.date) -> list[dt.date]:
    """Compare every kept month with what the ledger says: the months that differ, which are not read from then on."""
    first, last = kept_span(on)
    kept, rebuilt = kept_months(first, last), retention_months(first, last)
    if kept is None or LedgerChange.objects.exists():
        return []  # it changed meanwhile, and what is stale is not read anyway
    wrong = [month.month.start for month, right in zip(kept, rebuilt, strict=True) if month != right]
    if wrong:
        ledger_changed(since=min(wrong))
    return wrong


def _rows(month: RetentionMonth, currency: str, at: dt.datetime) -> list[KeptMonth]:
    """Both windows of a month as they are kept."""

    def row(window: int, figures: Figures) -> KeptMonth:
        amounts = {name: to_cents(getattr(figures, name)) for name in KeptMonth.AMOUNTS}
        counts = {name: getattr(figures, name) for name in KeptMonth.COUNTS}
        return KeptMonth(month=month.month.start, window=window, currency=currency, made_at=at, **amounts, **counts)

    return [row(KeptMonth.Window.MONTH, month.month), row(KeptMonth.Window.YEAR, month.trailing)]


def _settle(changes: list[int]) -> None:
    """Take back the words that have been followed."""
    for start in range(0, len(changes), BATCH):
        LedgerChange.objects.filter(pk__in=changes[start : start + BATCH]).delete()
