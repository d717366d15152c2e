"""How does a person write, pass on and accept a handoff file, and keep its promises and archive?"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import handoff as actions
from accounts.actions import promises as promise_actions
from accounts.forms.base import carried_out
from accounts.forms.records import (
    GapForm,
    HandoffForm,
    ImplementationForm,
    PromiseForm,
    ReturnForm,
    SettleForm,
    UploadForm,
)
from accounts.models import (
    Account,
    Attachment,
    ExpectationGap,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Organisation,
    Promise,
)
from accounts.queries import handoff as queries
from accounts.queries.promises import archive_of, promise_ledger
from accounts.viewsets.records import attachment_response
from common.errors import Refused
from common.htmx import notify
from common.once import once
from portfolio.queries.handoff_page import handoff_page
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

TAB = "account_handoff"


def _file(account: Account) -> Handoff:
    """Give the account's file, or the empty one that a first save would make."""
    found = Handoff.objects.filter(account=account).select_related("submitted_by", "decided_by").first()
    return found or Handoff(account=account, version=0)


@require_safe
def account_handoff(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the file, how complete it is, its clock, promises, archive and versions."""
    account, on = seen_account(request, account_id), today()
    context = {
        "file": handoff_page(_file(account), Organisation.load(), now()),
        "ledger": promise_ledger(account, on),
        "archive": archive_of(account),
        "on": on,
    }
    return render_tab(request, "portfolio/account_handoff.html", account, TAB, context)


@require_http_methods(["GET", "HEAD", "POST"])
def account_handoff_edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write the sections of the file."""
    account = edited_account(request, account_id)
    form = HandoffForm(request.POST or None, instance=_file(account), person=person(request))
    if request.method == "POST":

        def save(values: dict[str, Any]) -> Handoff:
            version = values.pop("version", None)
            return actions.save_handoff(account=account, sections=values, version=version, by=person(request), at=now())

        if carried_out(form, save) is not None:
            notify(request, _("Handoff file saved."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Handoff file"), submit=_("Save"), back=back)


def _step(request: HttpRequest, account_id: int, act: Any, done: str) -> HttpResponse:
    """Bring the file to another state and say so, or say why not."""
    account = edited_account(request, account_id)
    try:
        act(account=account, by=person(request), at=now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, done)
    return redirect(TAB, account_id)


@require_POST
def account_handoff_submit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Pass the file to customer success."""
    return _step(request, account_id, actions.submit_handoff, _("Handoff submitted."))


@require_POST
def account_handoff_accept(request: HttpRequest, account_id: int) -> HttpResponse:
    """Accept the file; the onboarding starts."""
    return _step(request, account_id, actions.accept_handoff, _("Handoff accepted. Onboarding has started."))


@require_http_methods(["GET", "HEAD", "POST"])
def account_handoff_return(request: HttpRequest, account_id: int) -> HttpResponse:
    """Send the file back with reasons."""
    account = edited_account(request, account_id)
    form = ReturnForm(request.POST or None)
    if request.method == "POST":
        returned = carried_out(
            form,
            lambda values: actions.return_handoff(
                account=account, reasons=values["return_reasons"], by=person(request), at=now()
            ),
        )
        if returned is not None:
            notify(request, _("Handoff returned."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Return the handoff"), submit=_("Return"), back=back)


@require_safe
def handoff_version(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show what one version changed."""
    rows = HandoffVersion.objects.visible_to(request.user).select_related("handoff__account", "saved_by")
    version = get_object_or_404(rows, pk=version_id)
    before = version.handoff.versions.filter(number__lt=version.number).first()
    context = {"version": version, "before": before, "changes": queries.version_changes(before, version)}
    return render_tab(request, "portfolio/handoff_version.html", version.handoff.account, TAB, context)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def promise_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write a promise into the ledger."""
    account = edited_account(request, account_id)
    form = PromiseForm(request.POST or None, person=person(request), account=account)
    if request.method == "POST":
        made = carried_out(
            form, lambda values: promise_actions.add_promise(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("Promise added."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add a promise"), submit=_("Add promise"), back=back)


def _promise(request: HttpRequest, promise_id: int) -> Promise:
    promise = get_object_or_404(Promise.objects.visible_to(request.user).select_related("account"), pk=promise_id)
    need(request)
    return promise


@require_http_methods(["GET", "HEAD", "POST"])
def promise_edit(request: HttpRequest, promise_id: int) -> HttpResponse:
    """Change the words, day or evidence of a promise."""
    promise = _promise(request, promise_id)
    account = promise.account
    form = PromiseForm(request.POST or None, instance=promise, person=person(request), account=account)
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: promise_actions.update_promise(promise=promise, by=person(request), at=now(), **values)
        )
        if saved is not None:
            notify(request, _("Promise saved."))
            return redirect(TAB, account.pk)
    back = reverse(TAB, args=[account.pk])
    return render_form(request, form, account, TAB, title=_("Edit promise"), submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def promise_settle(request: HttpRequest, promise_id: int) -> HttpResponse:
    """Say that a promise was kept, broken or renegotiated, with an undo."""
    promise = _promise(request, promise_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST":
        settled = carried_out(
            form, lambda values: promise_actions.settle_promise(promise=promise, by=person(request), at=now(), **values)
        )
        if settled is not None:
            undo = offer_undo(request, "promise_settled", promise=promise.pk)
            state = settled.get_state_display().lower()
            notify(request, _("Promise settled: %(state)s.") % {"state": state}, undo=undo)
            return redirect(TAB, promise.account_id)
    back = reverse(TAB, args=[promise.account_id])
    title = _("Settle: %(text)s") % {"text": promise.text}
    return render_form(request, form, promise.account, TAB, title=title, submit=_("Settle"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def expectation_gap_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write down what the customer expects and does not get today."""
    account = edited_account(request, account_id)
    form = GapForm(request.POST or None, person=person(request), initial={"found_on": today()})
    if request.method == "POST":
        made = carried_out(
            form,
            lambda values: promise_actions.add_expectation_gap(account=account, by=person(request), at=now(), **values),
        )
        if made is not None:
            notify(request, _("Expectation gap added."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(request, form, account, TAB, title=_("Add an expectation gap"), submit=_("Add"), back=back)


@require_POST
def expectation_gap_close(request: HttpRequest, gap_id: int) -> HttpResponse:
    """Say that an expectation is met or given up."""
    gap = get_object_or_404(ExpectationGap.objects.visible_to(request.user), pk=gap_id)
    need(request)
    promise_actions.close_expectation_gap(gap=gap, by=person(request), at=now())
    notify(request, _("Expectation gap closed."), undo=offer_undo(request, "gap_closed", gap=gap.pk))
    return redirect(TAB, gap.account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def implementation_record_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Put a stage of the implementation into the archive, with a file if there is one."""
    account = edited_account(request, account_id)
    form = ImplementationForm(
        request.POST or None, request.FILES or None, person=person(request), initial={"on": today()}
    )
    if request.method == "POST":
        made = carried_out(
            form,
            lambda values: promise_actions.add_implementation_record(
                account=account, upload=values.pop("file", None), by=person(request), at=now(), **values
            ),
        )
        if made is not None:
            notify(request, _("Record added to the archive."))
            return redirect(TAB, account_id)
    back = reverse(TAB, args=[account_id])
    return render_form(
        request, form, account, TAB, title=_("Add to the archive"), submit=_("Add"), back=back, is_upload=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
@once
def attachment_add(request: HttpRequest, record_id: int) -> HttpResponse:
    """Keep one more file with a record of the archive."""
    rows = ImplementationRecord.objects.visible_to(request.user).select_related("account")
    record = get_object_or_404(rows, pk=record_id)
    need(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        kept = carried_out(
            form,
            lambda values: promise_actions.attach_file(
                record=record, upload=values["file"], by=person(request), at=now()
            ),
        )
        if kept is not None:
            notify(request, _("%(name)s added.") % {"name": kept.name})
            return redirect(TAB, record.account_id)
    back = reverse(TAB, args=[record.account_id])
    return render_form(
        request, form, record.account, TAB, title=_("Add a file"), submit=_("Add file"), back=back, is_upload=True
    )


def _attachment(request: HttpRequest, attachment_id: int) -> Attachment:
    rows = Attachment.objects.visible_to(request.user).select_related("record")
    return get_object_or_404(rows, pk=attachment_id)


@require_safe
def attachment_file(request: HttpRequest, attachment_id: int) -> FileResponse:
    """Give a stored file, always as a download."""
    return attachment_response(_attachment(request, attachment_id))


@require_POST
def attachment_delete(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """Throw a file of the archive away."""
    attachment = _attachment(request, attachment_id)
    need(request)
    account_id, name = attachment.record.account_id, attachment.name
    promise_actions.delete_attachment(attachment=attachment, by=person(request), at=now())
    notify(request, _("%(name)s deleted.") % {"name": name})
    return redirect(TAB, account_id)
