"""What is there to do, for me and for the team, by list, day or account?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.models import User
from accounts.queries.accounts import people_who_serve
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from common import keyset
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import render_page
from common.once import once
from common.tables import Column
from common.templating import query_with
from playbooks.filters.work import TASK_SORTS, TaskFilter
from playbooks.models import Task
from playbooks.models.tasks import TaskQuerySet
from playbooks.queries import work as queries
from playbooks.views.asking import number_of, person, today

EDIT = Capability.EDIT_ACCOUNTS
PAGE_SIZE = 50
GROUPED = 200
LAYOUTS = (("list", gettext_lazy("List")), ("day", gettext_lazy("By day")), ("account", gettext_lazy("By account")))
DUE = (
    ("", gettext_lazy("Any day")),
    ("overdue", gettext_lazy("Overdue")),
    ("today", gettext_lazy("Today")),
    ("week", gettext_lazy("Within 7 days")),
    ("later", gettext_lazy("Later")),
    ("none", gettext_lazy("No date")),
)
COLUMNS = (
    Column("task", gettext_lazy("Task")),
    Column("account", gettext_lazy("Account")),
    Column("due", gettext_lazy("Due"), sort="due"),
    Column("assignee", gettext_lazy("Who")),
    Column("state", gettext_lazy("State")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = (
    *("external_id", "account", "task", "kind", "state", "due_on", "first_due_on", "assignee", "playbook"),
    *("snoozed_until", "done_on", "result"),
)


@dataclass(frozen=True)
class Work:
    """One page of tasks as its reader may see them."""

    filters: TaskFilter
    scope: str  # mine | team
    layout: str
    due: str
    page: keyset.Page[Task]
    groups: Sequence[queries.TaskGroup]
    columns: Sequence[Column]
    sort: str
    count: int
    counts: queries.TaskCounts
    on: dt.date
    may_edit: bool
    may_export: bool
    colleagues: Sequence[User]
    me: int
    shown: int = GROUPED

    @property
    def snoozes(self) -> list[tuple[str, str, str]]:
        """What a task can be put off by in one choice."""
        return queries.snoozes(self.on)

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whose tasks one can choose."""
        named = [(str(one.pk), one.name) for one in self.colleagues]
        return [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *named]

    def export_query(self, query: QueryDict) -> str:
        """What the page lists, for a download: one's own tasks are named as such."""
        mine = {"assignee": "me"} if self.scope == "mine" else {}
        return query_with(query, after=None, by=None, **mine)

    @property
    def count_text(self) -> str:
        """How many tasks match, in words."""
        return ngettext("%(count)s task", "%(count)s tasks", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        names = [name for name in self.filters.filters if name not in ("sort",)]
        return sum(any(self.filters.data.getlist(name)) for name in names) + bool(self.due)

    @property
    def is_cut(self) -> bool:
        """Whether a grouped page shows the first tasks only."""
        return self.layout != "list" and self.count > GROUPED

    @property
    def url_name(self) -> str:
        """The page that this is."""
        return "my_tasks" if self.scope == "mine" else "team_tasks"

    def switches(self, query: QueryDict) -> list[tuple[str, str, bool]]:
        """The three ways to lay the tasks out, with their addresses."""
        return [(str(label), query_with(query, by=name, after=None), name == self.layout) for name, label in LAYOUTS]

    @property
    def due_choices(self) -> list[tuple[str, str]]:
        """The stretches of days that one can choose."""
        return [(name, str(label)) for name, label in DUE]


@require_safe
def my_tasks(request: HttpRequest) -> HttpResponse:
    """List what this person has to do, the oldest first."""
    return _work_page(request, "mine")


@require_safe
def team_tasks(request: HttpRequest) -> HttpResponse:
    """List what everybody has to do for the accounts that one sees."""
    return _work_page(request, "team")


@requires(Capability.EXPORT)
@require_safe
def task_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the tasks that match as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = matching(request.GET, request, "mine" if request.GET.get("assignee") == "me" else "team")
    if not chosen.is_valid():
        return team_tasks(request)
    found = queries.listed(rows).order_by("due_on", "pk").iterator(chunk_size=2000)
    return answer(_("tasks"), list(HEADER), _cells(found))


@requires(EDIT)
@require_POST
@once
def tasks_complete(request: HttpRequest) -> HttpResponse:
    """Finish the chosen tasks; those that wait for others are passed over."""
    return for_chosen(request, "playbooks.complete", _chosen(request), {}, back=_list_of(request))


@requires(EDIT)
@require_POST
@once
def tasks_give(request: HttpRequest) -> HttpResponse:
    """Hand the chosen tasks over to a colleague."""
    user = person(request)
    to = get_visible_or_404(User.objects.active(), user, pk=number_of(request.POST.get("to")) or 0)
    if not people_who_serve().filter(pk=to.pk).exists():
        raise Http404
    return for_chosen(request, "playbooks.give", _chosen(request), {"to": to.pk}, back=_list_of(request))


def _work_page(request: HttpRequest, scope: str) -> HttpResponse:
    user, on = person(request), today()
    chosen, rows = matching(request.GET, request, scope)
    errors = error_messages(chosen)
    layout = request.GET.get("by", "list")
    layout = layout if layout in dict(LAYOUTS) else "list"
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in TASK_SORTS else "due"
    shown = queries.listed(rows)
    page, groups = keyset.Page[Task]([]), []
    if layout == "list":
        page = keyset.page(shown, TASK_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    else:
        first = list(shown.order_by(F("due_on").asc(nulls_last=True), "pk")[:GROUPED])
        groups = queries.by_day(first, on) if layout == "day" else queries.by_account(first)
    work = Work(
        filters=chosen, scope=scope, layout=layout, due=request.GET.get("due", ""), page=page, groups=groups,
        columns=_columns(scope, may_edit=user.can(EDIT)), sort=sort, count=rows.count(),
        counts=queries.counts_of(_of_scope(request, scope), on), on=on, may_edit=user.can(EDIT),
        may_export=user.can(Capability.EXPORT), colleagues=queries.colleagues(user), me=user.pk,
    )  # fmt: skip
    context = {"work": work, "errors": errors, "query": request.GET}
    template = "playbooks/my_tasks.html" if scope == "mine" else "playbooks/team_tasks.html"
    return render_page(request, template, context, block="list", status=400 if errors else 200)


def _of_scope(request: HttpRequest, scope: str) -> TaskQuerySet:
    rows: TaskQuerySet = Task.objects.visible_to(request.user)
    return rows.filter(assignee=person(request)) if scope == "mine" else rows


def matching(query: QueryDict, request: HttpRequest, scope: str) -> tuple[TaskFilter, TaskQuerySet]:
    """The tasks that match an address; without a state named, those that ask for somebody."""
    every = _of_scope(request, scope)
    chosen = TaskFilter(query, queryset=every, request=request)
    if not chosen.is_valid():
        return chosen, every.none()
    rows: Any = chosen.qs
    on = today()
    if not query.getlist("state"):
        # What the program does by itself asks for nobody.
        rows = rows.asking(on).exclude(role=Task.Role.AUTOMATIC, assignee=None)
    return chosen, queries.due_within(rows, query.get("due", ""), on)


def _columns(scope: str, *, may_edit: bool) -> list[Column]:
    left_out = {"assignee"} if scope == "mine" else set()
    if not may_edit:
        left_out.add("actions")
    return [column.in_words() for column in COLUMNS if column.name not in left_out]


def _cells(rows: Iterator[Task]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            *(row.account.external_id, row.account.name, row.shown_title, row.get_kind_display()),
            *(row.get_state_display(), row.due_on, row.first_due_on, row.assignee.name if row.assignee else ""),
            *(row.run.playbook.shown_name if row.run else "", row.snoozed_until, row.done_on, row.result),
        ]


def _chosen(request: HttpRequest) -> list[int]:
    query = QueryDict(request.POST.get("query", ""))
    return chosen_ids(request, Task.objects.visible_to(request.user), matching(query, request, _scope(request))[1])


def _scope(request: HttpRequest) -> str:
    return "mine" if request.POST.get("scope") == "mine" else "team"


def _list_of(request: HttpRequest) -> str:
    """The list as it was."""
    page, query = reverse("my_tasks" if _scope(request) == "mine" else "team_tasks"), request.POST.get("query", "")
    return f"{page}?{query}" if query else page
