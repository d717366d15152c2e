"""By what can the ranking be narrowed: which requests are listed, and whose voices count?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.filters import SearchFilter, StrictFilterSet, YesFilter
from common.keyset import Sort
from roadmap.models import FeatureRequest
from roadmap.queries.ranking_facts import DONE
from usage.models import Module

# The orders of the ranking; those by money only for who may see money. 0 is no place in an order, and stands last.
RANKING_SORTS = {
    name: Sort(field.removeprefix("-"), descending=field.startswith("-"))
    for column, stored in {
        "rank": "rank",
        "accounts": "accounts",
        "asks": "asks",
        "spread": "spread",
        "users": "users",
        "value": "weighted_arr",
        "validation": "validation",
        "arr": "arr",
    }.items()
    for name, field in ((column, stored), (f"-{column}", f"-{stored}"))
}
MONEY_SORTS = frozenset({"value", "-value", "arr", "-arr"})
SEGMENT_FIELDS = ("tier", "purchase_level", "industry", "region")


class RankingFilter(StrictFilterSet):
    """Narrows the requests that are listed; a segment says whose voices count, and so ranks anew."""

    q = SearchFilter("title", "description", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=[one for one in FeatureRequest.State.choices if one[0] not in DONE], distinct=False
    )
    module = django_filters.ModelMultipleChoiceFilter(
        label=_("Module"), queryset=Module.objects.order_by("name", "pk"), distinct=False
    )
    common = YesFilter(label=_("Common need"), method="leave")
    tier = django_filters.MultipleChoiceFilter(label=_("Tier"), choices=Account.Tier.choices, method="leave")
    purchase_level = django_filters.MultipleChoiceFilter(
        label=_("Purchase level"), choices=Account.PurchaseLevel.choices, method="leave"
    )
    industry = django_filters.CharFilter(label=_("Industry"), method="leave")
    region = django_filters.CharFilter(label=_("Region"), method="leave")
    sort = django_filters.ChoiceFilter(
        label=_("Sort"), choices=[(name, name) for name in RANKING_SORTS], method="leave"
    )

    class Meta(StrictFilterSet.Meta):
        model = FeatureRequest
        fields: list[str] = []

    def leave(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Leave the requests alone: the ranking itself reads this."""
        return rows

    @property
    def segment(self) -> dict[str, list[str]]:
        """Whose voices count: the values of each field that is chosen; nothing chosen is everybody."""
        values = self.form.cleaned_data
        taken = {name: values.get(name) for name in SEGMENT_FIELDS}
        return {name: value if isinstance(value, list) else [value] for name, value in taken.items() if value}
