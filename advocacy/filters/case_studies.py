"""By what can case studies be narrowed and sorted?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from accounts.models import Account
from advocacy.models import CaseStudy
from advocacy.queries.case_studies import with_consent
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet
from common.keyset import Sort

CASE_SORTS = {
    "changed": Sort("changed_at"),
    "-changed": Sort("changed_at", descending=True),
    "title": Sort("title"),
    "-title": Sort("title", descending=True),
}


class CaseStudyFilter(StrictFilterSet):
    """Narrows case studies."""

    q = SearchFilter("title", "account__name", "account__external_id", label=_("Search"))
    state = django_filters.MultipleChoiceFilter(choices=CaseStudy.State.choices, label=_("State"), distinct=False)
    readable_on = DayFilter(label=_("Public on"), method="by_public")
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    industry = TextFilter(field_name="account__industry", label=_("Industry"))
    account = IdFilter()
    expires_until = DayFilter(label=_("Expires until"), field_name="expires_on", lookup_expr="lte")
    sort = SortFilter({"changed": "changed_at", "title": "title"}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = CaseStudy
        fields: list[str] = []

    def by_public(self, rows: Any, _name: str, on: dt.date | None) -> QuerySet[Any]:
        """Keep those that the public can read on a day, as far as is known today."""
        return rows if on is None else with_consent(rows.published_on(on), on).filter(has_consent=True)
