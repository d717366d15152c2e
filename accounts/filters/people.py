"""By what can people and the audit trail be narrowed, on pages and in the API alike?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Organisation, Team, User
from accounts.queries.audit_words import in_words
from common.filters import DayFilter, SearchFilter, StrictFilterSet, YesFilter


def teams_for(request: Any) -> QuerySet[Team]:
    """The teams that whoever asks may choose from."""
    return Team.objects.visible_to(request.user) if request is not None else Team.objects.none()


def people_for(request: Any) -> QuerySet[User]:
    """The people that whoever asks may choose from."""
    return User.objects.visible_to(request.user) if request is not None else User.objects.none()


class PersonFilter(StrictFilterSet):
    """Finds colleagues by name or address, role, team, and whether they may sign in."""

    q = SearchFilter("name", "email", label=_("Search"))
    role = django_filters.ChoiceFilter(choices=User.Role.choices, label=_("Role"), empty_label=_("Any"))
    team = django_filters.ModelChoiceFilter(queryset=teams_for, label=_("Team"), empty_label=_("Any"))
    is_active = YesFilter(label=_("May sign in"), choices=[("", _("Any")), ("true", _("Yes")), ("false", _("No"))])

    class Meta(StrictFilterSet.Meta):
        model = User
        fields: list[str] = []


class AuditFilter(StrictFilterSet):
    """Finds acts by who did them, what they were, to which kind of thing, and on which days."""

    actor = django_filters.ModelChoiceFilter(queryset=people_for, label=_("Person"), empty_label=_("Anybody"))
    verb = django_filters.ChoiceFilter(label=_("Act"), empty_label=_("Any"))
    object_id = django_filters.CharFilter(label=_("Object"), max_length=64)
    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("To"), method="to_day")

    class Meta(StrictFilterSet.Meta):
        model = AuditEvent
        fields: list[str] = []

    def __init__(self, *args: Any, verbs: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = verbs if verbs is not None else list(known_verbs())
        self.filters["verb"].extra["choices"] = [(verb, in_words(verb)) for verb in names]

    def from_day(self, rows: QuerySet[AuditEvent], name: str, day: dt.date) -> QuerySet[AuditEvent]:
        """Keep what happened on a day of the organisation's zone or later."""
        return rows.filter(at__gte=_midnight(day))

    def to_day(self, rows: QuerySet[AuditEvent], name: str, day: dt.date) -> QuerySet[AuditEvent]:
        """Keep what happened until the end of a day."""
        return rows.filter(at__lt=_midnight(day + dt.timedelta(days=1)))


def known_verbs() -> QuerySet[AuditEvent, str]:
    """The acts that have happened here so far."""
    return AuditEvent.objects.order_by("verb").values_list("verb", flat=True).distinct()


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), Organisation.load().zone)
