"""By what can people to ask, scores, consents and requests of sales be narrowed and sorted?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from accounts.models import Account
from advocacy.models import (
    AdvocacySettings,
    Advocate,
    AdvocateRow,
    AdvocateScore,
    AskKind,
    Consent,
    PublicMention,
    ReferenceRequest,
)
from advocacy.queries.landing import USED, used_lately
from common.filters import DayFilter, SearchFilter, SortFilter, StrictFilterSet, YesFilter
from common.keyset import Sort

PEOPLE_SORTS = {
    "score": Sort("score", missing_flag="unscored"),
    "-score": Sort("score", descending=True, missing_flag="unscored"),
    "name": Sort("name"),
    "-name": Sort("name", descending=True),
    "asked": Sort("last_asked_on", missing_flag="never_asked"),
    "-asked": Sort("last_asked_on", descending=True, missing_flag="never_asked"),
}
SCORE_SORTS = {
    "rank": Sort("rank"),
    "-rank": Sort("rank", descending=True),
    "criteria": Sort("criteria_met"),
    "-criteria": Sort("criteria_met", descending=True),
}


class OrderOnly(SortFilter):
    """Checks the name of the order; `common.keyset` does the sorting."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Leave the rows as they are."""
        return qs


class PeopleFilter(StrictFilterSet):
    """Narrows people who speak for us or could."""

    q = SearchFilter("name", "account_name", label=_("Search"))
    industry = TextFilter(field_name="industry", label=_("industry"))
    region = TextFilter(field_name="region", label=_("region"))
    tier = django_filters.MultipleChoiceFilter(choices=Account.Tier.choices, distinct=False)
    stage = django_filters.MultipleChoiceFilter(
        choices=[*Advocate.Stage.choices, ("none", _("Not yet an advocate"))], method="in_stages", label=_("stage")
    )
    asked = django_filters.ChoiceFilter(choices=USED, method="by_use", label=_("asked"), empty_label=_("Any time"))
    is_free = YesFilter(label=_("may be asked"))
    is_promoter = YesFilter(label=_("promoter"))
    account = IdFilter()
    sort = OrderOnly({name: name for name in PEOPLE_SORTS if not name.startswith("-")}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = AdvocateRow
        fields: list[str] = []

    def in_stages(self, rows: Any, _name: str, values: list[str]) -> Any:
        """Those in some stages, or not in the pipeline yet."""
        wanted = ["" if value == "none" else value for value in values]
        return rows.filter(stage__in=wanted) if wanted else rows

    def by_use(self, rows: Any, _name: str, value: str) -> Any:
        """Those who were last asked so long ago, as of the day of the list."""
        on = AdvocateRow.objects.aggregate(last=Max("on"))["last"]
        return rows.none() if on is None else rows.filter(used_lately(value, on, AdvocacySettings.load().asks_days))


class AdvocateScoreFilter(StrictFilterSet):
    """Narrows the ranking of customers."""

    q = SearchFilter("account__name", "account__external_id", label=_("Search"))
    tier = django_filters.MultipleChoiceFilter(
        field_name="account__tier", choices=Account.Tier.choices, label=_("Tier"), distinct=False
    )
    industry = TextFilter(field_name="account__industry", label=_("industry"))
    account = IdFilter()
    month = DayFilter(label=_("Month"))
    criteria = django_filters.NumberFilter(
        field_name="criteria_met", lookup_expr="gte", label=_("Criteria met, at least"), min_value=0, max_value=4
    )
    is_excluded = YesFilter(method="by_exclusion", label=_("excluded"))
    is_technology_partner = YesFilter(label=_("technology partner"))
    is_channel_partner = YesFilter(label=_("channel partner"))
    has_never_asked = YesFilter(method="by_candidates", label=_("promoters never asked"))
    sort = OrderOnly({name: name for name in SCORE_SORTS if not name.startswith("-")}, label=_("Sort"))

    class Meta(StrictFilterSet.Meta):
        model = AdvocateScore
        fields: list[str] = []

    def by_exclusion(self, rows: Any, _name: str, value: bool) -> Any:
        """Those of whom nobody, or somebody, may be asked."""
        return rows.filter(excluded__gt=0) if value else rows.filter(excluded=0)

    def by_candidates(self, rows: Any, _name: str, value: bool) -> Any:
        """Those with promoters who were never asked, or without."""
        return rows.filter(never_asked__gt=0) if value else rows.filter(never_asked=0)


class ConsentFilter(StrictFilterSet):
    """Narrows consents."""

    account = IdFilter()
    contact = IdFilter()
    scope = django_filters.MultipleChoiceFilter(choices=Consent.Scope.choices)
    on = DayFilter(label=_("In force on"), method="in_force_on")

    class Meta(StrictFilterSet.Meta):
        model = Consent
        fields: list[str] = []

    def in_force_on(self, rows: Any, _name: str, on: dt.date) -> Any:
        """Those that hold on a day."""
        return rows.in_force_on(on)


class MentionFilter(StrictFilterSet):
    """Narrows public mentions."""

    account = IdFilter()
    kind = django_filters.MultipleChoiceFilter(choices=PublicMention.Kind.choices)
    since = DayFilter(label=_("Since"), field_name="on", lookup_expr="gte")
    sort = SortFilter({"on": "on"})

    class Meta(StrictFilterSet.Meta):
        model = PublicMention
        fields: list[str] = []


class ReferenceRequestFilter(StrictFilterSet):
    """Narrows requests of sales."""

    q = SearchFilter("prospect", label=_("Search"))
    kind = django_filters.MultipleChoiceFilter(choices=AskKind.choices, label=_("Kind"))
    outcome = django_filters.MultipleChoiceFilter(choices=ReferenceRequest.Outcome.choices, label=_("Outcome"))
    mine = YesFilter(method="of_mine", label=_("mine"))
    sort = SortFilter({"requested_on": "requested_on", "needed_by": "needed_by"})

    class Meta(StrictFilterSet.Meta):
        model = ReferenceRequest
        fields: list[str] = []

    def of_mine(self, rows: Any, _name: str, value: bool) -> Any:
        """One's own requests, or those of others."""
        own = Q(requested_by=getattr(self.request, "user", None))
        return rows.filter(own if value else ~own)
