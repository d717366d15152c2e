"""Whom does this person have to tell what became of their wishes, and who was told?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import User
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import once
from common.tables import Column
from roadmap import actions
from roadmap.filters import RequestAnswerFilter
from roadmap.forms import ExcuseForm, ReplyForm
from roadmap.models import RequestAnswer
from roadmap.queries import Told, told_report, with_answerer, with_words
from roadmap.views.asking import next_page, now, person, today

PAGE_SIZE = 50
# What the report looks back on.
REPORT_DAYS = 90
SORTS = {
    "due_on": keyset.Sort("due_on"),
    "-due_on": keyset.Sort("due_on", descending=True),
    "since": keyset.Sort("since"),
    "-since": keyset.Sort("since", descending=True),
}
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("request", gettext_lazy("Request and decision")),
    Column("words", gettext_lazy("In their words")),
    Column("due_on", gettext_lazy("Tell by"), sort="due_on"),
    Column("owner", gettext_lazy("Owner")),
    Column("state", gettext_lazy("State")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = (
    "account", "account_name", "request", "decision", "reason", "words", "since", "tell_by", "owner", "state",
    "told_on", "told_by", "reply", "replied_on", "not_applicable_because",
)  # fmt: skip
SHOWN_FILTERS = ("q", "state", "decided")


@dataclass(frozen=True)
class Listing:
    """One page of the answers, as its reader may see them."""

    filters: RequestAnswerFilter
    page: keyset.Page[Any]
    sort: str
    count: int
    report: Told
    on: dt.date
    may_tell: bool
    may_export: bool

    shown_filters = SHOWN_FILTERS

    @property
    def columns(self) -> list[Column]:
        """The columns in the language of who reads them."""
        return [column.in_words() for column in COLUMNS if column.name != "actions" or self.may_tell]

    @property
    def count_text(self) -> str:
        """How many answers match, in words."""
        return ngettext("%(count)s answer", "%(count)s answers", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        names = [name for name in self.filters.filters if name != "sort"]
        return sum(any(self.filters.data.getlist(name)) for name in names)


@require_safe
def request_answers(request: HttpRequest) -> HttpResponse:
    """List whom to tell, what is due first: a CSM's own ones, unless asked otherwise."""
    on, user = today(), person(request)
    query = _with_defaults(request.GET, user)
    chosen, rows = _matching(query, request)
    errors = error_messages(chosen)
    sort = query.get("sort", "")
    sort = sort if sort in SORTS else "due_on"
    shown = with_answerer(with_words(rows)).select_related("account", "request", "change", "told_by")
    listing = Listing(
        filters=chosen,
        page=keyset.page(shown, SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        sort=sort,
        count=rows.count(),
        report=told_report(_reported(query, request, on), on),
        on=on,
        may_tell=user.can(Capability.EDIT_ROADMAP),
        may_export=user.can(Capability.EXPORT),
    )
    context = {"listing": listing, "errors": errors, "query": query, "owners": _owners()}
    status = 400 if errors else 200
    return render_page(request, "roadmap/request_answers.html", context, block="list", status=status)


def _with_defaults(query: QueryDict, user: User) -> QueryDict:
    """What the page shows while nothing is asked for: what waits, of one's own accounts for who owns any."""
    asked = query.copy()
    if (
        not query.getlist("state")
        and "state" not in query
        and not (query.keys() - {"sort", "after", "owner", "request"})
    ):
        asked["state"] = RequestAnswer.State.WAITING
    if "owner" not in query and "request" not in query and user.role == User.Role.CSM:
        asked["owner"] = "me"
    return asked


def _matching(query: QueryDict, request: HttpRequest) -> tuple[RequestAnswerFilter, QuerySet[RequestAnswer]]:
    every = RequestAnswer.objects.visible_to(request.user)
    chosen = RequestAnswerFilter(query, queryset=every, request=request)
    return chosen, chosen.qs if chosen.is_valid() else every.none()


def _reported(query: QueryDict, request: HttpRequest, on: dt.date) -> QuerySet[RequestAnswer]:
    """What the share told in time is counted over: the decisions of the last days, of the chosen owner and request."""
    since = RequestAnswer.objects.visible_to(request.user).filter(since__gt=on - dt.timedelta(days=REPORT_DAYS))
    narrowed = QueryDict(mutable=True)
    for name in ("owner", "request"):
        if query.get(name):
            narrowed.setlist(name, query.getlist(name))
    chosen = RequestAnswerFilter(narrowed, queryset=since, request=request)
    return chosen.qs if chosen.is_valid() else since.none()


@requires(Capability.EXPORT)
@require_safe
def request_answers_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(_with_defaults(request.GET, person(request)), request)
    if not chosen.is_valid():
        return request_answers(request)
    found = with_answerer(with_words(rows)).select_related("account", "request", "change", "told_by")
    return answer(_("answers"), list(HEADER), _cells(found.order_by("due_on", "pk").iterator(chunk_size=2000)))


def _cells(rows: Iterator[Any]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.account.external_id, row.account.name, row.request.title, row.change.get_after_display()),
            *(row.change.reason, row.words or "", row.since, row.due_on, row.owner_name or ""),
            *(row.get_state_display(), row.told_at, row.told_by.name if row.told_by else "", row.reply),
            *(row.replied_on, row.why_text or row.get_why_display()),
        ]


@requires(Capability.EDIT_ROADMAP)
@require_POST
@once
def request_answers_told(request: HttpRequest) -> HttpResponse:
    """Say that the chosen customers were told; each gets an entry on its timeline."""
    query = request.POST.get("query", "")
    matching = _matching(_with_defaults(QueryDict(query), person(request)), request)[1]
    ids = chosen_ids(request, RequestAnswer.objects.visible_to(request.user), matching)
    back = f"{reverse('request_answers')}?{query}" if query else reverse("request_answers")
    return for_chosen(request, "roadmap.tell", ids, {}, back=back)


def _undo_of(at: dt.datetime) -> str:
    """Where what was told at an instant is taken back: the instant names the answers, in millionths of a second."""
    return reverse("request_answers_untold", args=[int(at.timestamp() * 1_000_000)])


@requires(Capability.EDIT_ROADMAP)
@require_POST
def request_answers_untold(request: HttpRequest, stamp: int) -> HttpResponse:
    """Take back what this person said at an instant."""
    seconds, rest = divmod(stamp, 1_000_000)
    try:
        at = dt.datetime.fromtimestamp(seconds, dt.UTC) + dt.timedelta(microseconds=rest)
    except (OverflowError, OSError, ValueError):
        raise Http404 from None
    told = RequestAnswer.objects.visible_to(request.user).filter(told_by=person(request), told_at=at)
    reopened = actions.reopen_answers(answers=list(told), by=person(request), at=now())
    words = ngettext("%(count)s answer waits again.", "%(count)s answers wait again.", reopened)
    notify(request, words % {"count": number(reopened)})
    return redirect("request_answers")


@requires(Capability.EDIT_ROADMAP)
@require_POST
def request_answer_told(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Say that one customer was told."""
    answer, at = _answer(request, answer_id), now()
    told = actions.tell_customers(answers=[answer], by=person(request), at=at)
    words = _("%(name)s: told.") % {"name": answer.account.name}
    notify(request, words if told else _("This answer does not wait any more."), undo=_undo_of(at) if told else "")
    return next_page(request, "request_answers")


@requires(Capability.EDIT_ROADMAP)
@require_POST
def request_answer_reopen(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take back what was said of one answer."""
    answer = _answer(request, answer_id)
    reopened = actions.reopen_answers(answers=[answer], by=person(request), at=now())
    notify(request, _("The answer waits again.") if reopened else _("A later decision overtook this answer."))
    return next_page(request, "request_answers")


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def request_answer_reply(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Write down what a customer replied."""
    form = ReplyForm(request.POST or None)
    how = {"title": _("What did they reply?"), "said": _("Their reply is saved.")}
    return _with_form(request, answer_id, form, actions.record_reply, **how)


@requires(Capability.EDIT_ROADMAP)
@require_http_methods(["GET", "HEAD", "POST"])
def request_answer_excuse(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Say that a customer need not be told, and why."""
    form = ExcuseForm(request.POST or None)
    how = {"title": _("Not applicable"), "said": _("Nobody has to tell them.")}
    return _with_form(request, answer_id, form, actions.excuse_answer, **how)


def _with_form(
    request: HttpRequest, answer_id: int, form: Any, act: Callable[..., Any], *, title: str, said: str
) -> HttpResponse:
    answer = _answer(request, answer_id)
    by, at = person(request), now()
    if request.method == "POST" and carried_out(form, lambda values: act(answer=answer, by=by, at=at, **values)):
        notify(request, said)
        return next_page(request, "request_answers")
    words = with_words(RequestAnswer.objects.filter(pk=answer.pk)).values_list("words", flat=True).first()
    back = request.POST.get("next") or request.GET.get("next") or reverse("request_answers")
    context = {"answer": answer, "words": words, "form": form, "title": title, "next": back}
    return render_page(request, "roadmap/request_answer.html", context, status=status_of(request, form))


def _answer(request: HttpRequest, answer_id: int) -> RequestAnswer:
    rows = RequestAnswer.objects.select_related("account", "request", "change")
    return get_visible_or_404(rows, request.user, pk=answer_id)


def _owners() -> Sequence[tuple[str, str]]:
    people = User.objects.active().filter(role=User.Role.CSM).order_by("name", "pk")
    named = [(str(pk), name) for pk, name in people.values_list("pk", "name")]
    return [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *named]
