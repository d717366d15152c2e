"""By what can notifications be narrowed, on the page and in the API alike?"""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification, User
from accounts.queries.notifications import kinds, kinds_for
from common.filters import StrictFilterSet, YesFilter


class NotificationFilter(StrictFilterSet):
    """Finds what one was told by its kind, and what one has not read yet."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), empty_label=_("Any"))
    unread = YesFilter(method="filter_unread", label=_("Unread"))

    class Meta(StrictFilterSet.Meta):
        model = Notification
        fields: list[str] = []

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = kinds() if person is None else kinds_for(person)
        self.filters["kind"].extra["choices"] = [(kind.key, kind.label) for kind in known]

    def filter_unread(self, rows: QuerySet[Notification], name: str, value: bool | None) -> QuerySet[Notification]:
        """Keep what is unread, or what is read."""
        return rows if value is None else rows.filter(read_at__isnull=value)
