"""By what can likely duplicates be narrowed?"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter
from common.filters import SortFilter, StrictFilterSet, YesFilter
from roadmap.models import DuplicatePair


class DuplicatePairFilter(StrictFilterSet):
    """Narrows pairs of requests that look alike."""

    request = IdFilter(method="of_request")
    is_dismissed = YesFilter(label=_("Told apart"), method="dismissed")
    sort = SortFilter({"likeness": "likeness"})

    class Meta(StrictFilterSet.Meta):
        model = DuplicatePair
        fields: list[str] = []

    def of_request(self, rows: QuerySet[Any], _name: str, pk: Any) -> QuerySet[Any]:
        """The pairs in which a request stands."""
        return rows.filter(Q(one=pk) | Q(other=pk))

    def dismissed(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Those that a person told apart, or the others."""
        return rows.filter(dismissed_at__isnull=not value)
