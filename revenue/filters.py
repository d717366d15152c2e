"""By what can contract lines, movements, rates and renewals be narrowed and sorted?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters.records import AccountFilter, IdFilter, TextFilter
from accounts.models import Account, ServiceAssignment
from common.filters import (
    NOT_FILTERS,
    DayFilter,
    SearchFilter,
    SortFilter,
    StrictFilterForm,
    StrictFilterSet,
    YesFilter,
)
from common.periods import add_months
from revenue.models import Call, ContractLine, ExchangeRate, ExpansionTarget, Movement, Opportunity, Renewal, Risk
from revenue.queries import accounts_shown_to, dimensions
from revenue.queries.words import PERIOD_LABELS, RATE_LABELS, READING_LABELS
from revenue.rules.retention import READINGS
from revenue.rules.spans import SPANS, span_of


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


class OwnedBy(django_filters.CharFilter):
    """Keeps the rows of one CSM’s accounts: an id, `me`, or `none` for accounts without one."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict to the owner."""
        if not value:
            return qs
        owned = ServiceAssignment.objects.current().owners().order_by()
        if value == "none":
            return qs.exclude(account__in=owned.values("account"))
        if value == "me":
            return qs.filter(account__in=owned.filter(user=self.parent.request.user).values("account"))
        known = value.isascii() and value.isdigit() and len(value) < 18
        return qs.filter(account__in=owned.filter(user=int(value)).values("account")) if known else qs.none()


class RenewalFilter(StrictFilterSet):
    """Narrows renewals."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    account = IdFilter()
    external_id = TextFilter()
    owner = OwnedBy(label=_("Owner"))
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    stage = django_filters.MultipleChoiceFilter(choices=Renewal.Stage.choices, label=_("Stage"), distinct=False)
    call = django_filters.MultipleChoiceFilter(
        choices=Call.choices, label=pgettext_lazy("renewal", "Call"), method="by_call"
    )
    disputed = YesFilter(label=_("Waits for the final call"), method="by_dispute")
    due_from = DayFilter(label=_("Due from"), field_name="due_on", lookup_expr="gte")
    due_until = DayFilter(label=_("Due until"), field_name="due_on", lookup_expr="lte")
    sort = SortFilter({"due_on": "due_on"})

    class Meta(StrictFilterSet.Meta):
        model = Renewal
        fields: list[str] = []

    def by_call(self, rows: Any, _name: str, value: list[str]) -> QuerySet[Any]:
        """Keep what is called so: finally, else by the CSM, else by the rule."""
        return rows.with_call().filter(call__in=value) if value else rows

    def by_dispute(self, rows: Any, _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep those on which CSM and rule differ and nobody has decided, or the others."""
        if value is None:
            return rows
        waiting = Renewal.objects.disagreeing().values("pk")
        return rows.filter(pk__in=waiting) if value else rows.exclude(pk__in=waiting)


class AskedFilter(django_filters.ChoiceFilter):
    """A choice that says how to look at rows and leaves them as they are; without it the first one holds."""

    def __init__(self, choices: list[tuple[str, Any]], *, hidden: bool = True, **kwargs: Any) -> None:
        super().__init__(choices=choices, empty_label=None, null_value=None, **kwargs)
        if hidden:
            self.extra["widget"] = forms.HiddenInput

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows."""
        return qs


class SpanFilter(DayFilter):
    """A day that bounds the cohorts and leaves the accounts as they are."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Leave the rows."""
        return qs


class LookFilter(AccountFilter):
    """Whose figures, looked at how: what says how leaves the accounts as they are."""

    # What these would find is not what figures are compared by.
    q = external_id = domain = parent = stage = signed_from = signed_until = sort = None  # type: ignore[assignment]
    tier = django_filters.ChoiceFilter(choices=Account.Tier.choices, empty_label=_("Any"))
    purchase_level = django_filters.ChoiceFilter(choices=Account.PurchaseLevel.choices, empty_label=_("Any"))
    HOW = frozenset({"from", "to"})

    @property
    def narrows(self) -> bool:
        """Whether some accounts are left out."""
        return any(value not in (None, "") for name, value in self.form.cleaned_data.items() if name not in self.HOW)


class CohortFilter(LookFilter):
    """Which cohorts of which accounts, looked at how; `from` and `to` bound the days of signing."""

    by = AskedFilter([("month", _("Month")), ("quarter", _("Quarter"))], label=pgettext_lazy("segments", "By"))
    measure = AskedFilter([("logo", _("Customers")), ("revenue", _("ARR"))], label=pgettext_lazy("figure", "Measure"))
    HOW = LookFilter.HOW | {"by", "measure"}
    default_by = "month"

    @property
    def ids(self) -> list[int] | None:
        """The accounts to look at; None for all."""
        if not self.narrows:
            return accounts_shown_to(self.request.user) if self.request else None
        return list(self.qs.order_by().values_list("pk", flat=True))

    @property
    def asked(self) -> dict[str, Any]:
        """How to look: by month or quarter, at customers or ARR, from which to which day of signing."""
        values = self.form.cleaned_data
        return {
            "by": values["by"] or self.default_by,
            "measure": values["measure"] or "logo",
            "first": values["from"],
            "last": values["to"],
        }


# Words that Python keeps for itself. What inherits reads the declared ones, what is made reads the base ones.
SPAN = {"from": SpanFilter(label=_("Signed from")), "to": SpanFilter(label=_("Signed until"))}
CohortFilter.declared_filters.update(SPAN)
CohortFilter.base_filters.update(SPAN)


class CohortPageFilter(CohortFilter):
    """The same for the page, which opens by quarter: four years of it fit on a screen, and fewer cohorts are small."""

    default_by = "quarter"


class CohortAccountsFilter(CohortPageFilter):
    """The accounts of one cohort: the page of its row, or of one of its points."""

    not_filters = NOT_FILTERS | {"start", "point", "state"}


class SpanForm(StrictFilterForm):
    """A form with days of one's own, which must not end before they begin."""

    def clean(self) -> dict[str, Any]:
        """Hold the last day against the first."""
        values: dict[str, Any] = super().clean()
        first, last = values.get("from"), values.get("to")
        if first and last and last < first:
            self.add_error("to", _("Until must not be before From."))
        return values


class RetentionFilter(LookFilter):
    """Which period of which accounts, in which reading; `from` and `to`, the last day that counts, are one's own."""

    period = AskedFilter([(name, PERIOD_LABELS[name]) for name in SPANS], label=_("Period"), hidden=False)
    reading = AskedFilter(
        [(name, READING_LABELS[name]) for name in READINGS],
        label=pgettext_lazy("way of counting", "Reading"),
        hidden=False,
    )
    by = AskedFilter([], label=pgettext_lazy("segments", "By"))
    HOW = LookFilter.HOW | {"period", "reading", "by", "figure", "segment"}
    not_filters = NOT_FILTERS | {"figure", "segment"}

    class Meta(LookFilter.Meta):
        form = SpanForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["by"].extra["choices"] = [(one.key, one.label) for one in dimensions()]

    def span(self, on: dt.date) -> tuple[dt.date, dt.date]:
        """First day and the first day after: the chosen period as seen on a day, or one's own."""
        values = self.form.cleaned_data
        start, end = span_of(values["period"] or SPANS[0], on)
        if values["from"] is None and values["to"] is None:
            return start, end
        end = on + dt.timedelta(days=1) if values["to"] is None else values["to"] + dt.timedelta(days=1)
        return values["from"] or add_months(end, -12), end

    @property
    def reading_asked(self) -> str:
        """How gains and losses are counted."""
        return self.form.cleaned_data["reading"] or READINGS[0]

    @property
    def by_asked(self) -> str:
        """What accounts are grouped by."""
        return self.form.cleaned_data["by"] or "tier"


class CompareFilter(RetentionFilter):
    """Which segments of a period are held against each other, by which rate; always point to point."""

    by = AskedFilter([], label=pgettext_lazy("segments", "By"), hidden=False)
    measure = AskedFilter(
        [(name, RATE_LABELS[name]) for name in RATE_LABELS], label=pgettext_lazy("figure", "Measure"), hidden=False
    )
    # Carried along from the page of retention, and not looked at.
    reading = AskedFilter(
        [(name, READING_LABELS[name]) for name in READINGS], label=pgettext_lazy("way of counting", "Reading")
    )
    HOW = RetentionFilter.HOW | {"measure"}

    @property
    def measure_asked(self) -> str:
        """The rate that is compared."""
        return self.form.cleaned_data["measure"] or "nrr"


RetentionFilter.declared_filters.update({"from": SpanFilter(label=_("From")), "to": SpanFilter(label=_("Until"))})
RetentionFilter.base_filters.update({"from": SpanFilter(label=_("From")), "to": SpanFilter(label=_("Until"))})
CompareFilter.declared_filters.update({name: RetentionFilter.declared_filters[name] for name in ("from", "to")})
CompareFilter.base_filters.update({name: RetentionFilter.base_filters[name] for name in ("from", "to")})


class OpportunityFilter(StrictFilterSet):
    """Narrows opportunities; the page and the API alike."""

    account = IdFilter()
    external_id = TextFilter()
    stage = django_filters.MultipleChoiceFilter(choices=Opportunity.Stage.choices, label=_("Stage"))
    kind = django_filters.MultipleChoiceFilter(choices=Opportunity.Kind.choices, label=_("Kind"))
    owner = IdFilter(label=_("Owner"))
    product = IdFilter(label=_("Product"))
    expected_from = DayFilter(label=_("Expected from"), field_name="expected_on", lookup_expr="gte")
    expected_until = DayFilter(label=_("Expected until"), field_name="expected_on", lookup_expr="lte")
    is_open = YesFilter(label=_("Open"), method="by_open")
    sort = SortFilter({"expected_on": "expected_on", "stage_changed_on": "stage_changed_on"})

    class Meta(StrictFilterSet.Meta):
        model = Opportunity
        fields: list[str] = []

    def by_open(self, rows: QuerySet[Any], _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep what is still open, or what is over."""
        if value is None:
            return rows
        return rows.filter(stage__in=Opportunity.OPEN) if value else rows.exclude(stage__in=Opportunity.OPEN)


class ExpansionTargetFilter(StrictFilterSet):
    """Narrows targets."""

    user = IdFilter()
    starts_on = DayFilter(label=_("Quarter from"))

    class Meta(StrictFilterSet.Meta):
        model = ExpansionTarget
        fields: list[str] = []


class RiskFilter(StrictFilterSet):
    """Narrows risks."""

    q = SearchFilter("account__name", "account__external_id", "reason", label=_("Search"))
    account = IdFilter()
    owner = OwnedBy(label=_("Owner of the account"))
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    kind = django_filters.MultipleChoiceFilter(choices=Risk.Kind.choices, label=_("Type"), distinct=False)
    state = django_filters.ChoiceFilter(choices=Risk.State.choices, label=_("State"), empty_label=_("Any"))
    update_until = DayFilter(label=_("Update due until"), field_name="update_due_on", lookup_expr="lte")
    opened_from = DayFilter(label=_("Opened from"), field_name="opened_on", lookup_expr="gte")
    opened_until = DayFilter(label=_("Opened until"), field_name="opened_on", lookup_expr="lte")
    sort = SortFilter({"update_due_on": "update_due_on", "opened_on": "opened_on"})

    class Meta(StrictFilterSet.Meta):
        model = Risk
        fields: list[str] = []


class PerformanceFilter(StrictFilterSet):
    """Which period people are looked at in; `sort` orders the lines."""

    period = AskedFilter([(name, PERIOD_LABELS[name]) for name in SPANS], label=_("Period"), hidden=False)
    not_filters = NOT_FILTERS | {"sort"}
    span = RetentionFilter.span

    class Meta(StrictFilterSet.Meta):
        model = Account
        fields: list[str] = []


PerformanceFilter.declared_filters.update({name: RetentionFilter.declared_filters[name] for name in ("from", "to")})
PerformanceFilter.base_filters.update({name: RetentionFilter.base_filters[name] for name in ("from", "to")})
