"""How does a person plan sharing sessions, and see what came of them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, values_of
from accounts.rules.roles import Capability
from advocacy.actions import sessions as actions
from advocacy.filters.sessions import SESSION_SORTS, SessionInvitationFilter, SharingSessionFilter
from advocacy.forms.sessions import CancelSessionForm, SessionForm, TalkForm
from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.session_effect import Effect, effect_chart, effect_lines, effect_of_sessions, effect_title
from advocacy.queries.sessions import SessionLine, session_lines, with_talk_consent
from advocacy.views.asking import back_to, done_or_refused, file_response, now, person, render_form, today
from common import keyset
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.keyset import Sort
from common.once import once
from common.tables import Column

PLAN, EDIT = Capability.EDIT_ADVOCACY, Capability.EDIT_ACCOUNTS
PAGE_SIZE = 50
# So many sessions are compared at most; the newest of those that match.
MOST_COMPARED = 200
COLUMNS = (
    Column("name", gettext_lazy("Session"), sort="name"),
    Column("on", gettext_lazy("Date"), sort="on", first="down"),
    Column("state", gettext_lazy("State")),
    Column("invited", gettext_lazy("Invited"), align="end"),
    Column("accepted", gettext_lazy("Accepted"), align="end"),
    Column("came", gettext_lazy("Came"), align="end"),
)
CUSTOMERS = (
    Column("account", gettext_lazy("Account")),
    Column("contact", gettext_lazy("Contact")),
    Column("answer", gettext_lazy("Answer")),
    Column("came", gettext_lazy("Came")),
    Column("follow_up", gettext_lazy("Follow-up")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)
HEADER = ("name", "on", "state", "product", "host", "place", "invited", "accepted", "came")


def rights_of(request: HttpRequest) -> dict[str, bool]:
    """What the reader of the pages may do: plan sessions, invite and follow up, take files away."""
    user = person(request)
    return {"plan": user.can(PLAN), "edit": user.can(EDIT), "export": user.can(Capability.EXPORT)}


def _matching(request: HttpRequest) -> tuple[SharingSessionFilter, QuerySet[SharingSession]]:
    shown = SharingSession.objects.visible_to(request.user)
    chosen = SharingSessionFilter(request.GET, queryset=shown, request=request)
    return chosen, chosen.qs if chosen.is_valid() else shown.none()


@require_safe
def sharing_sessions(request: HttpRequest) -> HttpResponse:
    """Show the sessions, and whether the use of those who came changed."""
    on, user = today(), person(request)
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SESSION_SORTS else "-on"
    shown = rows.select_related("product", "host")
    found = keyset.page(shown, SESSION_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    count = rows.count()
    listing = {
        "form": chosen.form,
        "applied": sum(any(request.GET.getlist(name)) for name in chosen.filters if name != "sort"),
        "lines": session_lines(list(found.rows), user),
        "columns": [column.in_words() for column in COLUMNS],
        "sort": sort,
        "page": found,
        "count": ngettext("%(count)s session", "%(count)s sessions", count) % {"count": number(count)},
        "on": on,
    }
    effect = effect_of_sessions(list(rows.order_by("-on", "-pk")[:MOST_COMPARED]), user, on)
    context = {
        "listing": listing,
        "effect": shown_effect(effect),
        "rights": rights_of(request),
        "errors": errors,
        "query": request.GET,
    }
    return render_page(request, "advocacy/sharing_sessions.html", context, block="list", status=400 if errors else 200)


def shown_effect(effect: Effect) -> dict[str, Any]:
    """An effect as the pages draw it."""
    return {
        "said": effect,
        "chart": effect_chart(effect),
        "title": effect_title(effect),
        "lines": effect_lines(effect),
    }


@requires(Capability.EXPORT)
@require_safe
def session_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out the sessions that match as a file."""
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return sharing_sessions(request)
    found = list(rows.select_related("product", "host").order_by("-on", "-pk"))
    return file_response(kind, _("sessions"), HEADER, _cells(session_lines(found, person(request))))


def _cells(lines: list[SessionLine]) -> Iterator[list[Any]]:
    for line in lines:
        one = line.session
        yield [
            *(one.name, one.on, one.get_state_display(), one.product.name if one.product else ""),
            *(one.host.name if one.host else "", one.place, line.invited, line.accepted, line.came),
        ]


def seen_session(request: HttpRequest, session_id: int) -> SharingSession:
    """Find a session; every colleague sees all of them."""
    return get_visible_or_404(SharingSession.objects.select_related("product", "host"), request.user, pk=session_id)


@require_safe
def sharing_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show one session: its programme, its customers, and what came of it."""
    session, user, on = seen_session(request, session_id), person(request), today()
    shown = SessionInvitation.objects.visible_to(user).filter(session=session)
    chosen = SessionInvitationFilter(request.GET, queryset=shown, request=request)
    errors = error_messages(chosen)
    rows = (chosen.qs if chosen.is_valid() else shown.none()).select_related("account", "contact", "follow_up")
    found = keyset.page(rows, Sort("id"), cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    rights = rights_of(request)
    listing = {
        "form": chosen.form,
        "applied": sum(any(request.GET.getlist(name)) for name in ("q", "answer", "came", "tier")),
        "rows": found.rows,
        "page": found,
        "columns": [column.in_words() for column in CUSTOMERS if column.name != "actions" or rights["edit"]],
        "open_follow_ups": shown.filter(follow_up__follow_up_done_at=None, follow_up__isnull=False).count(),
        "without_follow_up": shown.came().filter(follow_up=None).count(),
    }
    talks = SessionTalk.objects.visible_to(user).filter(session=session)
    context = {
        "line": session_lines([session], user)[0],
        "listing": listing,
        "talks": list(with_talk_consent(talks, on)),
        "effect": shown_effect(effect_of_sessions([session], user, on)) if session.state == "held" else None,
        "rights": rights,
        "errors": errors,
        "query": request.GET,
        "on": on,
    }
    return render_page(request, "advocacy/sharing_session.html", context, block="list", status=400 if errors else 200)


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def session_add(request: HttpRequest) -> HttpResponse:
    """Plan a session."""
    user = person(request)
    form = SessionForm(request.POST or None, person=user, initial={"host": user})
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.plan_session(by=user, at=now(), **values))
        if made is not None:
            notify(request, _("Session planned: %(name)s.") % {"name": made.name})
            return redirect("sharing_session", made.pk)
    return render_form(
        request, form, title=_("Plan a session"), submit=_("Plan session"), back=reverse("sharing_sessions")
    )


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, session_id: int) -> HttpResponse:
    """Change a session."""
    session, user = seen_session(request, session_id), person(request)
    form = SessionForm(request.POST or None, instance=session, person=user)
    if request.method == "POST" and form.is_valid():
        values = values_of(form)
        if carried_out(form, lambda _all: actions.change_session(session=session, by=user, at=now(), **values)):
            notify(request, _("Session saved."))
            return redirect("sharing_session", session.pk)
    back = reverse("sharing_session", args=[session.pk])
    return render_form(request, form, title=_("Edit session"), submit=_("Save"), back=back, meta=session.name)


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(request: HttpRequest, session_id: int) -> HttpResponse:
    """Call a session off, with the reason."""
    session, user = seen_session(request, session_id), person(request)
    form = CancelSessionForm(request.POST or None)
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.cancel_session(session=session, by=user, at=now(), **values))
        is not None
    ):
        undo = reverse("session_restore", args=[session.pk])
        notify(request, _("%(name)s is called off.") % {"name": session.name}, undo=undo)
        return redirect("sharing_session", session.pk)
    back = reverse("sharing_session", args=[session.pk])
    return render_form(
        request, form, title=_("Call the session off"), submit=_("Call off"), back=back, meta=session.name
    )


@requires(PLAN)
@require_POST
def session_restore(request: HttpRequest, session_id: int) -> HttpResponse:
    """Take back that a session was called off."""
    session = seen_session(request, session_id)
    actions.restore_session(session=session, by=person(request), at=now())
    notify(request, _("The session is planned again."))
    return redirect("sharing_session", session.pk)


@requires(PLAN)
@require_POST
def session_delete(request: HttpRequest, session_id: int) -> HttpResponse:
    """Take away a session to which nobody was invited."""
    session = seen_session(request, session_id)
    name, gone = session.name, reverse("sharing_sessions")
    done_or_refused(
        request, lambda: actions.delete_session(session=session, by=person(request), at=now()),
        lambda _none: (_("Session deleted: %(name)s.") % {"name": name}, ""),
    )  # fmt: skip
    still = SharingSession.objects.visible_to(request.user).filter(pk=session_id).exists()
    return redirect("sharing_session", session_id) if still else redirect(gone)


@requires(PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def talk_add(request: HttpRequest, session_id: int) -> HttpResponse:
    """Put a talk of an advocate on the programme."""
    session, user = seen_session(request, session_id), person(request)
    form = TalkForm(request.POST or None, session=session, person=user)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.add_talk(session=session, by=user, at=now(), **values))
        if made is not None:
            notify(request, _("On the programme: %(title)s.") % {"title": made.title})
            return redirect("sharing_session", session.pk)
    back = reverse("sharing_session", args=[session.pk])
    return render_form(request, form, title=_("Add a talk"), submit=_("Add talk"), back=back, meta=session.name)


@requires(PLAN)
@require_POST
def talk_delete(request: HttpRequest, talk_id: int) -> HttpResponse:
    """Take a talk off the programme."""
    talk = get_visible_or_404(SessionTalk, request.user, pk=talk_id)
    actions.delete_talk(talk=talk, by=person(request), at=now())
    notify(request, _("Off the programme: %(title)s.") % {"title": talk.title})
    return back_to(request, reverse("sharing_session", args=[talk.session_id]))
