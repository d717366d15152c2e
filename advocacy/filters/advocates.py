"""By what can advocates and asks be narrowed and sorted?"""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.filters.records import IdFilter, TextFilter
from advocacy.models import Advocate, Ask
from common.filters import DayFilter, SortFilter, StrictFilterSet


class AdvocateFilter(StrictFilterSet):
    """Narrows advocates."""

    account = IdFilter()
    contact = IdFilter()
    stage = django_filters.MultipleChoiceFilter(choices=Advocate.Stage.choices)
    industry = TextFilter(field_name="account__industry", label=_("industry"))
    sort = SortFilter({"since": "since"})

    class Meta(StrictFilterSet.Meta):
        model = Advocate
        fields: list[str] = []


class AskFilter(StrictFilterSet):
    """Narrows asks."""

    account = IdFilter(field_name="advocate__account")
    advocate = IdFilter()
    kind = django_filters.MultipleChoiceFilter(choices=Ask.Kind.choices)
    answer = django_filters.MultipleChoiceFilter(choices=Ask.Answer.choices)
    since = DayFilter(label=_("Since"), field_name="asked_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="asked_on", lookup_expr="lte")
    sort = SortFilter({"asked_on": "asked_on"})

    class Meta(StrictFilterSet.Meta):
        model = Ask
        fields: list[str] = []
