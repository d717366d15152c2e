"""How much does everybody carry, and what if that changes?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import may, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import User
from accounts.rules.roles import Capability
from common.htmx import notify, render_page
from playbooks.actions.workload import set_workload
from playbooks.forms.workload import WeightsForm
from playbooks.models import WorkloadSettings
from playbooks.queries.workload import WhatIf, people_of_concern
from playbooks.queries.workload import workload as read_workload
from playbooks.views.asking import now, number_of, person, today


@require_safe
def workload(request: HttpRequest) -> HttpResponse:
    """Show what everybody carries, and what they would if somebody left or took the accounts that have nobody."""
    user = person(request)
    asked = _asked(request, user)
    context = {
        "page": read_workload(user, today(), asked),
        "asked": asked,
        "people": list(people_of_concern(user)),
        "may_assign": may(user, Capability.ASSIGN_OWNERS),
        "may_set": may(user, Capability.EDIT_PLAYBOOKS),
        "query": request.GET,
    }
    return render_page(request, "playbooks/workload.html", context)


@requires(Capability.EDIT_PLAYBOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def workload_settings(request: HttpRequest) -> HttpResponse:
    """Set what an account of each tier weighs and how much one person can carry."""
    form = WeightsForm(request.POST or None, instance=WorkloadSettings.load())
    if request.method == "POST":
        saved = carried_out(form, lambda values: set_workload(by=person(request), at=now(), **values))
        if saved is not None:
            notify(request, _("Saved."))
            return redirect("workload")
    return render_page(request, "playbooks/workload_settings.html", {"form": form}, status=status_of(request, form))


def _asked(request: HttpRequest, user: User) -> WhatIf | None:
    """Read what is asked from the address; only who may give accounts away asks."""
    if not user.can(Capability.ASSIGN_OWNERS):
        return None
    people = {one.pk: one for one in people_of_concern(user)}
    leaves = people.get(number_of(request.GET.get("leaves")) or 0)
    to = people.get(number_of(request.GET.get("to")) or 0)
    asked = WhatIf(leaves, request.GET.get("unassigned") == "1", None if to == leaves else to)
    return asked or None
