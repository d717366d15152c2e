"""By what can accounts and their records be narrowed and sorted, on pages and in the API alike?"""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts.models import (
    Account,
    AccountShare,
    Attachment,
    BusinessGoal,
    ChurnRecord,
    Contact,
    CustomField,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
    SavedView,
    ServiceAssignment,
    TimelineEntry,
)
from accounts.models.account import AccountQuerySet
from accounts.queries.accounts import search_accounts
from common.filters import DayFilter, NumberFilter, SearchField, SearchFilter, SortFilter, StrictFilterSet, YesFilter

MAX_ID = 2**63 - 1


class IdField(forms.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Read ASCII digits alone, as addresses do: ١ is no id of ours."""
        if not str(value or "").isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


@extend_schema_field(OpenApiTypes.INT64)
class IdFilter(django_filters.Filter):
    """Finds the rows that belong to one other row; one that may not be seen has none."""

    field_class = IdField


@extend_schema_field(OpenApiTypes.STR)
class TextFilter(django_filters.Filter):
    """Finds rows with exactly this text."""

    field_class = SearchField


class AccountSearch(SearchFilter):
    """Finds accounts by name, external id or domain, the text taken literally."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Put names that begin with the text first."""
        return search_accounts(cast(AccountQuerySet, qs), value) if value else qs


class CustomFilter(django_filters.Filter):
    """Finds accounts with one value of a custom field."""

    field_class: type[forms.Field] = SearchField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Compare with what is stored in the account's own values."""
        return qs if value in (None, "") else qs.filter(**{f"custom__{self.field_name}": value})


class CustomNumberFilter(CustomFilter):
    """Finds accounts with one number in a custom field."""

    field_class = NumberFilter.field_class

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Compare as a JSON number."""
        if value is None:
            return qs
        return super().filter(qs, int(value) if value == value.to_integral_value() else float(value))


class CustomYesFilter(YesFilter):
    """Finds accounts with yes or no in a custom field."""

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        """Compare as JSON true or false."""
        return qs if value is None else qs.filter(**{f"custom__{self.field_name}": value})


CUSTOM_FILTERS: dict[str, type[django_filters.Filter]] = {
    CustomField.Kind.NUMBER: CustomNumberFilter,
    CustomField.Kind.YES_NO: CustomYesFilter,
}


class AccountFilter(StrictFilterSet):
    """Narrows accounts; each custom field is a filter named custom_<key>."""

    q = AccountSearch()
    external_id = TextFilter()
    domain = TextFilter(lookup_expr="iexact")
    tier = django_filters.MultipleChoiceFilter(choices=Account.Tier.choices)
    purchase_level = django_filters.MultipleChoiceFilter(choices=Account.PurchaseLevel.choices)
    stage = django_filters.MultipleChoiceFilter(choices=Account.Stage.choices)
    industry = TextFilter()
    region = TextFilter()
    parent = IdFilter()
    tag = TextFilter(field_name="tags__name")
    owner = IdFilter(field_name="owner_id", label=_("Owner"))
    signed_from = DayFilter(label=_("Signed from"), field_name="signed_on", lookup_expr="gte")
    signed_until = DayFilter(label=_("Signed until"), field_name="signed_on", lookup_expr="lte")
    sort = SortFilter({"name": "name", "signed_on": "signed_on", "updated_at": "updated_at", "employees": "employees"})

    class Meta(StrictFilterSet.Meta):
        model = Account
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asker = getattr(self.request, "user", None) or AnonymousUser()
        for field in CustomField.objects.visible_to(asker):
            made = CUSTOM_FILTERS.get(field.kind, CustomFilter)(field_name=field.key, label=field.label)
            made.parent, made.model = self, Account
            self.filters[f"custom_{field.key}"] = made


class ContactFilter(StrictFilterSet):
    """Narrows the people at customers."""

    q = SearchFilter("name", "title")
    account = IdFilter()
    external_id = TextFilter()
    role = django_filters.MultipleChoiceFilter(choices=Contact.Role.choices)
    sentiment = django_filters.MultipleChoiceFilter(choices=Contact.Sentiment.choices)
    has_left = YesFilter(field_name="left_on", method="by_left")
    sort = SortFilter({"name": "name", "touched_on": "touched_on"})

    class Meta(StrictFilterSet.Meta):
        model = Contact
        fields: list[str] = []

    def by_left(self, rows: QuerySet[Any], _name: str, value: bool | None) -> QuerySet[Any]:
        """Keep who has left, or who has not."""
        return rows if value is None else rows.filter(left_on__isnull=not value)


class ServiceAssignmentFilter(StrictFilterSet):
    """Narrows who serves whom."""

    account = IdFilter()
    user = IdFilter()
    role = django_filters.ChoiceFilter(choices=ServiceAssignment.Role.choices)
    on = DayFilter(label=_("On"), method="by_day")

    class Meta(StrictFilterSet.Meta):
        model = ServiceAssignment
        fields: list[str] = []

    def by_day(self, rows: Any, _name: str, value: Any) -> QuerySet[Any]:
        """Keep what was in force on a day."""
        return rows if value is None else rows.active_on(value)


class AccountShareFilter(StrictFilterSet):
    """Narrows shares."""

    account = IdFilter()
    user = IdFilter()
    team = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = AccountShare
        fields: list[str] = []


class HandoffFilter(StrictFilterSet):
    """Narrows handoff files."""

    account = IdFilter()
    state = django_filters.MultipleChoiceFilter(choices=Handoff.State.choices)

    class Meta(StrictFilterSet.Meta):
        model = Handoff
        fields: list[str] = []


class HandoffVersionFilter(StrictFilterSet):
    """Narrows versions of handoff files."""

    handoff = IdFilter()
    account = IdFilter(field_name="handoff__account")

    class Meta(StrictFilterSet.Meta):
        model = HandoffVersion
        fields: list[str] = []


class PromiseFilter(StrictFilterSet):
    """Narrows promises."""

    account = IdFilter()
    state = django_filters.MultipleChoiceFilter(choices=Promise.State.choices)
    due_until = DayFilter(label=_("Due until"), field_name="due_on", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = Promise
        fields: list[str] = []


class ExpectationGapFilter(StrictFilterSet):
    """Narrows expectation gaps."""

    account = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = ExpectationGap
        fields: list[str] = []


class ImplementationRecordFilter(StrictFilterSet):
    """Narrows the implementation archive."""

    account = IdFilter()
    stage = django_filters.ChoiceFilter(choices=ImplementationRecord.Stage.choices)

    class Meta(StrictFilterSet.Meta):
        model = ImplementationRecord
        fields: list[str] = []


class AttachmentFilter(StrictFilterSet):
    """Narrows the files of the archive."""

    record = IdFilter()
    account = IdFilter(field_name="record__account")

    class Meta(StrictFilterSet.Meta):
        model = Attachment
        fields: list[str] = []


class BusinessGoalFilter(StrictFilterSet):
    """Narrows goals."""

    account = IdFilter()

    class Meta(StrictFilterSet.Meta):
        model = BusinessGoal
        fields: list[str] = []


class GoalMeasurementFilter(StrictFilterSet):
    """Narrows measurements."""

    goal = IdFilter()
    account = IdFilter(field_name="goal__account")

    class Meta(StrictFilterSet.Meta):
        model = GoalMeasurement
        fields: list[str] = []


class TimelineFilter(StrictFilterSet):
    """Narrows timeline entries."""

    account = IdFilter()
    kind = django_filters.MultipleChoiceFilter(choices=TimelineEntry.Kind.choices)
    author = IdFilter()
    since = DayFilter(label=_("Since"), field_name="at", lookup_expr="date__gte")
    until = DayFilter(label=_("Until"), field_name="at", lookup_expr="date__lte")

    class Meta(StrictFilterSet.Meta):
        model = TimelineEntry
        fields: list[str] = []


class ChurnRecordFilter(StrictFilterSet):
    """Narrows churn records."""

    account = IdFilter()
    reason = django_filters.MultipleChoiceFilter(choices=ChurnRecord.Reason.choices)
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")

    class Meta(StrictFilterSet.Meta):
        model = ChurnRecord
        fields: list[str] = []


class SavedViewFilter(StrictFilterSet):
    """Narrows saved views."""

    # `page` is the number of the page of the answer.
    of_page = TextFilter(field_name="page")

    class Meta(StrictFilterSet.Meta):
        model = SavedView
        fields: list[str] = []
