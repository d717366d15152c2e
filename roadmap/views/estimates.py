"""How does a product manager say what a request takes, what it brings and what it needs?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from common.htmx import notify, render_page
from roadmap.actions.estimates import estimate_request
from roadmap.forms.ranking import EstimateForm
from roadmap.models import FeatureRequest, RequestEstimate


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def request_estimate(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show and change the estimate of one request."""
    need = get_visible_or_404(FeatureRequest, request.user, pk=request_id)
    user, at = person_of(request), timezone.now()
    estimate = RequestEstimate.objects.filter(request=need).first() or RequestEstimate(request=need)
    form = EstimateForm(request.POST or None, instance=estimate, person=user, need=need)

    saved = None
    if request.method == "POST":
        saved = carried_out(form, lambda values: estimate_request(request=need, by=user, at=at, values=values))
    if saved:
        notify(request, _("Saved. Its places by RICE and WSJF follow in a moment."))
        return redirect("rank_why", need.pk)
    context = {"need": need, "form": form}
    return render_page(request, "roadmap/request_estimate.html", context, status=status_of(request, form))
