"""How does an admin set what holds for everybody?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_visible_or_404, requires
from accounts.actions import organisation as actions
from accounts.forms.organisation import HolidayForm, OrganisationForm, RegionCalendarForm
from accounts.models import Holiday, Organisation, RegionCalendar
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page

SET = Capability.MANAGE_SETTINGS


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Show and change name, zone, currency, labels, working time and the handoff's terms."""
    form = OrganisationForm(request.POST or None, instance=Organisation.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: actions.change_organisation(by=person_of(request), at=timezone.now(), **form.cleaned_data)
        )
        if changed:
            notify(request, _("Saved."))
            return redirect("organisation")
    context = {"form": form, "sections": sections(request, "organisation")}
    return render_page(request, "accounts/organisation.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """Show the days on which nobody works, and add one."""
    form, at = HolidayForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        added = attempt(form, lambda: actions.add_holiday(by=person_of(request), at=at, **form.cleaned_data))
        if added:
            notify(request, _("Saved."))
            return redirect("holidays")
    return _holidays(request, form, RegionCalendarForm(initial={"working_days": Organisation.load().working_days}))


@requires(SET)
@require_POST
def region_calendar_set(request: HttpRequest) -> HttpResponse:
    """Say on which days people of a region work."""
    form = RegionCalendarForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        saved = attempt(form, lambda: actions.set_region_calendar(by=person_of(request), at=timezone.now(), **values))
        if saved:
            notify(request, _("Saved."))
            return redirect("holidays")
    return _holidays(request, HolidayForm(), form)


@requires(SET)
@require_POST
def region_calendar_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a region work as everywhere."""
    calendar = get_visible_or_404(RegionCalendar, request.user, pk=pk)
    said = _("%(region)s works as everywhere now.") % {"region": calendar}
    actions.remove_region_calendar(calendar=calendar, by=person_of(request), at=timezone.now())
    notify(request, said, level=messages.SUCCESS)
    return redirect("holidays")


def _holidays(request: HttpRequest, form: HolidayForm, region_form: RegionCalendarForm) -> HttpResponse:
    """Show the days off and the weeks of regions, with both forms."""
    first = Organisation.load().day_of(timezone.now()) - dt.timedelta(days=366)
    weeks = RegionCalendar.objects.visible_to(request.user)
    context = {
        "holidays": list(Holiday.objects.visible_to(request.user).filter(on__gte=first)),
        "regions": [(one, _week(one.working_days)) for one in weeks],
        "form": form,
        "region_form": region_form,
        "sections": sections(request, "holidays"),
    }
    status = 422 if form.errors or region_form.errors else 200
    return render_page(request, "accounts/holidays.html", context, status=status)


def _week(days: Iterable[int]) -> str:
    """Name the days of a week on which people work."""
    return ", ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(days))


@requires(SET)
@require_POST
def holiday_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a holiday a day like others."""
    holiday = get_visible_or_404(Holiday, request.user, pk=pk)
    said = _("%(day)s is no longer a holiday.") % {"day": holiday}
    actions.remove_holiday(holiday=holiday, by=person_of(request), at=timezone.now())
    notify(request, said, level=messages.SUCCESS)
    return redirect("holidays")
