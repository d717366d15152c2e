"""What is there to do, for me and for the team, and what becomes of one task?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, may, requires
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, User
from accounts.queries.accounts import search_accounts
from accounts.rules.roles import Capability
from common.htmx import notify, render_page, wants_fragment
from common.once import form_key, once
from common.text import markdown
from common.undo import offer_undo
from playbooks import actions
from playbooks.forms.tasks import CompleteForm, GiveForm, MoveForm, NoteForm, ReasonForm, SnoozeTaskForm, TaskForm
from playbooks.models import Run, Task, TaskNote
from playbooks.queries.run_page import holding_up
from playbooks.queries.words import say
from playbooks.views.asking import back, next_page, now, number_of, person, today, tried

EDIT = Capability.EDIT_ACCOUNTS
WEEK = dt.timedelta(days=7)


def seen_task(request: HttpRequest, task_id: int) -> Task:
    """The task that the address names."""
    rows = Task.objects.select_related("account", "assignee", "run__playbook", "run__version", "done_by", "created_by")
    return get_visible_or_404(rows, request.user, pk=task_id)


@require_safe
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show one task: what to do, what done means, what holds it up, and what was said of it."""
    found = seen_task(request, task_id)
    return _task_page(request, found)


def _task_page(request: HttpRequest, found: Task, *, complete: CompleteForm | None = None,
               note: NoteForm | None = None) -> HttpResponse:  # fmt: skip
    sent = complete or note
    holds = holding_up(found)
    context = {
        "task": found,
        "instructions": markdown(say(found.step.get("instructions", {}))),
        "done_means": say(found.step.get("done_means", {})),
        "holds": holds,
        "notes": found.notes.select_related("author"),
        "forms": {
            "complete": complete or CompleteForm(initial={"version": found.version}),
            "note": note or NoteForm(auto_id="note_%s"),
            "key": form_key(request),
        },
        "place": {"on": today(), "is_sheet": wants_fragment(request), "here": reverse("task", args=[found.pk]),
                  "may_edit": may(request.user, EDIT), "user": person(request).pk},
    }  # fmt: skip
    status = status_of(request, sent) if sent is not None else 200
    return render_page(request, "playbooks/task.html", context, block="sheet", status=status)


@requires(EDIT)
@require_POST
def task_complete(request: HttpRequest, task_id: int) -> HttpResponse:
    """Finish a task, with an undo."""
    found, form = seen_task(request, task_id), CompleteForm(request.POST)
    done = carried_out(
        form,
        lambda values: actions.complete_task(task=found, by=person(request), at=now(), **values),
    )
    if done is None:
        return _task_page(request, found, complete=form)
    notify(
        request,
        _("Done: %(task)s") % {"task": done.shown_title},
        undo=offer_undo(request, "tasks_done", tasks=[done.pk]),
    )
    return back(request, "my_tasks")


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def task_skip(request: HttpRequest, task_id: int) -> HttpResponse:
    """Leave a task out, with the reason."""
    found = seen_task(request, task_id)
    form = ReasonForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        done = carried_out(form, lambda values: actions.skip_task(task=found, by=person(request), at=now(), **values))
        if done is not None:
            notify(request, _("Skipped."), undo=offer_undo(request, "tasks_done", tasks=[done.pk]))
            return back(request, "my_tasks")
    return _form_page(request, found, form, title=_("Skip the task"), submit=_("Skip"))


@requires(EDIT)
@require_POST
def task_reopen(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take back that a task was finished or skipped."""
    found = seen_task(request, task_id)
    if tried(request, lambda: actions.reopen_task(task=found, by=person(request), at=now())) is not None:
        notify(request, _("The task is open again."))
    return back(request, "task", task_id)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def task_snooze(request: HttpRequest, task_id: int) -> HttpResponse:
    """Put a task off until the end of a day, with the reason."""
    found = seen_task(request, task_id)
    sent: Any = request.POST or None
    if "snooze" in request.POST:  # one choice of the menu: a day and its reason
        until, _bar, reason = request.POST["snooze"].partition("|")
        sent = {"until": until, "reason": reason}
    form = SnoozeTaskForm(sent, initial={"until": today() + WEEK, "version": found.version})
    if request.method == "POST":
        done = carried_out(form, lambda values: actions.snooze_task(task=found, by=person(request), at=now(), **values))
        if done is not None:
            notify(request, _("Put off."), undo=offer_undo(request, "task_snoozed", task=done.pk))
            return back(request, "my_tasks")
    return _form_page(request, found, form, title=_("Put the task off"), submit=_("Put off"))


@requires(EDIT)
@require_POST
def task_wake(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take back that a task was put off."""
    found = seen_task(request, task_id)
    if tried(request, lambda: actions.wake_task(task=found, by=person(request), at=now())) is not None:
        notify(request, _("The task asks again."))
    return back(request, "task", task_id)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def task_give(request: HttpRequest, task_id: int) -> HttpResponse:
    """Hand a task over to a colleague, with an undo."""
    found = seen_task(request, task_id)
    before = found.assignee_id
    form = GiveForm(request.POST or None, account_id=found.account_id, initial={"version": found.version})
    if request.method == "POST":
        done = carried_out(
            form, lambda values: actions.reassign_task(task=found, by=person(request), at=now(), **values)
        )
        if done is not None:
            undo = offer_undo(request, "tasks_given", was={str(done.pk): before})
            notify(request, _("Handed over to %(name)s.") % {"name": done.assignee}, undo=undo)
            return back(request, "my_tasks")
    return _form_page(request, found, form, title=_("Hand the task over"), submit=_("Hand over"))


@requires(EDIT)
@require_POST
def task_take(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take over a task that nobody has, or a colleague's."""
    found = seen_task(request, task_id)
    before, user = found.assignee_id, person(request)
    if tried(request, lambda: actions.reassign_task(task=found, to=user, by=user, at=now())) is not None:
        notify(request, _("The task is yours."), undo=offer_undo(request, "tasks_given", was={str(found.pk): before}))
    return back(request, "my_tasks")


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def task_move(request: HttpRequest, task_id: int) -> HttpResponse:
    """Give a task another day, and the later open ones of its run alike, with an undo."""
    found = seen_task(request, task_id)
    later = actions.later_open_tasks(found)
    form = MoveForm(request.POST or None, initial={"due_on": found.due_on, "version": found.version})
    if not later:
        del form.fields["shift_later"]
    if request.method == "POST":
        moves = carried_out(
            form, lambda values: actions.reschedule_task(task=found, by=person(request), at=now(), **values)
        )
        if moves is not None:
            _tell_moves(request, moves)
            return back(request, "my_tasks")
    return _form_page(request, found, form, title=_("Move the task"), submit=_("Move"), later=later)


def _tell_moves(request: HttpRequest, moves: list[Any]) -> None:
    if not moves:
        notify(request, _("It was due that day already."))
        return
    undo = offer_undo(request, "tasks_moved", moves=moves)
    more = len(moves) - 1
    words = _("Moved, and %(count)s later tasks with it.") % {"count": more} if more else _("Moved.")
    notify(request, words, undo=undo)


@requires(EDIT)
@require_POST
@once
def task_note(request: HttpRequest, task_id: int) -> HttpResponse:
    """Comment on a task, or keep a file with it."""
    found = seen_task(request, task_id)
    form = NoteForm(request.POST, request.FILES, auto_id="note_%s")
    made = carried_out(form, lambda values: actions.add_note(
        task=found, by=person(request), at=now(), text=values["text"], upload=values["file"]
    ))  # fmt: skip
    if made is None:
        return _task_page(request, found, note=form)
    notify(request, _("Added."))
    return redirect("task", task_id)


@requires(EDIT)
@require_POST
def task_note_delete(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take away a comment of one's own."""
    note = get_visible_or_404(TaskNote.objects.select_related("task"), request.user, pk=note_id)
    task_id = note.task_id
    tried(request, lambda: actions.delete_note(note=note, by=person(request), at=now()))
    return redirect("task", task_id)


@require_safe
def task_file(request: HttpRequest, note_id: int) -> FileResponse:
    """Hand out the file of a comment, always as a download."""
    note = get_visible_or_404(TaskNote.objects.exclude(file=""), request.user, pk=note_id)
    response = FileResponse(
        note.file.open("rb"), as_attachment=True, filename=note.name, content_type=note.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


@requires(EDIT)
@require_safe
def task_add(request: HttpRequest) -> HttpResponse:
    """Choose the account for which something is to be done."""
    asked = request.GET.get("q", "")
    accounts = Account.objects.visible_to(request.user).order_by("name", "pk")
    found = list(search_accounts(accounts, asked)[:8])
    return render_page(request, "playbooks/task_add.html", {"asked": asked[:200], "found": found}, block="found")


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_task_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down something to do for an account, by itself or beside the steps of a run."""
    account = get_visible_or_404(Account, request.user, pk=account_id)
    run_id = number_of(request.GET.get("run"))
    run = get_visible_or_404(Run, request.user, pk=run_id, account=account) if run_id else None
    user = person(request)
    initial = {"assignee": user.pk if user.role != User.Role.ADMIN else None}
    form = TaskForm(request.POST or None, account_id=account.pk, initial=initial)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.add_task(account=account, run=run, by=user, at=now(), **values))
        if made is not None:
            notify(request, _("Task added."))
            return redirect("playbook_run", run.pk) if run else back(request, "account_playbooks", account.pk)
    context = {
        "form": form, "account": account, "run": run, "form_key": form_key(request),
        "next": next_page(request, "account_playbooks", account.pk),
    }  # fmt: skip
    return render_page(request, "playbooks/account_task_add.html", context, status=status_of(request, form))


def _form_page(request: HttpRequest, found: Task, form: Any, *, title: str, submit: str,
               later: list[Task] | None = None) -> HttpResponse:  # fmt: skip
    """Answer with a page that holds one form about a task."""
    context = {
        "task": found, "form": form, "title": title, "submit": submit, "later": later or [],
        "next": next_page(request, "task", found.pk),
    }  # fmt: skip
    return render_page(request, "playbooks/task_answer.html", context, status=status_of(request, form))
