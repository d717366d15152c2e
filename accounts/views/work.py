"""Which background work was given up, and how does an admin start it again?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import requires
from accounts.actions.traces import leave_audit
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common import jobs
from common.errors import Refused
from common.htmx import notify, render_page
from common.models import Job

SET = Capability.MANAGE_SETTINGS
SHOWN = 200


@requires(SET)
@require_safe
def parked_jobs(request: HttpRequest) -> HttpResponse:
    """Show the background work that was given up, with the reason, the latest first."""
    parked = list(Job.objects.parked().order_by("-finished_at", "-pk")[:SHOWN])
    context = {"jobs": parked, "now": timezone.now(), "sections": sections(request, "parked_jobs")}
    return render_page(request, "accounts/parked_jobs.html", context)


@requires(SET)
@require_POST
def parked_job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue given-up work again, with all its attempts."""
    job = get_object_or_404(Job.objects.parked(), pk=pk)
    try:
        jobs.retry(job)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        leave_audit("job.retried", job, by=person_of(request), at=timezone.now())
        notify(request, _("It is tried again now."))
    return redirect("parked_jobs")
