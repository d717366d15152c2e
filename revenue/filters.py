"""By what can contract lines, movements, rates and renewals be narrowed and sorted?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from common.filters import DayFilter, SortFilter, StrictFilterSet
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
