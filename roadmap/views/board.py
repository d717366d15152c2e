"""How does a person decide about a request, see what comes when, and show it to customers?"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Organisation
from accounts.rules.roles import Capability
from common.htmx import notify, render_page
from common.once import form_key, once
from roadmap import actions
from roadmap.forms import DecisionForm, SharedRoadmapForm
from roadmap.models import FeatureRequest, RequestAnswer, RequestChange, SharedRoadmap
from roadmap.queries import board, quarters_to_choose, shared_items
from roadmap.rules.board import quarter_after
from roadmap.views.asking import next_page, now, person, seen_request, today, tried


@require_safe
def roadmap_board(request: HttpRequest) -> HttpResponse:
    """Show what comes in which quarter; every card moves by buttons."""
    on = today()
    context = {
        "columns": board(person(request), on),
        "quarters": quarters_to_choose(on),
        "quarter_after": quarter_after,
        "states": FeatureRequest.State.choices,
        "may_plan": person(request).can(Capability.PLAN_ROADMAP),
        "on": on,
    }
    return render_page(request, "roadmap/roadmap_board.html", context, block="board")


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def feature_request_decide(request: HttpRequest, request_id: int) -> HttpResponse:
    """Change the state of a request; the page says how many customers will hear of it."""
    need = seen_request(request, request_id)
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in FeatureRequest.State.values else ""
    form = DecisionForm(request.POST or None, request=need, on=today(), state=chosen)
    if request.method == "POST":
        if form.is_valid() and form.cleaned_data["state"] != FeatureRequest.State.DECLINED:
            # A reason that stands in the form from before belongs to the decision that is taken back.
            form.cleaned_data["decline_reason"] = ""
        decided = carried_out(
            form, lambda values: actions.change_state(request=need, by=person(request), at=now(), **values)
        )
        if decided is not None:
            _say_decided(request, decided, need.state)
            return next_page(request, "feature_request", request_id)
    asked = need.evidence.order_by().values("account").distinct().count()
    context = {"need": need, "form": form, "asked": asked, "next": request.GET.get("next", "")}
    return render_page(request, "roadmap/feature_request_decide.html", context, status=status_of(request, form))


def _say_decided(request: HttpRequest, decided: FeatureRequest, before: str) -> None:
    words = {"title": decided.title, "state": decided.get_state_display()}
    change = decided.changes.order_by("-at", "-pk").first()
    if decided.state == before or change is None:
        notify(request, _("Saved: %(title)s") % words)
        return
    waiting = RequestAnswer.objects.waiting().filter(change=change).count()
    text = _("“%(title)s”: %(state)s. Customers to be told: %(waiting)s.") % {**words, "waiting": waiting}
    notify(request, text, undo=reverse("request_change_undo", args=[change.pk]))


@requires(Capability.PLAN_ROADMAP)
@require_POST
def request_change_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take the latest decision back, as long as nobody heard of it."""
    change = get_visible_or_404(RequestChange.objects.select_related("request"), request.user, pk=change_id)
    need = change.request_id
    if tried(request, lambda: actions.take_back_change(change=change, by=person(request), at=now())) is not None:
        notify(request, _("The decision is taken back."))
    return redirect("feature_request", need)


@requires(Capability.PLAN_ROADMAP)
@require_POST
def feature_request_schedule(request: HttpRequest, request_id: int) -> HttpResponse:
    """Put a request into a quarter, or into none."""
    need = seen_request(request, request_id)
    asked = request.POST.get("quarter", "")
    try:
        quarter = dt.date.fromisoformat(asked) if asked else None
    except ValueError:
        raise Http404 from None
    moved = tried(
        request, lambda: actions.schedule_request(request=need, quarter=quarter, by=person(request), at=now())
    )
    if moved is not None:
        notify(request, _("“%(title)s” is moved.") % {"title": need.title})
    return next_page(request, "roadmap_board")


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def shared_roadmaps(request: HttpRequest) -> HttpResponse:
    """List the addresses at which customers read the roadmap, and make one."""
    form = SharedRoadmapForm(request.POST or None)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.share_roadmap(by=person(request), at=now(), **values))
        if made is not None:
            notify(request, _("The address is ready: %(name)s") % {"name": made.name})
            return redirect("shared_roadmaps")
    pages = SharedRoadmap.objects.visible_to(request.user).select_related("created_by", "revoked_by")
    addresses = {
        page.pk: request.build_absolute_uri(reverse("shared_roadmap", args=[page.token]))
        for page in pages
        if page.revoked_at is None
    }
    shown = FeatureRequest.objects.shared().count()
    context = {"pages": pages, "addresses": addresses, "form": form, "shown": shown, "form_key": form_key(request)}
    return render_page(request, "roadmap/shared_roadmaps.html", context, status=status_of(request, form))


@requires(Capability.PLAN_ROADMAP)
@require_POST
def shared_roadmap_revoke(request: HttpRequest, page_id: int) -> HttpResponse:
    """Let an address answer no more."""
    page = get_visible_or_404(SharedRoadmap, request.user, pk=page_id)
    actions.revoke_roadmap(page=page, by=person(request), at=now())
    notify(request, _("The address of “%(name)s” is revoked.") % {"name": page.name})
    return redirect("shared_roadmaps")


@login_not_required
@never_cache
@require_safe
def shared_roadmap(request: HttpRequest, token: str) -> HttpResponse:
    """Show customers what comes: the texts for them alone. An unknown or revoked address is not there."""
    page = SharedRoadmap.objects.open().filter(token=token).first()
    if page is None:
        raise Http404
    on = Organisation.load().day_of(now())
    context = {"page": page, "items": shared_items(page, on), "states": FeatureRequest.State, "on": on}
    response = render_page(request, "roadmap/shared_roadmap.html", context)
    # Neither found by a search engine nor told to the next page.
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
