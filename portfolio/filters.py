"""By what can the account list be filtered and sorted, on its page and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, CustomField, Tag, User
from accounts.rules.roles import Capability
from common.filters import DayFilter, NumberFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort
from health.models import HealthScore
from health.queries.monitor import FIGURES, KINDS
from portfolio.models import AccountRow
from usage.models import Feature, Module

SORTS = {
    "name": Sort("name"),
    "-name": Sort("name", descending=True),
    "arr": Sort("arr"),
    "-arr": Sort("arr", descending=True),
    "health": Sort("score", missing_flag="unscored"),
    "-health": Sort("score", descending=True, missing_flag="unscored"),
    "renewal": Sort("renewal_on", missing_flag="no_renewal"),
    "-renewal": Sort("renewal_on", descending=True, missing_flag="no_renewal"),
}
DEFAULT_SORT = "name"
# Parameters for money: without the right to see it they are unknown.
MONEY = ("min_arr", "max_arr")
CUSTOM_PREFIX = "cf_"


class OrderOnly(SortFilter):
    """Checks the name of the order; `common.keyset` does the sorting."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows as they are."""
        return qs


class DaysFilter(NumberFilter):
    """Compares a date with so many days from the day of asking, which the view hands over as `on`."""

    def __init__(self, *, ahead: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ahead = ahead

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Keep what falls due within so many days, or was last touched longer ago."""
        if value is None:
            return qs
        on: dt.date = self.parent.on
        days = dt.timedelta(days=min(int(value), 3660))
        if self.ahead:
            return qs.filter(**{f"{self.field_name}__gte": on, f"{self.field_name}__lte": on + days})
        untouched = Q(**{f"{self.field_name}__lt": on - days}) | Q(**{f"{self.field_name}__isnull": True})
        return qs.filter(untouched)


class OwnerFilter(django_filters.CharFilter):
    """Keeps the accounts of one CSM: an id, `me`, or `none` for accounts without one."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict to the owner."""
        if not value:
            return qs
        if value == "none":
            return qs.filter(owner=None)
        if value == "me":
            return qs.filter(owner=self.parent.user)
        return qs.filter(owner=int(value)) if value.isascii() and value.isdigit() and len(value) < 18 else qs.none()


class AccountRowFilters(StrictFilterSet):
    """The filters of the account list."""

    q = SearchFilter("search_text", is_folded=True, label=_("Search"))
    band = django_filters.MultipleChoiceFilter(choices=HealthScore.Band.choices, label=_("Health"), distinct=False)
    tier = django_filters.MultipleChoiceFilter(choices=Account.Tier.choices, label=_("Tier"), distinct=False)
    purchase_level = django_filters.MultipleChoiceFilter(
        choices=Account.PurchaseLevel.choices, label=_("Purchase level"), distinct=False
    )
    stage = django_filters.MultipleChoiceFilter(choices=Account.Stage.choices, label=_("Stage"), distinct=False)
    industry = django_filters.CharFilter(field_name="industry", label=_("Industry"))
    region = django_filters.CharFilter(field_name="region", label=_("Region"))
    owner = OwnerFilter(label=_("Owner"))
    tag = django_filters.ModelChoiceFilter(
        queryset=Tag.objects.order_by("name"), field_name="account__tags", label=_("Tag"), empty_label=_("Any")
    )
    min_arr = NumberFilter(field_name="arr", lookup_expr="gte", label=_("Minimum ARR"))
    max_arr = NumberFilter(field_name="arr", lookup_expr="lte", label=_("Maximum ARR"))
    renewal_within = DaysFilter(field_name="renewal_on", ahead=True, label=_("Renewal within days"))
    silent_for = DaysFilter(field_name="touched_on", ahead=False, label=_("No touch for days"))
    since = DayFilter(field_name="account__signed_on", lookup_expr="gte", label=_("Since"))
    paying = YesFilter(method="filter_paying", label=_("Paying"))
    sort = OrderOnly({name: name for name in SORTS if not name.startswith("-")}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = AccountRow
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on

    def filter_paying(self, rows: QuerySet[AccountRow], name: str, value: bool | None) -> QuerySet[AccountRow]:
        """Keep the accounts that pay today, or those that do not."""
        if value is None:
            return rows
        return rows.filter(arr__gt=0) if value else rows.filter(arr=0)


def account_row_filters(custom_fields: list[CustomField], *, with_money: bool) -> type[AccountRowFilters]:
    """Make the filter set of this organisation: its custom fields are filters too, money only for who may see it."""
    added = {f"{CUSTOM_PREFIX}{field.key}": _custom_filter(field) for field in custom_fields}
    removed = {} if with_money else dict.fromkeys(MONEY)
    return type("AccountRowFilters", (AccountRowFilters,), {**added, **removed})


def _custom_filter(field: CustomField) -> django_filters.Filter:
    where = {"field_name": f"account__custom__{field.key}", "label": field.label}
    if field.kind == CustomField.Kind.CHOICE:
        return django_filters.ChoiceFilter(
            choices=[(choice, choice) for choice in field.choices], empty_label=_("Any"), **where
        )
    if field.kind == CustomField.Kind.YES_NO:
        return YesFilter(**where)
    if field.kind == CustomField.Kind.NUMBER:
        return CustomNumberFilter(**where)
    return django_filters.CharFilter(widget=forms.TextInput, **where)


class CustomNumberFilter(NumberFilter):
    """Compares a number kept in a custom field, which is stored as JSON."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Keep the accounts with just this number."""
        return qs if value is None else qs.filter(**{self.field_name: float(value)})


def filters_for(user: User, custom_fields: list[CustomField]) -> type[AccountRowFilters]:
    """The filters that this person may use."""
    return account_row_filters(custom_fields, with_money=user.can(Capability.SEE_MONEY))


class UsageMonitorFilters(StrictFilterSet):
    """Narrows the accounts and features of the usage monitor, and says as of which day."""

    kind = django_filters.ChoiceFilter(
        label=_("Features"), choices=[(kind.value, kind.label) for kind in KINDS], method="leave"
    )
    tier = django_filters.ChoiceFilter(label=_("Tier"), choices=Account.Tier.choices, empty_label=_("Any"))
    region = django_filters.CharFilter(field_name="region", label=_("Region"))
    module = django_filters.ModelChoiceFilter(
        queryset=Module.objects.order_by("name", "pk"), label=_("Module"), empty_label=_("Any"), method="leave"
    )
    on = DayFilter(label=_("As of"), method="leave")
    # The accounts behind a figure: of which feature (any without one), and which figure.
    feature = django_filters.ModelChoiceFilter(queryset=Feature.objects.order_by("name", "pk"), method="leave")
    figure = django_filters.ChoiceFilter(choices=[(name, name) for name in FIGURES], method="leave")

    class Meta(StrictFilterSet.Meta):
        model = Account
        fields: list[str] = []

    def leave(self, rows: QuerySet[Any], _name: str, _value: Any) -> QuerySet[Any]:
        """Leave the accounts as they are: this one narrows something else."""
        return rows
