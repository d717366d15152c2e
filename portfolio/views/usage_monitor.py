"""How does a person follow the use of core and retention features over all accounts?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Account, User
from accounts.rules.roles import Capability
from common.export import csv_response
from common.filters import error_messages
from common.htmx import render_page
from health.queries.monitor import Monitor
from health.queries.monitor import usage_monitor as read_monitor
from portfolio.filters import UsageMonitorFilters
from portfolio.queries.usage_monitor import (
    FIGURE_LABELS,
    HEADER,
    account_lines,
    as_of,
    monitor_rows,
    monitor_view,
    name_of,
)
from portfolio.views.account_listing import drop_down
from portfolio.views.account_page import person, today
from usage.models import Feature

SHOWN_FILTERS = ("tier", "region", "module", "on")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the monitor, or the errors of its filters."""

    filters: UsageMonitorFilters
    kind: str
    on: dt.date
    feature_id: int | None = None
    figure: str = ""
    monitor: Monitor | None = None

    @property
    def applied(self) -> int:
        """How many filters narrow the page."""
        return sum(bool(self.filters.data.get(name)) for name in SHOWN_FILTERS)


def asked_for(query: QueryDict, user: User, *, with_renewals: bool = True) -> Asked:
    """Read the filters and, when they are right, the monitor of the accounts that the person may see."""
    filters = UsageMonitorFilters(query, queryset=Account.objects.visible_to(user))
    if not filters.is_valid():
        return Asked(filters, Feature.Kind.CORE, today())
    values = filters.form.cleaned_data
    kind, on = values["kind"] or Feature.Kind.CORE, as_of(values["on"], today())
    module, feature = values["module"], values["feature"]
    monitor = read_monitor(filters.qs, on, kind, module=module.pk if module else None, with_renewals=with_renewals)
    return Asked(filters, kind, on, feature.pk if feature else None, values["figure"] or "", monitor)


@require_safe
def usage_monitor(request: HttpRequest) -> HttpResponse:
    """Show usage rate, active accounts, growth, lost and won back by feature, and how use goes with renewal."""
    user = person(request)
    asked = asked_for(request.GET, user)
    errors = error_messages(asked.filters)
    asked.filters.form.fields["region"].widget = drop_down(user, "region")
    context = {
        "asked": asked,
        "view": monitor_view(asked.monitor, user, feature_id=asked.feature_id, figure=asked.figure)
        if asked.monitor
        else None,
        "errors": errors,
        "query": request.GET,
        "labels": FIGURE_LABELS,
        "name_of": name_of,
        "may_export": user.can(Capability.EXPORT),
    }
    return render_page(request, "portfolio/usage_monitor.html", context, block="monitor", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def usage_monitor_export(request: HttpRequest) -> HttpResponseBase:
    """Hand out the figures, or the accounts behind one of them, as a CSV file."""
    asked = asked_for(request.GET, person(request), with_renewals=False)
    if asked.monitor is None:
        return usage_monitor(request)
    figures = asked.monitor.figures_of(asked.feature_id)
    if asked.figure and figures is not None:
        lines = account_lines(asked.monitor, figures, asked.figure)
        return csv_response(_("accounts"), ["external_id", "name", "tier", "region"], lines)
    return csv_response(_("usage monitor"), HEADER, monitor_rows(asked.monitor))
