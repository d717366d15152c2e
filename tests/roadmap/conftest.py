"""Which small book do the tests of ranking and planning stand on?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts.models import Account
from revenue.actions import derive_movements
from roadmap.models import FeatureRequest
from tests.factories import AT, make_account, make_evidence, make_feature, make_line, make_module, make_request
from usage.models import AccountFeatureUse, AccountPersonUse, AccountUsageDay, Feature, FeatureUsageDay

ON = AT.date()


@dataclass
class SmallBook:
    """Customers of four industries; one need that twelve small ones share, one that two giants shout for."""

    shared: FeatureRequest
    shouted: FeatureRequest
    small: list[Account] = field(default_factory=list)
    giants: list[Account] = field(default_factory=list)


def use(account: Account, feature: Feature, on: dt.date = ON, people: int = 1) -> None:
    """Let people of an account use a feature on a day: in the single days and in what is kept of them."""
    for number in range(people):
        name = f"person-{number}"
        FeatureUsageDay.objects.create(account=account, day=on, feature=feature, person=name, events=1)
        AccountPersonUse.objects.update_or_create(account=account, person=name, defaults={"last_on": on})
    AccountFeatureUse.objects.create(account=account, feature=feature, first_on=on, last_on=on)
    AccountUsageDay.objects.create(account=account, day=on, events=people, people=people)


def pay(account: Account, arr: int, **fields: Any) -> None:
    """Let an account pay."""
    make_line(account, arr=arr, **fields)
    derive_movements(account_ids=[account.pk])


@pytest.fixture
def small_book(db: None) -> SmallBook:
    module = make_module()
    feature = make_feature(module=module)
    shared, shouted = make_request(title="Shared", module=module), make_request(title="Shouted", module=module)
    book = SmallBook(shared, shouted)
    for number in range(12):
        account = make_account(name=f"Small {number}", industry=["Retail", "Health", "Energy", "Media"][number % 4])
        pay(account, 50_000)
        use(account, feature, people=2)
        make_evidence(account, shared, importance=1)
        book.small.append(account)
    for number in range(2):
        account = make_account(name=f"Giant {number}", industry="Finance", tier="elephant")
        pay(account, 505_000)
        use(account, feature, people=30)
        make_evidence(account, shouted, importance=3, is_blocker=True)
        book.giants.append(account)
    return book
