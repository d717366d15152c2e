"""How does an admin set the marks that revenue figures are held against?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.models import AuditEvent, Organisation
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.formats import percent
from common.forms import attempt
from common.htmx import notify, render_page
from revenue.actions import change_expansion_settings, change_revenue_settings
from revenue.forms import ExpansionSettingsForm, RevenueSettingsForm
from revenue.models import ExpansionSettings, RevenueSettings

SHOWN = 10


@requires(Capability.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def revenue_benchmarks(request: HttpRequest) -> HttpResponse:
    """Show and change benchmarks, the guards' marks and what counts as small, with the last changes."""
    form = RevenueSettingsForm(request.POST or None, instance=RevenueSettings.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_revenue_settings(by=person_of(request), at=timezone.now(), **form.cleaned_data)
        )
        if changed:
            notify(request, _("Saved."))
            return redirect("revenue_benchmarks")
    context = {"form": form, "history": _history(), "sections": sections(request, "revenue_benchmarks")}
    return render_page(request, "revenue/revenue_benchmarks.html", context, status=422 if form.errors else 200)


@requires(Capability.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def expansion_settings(request: HttpRequest) -> HttpResponse:
    """Show and change how likely stages are, and from when on a trait counts; the profile follows by itself."""
    form = ExpansionSettingsForm(request.POST or None, instance=ExpansionSettings.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_expansion_settings(by=person_of(request), at=timezone.now(), **form.cleaned_data)
        )
        if changed:
            notify(request, _("Saved. Who is next is worked out anew."))
            return redirect("expansion_settings")
    context = {"form": form, "sections": sections(request, "expansion_settings")}
    return render_page(request, "revenue/expansion_settings.html", context, status=422 if form.errors else 200)


def _history() -> list[dict[str, Any]]:
    """The last changes in words, newest first."""
    events = AuditEvent.objects.filter(object_type=RevenueSettings._meta.label_lower).select_related("actor")
    zone = Organisation.load().zone
    return [
        {
            "on": event.at.astimezone(zone).date(),
            "who": str(event.actor or _("The system")),
            "changes": [(_label(name), _worded(name, old), _worded(name, new))
                        for name, (old, new) in event.changes.items()],
        }
        for event in events.order_by("-pk")[:SHOWN]
    ]  # fmt: skip


def _label(name: str) -> str:
    return str(capfirst(RevenueSettings._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _worded(name: str, value: Any) -> str:
    """Write a mark as the form shows it: shares in per cent."""
    return (
        percent(Decimal(value), 2 if Decimal(value) * 100 % 1 else 0) if name in RevenueSettings.SHARES else str(value)
    )
