"""Of which accounts is this person warned, and what do they do about it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, may, requires, sees_money
from accounts.forms.base import carried_out
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from common import keyset
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import once
from common.tables import Column
from common.undo import offer_undo
from health import actions
from health.filters import WARNING_SORTS, WarningFilter
from health.forms.warnings import ResolveForm, SnoozeForm
from health.models import EarlyWarning, WarningRule
from health.queries.track_record_page import Line, rule_lines

PAGE_SIZE = 50
EDIT = Capability.EDIT_ACCOUNTS
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("warning", gettext_lazy("Warning and why")),
    Column("risk", gettext_lazy("ARR at risk"), sort="risk", align="end", first="down"),
    Column("severity", gettext_lazy("Severity"), sort="severity", first="down"),
    Column("opened", gettext_lazy("Since"), sort="opened", first="down"),
    Column("owner", gettext_lazy("Owner")),
    Column("state", gettext_lazy("State")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = (
    *("external_id", "account", "rule", "why", "severity", "state", "opened_on", "last_seen_on", "owner"),
    *("reopened", "snoozed_until", "snooze_reason", "resolved_on", "resolved_cause", "resolved_reason"),
)


@dataclass(frozen=True)
class Listing:
    """One page of the warnings as its reader may see them."""

    filters: WarningFilter
    page: keyset.Page[EarlyWarning]
    columns: Sequence[Column]
    sort: str
    count: int
    put_off: int
    held: Sequence[WarningRule]
    records: Mapping[str, Line]
    currency: str
    on: dt.date
    evaluated_on: dt.date | None
    with_money: bool
    may_edit: bool
    may_export: bool

    @property
    def count_text(self) -> str:
        """How many warnings match, in words."""
        return ngettext("%(count)s warning", "%(count)s warnings", self.count) % {"count": number(self.count)}

    @property
    def is_old(self) -> bool:
        """Whether the rules were last looked at more than a day ago."""
        return self.evaluated_on is not None and (self.on - self.evaluated_on).days > 1

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


@require_safe
def warnings(request: HttpRequest) -> HttpResponse:
    """List the warnings that ask for somebody, the most money at the highest severity first."""
    user, organisation = _person(request), Organisation.load()
    on = organisation.day_of(timezone.now())
    chosen, rows = _matching(request.GET, request, on)
    errors = error_messages(chosen)
    with_money = sees_money(user)
    sort = _sort(request.GET.get("sort", ""), with_money=with_money)
    shown = rows.select_related("account", "rule", "owner")
    listing = Listing(
        filters=chosen,
        page=keyset.page(shown, WARNING_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        columns=_columns(user, with_money=with_money),
        sort=sort,
        count=rows.count(),
        put_off=0 if request.GET.getlist("state") else _put_off(user, on),
        held=_held(user),
        records=rule_lines(),
        currency=organisation.reporting_currency,
        on=on,
        evaluated_on=WarningRule.objects.visible_to(user).aggregate(last=Max("evaluated_on"))["last"],
        with_money=with_money,
        may_edit=user.can(EDIT),
        may_export=user.can(Capability.EXPORT),
    )
    context = {"listing": listing, "errors": errors, "query": request.GET, "owners": _owners()}
    return render_page(request, "health/warnings.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def warning_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request.GET, request, Organisation.load().day_of(timezone.now()))
    if not chosen.is_valid():
        return warnings(request)
    with_money = sees_money(request.user)
    header = [*HEADER, "arr_at_risk"] if with_money else list(HEADER)
    found = rows.select_related("account", "rule", "owner").order_by("-severity", "-pk").iterator(chunk_size=2000)
    return answer(_("warnings"), header, _cells(found, with_money=with_money))


@requires(EDIT)
@require_POST
def warning_acknowledge(request: HttpRequest, warning_id: int) -> HttpResponse:
    """Say that somebody sees to a warning."""
    return _act(request, warning_id, actions.acknowledge_warning, _("Acknowledged."), with_undo=True)


@requires(EDIT)
@require_POST
def warning_reopen(request: HttpRequest, warning_id: int) -> HttpResponse:
    """Take back what was said of a warning."""
    return _act(request, warning_id, actions.reopen_warning, _("The warning is open again."))


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def warning_snooze(request: HttpRequest, warning_id: int) -> HttpResponse:
    """Put a warning off until the end of a day, with the reason."""
    initial = {"until": Organisation.load().day_of(timezone.now()) + dt.timedelta(days=7)}
    form = SnoozeForm(request.POST or None, initial=initial)
    how = {"title": _("Snooze the warning"), "submit": _("Snooze"), "said": _("Snoozed.")}
    return _with_form(request, warning_id, form, actions.snooze_warning, **how)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def warning_resolve(request: HttpRequest, warning_id: int) -> HttpResponse:
    """Close a warning, with the reason."""
    how = {"title": _("Resolve the warning"), "submit": _("Resolve"), "said": _("Resolved.")}
    return _with_form(request, warning_id, ResolveForm(request.POST or None), actions.resolve_warning, **how)


@requires(EDIT)
@require_POST
@once
def warnings_acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge the chosen warnings."""
    return for_chosen(request, "health.acknowledge", _chosen(request), {}, back=_list_of(request))


@requires(EDIT)
@require_POST
@once
def warnings_snooze(request: HttpRequest) -> HttpResponse:
    """Put the chosen warnings off, with one day and one reason."""
    form = SnoozeForm(request.POST)
    try:
        given = _snoozed_until(form)
    except Refused as refusal:
        return for_chosen(request, "health.snooze", [], {}, back=_list_of(request), refusal=str(refusal))
    return for_chosen(request, "health.snooze", _chosen(request), given, back=_list_of(request))


def _snoozed_until(form: SnoozeForm) -> dict[str, str]:
    """Read day and reason, or refuse as one of them would be."""
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))
    until, reason = form.cleaned_data["until"], form.cleaned_data["reason"].strip()
    actions.check_snooze(until=until, reason=reason, at=timezone.now())
    return {"until": until.isoformat(), "reason": reason}


def _matching(query: QueryDict, request: HttpRequest, on: dt.date) -> tuple[WarningFilter, QuerySet[EarlyWarning]]:
    """The warnings that match an address; without a state named, those that ask for somebody or are seen to."""
    every = EarlyWarning.objects.visible_to(request.user)
    chosen = WarningFilter(query, queryset=every, request=request)
    if not chosen.is_valid():
        return chosen, every.none()
    rows: Any = chosen.qs
    if not query.getlist("state"):
        rows = rows.asking(on) | rows.filter(state=EarlyWarning.State.ACKNOWLEDGED)
    return chosen, rows


def _put_off(user: User, on: dt.date) -> int:
    asleep = EarlyWarning.objects.visible_to(user).filter(state=EarlyWarning.State.SNOOZED, snoozed_until__gte=on)
    count: int = asleep.count()
    return count


def _held(user: User) -> list[WarningRule]:
    """The rules that would open too many warnings, for who may say that all shall open."""
    if not may(user, Capability.EDIT_HEALTH):
        return []
    return list(WarningRule.objects.visible_to(user).filter(held_count__gt=0, is_enabled=True))


def _sort(asked: str, *, with_money: bool) -> str:
    if asked in WARNING_SORTS and (with_money or "risk" not in asked):
        return asked
    return "-risk" if with_money else "-severity"


def _columns(user: User, *, with_money: bool) -> list[Column]:
    left_out = set() if with_money else {"risk"}
    if not user.can(EDIT):
        left_out.add("actions")
    return [column.in_words() for column in COLUMNS if column.name not in left_out]


def _owners() -> list[tuple[str, str]]:
    people = User.objects.active().filter(role=User.Role.CSM).order_by("name", "pk")
    named = [(str(pk), name) for pk, name in people.values_list("pk", "name")]
    return [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *named]


def _cells(rows: Iterator[EarlyWarning], *, with_money: bool) -> Iterator[list[Any]]:
    for row in rows:
        cells: list[Any] = [
            *(row.account.external_id, row.account.name, row.rule.shown_name, row.reason, row.get_severity_display()),
            *(row.get_state_display(), row.opened_on, row.last_seen_on, row.owner.name if row.owner else ""),
            *(row.reopened, row.snoozed_until, row.snooze_reason, row.resolved_on),
            *(row.get_resolved_cause_display(), row.resolved_reason),
        ]
        yield [*cells, row.arr_at_risk] if with_money else cells


def _act(
    request: HttpRequest, warning_id: int, act: Callable[..., Any], said: str, *, with_undo: bool = False
) -> HttpResponse:
    warning = get_visible_or_404(EarlyWarning, request.user, pk=warning_id)
    before = _as_it_is(warning)
    try:
        act(warning=warning, by=_person(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, said, undo=offer_undo(request, "warning_answered", **before) if with_undo else "")
    return _back(request)


def _as_it_is(warning: EarlyWarning) -> dict[str, Any]:
    """What has to be known of a warning to bring it back to what it is now."""
    until = warning.snoozed_until.isoformat() if warning.snoozed_until else None
    return {"warning": warning.pk, "state": warning.state, "until": until, "reason": warning.snooze_reason}


def _with_form(
    request: HttpRequest, warning_id: int, form: Any, act: Callable[..., Any], *, title: str, submit: str, said: str
) -> HttpResponse:
    """Show a form about one warning, or do what it asks for."""
    warning = get_visible_or_404(EarlyWarning.objects.select_related("account", "rule"), request.user, pk=warning_id)
    by, at, before = _person(request), timezone.now(), _as_it_is(warning)
    if request.method == "POST" and carried_out(form, lambda values: act(warning=warning, by=by, at=at, **values)):
        notify(request, said, undo=offer_undo(request, "warning_answered", **before))
        return _back(request)
    context = {"warning": warning, "form": form, "title": title, "submit": submit, "next": _next(request)}
    return render_page(request, "health/warning_answer.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> list[int]:
    query, on = QueryDict(request.POST.get("query", "")), Organisation.load().day_of(timezone.now())
    return chosen_ids(request, EarlyWarning.objects.visible_to(request.user), _matching(query, request, on)[1])


def _list_of(request: HttpRequest) -> str:
    query = request.POST.get("query", "")
    return f"{reverse('warnings')}?{query}" if query else reverse("warnings")


def _next(request: HttpRequest) -> str:
    """The page to go back to, if it is one of ours."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else reverse("warnings")


def _back(request: HttpRequest) -> HttpResponseRedirect:
    return redirect(_next(request))
