"""How does a manager see which playbooks work?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, requires
from accounts.rules.roles import Capability
from common.export import csv_response, xlsx_response
from common.htmx import render_page
from common.tables import Column
from playbooks.models import EffectPolicy, Playbook
from playbooks.queries import effect as queries

COLUMNS = (
    Column("playbook", gettext_lazy("Playbook")),
    Column("started", gettext_lazy("Started"), align="end"),
    Column("reached", gettext_lazy("Goal reached"), align="end"),
    Column("on_time", gettext_lazy("Tasks on time"), align="end"),
    Column("lead", gettext_lazy("Warning to first touch"), align="end"),
    Column("health", gettext_lazy("Health")),
    Column("usage", gettext_lazy("Days of use in 30")),
    Column("retention", gettext_lazy("Retention")),
)


@require_safe
def effects(request: HttpRequest) -> HttpResponse:
    """List the playbooks with what they brought, against customers alike who did not get them."""
    on = queries.newest_night()
    context = {
        "rows": queries.effect_rows(on),
        "on": on,
        "policy": EffectPolicy.load(),
        "columns": [column.in_words() for column in COLUMNS],
        "may_export": request.user.can(Capability.EXPORT),  # type: ignore[union-attr]
    }
    return render_page(request, "playbooks/effects.html", context)


@require_safe
def effect(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Show what one playbook brought: picture, numbers with their ranges, versions beside each other."""
    playbook = get_visible_or_404(Playbook, request.user, pk=playbook_id)
    on = queries.newest_night()
    context = {
        "playbook": playbook,
        "page": queries.effect_page(playbook, on),
        "on": on,
        "columns": [column.in_words() for column in COLUMNS],
    }
    return render_page(request, "playbooks/effect.html", context)


@requires(Capability.EXPORT)
@require_safe
def effects_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out all figures of the last night as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    return answer(_("effect of playbooks"), queries.HEADER, queries.exported_rows(queries.newest_night()))
