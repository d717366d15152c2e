"""How does a person see and keep up who is who at a customer, and who serves it?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import contacts as contact_actions
from accounts.actions import service_team as team_actions
from accounts.actions import shares as share_actions
from accounts.forms.accounts import AssignmentForm, ContactForm, ShareForm
from accounts.forms.base import carried_out
from accounts.models import AccountShare, Contact, ServiceAssignment
from accounts.queries.people_map import people_map, service_team
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify
from common.once import once
from portfolio.queries.people_chart import people_chart
from portfolio.views.account_page import (
    edited_account,
    need,
    now,
    person,
    render_form,
    render_tab,
    seen_account,
    today,
)
from portfolio.views.undo import offer_undo

TAB = "account_people"


@require_safe
def account_people(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the map of people, the service team, and to whom the account is shown."""
    account, on = seen_account(request, account_id), today()
    people = people_map(account, on)
    context = {
        "people": people,
        "chart": people_chart(people),
        "team": service_team(account, on),
        "shares": account.shares.select_related("user", "team", "shared_by"),
        "details": person(request).can(Capability.SEE_CONTACT_DETAILS),
        "on": on,
    }
    return render_tab(request, "portfolio/account_people.html", account, TAB, context)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def contact_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Add a person to an account."""
    account = edited_account(request, account_id)
    form = ContactForm(request.POST or None, person=person(request))
    if request.method == "POST":
        made = carried_out(
            form, lambda values: contact_actions.add_contact(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("%(name)s added.") % {"name": made.name})
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add a contact"), submit=_("Add contact"), back=back)


def _contact(request: HttpRequest, contact_id: int) -> Contact:
    contact = get_object_or_404(Contact.objects.visible_to(request.user).select_related("account"), pk=contact_id)
    need(request)
    return contact


@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Change what is known of a person."""
    contact = _contact(request, contact_id)
    account = contact.account
    form = ContactForm(request.POST or None, instance=contact, person=person(request))
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: contact_actions.update_contact(contact=contact, by=person(request), at=now(), **values)
        )
        if saved is not None:
            notify(request, _("%(name)s saved.") % {"name": saved.name})
            return redirect(TAB, account.pk)
    back = reverse(TAB, args=[account.pk])
    title = _("Edit %(name)s") % {"name": contact.name}
    return render_form(request, form, account, TAB, title=title, submit=_("Save"), back=back)


@require_POST
def contact_left(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Say that a person left the customer today, with an undo."""
    contact = _contact(request, contact_id)
    try:
        contact_actions.mark_contact_left(contact=contact, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        undo = offer_undo(request, "contact_left", contact=contact.pk)
        notify(request, _("%(name)s marked as left.") % {"name": contact.name}, undo=undo)
    return redirect(TAB, contact.account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def service_assignment_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Put a person on the service team; a new CSM takes over on that day."""
    account = seen_account(request, account_id)
    need(request, Capability.ASSIGN_OWNERS)
    form = AssignmentForm(request.POST or None)
    if request.method == "POST":
        made = carried_out(
            form, lambda values: team_actions.assign(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("%(name)s serves this account.") % {"name": made.user})
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add to the service team"), submit=_("Add"), back=back)


@require_POST
def service_assignment_end(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """End a person's time on the service team today."""
    rows = ServiceAssignment.objects.visible_to(request.user).select_related("user")
    assignment = get_object_or_404(rows, pk=assignment_id)
    need(request, Capability.ASSIGN_OWNERS)
    account_id, name = assignment.account_id, str(assignment.user)
    try:
        team_actions.end_assignment(assignment=assignment, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("%(name)s no longer serves this account.") % {"name": name})
    return redirect(TAB, account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_share_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show an account to a person or a team."""
    account = edited_account(request, account_id)
    form = ShareForm(request.POST or None, account=account)
    if request.method == "POST":
        share = carried_out(
            form, lambda values: share_actions.share_account(account=account, by=person(request), at=now(), **values)
        )
        if share is not None:
            notify(request, _("Shared with %(name)s.") % {"name": share.user or share.team})
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Share this account"), submit=_("Share"), back=back)


@require_POST
def account_share_end(request: HttpRequest, share_id: int) -> HttpResponse:
    """Stop showing an account to somebody."""
    share = get_object_or_404(AccountShare.objects.visible_to(request.user).select_related("user", "team"), pk=share_id)
    need(request)
    account_id, name = share.account_id, share.user or share.team
    share_actions.end_share(share=share, by=person(request), at=now())
    notify(request, _("No longer shared with %(name)s.") % {"name": name})
    return redirect(TAB, account_id)
