"""By what can the account list be filtered and sorted, on its page and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Contact, CustomField, Tag, User
from accounts.rules.roles import Capability
from advocacy.models import Advocate
from common.filters import DayFilter, NumberFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort
from common.periods import add_months, month_start
from health.models import HealthScore
from health.queries.monitor import FIGURES, KINDS
from portfolio.models import AccountRow
from portfolio.queries.renewals import AHEAD_DAYS
from revenue.filters import OwnedBy, RenewalFilter, RiskFilter
from revenue.models import Movement, Renewal
from usage.models import Feature, Module, SurveyAnswer

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
# Who carries a contract on their side.
SPONSORS = (Contact.Role.CHAMPION, Contact.Role.ECONOMIC_BUYER, Contact.Role.DECISION_MAKER)
# For so long an answer says how somebody feels.
NPS_DAYS = 180


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
    sponsor = YesFilter(method="filter_sponsor", label=_("Has a sponsor"))
    promoter = YesFilter(method="filter_promoter", label=_("Has a promoter"))
    advocate = YesFilter(method="filter_advocate", label=_("Has an advocate"))
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

    def filter_sponsor(self, rows: QuerySet[AccountRow], name: str, value: bool | None) -> QuerySet[AccountRow]:
        """Keep the accounts in which somebody who decides, pays or speaks for us is known, or the others."""
        if value is None:
            return rows
        sponsors = Contact.objects.present_on(self.on).filter(role__in=SPONSORS, account=OuterRef("pk"))
        return rows.filter(Exists(sponsors) if value else ~Exists(sponsors))

    def filter_promoter(self, rows: QuerySet[AccountRow], name: str, value: bool | None) -> QuerySet[AccountRow]:
        """Keep the accounts in which somebody's latest NPS answer is a 9 or 10, or the others."""
        if value is None:
            return rows
        since = self.on - dt.timedelta(days=NPS_DAYS)
        answers = SurveyAnswer.objects.filter(kind=SurveyAnswer.Kind.NPS, answered_on__gte=since)
        later = answers.filter(contact=OuterRef("contact"), answered_on__gt=OuterRef("answered_on"))
        promoters = answers.filter(~Exists(later), score__gte=9, account=OuterRef("pk"))
        return rows.filter(Exists(promoters) if value else ~Exists(promoters))

    def filter_advocate(self, rows: QuerySet[AccountRow], name: str, value: bool | None) -> QuerySet[AccountRow]:
        """Keep the accounts in which somebody agreed to speak for us, or does, or the others."""
        if value is None:
            return rows
        stages = (Advocate.Stage.AGREED, Advocate.Stage.ACTIVE)
        advocates = Advocate.objects.filter(stage__in=stages, account=OuterRef("pk"))
        return rows.filter(Exists(advocates) if value else ~Exists(advocates))


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


# The spans of renewals that the pages offer; "ahead" takes what is overdue with it.
PERIODS = {
    "ahead": _("Next 180 days"),
    "quarter": _("This quarter"),
    "next_quarter": _("Next quarter"),
    "year": _("This year"),
    "last_quarter": _("Last quarter"),
    "last_year": _("Last 12 months"),
}
RENEWAL_SORTS = {
    "due_on": Sort("due_on"),
    "-due_on": Sort("due_on", descending=True),
    "arr": Sort("arr"),
    "-arr": Sort("arr", descending=True),
    "expected_arr": Sort("expected_arr"),
    "-expected_arr": Sort("expected_arr", descending=True),
}


def period_bounds(name: str, on: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of a named period and the day after its last."""
    quarter = month_start(on).replace(month=(on.month - 1) // 3 * 3 + 1)
    year = dt.date(on.year, 1, 1)
    return {
        "quarter": (quarter, add_months(quarter, 3)),
        "next_quarter": (add_months(quarter, 3), add_months(quarter, 6)),
        "last_quarter": (add_months(quarter, -3), quarter),
        "year": (year, add_months(year, 12)),
        "last_year": (add_months(on, -12), on),
    }.get(name, (on, on + dt.timedelta(days=AHEAD_DAYS + 1)))


class RenewalPageFilters(RenewalFilter):
    """The filters of the renewals pages: those of the API, a named period, and health."""

    period = django_filters.ChoiceFilter(
        choices=list(PERIODS.items()), label=_("Period"), method="by_period", empty_label=_("Any")
    )
    band = django_filters.MultipleChoiceFilter(
        field_name="account__row__band", choices=HealthScore.Band.choices, label=_("Health"), distinct=False
    )
    sort = OrderOnly({name: name for name in RENEWAL_SORTS if not name.startswith("-")}, label=_("Sort"))

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def by_period(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """Keep what is due in a named period."""
        if not value:
            return rows
        start, end = period_bounds(value, self.on)
        if value == "ahead":
            return rows.filter(Q(due_on__gte=start) | Q(stage__in=Renewal.OPEN), due_on__lt=end)
        return rows.due_between(start, end)


RISK_SORTS = {
    "update_due_on": Sort("update_due_on"),
    "-update_due_on": Sort("update_due_on", descending=True),
    "opened_on": Sort("opened_on"),
    "-opened_on": Sort("opened_on", descending=True),
    "arr_at_risk": Sort("arr_at_risk"),
    "-arr_at_risk": Sort("arr_at_risk", descending=True),
}


class RiskPageFilters(RiskFilter):
    """The filters of the risk register: those of the API, and whose update is late."""

    overdue = YesFilter(label=_("Update overdue"), method="by_overdue")
    sort = OrderOnly({name: name for name in RISK_SORTS if not name.startswith("-")}, label=_("Sort"))

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def by_overdue(self, rows: Any, _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep those whose update is late, or the others."""
        if value is None:
            return rows
        late = Q(state="open", update_due_on__lt=self.on)
        return rows.filter(late) if value else rows.exclude(late)


SINCE = {
    "stayed": _("Stayed"),
    "fell_further": _("Fell further"),
    "grew_again": _("Grew again"),
    "churned": _("Churned"),
}


class DowngradeFilters(StrictFilterSet):
    """The filters of the list of downgrades, over the movements that they are."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    owner = OwnedBy(label=_("Owner"))
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    since = django_filters.ChoiceFilter(
        choices=list(SINCE.items()), label=_("Since then"), method="as_is", empty_label=_("Any")
    )
    first = DayFilter(label=_("From"), field_name="on", lookup_expr="gte")
    last = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = Movement
        fields: list[str] = []

    def as_is(self, rows: QuerySet[Movement], _name: str, _value: str) -> QuerySet[Movement]:
        """Leave the rows: what came of a downgrade is known only once it is worked out."""
        return rows
