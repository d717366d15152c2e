"""By what can contract lines, movements, rates and renewals be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import AccountFilter, IdFilter, TextFilter
from accounts.models import Account
from common.filters import NOT_FILTERS, DayFilter, SortFilter, StrictFilterSet
from revenue.models import ContractLine, ExchangeRate, Movement, Renewal


class ContractLineFilter(StrictFilterSet):
    """Narrows contract lines."""

    account = IdFilter()
    product = IdFilter()
    external_id = TextFilter()
    currency = TextFilter()
    active_on = DayFilter(label=_("In force on"), method="by_day")
    ends_from = DayFilter(label=_("Ends from"), field_name="ends_on", lookup_expr="gte")
    ends_until = DayFilter(label=_("Ends until"), field_name="ends_on", lookup_expr="lte")
    sort = SortFilter({"starts_on": "starts_on", "ends_on": "ends_on", "arr": "arr"})

    class Meta(StrictFilterSet.Meta):
        model = ContractLine
        fields: list[str] = []

    def by_day(self, rows: Any, _name: str, value: Any) -> QuerySet[Any]:
        """Keep what is paid for on a day."""
        return rows if value is None else rows.active_on(value)


class MovementFilter(StrictFilterSet):
    """Narrows movements."""

    account = IdFilter()
    kind = django_filters.MultipleChoiceFilter(choices=Movement.Kind.choices)
    currency = TextFilter()
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")
    sort = SortFilter({"on": "on", "amount": "amount"})

    class Meta(StrictFilterSet.Meta):
        model = Movement
        fields: list[str] = []


class ExchangeRateFilter(StrictFilterSet):
    """Narrows exchange rates."""

    base = TextFilter()
    quote = TextFilter()
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = ExchangeRate
        fields: list[str] = []


class RenewalFilter(StrictFilterSet):
    """Narrows renewals."""

    account = IdFilter()
    external_id = TextFilter()
    stage = django_filters.MultipleChoiceFilter(choices=Renewal.Stage.choices)
    due_from = DayFilter(label=_("Due from"), field_name="due_on", lookup_expr="gte")
    due_until = DayFilter(label=_("Due until"), field_name="due_on", lookup_expr="lte")
    sort = SortFilter({"due_on": "due_on"})

    class Meta(StrictFilterSet.Meta):
        model = Renewal
        fields: list[str] = []


class AskedFilter(django_filters.ChoiceFilter):
    """A choice that says how to look at rows and leaves them as they are; without it the first one holds."""

    def __init__(self, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(choices=choices, empty_label=None, null_value=None, **kwargs)
        self.extra["widget"] = forms.HiddenInput

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows."""
        return qs


class SpanFilter(DayFilter):
    """A day that bounds the cohorts and leaves the accounts as they are."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Leave the rows."""
        return qs


class CohortFilter(AccountFilter):
    """Which cohorts of which accounts, looked at how; `from` and `to` bound the days of signing."""

    # What these would find is not what cohorts are compared by.
    q = external_id = domain = parent = stage = signed_from = signed_until = sort = None  # type: ignore[assignment]
    by = AskedFilter([("month", _("Month")), ("quarter", _("Quarter"))], label=_("By"))
    measure = AskedFilter([("logo", _("Customers")), ("revenue", _("ARR"))], label=_("Measure"))
    tier = django_filters.ChoiceFilter(choices=Account.Tier.choices, empty_label=_("Any"))
    purchase_level = django_filters.ChoiceFilter(choices=Account.PurchaseLevel.choices, empty_label=_("Any"))
    # Those that say how to look, and not at whom.
    HOW = frozenset({"by", "measure", "from", "to"})

    @property
    def narrows(self) -> bool:
        """Whether some accounts are left out."""
        return any(value not in (None, "") for name, value in self.form.cleaned_data.items() if name not in self.HOW)

    @property
    def asked(self) -> dict[str, Any]:
        """How to look: by month or quarter, at customers or ARR, from which to which day of signing."""
        values = self.form.cleaned_data
        return {
            "by": values["by"] or "month",
            "measure": values["measure"] or "logo",
            "first": values["from"],
            "last": values["to"],
        }


# Words that Python keeps for itself. What inherits reads the declared ones, what is made reads the base ones.
SPAN = {"from": SpanFilter(label=_("Signed from")), "to": SpanFilter(label=_("Signed until"))}
CohortFilter.declared_filters.update(SPAN)
CohortFilter.base_filters.update(SPAN)


class CohortAccountsFilter(CohortFilter):
    """The accounts of one cohort: the page of its row, or of one of its points."""

    not_filters = NOT_FILTERS | {"start", "point", "state"}
