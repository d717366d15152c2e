"""How does a person see whether score, warnings and model were right?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import may, requires, sees_money
from accounts.models import User
from accounts.rules.roles import Capability
from common import jobs
from common.export import csv_response
from common.htmx import notify, render_page
from health.models import LossReview
from health.queries.track_record import HORIZONS
from health.queries.track_record_page import ahead_of, track_record_page

HEADER = ["external_id", "account", "left_on", *(f"band_{ahead}_days_before" for ahead in HORIZONS)]


@require_safe
def track_record(request: HttpRequest) -> HttpResponse:
    """Show what was said and what came, so many days ahead."""
    ahead = ahead_of(request.GET.get("ahead", ""))
    switch = [(_("%(days)s days") % {"days": days}, f"?ahead={days}", days == ahead) for days in HORIZONS]
    context = {
        "page": track_record_page(cast(User, request.user), ahead),
        "switch": switch,
        "money": sees_money(request.user),
        "may_refresh": may(request.user, Capability.EDIT_HEALTH),
        "may_export": may(request.user, Capability.EXPORT),
    }
    return render_page(request, "health/track_record.html", context)


@requires(Capability.EDIT_HEALTH)
@require_POST
def track_record_refresh(request: HttpRequest) -> HttpResponse:
    """Have the model trained and everything judged anew, in the background."""
    jobs.enqueue("health.predict_churn", key="asked", train=True)
    notify(request, _("The model is being trained and the past judged anew. Come back in a few minutes."))
    return redirect(reverse("track_record"))


@requires(Capability.EXPORT)
@require_safe
def track_record_export(request: HttpRequest) -> HttpResponseBase:
    """Give the losses of the last year with the bands before them, as a CSV file."""
    money = sees_money(request.user)
    rows = LossReview.objects.visible_to(request.user).select_related("account").order_by("-on", "pk")
    header = [*HEADER, "arr_lost"] if money else HEADER
    return csv_response("losses", header, _rows(rows.iterator(chunk_size=2_000), money))


def _rows(rows: Iterator[LossReview], money: bool) -> Iterator[list[Any]]:
    for row in rows:
        bands = [getattr(row, f"band_{ahead}") for ahead in HORIZONS]
        yield [row.account.external_id, row.account.name, row.on, *bands, *([row.arr_lost] if money else [])]
