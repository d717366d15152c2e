"""How does a person invite customers to a session, say who came, and follow up?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_contact_details
from accounts.forms.base import carried_out
from accounts.models import Account
from accounts.rules.roles import Capability
from accounts.views.bulk import chosen_ids, for_chosen
from advocacy.actions import sessions as actions
from advocacy.filters.sessions import SessionInvitationFilter
from advocacy.forms.sessions import FollowUpForm, InvitationContactForm, SegmentForm, WalkInForm
from advocacy.models import SessionInvitation, SharingSession
from advocacy.queries.sessions import CONTACT_COLUMNS, EXPORTED, accounts_in_segment, exported_invitations
from advocacy.views.asking import back_to, done_or_refused, file_response, now, person, render_form, today
from advocacy.views.sessions import EDIT, seen_session
from common.errors import Refused
from common.formats import number
from common.htmx import notify, render_page
from common.once import form_key, once

EXAMPLES = 12


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def session_invite(request: HttpRequest, session_id: int) -> HttpResponse:
    """Choose the customers by segment, see how many they are, and invite them."""
    session, user, on = seen_session(request, session_id), person(request), today()
    given = request.POST if request.method == "POST" else request.GET
    form = SegmentForm(given, person=user)
    chosen = accounts_in_segment(form.segment(), user, on) if form.is_valid() else Account.objects.none()
    refusal = ""
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.invite_accounts(session=session, accounts=chosen, by=user, at=now())
        except Refused as refused:
            refusal = str(refused)
        else:
            words = ngettext("%(count)s customer invited.", "%(count)s customers invited.", count)
            notify(request, words % {"count": number(count)})
            return redirect("sharing_session", session.pk)
    invited = session.invitations.values("account")
    context = {
        "session": session,
        "form": form,
        "refusal": refusal,
        "new": chosen.exclude(pk__in=invited).count(),
        "known": chosen.filter(pk__in=invited).count(),
        "examples": list(chosen.exclude(pk__in=invited)[:EXAMPLES]),
        "closed": session.is_over(on) or session.state != SharingSession.State.PLANNED,
        "form_key": form_key(request),
    }
    status = 422 if refusal or (form.errors and request.method == "POST") else 200
    return render_page(request, "advocacy/session_invite.html", context, block="preview", status=status)


@requires(EDIT)
@require_POST
@once
def session_came(request: HttpRequest, session_id: int) -> HttpResponse:
    """Say that the chosen customers took part."""
    session = seen_session(request, session_id)
    shown = SessionInvitation.objects.visible_to(request.user).filter(session=session)
    found = SessionInvitationFilter(QueryDict(request.POST.get("query", "")), queryset=shown, request=request)
    ids = chosen_ids(request, shown, found.qs if found.is_valid() else shown.none())
    back = back_to(request, reverse("sharing_session", args=[session.pk])).url
    return for_chosen(request, "advocacy.came", ids, {"session": session.pk}, back=back)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def session_walk_in(request: HttpRequest, session_id: int) -> HttpResponse:
    """Say who came without an invitation."""
    session, user = seen_session(request, session_id), person(request)
    form = WalkInForm(request.POST or None, person=user)
    if request.method == "POST":
        made = carried_out(
            form, lambda values: actions.record_attendance(
                session=session, accounts=[values["account"]], by=user, at=now()
            ),
        )  # fmt: skip
        if made is not None:
            notify(request, _("%(name)s came.") % {"name": form.cleaned_data["account"].name})
            return redirect("sharing_session", session.pk)
    back = reverse("sharing_session", args=[session.pk])
    how: dict[str, Any] = {"title": _("Who came without an invitation?"), "submit": _("Came")}
    return render_form(request, form, back=back, meta=session.name, **how)


@requires(EDIT)
@require_POST
def session_take_up(request: HttpRequest, session_id: int) -> HttpResponse:
    """Take up the attendances of this name and day that came in by an import or the API."""
    session = seen_session(request, session_id)
    count = actions.take_up_attendance(session=session, by=person(request), at=now())
    words = ngettext("%(count)s attendance taken up.", "%(count)s attendances taken up.", count)
    notify(request, words % {"count": number(count)} if count else _("No attendance of this name and day was found."))
    return redirect("sharing_session", session.pk)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def session_follow_ups(request: HttpRequest, session_id: int) -> HttpResponse:
    """Plan a follow-up with each customer that came and has none yet."""
    session, user = seen_session(request, session_id), person(request)
    shown = SessionInvitation.objects.visible_to(user).filter(session=session).came().filter(follow_up=None)
    form = FollowUpForm(request.POST or None, initial={"due_on": today() + dt.timedelta(days=7)})
    if request.method == "POST":
        count = carried_out(
            form, lambda values: actions.plan_follow_ups(
                session=session, invitations=shown.order_by("pk"), by=user, at=now(), **values
            ),
        )  # fmt: skip
        if count is not None:
            words = ngettext("%(count)s follow-up planned.", "%(count)s follow-ups planned.", count)
            notify(request, words % {"count": number(count)})
            return redirect("sharing_session", session.pk)
    back = reverse("sharing_session", args=[session.pk])
    waiting = shown.count()
    notice = ngettext(
        "%(count)s customer came and has no follow-up yet.", "%(count)s customers came and have no follow-up yet.",
        waiting,
    ) % {"count": number(waiting)}  # fmt: skip
    how: dict[str, Any] = {
        "title": _("Follow up on the session"),
        "submit": _("Plan follow-ups"),
        "notes": [notice] if notice else [],
    }
    return render_form(request, form, back=back, meta=session.name, **how)


def _seen(request: HttpRequest, invitation_id: int) -> SessionInvitation:
    rows = SessionInvitation.objects.select_related("session", "account", "attendance", "follow_up")
    return get_visible_or_404(rows, request.user, pk=invitation_id)


def _back(request: HttpRequest, invitation: SessionInvitation) -> HttpResponse:
    return back_to(request, reverse("sharing_session", args=[invitation.session_id]))


@requires(EDIT)
@require_POST
def invitation_answer(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Write down whether they come."""
    found, answer = _seen(request, invitation_id), request.POST.get("answer", "")
    done_or_refused(
        request, lambda: actions.answer_invitation(invitation=found, answer=answer, by=person(request), at=now()),
        lambda row: (f"{found.account.name}: {row.get_answer_display()}", ""),
    )  # fmt: skip
    return _back(request, found)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_edit(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Say which contact is invited, or came."""
    found, user = _seen(request, invitation_id), person(request)
    form = InvitationContactForm(request.POST or None, invitation=found, person=user)
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.change_invitation(invitation=found, by=user, at=now(), **values))
        is not None
    ):
        notify(request, _("Contact saved."))
        return redirect("sharing_session", found.session_id)
    back = reverse("sharing_session", args=[found.session_id])
    return render_form(request, form, title=_("Who is it about?"), submit=_("Save"), back=back, meta=found.account.name)


@requires(EDIT)
@require_POST
def invitation_withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    found = _seen(request, invitation_id)
    done_or_refused(
        request, lambda: actions.withdraw_invitation(invitation=found, by=person(request), at=now()),
        lambda _none: (_("%(name)s is no longer invited.") % {"name": found.account.name}, ""),
    )  # fmt: skip
    return _back(request, found)


@requires(EDIT)
@require_POST
def invitation_not_came(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take back that they came."""
    found = _seen(request, invitation_id)
    actions.take_back_attendance(invitation=found, by=person(request), at=now())
    notify(request, _("%(name)s did not come.") % {"name": found.account.name})
    return _back(request, found)


@requires(EDIT)
@require_POST
def invitation_followed_up(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Tick off the follow-up with one customer."""
    found = _seen(request, invitation_id)
    done_or_refused(
        request, lambda: actions.finish_session_follow_up(invitation=found, by=person(request), at=now()),
        lambda _row: (_("Follow-up done."), ""),
    )  # fmt: skip
    return _back(request, found)


@requires(Capability.EXPORT)
@require_safe
def invitation_export(request: HttpRequest, session_id: int, kind: str) -> HttpResponseBase:
    """Hand out the customers of a session as a file, with their addresses for who may see those."""
    session = seen_session(request, session_id)
    shown = SessionInvitation.objects.visible_to(request.user).filter(session=session)
    chosen = SessionInvitationFilter(request.GET, queryset=shown, request=request)
    rows = chosen.qs if chosen.is_valid() else shown.none()
    with_contacts = sees_contact_details(request.user)
    header = [*EXPORTED, *CONTACT_COLUMNS] if with_contacts else list(EXPORTED)
    cells = exported_invitations(rows.order_by("pk"), with_contacts=with_contacts)
    if not chosen.is_valid():
        notify(request, _("Nothing is listed until this is corrected."), level=messages.ERROR)
        return redirect("sharing_session", session.pk)
    return file_response(kind, session.name, header, cells)
