"""Who of the customers fits what sales asks for best, and who would but may not be asked now?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, User
from advocacy.models import AdvocacySettings, AdvocateRow, ReferenceRequest
from advocacy.queries.standing import Judged, judge_all
from advocacy.rules.limits import Hard
from advocacy.rules.matching import Fit, Offered, Wanted, fit
from common.columns import only_ids
from revenue.models import ContractLine
from usage.models import AccountFeatureUse, Scenario

# So many of those who fit best are judged and shown.
SHOWN = 15
BLOCKED = 8
# Of one account no more than so many: the next company is worth more than the third colleague.
OF_ONE = 2
# More people than this are compared by industry, size and region alone before the rest is read.
FIRST_LOOK = 2_000
USE_DAYS = 90


@dataclass(frozen=True)
class Match:
    """One person, how well their company fits, and what stands in the way of asking them."""

    row: AdvocateRow
    account: Account
    fit: Fit
    judged: Judged
    reasons: list[tuple[str, str]]

    @property
    def needs_consent(self) -> bool:
        """Whether nothing but a consent is missing."""
        return self.judged.hard == [Hard.CONSENT]


@dataclass(frozen=True)
class Matches:
    """Who may be asked, the fittest first, and who would fit but may not."""

    free: list[Match]
    blocked: list[Match]
    compared: int


def matches_for(request: ReferenceRequest, user: User, on: dt.date) -> Matches:
    """Compare everybody on the list of people to ask whom a person may see with a request."""
    asked = set(request.asks.values_list("advocate__contact", flat=True))
    rows = AdvocateRow.objects.visible_to(user).exclude(pk__in=asked)
    compared = rows.count()
    found = _ordered(request, _first(rows, request), on)
    settings = AdvocacySettings.load()
    judged = judge_all(on, [row.pk for row, _account, _fit in found], request.kind, settings)
    free, blocked = [], []
    for row, account, fitted in found:
        match = Match(row, account, fitted, judged[row.pk], reasons_of(fitted, request, account))
        if not judged[row.pk].hard or match.needs_consent:
            free.append(match)
        else:
            blocked.append(match)
    return Matches(free[:SHOWN], blocked[:BLOCKED], compared)


def wanted_by(request: ReferenceRequest) -> Wanted:
    """What a request asks for, as the rule takes it."""
    return Wanted(
        industry=request.industry,
        region=request.region,
        employees=request.employees,
        tier=request.tier,
        product=request.product_id,
        use_case=request.use_case_id,
    )


def reasons_of(fitted: Fit, request: ReferenceRequest, account: Account) -> list[tuple[str, str]]:
    """Say what fits, nearly fits and does not, as (yes, near or no; words)."""
    size = (
        _("%(count)s employees") % {"count": f"{account.employees:,}"}
        if account.employees
        else account.get_tier_display()
    )
    words = {
        "industry": account.industry or _("Industry not known"),
        "size": size,
        "use_case": request.use_case.name if request.use_case else "",
        "product": request.product.name if request.product else "",
        "region": account.region or _("Region not known"),
    }
    return [(how, str(words[name])) for name, how in fitted.met.items()]


def _first(rows: QuerySet[AdvocateRow], request: ReferenceRequest) -> QuerySet[AdvocateRow]:
    """Of a long list those of the same industry or region first, by score: the rest cannot come out on top."""
    near = Q()
    if request.industry:
        near |= Q(industry__iexact=request.industry)
    if request.region:
        near |= Q(region__iexact=request.region)
    ordered = rows.select_related("account").order_by("excluded", "unscored", "-score", "pk")
    if near and rows.filter(near).count() >= FIRST_LOOK:
        ordered = ordered.filter(near)
    return ordered[:FIRST_LOOK]


def _ordered(
    request: ReferenceRequest, rows: QuerySet[AdvocateRow], on: dt.date
) -> list[tuple[AdvocateRow, Account, Fit]]:
    people = list(rows)
    accounts = {row.account_id: row.account for row in people}
    products = _products(request, accounts, on)
    use = _with_use_case(request, accounts, on)
    wanted = wanted_by(request)
    found = []
    for row in people:
        account = accounts[row.account_id]
        fitted = fit(
            wanted,
            Offered(
                industry=account.industry,
                region=account.region,
                employees=account.employees,
                tier=account.tier,
                products=products.get(account.pk, set()),
                use_cases={request.use_case_id} if account.pk in use and request.use_case_id else (),
            ),
        )
        found.append((row, account, fitted))
    found.sort(key=lambda one: (-one[2].points, one[0].unscored, -(one[0].score or 0), one[0].name, one[0].pk))
    free = _spread([one for one in found if one[0].is_free])[: 2 * SHOWN]
    return free + _spread([one for one in found if not one[0].is_free])[: 2 * BLOCKED]


def _spread(found: list[tuple[AdvocateRow, Account, Fit]]) -> list[tuple[AdvocateRow, Account, Fit]]:
    """Keep the first few of each account."""
    seen: Counter[int] = Counter()
    kept = []
    for one in found:
        seen[one[1].pk] += 1
        if seen[one[1].pk] <= OF_ONE:
            kept.append(one)
    return kept


def _products(request: ReferenceRequest, accounts: dict[int, Account], on: dt.date) -> dict[int, set[int]]:
    """Which accounts pay for the product asked for."""
    if request.product_id is None:
        return {}
    lines = only_ids(
        ContractLine.objects.active_on(on).filter(product=request.product_id), "account_id", accounts
    ).order_by()
    return {account: {request.product_id} for account in lines.values_list("account_id", flat=True)}


def _with_use_case(request: ReferenceRequest, accounts: dict[int, Account], on: dt.date) -> set[int]:
    """Which accounts used every feature of the use case lately."""
    if request.use_case_id is None:
        return set()
    features = set(
        Scenario.features.through.objects.filter(scenario=request.use_case_id).values_list("feature", flat=True)
    )
    since = on - dt.timedelta(days=USE_DAYS)
    rows = only_ids(
        AccountFeatureUse.objects.filter(feature__in=features, last_on__gt=since), "account_id", accounts
    ).order_by()
    used: dict[int, set[int]] = {}
    for account, feature in rows.values_list("account_id", "feature_id"):
        used.setdefault(account, set()).add(feature)
    return {account for account, found in used.items() if found >= features} if features else set()
