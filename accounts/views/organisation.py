"""How does an admin set what holds for everybody?"""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_visible_or_404, requires
from accounts.actions import organisation as actions
from accounts.forms.organisation import HolidayForm, OrganisationForm
from accounts.models import Holiday, Organisation
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
    first = Organisation.load().day_of(at) - dt.timedelta(days=366)
    context = {
        "holidays": list(Holiday.objects.visible_to(request.user).filter(on__gte=first)),
        "form": form,
        "sections": sections(request, "holidays"),
    }
    return render_page(request, "accounts/holidays.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def holiday_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a holiday a day like others."""
    holiday = get_visible_or_404(Holiday, request.user, pk=pk)
    said = _("%(day)s is no longer a holiday.") % {"day": holiday}
    actions.remove_holiday(holiday=holiday, by=person_of(request), at=timezone.now())
    notify(request, said, level=messages.SUCCESS)
    return redirect("holidays")
