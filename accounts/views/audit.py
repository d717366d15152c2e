"""What was done here, by whom, when and from where?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.filters.people import AuditFilter
from accounts.models import AuditEvent, Organisation, User
from accounts.queries.audit_trail import changes_in_words, names_in, object_in_words
from accounts.queries.audit_words import in_words
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common import keyset
from common.htmx import render_page
from common.tables import Column

COLUMNS = tuple(
    Column(name, label)
    for name, label in (
        *(
            ("at", _lazy("When")),
            ("actor", _lazy("Who")),
            ("verb", _lazy("What")),
            ("object", pgettext_lazy("audit", "On")),
        ),
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
        "lines": list(_worded(page.rows, cast(User, request.user))),
        "page": page,
        "columns": COLUMNS,
        "form": chosen.form,
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "sections": sections(request, "audit_log"),
        "query": request.GET,
    }
    status = 200 if chosen.is_valid() else 400
    return render_page(request, "accounts/audit_log.html", context, block="results", status=status)


def _worded(events: Sequence[AuditEvent], reader: User) -> Iterable[Line]:
    """Put acts into words; times are those of the organisation's zone."""
    zone = Organisation.load().zone
    names = names_in(events, reader)
    for event in events:
        when = f"{event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        yield Line(
            event, when, in_words(event.verb), object_in_words(event, names), list(changes_in_words(event, names))
        )
