"""How does a product manager set how requests are ranked?"""

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
from roadmap.actions.ranking import change_ranking_settings
from roadmap.forms.ranking import RankingSettingsForm
from roadmap.models import RankingSettings


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def ranking_settings(request: HttpRequest) -> HttpResponse:
    """Show and change weights, the common band, the cap and the windows."""
    form = RankingSettingsForm(request.POST or None, instance=RankingSettings.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_ranking_settings(by=person_of(request), at=timezone.now(), **form.cleaned_data)
        )
        if changed:
            notify(request, _("Saved. Requests are ranked anew."))
            return redirect("ranking_settings")
    context = {"form": form, "sections": sections(request, "ranking_settings")}
    return render_page(request, "roadmap/ranking_settings.html", context, status=422 if form.errors else 200)
