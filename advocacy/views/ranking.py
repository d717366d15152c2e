"""Which customers carry us most, why, and which of them meet the criteria of high value?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from advocacy.actions.settings import change_advocacy_settings
from advocacy.filters import SCORE_SORTS, AdvocateScoreFilter
from advocacy.forms import AdvocacySettingsForm
from advocacy.models import AdvocacySettings, AdvocateScore
from advocacy.queries.trend import trends_of
from advocacy.views.base import person
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.forms import attempt
from common.htmx import notify, render_page
from common.tables import Column

PAGE_SIZE = 50
RANKING = (
    Column("rank", gettext_lazy("Rank"), sort="rank", align="end"),
    Column("account", gettext_lazy("Account")),
    Column("score", gettext_lazy("Advocate score"), align="end"),
    Column("trend", gettext_lazy("12 months")),
    Column("spread", gettext_lazy("Spread")),
    Column("dependence", gettext_lazy("Dependence")),
    Column("feedback", gettext_lazy("Feedback")),
    Column("promoters", gettext_lazy("Promoters")),
    Column("excluded", gettext_lazy("May be asked")),
)
CRITERIA = (
    Column("account", gettext_lazy("Account")),
    Column("criteria", gettext_lazy("Met"), sort="criteria", align="end", first="down"),
    Column("login", gettext_lazy("Login frequency")),
    Column("modules", gettext_lazy("Modules in use")),
    Column("result", gettext_lazy("Proven result")),
    Column("expansion", gettext_lazy("Expansion")),
    Column("partner", gettext_lazy("Partner")),
)
HEADER = (
    *("rank", "of", "external_id", "account", "score", "spread", "referred", "mentions", "dependence", "core_days"),
    *("integrations", "feedback", "requests", "adopted", "answers", "criteria_met", "active_days", "modules_used"),
    *("modules_entitled", "goals_attained", "expansions", "technology_partner", "channel_partner", "promoters"),
    *("never_asked", "excluded_for", "as_of"),
)


@dataclass(frozen=True)
class Listing:
    """One page of the customers' standing."""

    filters: AdvocateScoreFilter
    page: keyset.Page[AdvocateScore]
    sort: str
    count: int
    columns: Sequence[Column]
    settings: AdvocacySettings
    may_export: bool
    may_set: bool

    @property
    def count_text(self) -> str:
        """How many customers match, in words."""
        return ngettext("%(count)s customer", "%(count)s customers", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


@require_safe
def advocate_ranking(request: HttpRequest) -> HttpResponse:
    """Rank the customers by advocate score, each with its parts and their numbers."""
    listing, errors = _listing(request, RANKING, "rank")
    trends = trends_of([row.account_id for row in listing.page.rows])
    context = {"listing": listing, "errors": errors, "query": request.GET, "trends": trends}
    status = 400 if errors else 200
    return render_page(request, "advocacy/advocate_ranking.html", context, block="list", status=status)


@require_safe
def high_value(request: HttpRequest) -> HttpResponse:
    """Hold every customer against the four criteria, and show who is a partner."""
    listing, errors = _listing(request, CRITERIA, "-criteria")
    seen = AdvocateScore.objects.visible_to(request.user).current()
    counts = seen.aggregate(
        all=Count("pk"),
        every=Count("pk", filter=Q(criteria_met=4)),
        login=Count("pk", filter=Q(meets_login=True)),
        modules=Count("pk", filter=Q(meets_modules=True)),
        result=Count("pk", filter=Q(meets_result=True)),
        expansion=Count("pk", filter=Q(meets_expansion=True)),
        technology=Count("pk", filter=Q(is_technology_partner=True)),
        channel=Count("pk", filter=Q(is_channel_partner=True)),
    )
    context = {"listing": listing, "errors": errors, "query": request.GET, "counts": counts}
    return render_page(request, "advocacy/high_value.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def advocate_ranking_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the customers who match, with every number, as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return advocate_ranking(request)
    found = rows.select_related("account").order_by("rank", "pk").iterator(chunk_size=2000)
    return answer(_("advocate ranking"), HEADER, _cells(found))


@requires(Capability.EDIT_ADVOCACY)
@require_http_methods(["GET", "HEAD", "POST"])
def advocacy_settings(request: HttpRequest) -> HttpResponse:
    """Show and change weights, criteria and limits."""
    form = AdvocacySettingsForm(request.POST or None, instance=AdvocacySettings.load())
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_advocacy_settings(by=person(request), at=timezone.now(), **form.cleaned_data)
        )
        if changed:
            notify(request, _("Saved. Limits hold at once; the ranking follows within minutes."))
            return redirect("advocacy_settings")
    context = {
        "form": form,
        "groups": {name.lower(): getattr(AdvocacySettings, name) for name in GROUPS},
        "sections": sections(request, "advocacy_settings"),
    }
    return render_page(request, "advocacy/advocacy_settings.html", context, status=422 if form.errors else 200)


GROUPS = ("WEIGHTS", "SHARES", "CRITERIA", "PARTNERS", "HARD", "SOFT")


def _matching(request: HttpRequest) -> tuple[AdvocateScoreFilter, QuerySet[AdvocateScore]]:
    every = AdvocateScore.objects.visible_to(request.user)
    if "month" not in request.GET:
        every = every.current()
    chosen = AdvocateScoreFilter(request.GET, queryset=every, request=request)
    return chosen, chosen.qs.order_by() if chosen.is_valid() else every.none()


def _listing(
    request: HttpRequest, columns: Sequence[Column], usual: str
) -> tuple[Listing, list[tuple[str | None, str]]]:
    user = person(request)
    chosen, rows = _matching(request)
    asked = request.GET.get("sort", "")
    sort = asked if asked in SCORE_SORTS else usual
    shown = rows.select_related("account")
    listing = Listing(
        filters=chosen,
        page=keyset.page(shown, SCORE_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        sort=sort,
        count=rows.count(),
        columns=[column.in_words() for column in columns],
        settings=AdvocacySettings.load(),
        may_export=user.can(Capability.EXPORT),
        may_set=user.can(Capability.EDIT_ADVOCACY),
    )
    return listing, error_messages(chosen)


def _cells(rows: Iterator[AdvocateScore]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.rank, row.of, row.account.external_id, row.account.name, row.score, row.spread, row.referred),
            *(row.mentions, row.dependence, row.core_days, row.integrations, row.feedback, row.requests, row.adopted),
            *(row.answers, row.criteria_met, row.active_days, row.modules_used, row.modules_entitled),
            *(row.goals_attained, row.expansions, row.is_technology_partner, row.is_channel_partner, row.promoters),
            *(row.never_asked, "; ".join(row.reasons), row.on),
        ]
