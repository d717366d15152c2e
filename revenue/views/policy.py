"""How does an admin set the terms of renewals, risks and downgrades?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page
from revenue.actions import change_policy
from revenue.forms import RenewalPolicyForm
from revenue.models import RenewalPolicy


@requires(Capability.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def renewal_policy(request: HttpRequest) -> HttpResponse:
    """Show and change when talks should begin, what a call is worth, and how often a risk is looked at."""
    form = RenewalPolicyForm(request.POST or None, instance=RenewalPolicy.load())
    if request.method == "POST" and form.is_valid():
        saved = attempt(form, lambda: change_policy(by=person_of(request), at=timezone.now(), **form.cleaned_data))
        if saved:
            notify(request, _("Saved. Calls and forecasts follow in a moment."))
            return redirect("renewal_policy")
    context = {"form": form, "sections": sections(request, "renewal_policy")}
    return render_page(request, "revenue/renewal_policy.html", context, status=422 if form.errors else 200)
