"""Who pays less than before, and what came of it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Account, Organisation, User
from accounts.rules.roles import Capability
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import percent
from common.htmx import render_page
from common.tables import Column
from portfolio.filters import SINCE, DowngradeFilters
from portfolio.models import AccountRow
from portfolio.queries.rows import owners_to_choose
from portfolio.views.account_page import now, person
from revenue.models import Movement, RenewalPolicy
from revenue.queries import Downgrade, follow_through
from revenue.queries import downgrades as find_downgrades
from revenue.rules.downgrades import FollowThrough

COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("on", gettext_lazy("When")),
    Column("lost", gettext_lazy("Less ARR"), align="end"),
    Column("share", pgettext_lazy("part of a whole", "Share"), align="end"),
    Column("now", gettext_lazy("ARR now"), align="end"),
    Column("since", gettext_lazy("Since then")),
    Column("renewal", gettext_lazy("Renewal")),
    Column("health", gettext_lazy("Health")),
    Column("owner", gettext_lazy("Owner")),
)
FILTERS = ("q", "owner", "tier", "since", "first", "last")
TONES = {"stayed": "none", "fell_further": "watch", "grew_again": "healthy", "churned": "risk"}
PAGE_SIZE = 50
# So many of one outcome are shown at most: it is worked out for each.
MOST = 500
# Seconds for which the follow-through of a day is kept per person: it reads the whole ledger.
KEPT = 3600


@dataclass(frozen=True)
class DowngradeView:
    """One downgrade with what the list row of its account knows."""

    downgrade: Downgrade
    account: Account
    row: AccountRow | None

    @property
    def since_word(self) -> str:
        """What happened since, in a word."""
        return str(SINCE[self.downgrade.since])

    @property
    def tone(self) -> str:
        """The tone of that word."""
        return TONES[self.downgrade.since]


def _filtered(request: HttpRequest, on: dt.date) -> tuple[DowngradeFilters, QuerySet[Movement]]:
    """The contractions that match the address: those of the last months, unless it names days."""
    query = request.GET.copy()
    if not query.get("first") and not query.get("last"):
        days = RenewalPolicy.load().downgrade_days
        query["first"], query["last"] = str(on - dt.timedelta(days=days)), str(on)
    shown = Movement.objects.visible_to(request.user).filter(kind=Movement.Kind.CONTRACTION, on__lte=on)
    filters = DowngradeFilters(query, queryset=shown, request=request)
    owners = [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *owners_to_choose()]
    filters.form.fields["owner"].widget = forms.Select(choices=owners)
    return filters, filters.qs if filters.is_valid() else shown.none()


def _views(moved: Sequence[Movement], on: dt.date, since: str) -> list[DowngradeView]:
    """Work out some contractions, in their order; one of several currencies on a day is one downgrade."""
    wanted = dict.fromkeys((one.account_id, one.on) for one in moved)
    if not wanted:
        return []
    days = [day for _account, day in wanted]
    ids = {account for account, _day in wanted}
    found = find_downgrades(min(days), max(days) + dt.timedelta(days=1), on, ids)
    known = {(one.account_id, one.on): one for one in found}
    accounts = {one.pk: one for one in Account.objects.filter(pk__in=ids).select_related("row")}
    listed = [
        DowngradeView(known[key], accounts[key[0]], getattr(accounts[key[0]], "row", None))
        for key in wanted
        if key in known
    ]
    return [view for view in listed if not since or view.downgrade.since == since]


@requires(Capability.SEE_MONEY)
@require_safe
def downgrades(request: HttpRequest) -> HttpResponse:
    """Show who came to pay less, what happened since, and how often a downgrade was the beginning of the end."""
    organisation, user = Organisation.load(), person(request)
    on = organisation.day_of(now())
    filters, rows = _filtered(request, on)
    errors = error_messages(filters)
    since = filters.form.cleaned_data.get("since", "") if not errors else ""
    if since:
        found: Any = keyset.Page([])
        views = _views(list(rows.order_by("-on", "-pk")[:MOST]), on, since)
        count = len(views)
    else:
        cursor = request.GET.get("after", "")
        found = keyset.page(rows, keyset.Sort("on", descending=True), cursor=cursor, size=PAGE_SIZE)
        views, count = _views(found.rows, on, ""), rows.values("account", "on").distinct().count()
    followed = cache.get_or_set(f"follow_through:{user.pk}:{on}", lambda: follow_through(on, _ids(user)), KEPT)
    least = RenewalPolicy.load().least_cases
    context = {
        "filters": {
            "form": filters.form,
            "names": FILTERS,
            "applied": sum(any(request.GET.getlist(name)) for name in FILTERS),
        },
        "errors": errors,
        "query": request.GET,
        "views": views,
        "table": {
            "columns": [column.in_words() for column in COLUMNS],
            "page": found,
            "count": ngettext("%(num)s downgrade", "%(num)s downgrades", count) % {"num": count},
        },
        "followed": {
            "figures": followed,
            "title": _followed_words(cast(FollowThrough, followed), least),
            "least": least,
        },
        "money": {"currency": organisation.reporting_currency, "on": on},
        "may_export": user.can(Capability.EXPORT),
    }
    return render_page(request, "portfolio/downgrades.html", context, block="list", status=400 if errors else 200)


def _ids(user: User) -> list[int] | None:
    """The accounts that a person sees; None for all."""
    if user.visibility == User.Visibility.ALL:
        return None
    return list(Account.objects.visible_to(user).values_list("pk", flat=True))


def _followed_words(found: FollowThrough, least: int) -> str:
    """The finding: how many of those who downgraded left; few cases are no finding."""
    if found.rate is None or found.others_rate is None or min(found.downgraded, found.others) < least:
        return _("Too few cases to say how often a downgrade ends in churn")
    words = {"rate": percent(found.rate), "others": percent(found.others_rate)}
    return _("%(rate)s of those who downgraded left within 12 months, %(others)s of the others") % words


@requires(Capability.SEE_MONEY, Capability.EXPORT)
@require_safe
def downgrades_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    on = Organisation.load().day_of(now())
    filters, rows = _filtered(request, on)
    if error_messages(filters):
        return downgrades(request)
    since = filters.form.cleaned_data.get("since", "")
    return answer(_("downgrades"), EXPORTED, _exported(_views(list(rows.order_by("-on", "-pk")), on, since)))


EXPORTED = (
    *("external_id", "account", "owner", "tier", "on", "arr_before", "arr_after", "lost", "share", "arr_now"),
    *("since", "renewal_on"),
)


def _exported(views: Sequence[DowngradeView]) -> Iterator[list[Any]]:
    """The rows of an export."""
    for view in views:
        one, account, row = view.downgrade, view.account, view.row
        yield [
            *(account.external_id, account.name, row.owner_name if row else "", account.tier, one.on, one.before),
            *(one.after, one.lost, one.share, one.now, one.since, one.renewal_on),
        ]
