"""How does a person keep what customers agreed to, and where they spoke of us?"""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out
from accounts.rules.roles import Capability
from advocacy.actions import record_consent, revoke_consent
from advocacy.actions.mentions import add_mention, delete_mention
from advocacy.forms import ConsentForm, MentionForm
from advocacy.models import AdvocacySettings, Channel, Consent, PublicMention
from advocacy.views.base import attempt, next_page, now, person, person_address, render_form, seen_contact, today
from common.htmx import notify
from common.once import once

EDIT = Capability.EDIT_ACCOUNTS


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def consent_add(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down to what somebody agreed."""
    contact, on = seen_contact(request, contact_id), today()
    until = on + dt.timedelta(days=AdvocacySettings.load().consent_days)
    initial = {"scope": "reference_call", "channel": Channel.PRIVATE, "given_on": on, "expires_on": until}
    form = ConsentForm(request.POST or None, initial=initial)
    if request.method == "POST":
        made = carried_out(form, lambda values: record_consent(contact=contact, by=person(request), at=now(), **values))
        if made is not None:
            notify(request, _("Consent noted: %(scope)s.") % {"scope": made.get_scope_display()})
            return redirect(person_address(contact.pk))
    meta = f"{contact.name} · {contact.account.name}"
    back = person_address(contact.pk)
    return render_form(request, form, title=_("Add a consent"), submit=_("Add consent"), back=back, meta=meta)


@requires(EDIT)
@require_POST
def consent_revoke(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Take a consent back; what rests on it is withdrawn."""
    consent = get_visible_or_404(Consent.objects.select_related("contact"), request.user, pk=consent_id)
    return attempt(
        request, lambda: revoke_consent(consent=consent, by=person(request), at=now()),
        lambda _done: _("The consent no longer holds. Open asks that rested on it are withdrawn."),
        next_page(request, person_address(consent.contact_id)),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def mention_add(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down where somebody spoke of us."""
    contact = seen_contact(request, contact_id)
    form = MentionForm(request.POST or None, initial={"on": today()})
    if request.method == "POST":
        made = carried_out(
            form,
            lambda values: add_mention(
                account=contact.account, contact=contact, by=person(request), at=now(), **values
            ),
        )
        if made is not None:
            notify(request, _("Mention noted: %(title)s.") % {"title": made.title})
            return redirect(person_address(contact.pk))
    meta, back = f"{contact.name} · {contact.account.name}", person_address(contact.pk)
    return render_form(request, form, title=_("Add a public mention"), submit=_("Add"), back=back, meta=meta)


@requires(EDIT)
@require_POST
def mention_delete(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Take away a mention that never was."""
    mention = get_visible_or_404(PublicMention, request.user, pk=mention_id)
    return attempt(
        request, lambda: delete_mention(mention=mention, by=person(request), at=now()),
        lambda _done: _("Mention removed."), next_page(request, "/advocacy/"),
    )  # fmt: skip
