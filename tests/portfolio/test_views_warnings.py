"""Do the account's page and the landing page show the warnings that stand?"""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, ExpectationGap, TimelineEntry, User
from health.actions import ensure_shipped_rules, evaluate_warnings, resolve_warning
from health.models import EarlyWarning, WarningRule
from portfolio.actions import refresh_rows
from portfolio.queries.entry_titles import entry_title
from tests.factories import make_account, make_line, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def warned(owner: User) -> Account:
    account = make_account(owner, name="Delta Works")
    make_line(account)
    ExpectationGap.objects.create(account=account, text="Gap", found_on=TODAY - dt.timedelta(days=4))
    ensure_shipped_rules()
    evaluate_warnings(on=TODAY, at=timezone.now(), rule=WarningRule.objects.get(key="expectation_gap"))
    refresh_rows(on=TODAY)
    return account


@pytest.mark.parametrize("tab", ["account_overview", "account_health"])
def test_an_account_shows_its_warnings_until_they_are_resolved(client: Client, tab: str) -> None:
    user = make_user()
    account = warned(user)
    client.force_login(user)
    assert "1 open expectation gap" in client.get(reverse(tab, args=[account.pk])).content.decode()

    resolve_warning(warning=EarlyWarning.objects.get(), reason="Settled.", by=user, at=timezone.now())
    assert "1 open expectation gap" not in client.get(reverse(tab, args=[account.pk])).content.decode()


def test_the_day_begins_with_the_warnings_of_ones_own_accounts(client: Client) -> None:
    user = make_user()
    warned(user)
    warned(make_user())
    client.force_login(user)
    text = client.get(reverse("today")).content.decode()

    assert text.count("1 open expectation gap") == 1
    assert reverse("warnings") + "?owner=me" in text


def test_the_timeline_tells_of_a_warning_in_the_readers_words() -> None:
    account = warned(make_user())
    entry = TimelineEntry.objects.get(account=account, details__warning="expectation_gap")

    assert entry_title(entry) == "Warning: Open expectation gap"
