"""By what can runs and tasks be narrowed, on their pages and in the API alike?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from accounts.models import Account
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet
from common.keyset import Sort
from playbooks.models import Run, Task

# The orders of the lists; `common.keyset` does the sorting. A task without a day stands last.
TASK_SORTS = {"due": Sort("due_on", missing_flag="is_undated"), "-due": Sort("due_on", True, "is_undated")}
RUN_SORTS = {"started": Sort("started_on"), "-started": Sort("started_on", descending=True)}


class PersonFilter(django_filters.CharFilter):
    """Keeps what is one person's: an id, `me`, or `none` for nobody's."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict to the person."""
        if not value:
            return qs
        if value in ("me", "none"):
            return qs.filter(**{self.field_name or "": self.parent.request.user if value == "me" else None})
        known = value.isascii() and value.isdigit() and len(value) < 18
        return qs.filter(**{f"{self.field_name}_id": int(value)}) if known else qs.none()


class OrderOnly(SortFilter):
    """Checks the name of the order; the list sorts by itself."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows as they are."""
        return qs


class TaskFilter(StrictFilterSet):
    """Narrows tasks."""

    # How the page is laid out, and a word for a stretch of days, which the page turns into days.
    not_filters = StrictFilterSet.not_filters | {"by", "due"}

    q = SearchFilter("account__name", "title", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=Task.State.choices, label=_("State"), distinct=False)
    kind = django_filters.MultipleChoiceFilter(choices=Task.Kind.choices, label=_("Kind"), distinct=False)
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    assignee = PersonFilter(field_name="assignee", label=_("Who"))
    due_since = DayFilter(field_name="due_on", lookup_expr="gte", label=_("Due since"))
    due_until = DayFilter(field_name="due_on", lookup_expr="lte", label=_("Due until"))
    account = IdFilter()
    run = IdFilter()
    playbook = IdFilter(field_name="run__playbook")
    sort = OrderOnly({"due": "due"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = Task
        fields: list[str] = []


class RunFilter(StrictFilterSet):
    """Narrows runs of playbooks."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    playbook = IdFilter(label=_("Playbook"))
    state = django_filters.MultipleChoiceFilter(choices=Run.State.choices, label=_("State"), distinct=False)
    outcome = django_filters.MultipleChoiceFilter(choices=Run.Outcome.choices, label=_("Outcome"), distinct=False)
    cause = django_filters.MultipleChoiceFilter(choices=Run.Cause.choices, label=_("Started by"), distinct=False)
    channel = django_filters.MultipleChoiceFilter(choices=Run.Channel.choices, label=_("Served"), distinct=False)
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    owner = PersonFilter(field_name="owner", label=_("Owner"))
    account = IdFilter()
    started_since = DayFilter(field_name="started_on", lookup_expr="gte", label=_("Started since"))
    started_until = DayFilter(field_name="started_on", lookup_expr="lte", label=_("Started until"))
    sort = OrderOnly({"started": "started"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = Run
        fields: list[str] = []
