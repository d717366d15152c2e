"""How does a person read an account's timeline and write down a touch?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import timeline as actions
from accounts.forms.base import carried_out
from accounts.forms.records import LOG_WORDS, EntryForm
from accounts.models import Account, TimelineEntry
from accounts.queries.accounts import search_accounts
from accounts.queries.timeline import open_follow_ups, timeline_page
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify, render_page
from common.once import form_key, once
from portfolio.actions.recommendations import take_recommendation
from portfolio.queries.entry_titles import entry_title
from portfolio.views.account_page import (
    back,
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

ICONS = {
    "note": "note", "call": "phone", "meeting": "people", "email": "mail", "training": "play",
    "business_review": "chart", "ticket": "ticket", "stage": "flag", "owner": "person", "handoff": "share",
    "movement": "chart", "health": "chart", "contact": "people", "goal": "check", "promise": "bookmark",
    "churn": "alert", "playbook": "play", "advocacy": "star", "request": "signpost",
}  # fmt: skip


def _kinds(request: HttpRequest) -> list[str]:
    """Read the kinds that the address asks for; unknown ones are left out."""
    return [kind for kind in request.GET.getlist("kind") if kind in TimelineEntry.Kind]


@require_safe
def account_timeline(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what happened with an account, newest first."""
    account, kinds = seen_account(request, account_id), _kinds(request)
    page = timeline_page(account, person(request), kinds=kinds, after=request.GET.get("after", "")[:80])
    changeable = {entry.pk for entry in page.entries if actions.may_change(entry, person(request))}
    context = {
        "page": page,
        "kinds": kinds,
        "all_kinds": TimelineEntry.Kind.choices,
        "icons": ICONS,
        "title_of": entry_title,
        "follow_ups": open_follow_ups(account, person(request)),
        "changeable": changeable,
        "by_hand": TimelineEntry.BY_HAND,
        "may_ask_for": person(request).can(Capability.EDIT_ROADMAP),
    }
    on = today()
    return render_tab(
        request, "portfolio/account_timeline.html", account, "account_timeline", context | {"on": on}, block="entries"
    )


@require_safe
def touch_add(request: HttpRequest) -> HttpResponse:
    """Choose the account that a touch was with: type a part of its name, pick it."""
    need(request)
    asked = request.GET.get("q", "")
    accounts = Account.objects.visible_to(request.user).order_by("name", "pk")
    found = list(search_accounts(accounts, asked)[:8])
    return render_page(request, "portfolio/touch_add.html", {"asked": asked[:200], "found": found}, block="found")


@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_touch_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down a note or a touch, from a template or from nothing."""
    account, at = edited_account(request, account_id), now()
    template = request.GET.get("template", "")
    template = template if template in LOG_WORDS else ""
    form = EntryForm(request.POST or None, person=person(request), account=account, at=at, template=template)
    if request.method == "POST":
        entry = carried_out(
            form,
            lambda values: actions.log_entry(
                account=account, by=person(request), at=at, happened_at=values.pop("at", None) or at,
                template=template, **values,
            ),
        )  # fmt: skip
        if entry is not None:
            take_recommendation(account=account, by=person(request), at=at)
            notify(request, _("Logged with %(name)s.") % {"name": account.name})
            return redirect("account_timeline", account_id)
    templates = [(key, str(words[0])) for key, words in LOG_WORDS.items()]
    context = {"form": form, "templates": templates, "template": template, "form_key": form_key(request)}
    status = 422 if request.method == "POST" else 200
    return render_tab(request, "portfolio/account_touch_add.html", account, "account_timeline", context, status=status)


def _entry(request: HttpRequest, entry_id: int) -> TimelineEntry:
    """Find an entry that the person may see, if they may change things at all."""
    rows = TimelineEntry.objects.visible_to(request.user).select_related("account")
    entry = get_object_or_404(rows, pk=entry_id)
    need(request)
    return entry


@require_http_methods(["GET", "HEAD", "POST"])
def timeline_entry_edit(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Correct an entry that a person wrote."""
    entry = _entry(request, entry_id)
    account, at = entry.account, now()
    form = EntryForm(request.POST or None, instance=entry, person=person(request), account=account, at=at)
    if request.method == "POST":
        saved = carried_out(
            form,
            lambda values: actions.update_entry(
                entry=entry, by=person(request), at=at, happened_at=values.pop("at", None), **values
            ),
        )
        if saved is not None:
            notify(request, _("Entry saved."))
            return redirect("account_timeline", account.pk)
    back = reverse("account_timeline", args=[account.pk])
    return render_form(request, form, account, "account_timeline", title=_("Edit entry"), submit=_("Save"), back=back)


@require_POST
def timeline_entry_delete(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Throw an entry away, with an undo."""
    entry = _entry(request, entry_id)
    try:
        copy = actions.delete_entry(entry=entry, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        undo = offer_undo(request, "timeline_entry_deleted", copy=copy)
        notify(request, _("Entry deleted."), undo=undo)
    return redirect("account_timeline", entry.account_id)


@require_POST
def follow_up_done(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Tick a follow-up off, with an undo."""
    entry = _entry(request, entry_id)
    try:
        actions.finish_follow_up(entry=entry, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Follow-up done."), undo=offer_undo(request, "follow_up_done", entry=entry.pk))
    return back(request, entry.account_id, "account_timeline")
