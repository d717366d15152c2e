"""How does an admin let people in, say what they may do, and shut them out?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import confirm_identity, get_visible_or_404, requires
from accounts.actions import people as actions
from accounts.actions import sign_ins
from accounts.actions.invitations import make_link, send_link
from accounts.filters.people import PersonFilter
from accounts.forms.people import InvitationForm, PersonForm, TeamForm
from accounts.models import Team, User
from accounts.queries.people import teams_with_sizes, with_books
from accounts.rules.roles import Capability
from accounts.views.profile import person_of, sessions_of
from accounts.views.settings import sections
from common.errors import Refused
from common.forms import attempt
from common.htmx import notify, render_page
from common.tables import Column

MANAGE = Capability.MANAGE_PEOPLE
COLUMNS = (
    Column("name", _lazy("Name")),
    Column("email", _lazy("E-mail")),
    Column("role", _lazy("Role")),
    Column("team", _lazy("Team")),
    Column("visibility", _lazy("Sees")),
    Column("book", _lazy("Accounts owned"), align="end"),
    Column("state", _lazy("State")),
)


@requires(MANAGE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the people who work here."""
    everybody = User.objects.visible_to(request.user)
    chosen = PersonFilter(request.GET, queryset=everybody.select_related("team"), request=request)
    found = chosen.qs if chosen.is_valid() else everybody.none()
    context = {
        "people": list(with_books(found)),
        "columns": COLUMNS,
        "total": everybody.count(),
        "form": chosen.form,
        "sections": sections(request, "people"),
        "query": request.GET,
    }
    return render_page(request, "accounts/people.html", context, status=200 if chosen.is_valid() else 400)


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    """Let somebody in: they get a link by mail, which is shown here too for whoever has no mail server yet."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at, values = timezone.now(), form.cleaned_data
        person = attempt(form, lambda: actions.invite_person(by=person_of(request), at=at, **values))
        if person:
            context = {
                "person": person,
                "link": make_link(person=person, at=at),
                "sections": sections(request, "people"),
            }
            return render_page(request, "accounts/person_invited.html", context)
    context = {"form": form, "sections": sections(request, "people")}
    return render_page(request, "accounts/person_invite.html", context, status=422 if form.errors else 200)


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@confirm_identity
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change what a colleague may do; another role asks first."""
    person = get_visible_or_404(User, request.user, pk=pk)
    form = PersonForm(request.POST or None, instance=person)
    asks = False
    if request.method == "POST" and form.is_valid():
        asks = form.cleaned_data["role"] != person.role and "confirmed" not in request.POST
        changed = None if asks else attempt(form, lambda: _change(request, person, form.cleaned_data))
        if changed:
            notify(request, _("Saved."))
            return redirect("people")
    context = {
        "person": person,
        "form": form,
        "asks": asks,
        "running": sessions_of(person, request),
        "sections": sections(request, "people"),
    }
    return render_page(request, "accounts/person_edit.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, person: User, values: dict[str, Any]) -> User:
    return actions.change_person(person=person, by=person_of(request), at=timezone.now(), **values)


@requires(MANAGE)
@require_POST
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut a colleague out."""
    person = get_visible_or_404(User, request.user, pk=pk)
    try:
        actions.deactivate_person(person=person, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return redirect("person_edit", pk=pk)
    said = _("%(name)s can no longer sign in.") % {"name": person.name}
    notify(request, said, undo=reverse("person_reactivate", args=[pk]))
    return redirect("people")


@requires(MANAGE)
@require_POST
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague in again."""
    person = get_visible_or_404(User, request.user, pk=pk)
    actions.reactivate_person(person=person, by=person_of(request), at=timezone.now())
    notify(request, _("%(name)s can sign in again.") % {"name": person.name})
    return redirect("people")


@requires(MANAGE)
@require_POST
def person_end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of a colleague; one's own goes on."""
    person = get_visible_or_404(User, request.user, pk=pk)
    own = request.session.session_key or ""
    count = sign_ins.end_all(person=person, by=person_of(request), at=timezone.now(), except_key=own)
    notify(request, ngettext("%(n)s session has ended.", "%(n)s sessions have ended.", count) % {"n": count})
    return redirect("person_edit", pk=pk)


@requires(MANAGE)
@require_POST
def person_send_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a colleague a link with which they choose a password."""
    person = get_visible_or_404(User, request.user, pk=pk)
    try:
        send_link(person=person, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("A link was sent to %(email)s. It works once and for 24 hours.") % {"email": person.email})
    return redirect("person_edit", pk=pk)


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams, and make one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: actions.create_team(name=name, by=person_of(request), at=timezone.now())):
            notify(request, _("Team “%(name)s” was made.") % {"name": name})
            return redirect("teams")
    context = {
        "teams": list(teams_with_sizes(Team.objects.visible_to(request.user))),
        "form": form,
        "sections": sections(request, "teams"),
    }
    return render_page(request, "accounts/teams.html", context, status=422 if form.errors else 200)


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def team_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who is in a team and give it another name."""
    team = get_visible_or_404(Team, request.user, pk=pk)
    form = TeamForm(request.POST or None, initial={"name": team.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: actions.rename_team(team=team, name=name, by=person_of(request), at=timezone.now())):
            notify(request, _("Saved."))
            return redirect("teams")
    context = {
        "team": team,
        "members": list(User.objects.visible_to(request.user).filter(team=team)),
        "form": form,
        "sections": sections(request, "teams"),
    }
    return render_page(request, "accounts/team_edit.html", context, status=422 if form.errors else 200)


@requires(MANAGE)
@require_POST
def team_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a team that nobody is in."""
    team = get_visible_or_404(Team, request.user, pk=pk)
    name = team.name
    try:
        actions.delete_team(team=team, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return redirect("team_edit", pk=pk)
    notify(request, _("Team “%(name)s” was deleted.") % {"name": name})
    return redirect("teams")
