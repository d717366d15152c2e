"""How does a person make one request of two, part them again, and tell them apart?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from common import keyset
from common.htmx import notify, render_page
from roadmap import actions
from roadmap.forms import RequestPickForm
from roadmap.models import DuplicatePair, FeatureRequest
from roadmap.queries import likely_duplicates, with_voices
from roadmap.views.asking import next_page, now, person, seen_request, tried

PAGE_SIZE = 30
FOUND = 12
BY_LIKENESS = keyset.Sort("likeness", descending=True)


@require_safe
def duplicate_requests(request: HttpRequest) -> HttpResponse:
    """List the pairs of requests that may mean the same, the likeliest first, with the words that both say."""
    rows = DuplicatePair.objects.visible_to(request.user).open()
    page = keyset.page(rows, BY_LIKENESS, cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    ids = {pk for pair in page.rows for pk in (pair.one_id, pair.other_id)}
    requests = with_voices(FeatureRequest.objects.select_related("module"), person(request)).in_bulk(ids)
    pairs = [_ordered(pair, requests[pair.one_id], requests[pair.other_id]) for pair in page.rows]
    context = {
        "pairs": pairs,
        "page": page,
        "count": rows.count(),
        "query": request.GET,
        "may_plan": person(request).can(Capability.PLAN_ROADMAP),
    }
    return render_page(request, "roadmap/duplicate_requests.html", context, block="list")


def _ordered(
    pair: DuplicatePair, one: FeatureRequest, other: FeatureRequest
) -> tuple[DuplicatePair, FeatureRequest, FeatureRequest]:
    """Put the request that stays second: the one that more accounts ask for, else the older one."""
    weight = {row.pk: (row.account_count, -row.pk) for row in (one, other)}  # type: ignore[attr-defined]
    return (pair, other, one) if weight[one.pk] > weight[other.pk] else (pair, one, other)


@requires(Capability.PLAN_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def feature_request_merge(request: HttpRequest, request_id: int) -> HttpResponse:
    """Choose the request into which another one goes, with all its voices."""
    need = seen_request(request, request_id)
    form = RequestPickForm(request.POST or None, person=person(request))
    if request.method == "POST":
        kept = carried_out(
            form, lambda values: actions.merge_requests(request=need, by=person(request), at=now(), **values)
        )
        if kept is not None:
            words = {"title": need.title, "kept": kept.title}
            undo = reverse("feature_request_part", args=[need.pk])
            notify(request, _("“%(title)s” is now part of “%(kept)s”.") % words, undo=undo)
            return redirect("feature_request", kept.pk)
    asked = request.GET.get("q", "")[:200]
    found = [one.request for one in likely_duplicates(asked or need.title, person(request), without=[need.pk])]
    if asked.strip():
        named = FeatureRequest.objects.visible_to(request.user).standing().filter(title__icontains=asked.strip())
        named = with_voices(named.exclude(pk__in=[need.pk, *(one.pk for one in found)]), person(request))
        found += list(named.order_by("title", "pk")[:FOUND])
    context = {"need": need, "form": form, "found": found, "asked": asked}
    status = status_of(request, form)
    return render_page(request, "roadmap/feature_request_merge.html", context, block="found", status=status)


@requires(Capability.PLAN_ROADMAP)
@require_POST
def feature_request_part(request: HttpRequest, request_id: int) -> HttpResponse:
    """Part a request from the one that it was merged into."""
    need = seen_request(request, request_id)
    parted = tried(request, lambda: actions.unmerge_request(request=need, by=person(request), at=now()))
    if parted is not None:
        words = {"back": parted.returned, "stayed": parted.stayed, "kept": parted.kept.title}
        notify(request, _("Parted. Voices that went back: %(back)s; with “%(kept)s” stay: %(stayed)s.") % words)
    return redirect("feature_request", request_id)


@requires(Capability.PLAN_ROADMAP)
@require_POST
def duplicate_tell_apart(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Say that two requests are not the same."""
    pair = get_visible_or_404(DuplicatePair, request.user, pk=pair_id)
    actions.tell_apart(pair=pair, by=person(request), at=now())
    notify(request, _("They are not suggested again."), undo=reverse("duplicate_suggest_again", args=[pair.pk]))
    return next_page(request, "duplicate_requests")


@requires(Capability.PLAN_ROADMAP)
@require_POST
def duplicate_suggest_again(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Take back that two requests are not the same."""
    pair = get_visible_or_404(DuplicatePair, request.user, pk=pair_id)
    actions.suggest_again(pair=pair, by=person(request), at=now())
    notify(request, _("They are suggested again."))
    return next_page(request, "duplicate_requests")
