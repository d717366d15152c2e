"""By what can stabilization plans be narrowed, on their page and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from accounts.models import Account
from common.filters import DayFilter, SearchFilter, StrictFilterSet, YesFilter
from common.keyset import Sort
from health.filters import OrderOnly, OwnerFilter
from playbooks.models import StabilizationPlan

PLAN_SORTS = {
    "started": Sort("started_on"),
    "-started": Sort("started_on", descending=True),
    "due": Sort("due_on"),
    "-due": Sort("due_on", descending=True),
}


class StabilizationPlanFilter(StrictFilterSet):
    """Narrows stabilization plans."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(
        choices=StabilizationPlan.State.choices, label=_("State"), distinct=False
    )
    owner = OwnerFilter(label=_("Owner"))
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    account = IdFilter()
    due_by = DayFilter(method="due", label=_("Verdict due by"))
    overridden = YesFilter(method="was_overridden", label=_("Stabilized by a manager’s word"))
    sort = OrderOnly({name: name for name in PLAN_SORTS if not name.startswith("-")}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = StabilizationPlan
        fields: list[str] = []

    def due(self, rows: Any, _name: str, value: dt.date) -> Any:
        """Open plans whose next verdict is due by a day."""
        return rows.open().filter(due_on__lte=value)

    def was_overridden(self, rows: Any, _name: str, value: bool) -> Any:
        """Those of which a manager said that they are stabilized although a criterion was unmet, or the others."""
        return rows.exclude(override_reason="") if value else rows.filter(override_reason="")
