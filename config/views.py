"""Is this process alive?"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer a load balancer; it asks nothing of the database, which has checks of its own."""
    return HttpResponse("ok", content_type="text/plain")
