"""How much money hangs on a need: who may leave for want of it, and who left?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, ChurnRecord, ExpectationGap, Organisation, Promise, User
from common.columns import only_ids, read_columns
from health.models import EarlyWarning, HealthScore, Severity
from health.queries.overrides import overrides_on
from health.queries.scores import latest_scores
from revenue.models import Renewal
from revenue.queries import arr_by_account, load_rates, refuse_missing_rate
from revenue.rules.rates import converted, from_cents, rate_on
from roadmap.models import FeatureRequest, RequestEvidence, RequestLink
from roadmap.rules.gaps import REASONS, RENEWAL_DAYS, at_risk_by_request, at_risk_in_all, lost_once

WORDS = {
    "promise": _("a promise hangs on it"),
    "gap": _("an expectation gap is open"),
    "red": _("health is red"),
    "renewal": _("a renewal is due within 180 days"),
    "warning": _("a grave warning is open"),
}
BROKEN_OR_OPEN = (Promise.State.OPEN, Promise.State.BROKEN)
Reasons = dict[int, set[str]]


@dataclass(frozen=True)
class AtRisk:
    """One account that may leave for want of a request, and why it is thought so."""

    account: Account
    arr: Decimal | None
    reasons: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The reasons in words, the gravest first."""
        return [str(WORDS[reason]) for reason in self.reasons]


@dataclass(frozen=True)
class Loss:
    """One customer that left and would have stayed with a request; the amount is in the reporting currency."""

    record: ChurnRecord
    arr: Decimal | None


@dataclass(frozen=True)
class Gap:
    """What hangs on one request: the accounts at risk and the losses, each account once."""

    at_risk: Sequence[AtRisk]
    losses: Sequence[Loss]
    arr_at_risk: Decimal | None
    arr_lost: Decimal | None
    lost_accounts: int


@dataclass(frozen=True)
class GapRow:
    """One request in the list of gaps."""

    request: Any
    accounts: int
    arr: Decimal | None
    lost_accounts: int
    arr_lost: Decimal | None


@dataclass(frozen=True)
class Gaps:
    """The requests on which money hangs, or the first of `count`, with totals in which each account counts once."""

    rows: Sequence[GapRow]
    count: int
    accounts: int
    arr: Decimal | None
    lost_accounts: int
    arr_lost: Decimal | None


def at_risk_anyway(on: dt.date, account_ids: Iterable[int]) -> Reasons:
    """Which accounts may leave whatever they asked for: a renewal near, health red, a grave warning; and why."""
    ids = list(account_ids)
    found: Reasons = defaultdict(set)
    until = on + dt.timedelta(days=RENEWAL_DAYS)
    renewals = Renewal.objects.open().filter(due_on__gte=on, due_on__lte=until)
    warnings = EarlyWarning.objects.unresolved().filter(severity=Severity.HIGH)
    wanted = set(ids)
    for reason, rows in (("renewal", renewals), ("warning", warnings)):
        for pk in only_ids(rows, "account_id", ids).order_by().values_list("account", flat=True):
            if pk in wanted:
                found[pk].add(reason)
    for pk in red_on(on, ids) & wanted:
        found[pk].add("red")
    return found


def red_on(on: dt.date, ids: Sequence[int]) -> set[int]:
    """Accounts whose band is red on a day: as a person says, else as computed."""
    said = overrides_on(on, ids)
    red = {pk for pk, override in said.items() if override.band == HealthScore.Band.RED}
    scored = latest_scores(on, ids).filter(band=HealthScore.Band.RED).order_by().values_list("account", flat=True)
    return red | (set(scored) - said.keys())


def open_links(links: QuerySet[RequestLink]) -> Iterable[tuple[int, int, str]]:
    """What hangs on requests and is not settled: (request, account, reason)."""
    gaps = links.filter(gap__isnull=False, gap__closed_on=None)
    promises = links.filter(promise__state__in=BROKEN_OR_OPEN)
    renewals = links.filter(renewal__stage__in=Renewal.OPEN)
    for reason, rows in (("gap", gaps), ("promise", promises), ("renewal", renewals)):
        for request, account in rows.order_by().values_list("request", "account"):
            yield request, account, reason


def gap_of(request: FeatureRequest, user: User | AnonymousUser, on: dt.date, *, money: bool) -> Gap:
    """Read what hangs on one request, of the accounts that a person may see."""
    voices = RequestEvidence.objects.visible_to(user).filter(request=request).order_by()
    links = RequestLink.objects.visible_to(user).filter(request=request)
    linked = list(open_links(links))
    ids = set(voices.values_list("account", flat=True)) | {account for _request, account, _reason in linked}
    reasons = at_risk_anyway(on, ids)
    for _request, account, reason in linked:
        reasons[account].add(reason)
    arr = arr_by_account(on, reasons)
    accounts = Account.objects.in_bulk([pk for pk in reasons if pk in arr])
    ordered = sorted(accounts, key=lambda pk: (-arr[pk], pk))
    at_risk = [
        AtRisk(accounts[pk], arr[pk] if money else None, tuple(one for one in REASONS if one in reasons[pk]))
        for pk in ordered
    ]
    losses = losses_of(links)
    lost, count = lost_once([(loss.record.account_id, str(loss.record.on), _cents(loss.arr)) for loss in losses])
    return Gap(
        at_risk=at_risk,
        losses=[loss if money else Loss(loss.record, None) for loss in losses],
        arr_at_risk=sum((arr[pk] for pk in ordered), Decimal(0)) if money else None,
        arr_lost=from_cents(lost) if money else None,
        lost_accounts=count,
    )


def gaps(
    requests: QuerySet[FeatureRequest], user: User | AnonymousUser, on: dt.date, *, money: bool, most: int | None = None
) -> Gaps:
    """Read what hangs on many requests in a few statements; the most money first, without money the most accounts.

    `most`: how many of them are to be read; the totals are of all.
    """
    voices = RequestEvidence.objects.visible_to(user).filter(request__in=requests.order_by().values("pk"))
    columns = read_columns(voices.order_by(), request_id="int", account_id="int")
    links = RequestLink.objects.visible_to(user).filter(request__in=requests.order_by().values("pk"))
    linked = list(open_links(links))
    reasons = at_risk_anyway(on, np.unique(columns["account_id"]).tolist())
    risky = np.isin(columns["account_id"], np.fromiter(reasons, dtype=np.int64, count=len(reasons)))
    request = np.concatenate([columns["request_id"][risky], np.array([one[0] for one in linked], dtype=np.int64)])
    account = np.concatenate([columns["account_id"][risky], np.array([one[1] for one in linked], dtype=np.int64)])
    cents = {pk: _cents(amount) for pk, amount in arr_by_account(on, np.unique(account).tolist()).items()}
    risk = at_risk_by_request(request, account, cents)
    lost = _lost_by_request(links)
    total, accounts = at_risk_in_all(account.tolist(), cents)
    gone, left = lost_once([one for ones in lost.values() for one in ones])
    count = len(risk.keys() | lost.keys())
    rows = _rows(requests, risk, lost, money, most)
    return Gaps(rows, count, accounts, _shown(total, money), left, _shown(gone, money))


def _rows(
    requests: QuerySet[FeatureRequest],
    risk: Mapping[int, tuple[int, int]],
    lost: Mapping[int, list[tuple[int, str, int]]],
    money: bool,
    most: int | None,
) -> list[GapRow]:
    found = []
    for pk in risk.keys() | lost.keys():
        arr, accounts = risk.get(pk, (0, 0))
        gone, left = lost_once(lost.get(pk, []))
        found.append((arr, accounts, gone, left, pk))
    found.sort(key=lambda one: ((-one[0], -one[2]) if money else (-one[1], -one[3]), one[4]))
    named = requests.select_related("module").in_bulk([one[4] for one in found[:most]])
    return [
        GapRow(named[pk], accounts, _shown(arr, money), left, _shown(gone, money))
        for arr, accounts, gone, left, pk in found[:most]
    ]


def losses_of(links: QuerySet[RequestLink]) -> list[Loss]:
    """The churn records that hang on requests, newest first, in the reporting currency as of their day."""
    rows = links.filter(churn_record__isnull=False).select_related("churn_record__account")
    records = sorted({row.churn_record for row in rows if row.churn_record}, key=lambda one: (one.on, one.pk))
    worth = _worth_of(records)
    return [Loss(record, worth[record.pk]) for record in reversed(records)]


def _lost_by_request(links: QuerySet[RequestLink]) -> dict[int, list[tuple[int, str, int]]]:
    rows = list(links.filter(churn_record__isnull=False).select_related("churn_record"))
    worth = _worth_of([row.churn_record for row in rows if row.churn_record])
    found: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for row in rows:
        if row.churn_record is not None:
            record = row.churn_record
            found[row.request_id].append((record.account_id, str(record.on), _cents(worth[record.pk])))
    return found


def _worth_of(records: Sequence[ChurnRecord]) -> dict[int, Decimal]:
    """What was lost in the reporting currency: as recorded, else what the account paid on the eve of its leaving."""
    reporting = Organisation.load().reporting_currency
    told = [record for record in records if record.arr_lost is not None]
    worth: dict[int, Decimal] = {}
    with refuse_missing_rate():
        rates = load_rates({record.currency for record in told}, reporting) if told else None
        for record in told:
            if rates is not None and record.arr_lost is not None:
                cents = np.array([_cents(record.arr_lost)], dtype=np.int64)
                rate = rate_on(rates, record.currency, reporting, record.on)
                worth[record.pk] = from_cents(int(converted(cents, rate)[0]))
    eves: dict[dt.date, list[ChurnRecord]] = defaultdict(list)
    for record in records:
        if record.arr_lost is None:
            eves[record.on - dt.timedelta(days=1)].append(record)
    for eve, leaving in eves.items():
        paid = arr_by_account(eve, [record.account_id for record in leaving])
        worth |= {record.pk: paid.get(record.account_id, Decimal(0)) for record in leaving}
    return worth


def links_by_request(account: Account) -> dict[int, list[RequestLink]]:
    """What of an account hangs on which request."""
    rows = RequestLink.objects.filter(account=account).order_by("pk")
    found: dict[int, list[RequestLink]] = defaultdict(list)
    for link in rows.select_related("request", "gap", "promise", "churn_record", "renewal"):
        found[link.request_id].append(link)
    return dict(found)


def needs_of(account: Account) -> list[FeatureRequest]:
    """The requests that an account waits for and that are not settled: what may decide its renewal."""
    asked = Q(evidence__account=account) | Q(links__account=account)
    rows = FeatureRequest.objects.standing().undecided().filter(asked)
    return list(rows.distinct().order_by("-created_on", "-pk"))


def linkable(user: User | AnonymousUser, text: str, request: FeatureRequest, most: int = 20) -> dict[str, list[Any]]:
    """What could hang on a request: gaps, promises, losses and renewals of the accounts that ask, or that match."""
    wanted = Account.objects.visible_to(user)
    if text.strip():
        wanted = wanted.filter(Q(name__icontains=text.strip()[:100]) | Q(external_id__icontains=text.strip()[:100]))
    else:
        wanted = wanted.filter(request_evidence__request=request)
    ids = wanted.order_by().values("pk").distinct()
    used = RequestLink.objects.filter(request=request)
    found: dict[str, list[Any]] = {}
    for kind, rows in _rows_to_link().items():
        left = rows.filter(account__in=ids).exclude(pk__in=used.filter(**{f"{kind}__isnull": False}).values(kind))
        found[kind] = list(left.select_related("account").order_by("account__name", "pk")[:most])
    return found


def _rows_to_link() -> dict[str, Any]:
    return {
        "gap": ExpectationGap.objects.filter(closed_on=None),
        "promise": Promise.objects.filter(state__in=BROKEN_OR_OPEN),
        "churn_record": ChurnRecord.objects.all(),
        "renewal": Renewal.objects.open(),
    }


def _cents(amount: Decimal | None) -> int:
    return int((amount or Decimal(0)).scaleb(2))


def _shown(cents: int, money: bool) -> Decimal | None:
    return from_cents(cents) if money else None
