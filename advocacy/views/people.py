"""Whom could one ask to speak for us, and what does one know of each of them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import requires, sees_money
from accounts.models import Contact, Organisation
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from advocacy.filters import PEOPLE_SORTS, PeopleFilter
from advocacy.forms import BulkAskForm
from advocacy.models import AdvocacySettings, AdvocateRow, Ask
from advocacy.queries.landing import ask_funnel, influence, never_asked, promoter_picture
from advocacy.queries.people import parts_of, person_page, score_of
from advocacy.views.base import now, person, seen_contact, today
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import render_page
from common.once import once
from common.tables import Column

PAGE_SIZE = 50
# So many may be asked for the same at once; each is judged by themselves.
MOST_AT_ONCE = 100
EDIT = Capability.EDIT_ACCOUNTS
COLUMNS = (
    Column("name", gettext_lazy("Person"), sort="name"),
    Column("industry", gettext_lazy("Industry")),
    Column("score", gettext_lazy("Advocate score"), sort="score", align="end", first="down"),
    Column("nps", gettext_lazy("NPS answer"), align="end"),
    Column("stage", gettext_lazy("Stage")),
    Column("asked", gettext_lazy("Last asked"), sort="asked", first="down"),
    Column("free", gettext_lazy("May be asked")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = (
    *("contact", "name", "account", "industry", "region", "tier", "stage", "score", "nps", "promoter"),
    *("last_asked_on", "asks", "consent", "may_be_asked", "excluded_for", "as_of"),
)


@dataclass(frozen=True)
class Listing:
    """One page of the people as its reader may see them."""

    filters: PeopleFilter
    page: keyset.Page[AdvocateRow]
    sort: str
    count: int
    industries: list[str]
    settings: AdvocacySettings
    columns: list[Column]
    may_edit: bool
    may_export: bool
    asked_for: Any

    @property
    def count_text(self) -> str:
        """How many people match, in words."""
        return ngettext("%(count)s person", "%(count)s people", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


@require_safe
def advocacy(request: HttpRequest) -> HttpResponse:
    """Show promoters by industry and use, how asks fare, and everybody who could be asked."""
    user, organisation = person(request), Organisation.load()
    on = organisation.day_of(now())
    every = AdvocateRow.objects.visible_to(user)
    chosen, rows = _matching(request.GET, request)
    errors = error_messages(chosen)
    listing = _listing(request, chosen, rows)
    with_money = sees_money(user)
    missing, best = never_asked(every)
    context = {
        "listing": listing,
        "errors": errors,
        "query": request.GET,
        "promoters": promoter_picture(every, on, listing.settings.asks_days, reverse("advocacy")),
        "funnel": ask_funnel(Ask.objects.visible_to(user), on),
        "candidates": {"count": missing, "best": best},
        "influence": influence(user, on, with_money=with_money),
        "known": {"on": on, "currency": organisation.reporting_currency, "with_money": with_money},
    }
    return render_page(request, "advocacy/advocacy.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def advocacy_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the people who match as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request.GET, request)
    if not chosen.is_valid():
        return advocacy(request)
    return answer(_("advocates"), HEADER, _cells(rows.order_by("unscored", "-score", "pk").iterator(chunk_size=2000)))


@requires(EDIT)
@require_POST
@once
def advocates_ask(request: HttpRequest) -> HttpResponse:
    """Ask the chosen people for the same; whoever may not be asked is named with the reason."""
    query, form = request.POST.get("query", ""), BulkAskForm(request.POST)
    seen = Contact.objects.visible_to(request.user)
    ids = chosen_ids(request, seen, seen.filter(pk__in=_matching(QueryDict(query), request)[1].values("pk")))
    back = f"{reverse('advocacy')}?{query}" if query else reverse("advocacy")
    given = form.cleaned_data if form.is_valid() else {}
    return for_chosen(request, "advocacy.ask", ids, given, back=back, refusal=_problem(form, ids))


@require_safe
def advocate_person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show one person: may they be asked, what did they agree to, what were they asked, how does the customer score."""
    contact, on = seen_contact(request, contact_id), today()
    score, trend = score_of(contact.account_id)
    settings = AdvocacySettings.load()
    context = {
        "person": person_page(contact, on),
        "score": score,
        "trend": trend,
        "parts": parts_of(score, settings) if score else [],
        "on": on,
        "may_edit": person(request).can(EDIT),
        "here": request.get_full_path(),
    }
    return render_page(request, "advocacy/advocate_person.html", context)


def _listing(request: HttpRequest, chosen: PeopleFilter, rows: QuerySet[AdvocateRow]) -> Listing:
    user = person(request)
    asked = request.GET.get("sort", "")
    sort = asked if asked in PEOPLE_SORTS else "-score"
    industries = AdvocateRow.objects.visible_to(user).exclude(industry="").order_by("industry")
    left_out = set() if user.can(EDIT) else {"actions"}
    return Listing(
        filters=chosen,
        page=keyset.page(rows, PEOPLE_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        sort=sort,
        count=rows.count(),
        industries=list(industries.values_list("industry", flat=True).distinct()),
        settings=AdvocacySettings.load(),
        columns=[column.in_words() for column in COLUMNS if column.name not in left_out],
        may_edit=user.can(EDIT),
        may_export=user.can(Capability.EXPORT),
        asked_for=BulkAskForm(auto_id="bulk_%s"),
    )


def _matching(query: QueryDict, request: HttpRequest) -> tuple[PeopleFilter, QuerySet[AdvocateRow]]:
    every = AdvocateRow.objects.visible_to(request.user)
    chosen = PeopleFilter(query, queryset=every, request=request)
    return chosen, chosen.qs if chosen.is_valid() else every.none()


def _problem(form: BulkAskForm, ids: Sequence[int]) -> str:
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    if len(ids) > MOST_AT_ONCE:
        return _("Ask at most %(most)s people at once.") % {"most": MOST_AT_ONCE}
    return ""


def _cells(rows: Iterator[AdvocateRow]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.pk, row.name, row.account_name, row.industry, row.region, row.get_tier_display()),
            *(row.get_stage_display(), row.score, row.nps, row.is_promoter, row.last_asked_on, row.asks),
            *(row.has_consent, row.is_free, "; ".join(row.reasons), row.on),
        ]
