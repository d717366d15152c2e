"""Which sheets can be printed, and which mails are half written?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import requires
from accounts.actions.timeline import log_entry
from accounts.models import TimelineEntry
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify, render_page
from common.once import form_key, once
from portfolio.queries import mail_drafts
from portfolio.queries import reports as queries
from portfolio.queries.entry_titles import entry_title
from portfolio.views.account_page import edited_account, head_of, now, person, render_tab, seen_head, today


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Show which sheets there are to print."""
    user = person(request)
    context = {
        "nearest": queries.nearest_renewals(user, today()),
        "has_board_page": queries.sees_board_page(user),
        "on": today(),
    }
    return render_page(request, "portfolio/reports.html", context)


@require_safe
def account_review(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show an account on sheets to print, without a control."""
    head = seen_head(request, account_id)
    context = {"head": head, "review": queries.account_review(head, person(request), now()), "title_of": entry_title}
    return render_page(request, "portfolio/account_review.html", context)


@require_safe
def portfolio_review(request: HttpRequest) -> HttpResponse:
    """Show a whole book on sheets to print, without a control."""
    review = queries.portfolio_review(person(request), today())
    return render_page(request, "portfolio/portfolio_review.html", {"review": review})


@requires(Capability.EDIT_ACCOUNTS, Capability.SEE_CONTACT_DETAILS)
@require_safe
def account_mail(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the mails that are half written, to somebody of an account."""
    head = seen_head(request, account_id)
    people = mail_drafts.reachable(head)
    asked = request.GET.get("to", "")
    contact = next((one for one in people if str(one.pk) == asked), people[0] if people else None)
    drafts = [mail_drafts.written(draft, head, contact, person(request)) for draft in mail_drafts.DRAFTS]
    context = {"people": people, "contact": contact, "drafts": drafts, "form_key": form_key(request)}
    return render_tab(request, "portfolio/account_mail.html", head.account, "account_people", context, head=head)


@requires(Capability.EDIT_ACCOUNTS, Capability.SEE_CONTACT_DETAILS)
@require_POST
@once
def account_mail_sent(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down that one of them was sent."""
    account = edited_account(request, account_id)
    head = head_of(request, account)
    draft = next((one for one in mail_drafts.DRAFTS if one.key == request.POST.get("draft")), None)
    contact = next((one for one in mail_drafts.reachable(head) if str(one.pk) == request.POST.get("to")), None)
    if draft is None or contact is None:
        notify(request, _("Choose a mail, and somebody to whom it may go."), level=messages.ERROR)
        return redirect("account_mail", account_id)
    mail = mail_drafts.written(draft, head, contact, person(request))
    try:
        log_entry(
            account=account, kind=TimelineEntry.Kind.EMAIL, title=mail.subject[:200], body=mail.text,
            contacts=[contact], by=person(request), at=now(), template=f"mail_{draft.key}",
        )  # fmt: skip
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Logged with %(name)s.") % {"name": account.name})
    return redirect("account_timeline", account_id)
