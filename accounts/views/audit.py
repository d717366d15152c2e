"""What was done here, by whom, when and from where?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.filters.people import AuditFilter, in_words
from accounts.models import AuditEvent, Organisation
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common import keyset
from common.htmx import render_page
from common.tables import Column

COLUMNS = tuple(
    Column(name, label)
    for name, label in (
        *(("at", _lazy("When")), ("actor", _lazy("Who")), ("verb", _lazy("What")), ("object", _lazy("On"))),
        *(("changes", _lazy("Old → new")), ("address", _lazy("Address"))),
    )
)


@dataclass(frozen=True)
class Line:
    """One act as the page words it."""

    event: AuditEvent
    when: str
    verb: str
    object: str
    changes: list[tuple[str, Any, Any]]


@requires(Capability.MANAGE_PEOPLE)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show the audit trail, newest first."""
    every = AuditEvent.objects.visible_to(request.user)
    chosen = AuditFilter(request.GET, queryset=every, request=request)
    found = chosen.qs if chosen.is_valid() else every.none()
    # Ids rise with time, so they order the trail without a second column.
    page = keyset.page(
        found.select_related("actor"), keyset.Sort("id", descending=True), cursor=request.GET.get("after", "")
    )
    context = {
        "lines": list(_worded(page.rows)),
        "page": page,
        "columns": COLUMNS,
        "form": chosen.form,
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "sections": sections(request, "audit_log"),
        "query": request.GET,
    }
    status = 200 if chosen.is_valid() else 400
    return render_page(request, "accounts/audit_log.html", context, block="results", status=status)


def _worded(events: Iterable[AuditEvent]) -> Iterable[Line]:
    """Put acts into words; times are those of the organisation's zone."""
    zone = Organisation.load().zone
    for event in events:
        pairs = [(name, *_old_and_new(change)) for name, change in event.changes.items()]
        when = f"{event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        yield Line(event, when, in_words(event.verb), _object(event), pairs)


def _object(event: AuditEvent) -> str:
    """Name the kind and number of what was acted on."""
    try:
        kind = apps.get_model(event.object_type)._meta.verbose_name
    except (LookupError, ValueError):
        kind = event.object_type
    return f"{kind} {event.object_id}" if event.object_id else str(kind or "")


def _old_and_new(change: Any) -> tuple[Any, Any]:
    """Read one change; a plain value is a new one, and of a pair of nothings only the change is kept."""
    if not isinstance(change, list) or len(change) != 2:
        return None, _value(change)
    return (None, _("changed")) if change == [None, None] else (_value(change[0]), _value(change[1]))


def _value(value: Any) -> Any:
    """Write a value as people do."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else value
