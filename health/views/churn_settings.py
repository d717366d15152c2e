"""How does a manager set how churn is predicted?"""

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
from health.actions.churn import change_churn_settings
from health.forms.churn import ChurnSettingsForm
from health.models import ChurnSettings


@requires(Capability.EDIT_HEALTH)
@require_http_methods(["GET", "HEAD", "POST"])
def churn_settings(request: HttpRequest) -> HttpResponse:
    """Show and change base rates, effects, the cap, and when a model may be used."""
    form = ChurnSettingsForm(request.POST or None, instance=ChurnSettings.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_churn_settings(by=person_of(request), at=timezone.now(), **form.values())
        )
        if changed:
            notify(request, _("Saved. Risks follow with the next scoring."))
            return redirect("churn_settings")
    context = {"form": form, "sections": sections(request, "churn_settings")}
    return render_page(request, "health/churn_settings.html", context, status=422 if form.errors else 200)
