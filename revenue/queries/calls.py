"""What is up for renewal, what was expected of it, and was that right?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import Organisation
from common.columns import Cents
from revenue.models import ContractLine, Movement, Renewal, RenewalCall, RenewalPolicy
from revenue.queries.ledger import stored_movements
from revenue.queries.rates import load_rates, refuse_missing_rate
from revenue.rules.calls import CallFacts, outcome, share_right
from revenue.rules.movements import SPAN, day_number, day_of
from revenue.rules.rates import converted, from_cents, rate_on

Ints = npt.NDArray[np.int64]
# A contract that ended for a failed payment speaks against the next renewal for so long.
FAILED_DAYS = 365
KINDS = (RenewalCall.Kind.COMPUTED, RenewalCall.Kind.CSM, RenewalCall.Kind.FINAL)


def due_amounts(account: Ints, due: Ints, on: dt.date) -> tuple[Ints, Ints]:
    """For pairs of account and day due: cents paid on the eve, and cents paid from the day due (or when the account
    came back), in the reporting currency at the rates of the eve, of today where that lies ahead.
    """
    movements, _ids = stored_movements(np.unique(account).tolist())
    reporting = Organisation.load().reporting_currency
    today = day_number(on)
    before, after = np.zeros(account.size, dtype=np.int64), np.zeros(account.size, dtype=np.int64)
    eve = np.minimum(due - 1, today)
    with refuse_missing_rate():
        rates = load_rates(movements.currencies, reporting, until=on)
        for number, name in enumerate(movements.currencies):
            rows = movements.currency == number
            order = np.lexsort((movements.day[rows], movements.account[rows]))
            held = movements.account[rows][order], movements.day[rows][order], movements.after[rows][order]
            paid, going_on = _balance(held, account, due - 1), _balance(held, account, due)
            going_on = np.where(going_on > 0, going_on, _balance(held, account, np.maximum(due, today)))
            for day in np.unique(eve[(paid != 0) | (going_on != 0)]).tolist():
                here = eve == day
                rate = rate_on(rates, name, reporting, day_of(day))
                before[here] += converted(paid[here], rate)
                after[here] += converted(going_on[here], rate)
    return before, after


def _balance(held: tuple[Ints, Ints, Ints], account: Ints, day: Ints) -> Ints:
    """What accounts pay in one currency at the end of days, from its movements in order."""
    owner, days, after = held
    position = np.searchsorted(owner * SPAN + days, account * SPAN + day, side="right") - 1
    known = (position >= 0) & (owner[np.maximum(position, 0)] == account)
    return np.where(known, after[np.maximum(position, 0)], 0)


def call_facts(renewals: Sequence[Renewal], on: dt.date, policy: RenewalPolicy) -> list[CallFacts]:
    """What the rule needs to know of renewals, in their order: a few queries, however many they are."""
    ids = {renewal.account_id for renewal in renewals}
    lines = _of(ContractLine.objects.filter(Q(notice_on__lte=on) | Q(is_payment_failed=True)), ids)
    noticed, failed = set(), set()
    for account, ends_on, notice_on, is_failed in lines.values_list(
        "account_id", "ends_on", "notice_on", "is_payment_failed"
    ):
        if ends_on is not None and notice_on is not None and notice_on <= on < ends_on:
            noticed.add((account, ends_on))
        if ends_on is not None and is_failed and ends_on >= on - dt.timedelta(days=FAILED_DAYS):
            failed.add(account)
    since = on - dt.timedelta(days=policy.downgrade_days)
    shrunk = _of(Movement.objects.filter(kind=Movement.Kind.CONTRACTION, on__gt=since, on__lte=on), ids)
    downgraded = set(shrunk.values_list("account_id", flat=True))
    settled = _of(Renewal.objects.filter(stage__in=[Renewal.Stage.WON, Renewal.Stage.LOST], due_on__lte=on), ids)
    past: dict[tuple[int, str], int] = {
        (account, stage): count
        for account, stage, count in settled.order_by().values_list("account_id", "stage").annotate(count=Count("pk"))
    }
    return [
        CallFacts(
            stage=renewal.stage,
            days_left=(renewal.due_on - on).days,
            is_notice_given=(renewal.account_id, renewal.due_on) in noticed,
            is_payment_failed=renewal.account_id in failed,
            is_downgraded=renewal.account_id in downgraded,
            renewed_before=past.get((renewal.account_id, Renewal.Stage.WON), 0),
            lost_before=past.get((renewal.account_id, Renewal.Stage.LOST), 0),
            band=renewal.band,
        )
        for renewal in renewals
    ]


def _of(rows: QuerySet[Any], ids: set[int]) -> QuerySet[Any]:
    """Restrict rows to few accounts; for many, all are read and those that nobody asks for are passed over."""
    return rows.filter(account__in=ids) if len(ids) <= 500 else rows


@dataclass(frozen=True)
class RenewalSummary:
    """What was due in a period, what of it came, and what is expected of all of it, in the reporting currency."""

    due: int
    arr_due: Decimal
    # Those whose day has come: what the renewal rate is taken over.
    come_due: int
    arr_come_due: Decimal
    renewed: int
    arr_renewed: Decimal
    lost: int
    arr_lost: Decimal
    low: Decimal
    likely: Decimal
    high: Decimal
    disputed: int

    @property
    def renewal_rate(self) -> Decimal | None:
        """Renewed / due, by count; no value where nothing was due."""
        return share_right(self.renewed, self.come_due)

    @property
    def renewal_rate_arr(self) -> Decimal | None:
        """Renewed / due, by ARR, what was added not counted; no value where nothing was due."""
        return round(self.arr_renewed / self.arr_come_due, 4) if self.arr_come_due else None


def renewal_summary(rows: QuerySet[Renewal], on: dt.date) -> RenewalSummary:
    """Add renewals up: one query. A late renewal counts where it was due."""
    come = Q(due_on__lte=on)
    won, lost = Q(stage=Renewal.Stage.WON), Q(stage=Renewal.Stage.LOST)
    is_open, committed = Q(stage__in=Renewal.OPEN), Q(stage=Renewal.Stage.COMMITTED)
    disputed = is_open & Q(final_call="") & ~Q(csm_call="") & ~Q(computed_call="") & ~Q(csm_call=F("computed_call"))
    found: dict[str, Any] = rows.order_by().aggregate(
        due=Count("pk"),
        arr_due=Sum(Cents("arr")),
        come_due=Count("pk", filter=come),
        arr_come_due=Sum(Cents("arr"), filter=come),
        renewed=Count("pk", filter=come & won),
        arr_renewed=Sum(Cents("expected_arr"), filter=come & won),
        lost=Count("pk", filter=lost),
        arr_lost=Sum(Cents("arr"), filter=lost),
        low=Sum(Cents("expected_arr"), filter=won | committed),
        likely=Sum(Cents("expected_arr"), filter=~lost),
        won_arr=Sum(Cents("expected_arr"), filter=won),
        open_arr=Sum(Cents("arr"), filter=is_open),
        disputed=Count("pk", filter=disputed),
    )
    high = (found.pop("won_arr") or 0) + (found.pop("open_arr") or 0)
    counts = {"due", "come_due", "renewed", "lost", "disputed"}
    values: dict[str, Any] = {
        name: value if name in counts else from_cents(value or 0) for name, value in found.items()
    }
    return RenewalSummary(**values, high=from_cents(high))


@dataclass
class Accuracy:
    """How the calls of one kind, as they stood so many days before the end, compare with what came."""

    kind: str
    days_before: int
    calls: int = 0
    right: int = 0
    expected: Decimal = Decimal(0)
    came: Decimal = Decimal(0)
    # {call: {outcome: how often}}
    table: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    @property
    def rate(self) -> Decimal | None:
        """The share of calls that came true; no value without calls."""
        return share_right(self.right, self.calls)


def call_accuracy(rows: QuerySet[Renewal], looks: Iterable[int]) -> list[Accuracy]:
    """Compare past calls with what came of them, for settled renewals: two queries."""
    settled = list(rows.filter(stage__in=[Renewal.Stage.WON, Renewal.Stage.LOST]).order_by("pk"))
    stood = _history(rows)
    found = []
    for days in looks:
        for kind in KINDS:
            one = Accuracy(kind.value, days)
            for renewal in settled:
                call = _as_stood(stood.get((renewal.pk, kind.value), ()), renewal.due_on - dt.timedelta(days=days))
                if call is not None:
                    _count(one, renewal, call)
            found.append(one)
    return found


def _history(rows: QuerySet[Renewal]) -> Mapping[tuple[int, str], Sequence[RenewalCall]]:
    """The calls on settled renewals, oldest first."""
    settled = rows.filter(stage__in=[Renewal.Stage.WON, Renewal.Stage.LOST]).order_by().values("pk")
    kept: dict[tuple[int, str], list[RenewalCall]] = defaultdict(list)
    for call in RenewalCall.objects.filter(renewal__in=settled).order_by("on", "pk"):
        kept[(call.renewal_id, call.kind)].append(call)
    return kept


def _as_stood(calls: Sequence[RenewalCall], day: dt.date) -> RenewalCall | None:
    """The call that stood at the end of a day; none if it was not made yet, or taken back."""
    known = [call for call in calls if call.on <= day]
    return known[-1] if known and known[-1].call else None


def _count(one: Accuracy, renewal: Renewal, call: RenewalCall) -> None:
    came = outcome(renewal.stage, renewal.arr, renewal.expected_arr)
    one.calls += 1
    one.right += call.call == came
    one.expected += call.amount or Decimal(0)
    one.came += renewal.expected_arr
    one.table[call.call][came] += 1
