"""How does a person make and change an account, record that it left, and pass accounts on?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions import accounts as actions
from accounts.actions import churn as churn_actions
from accounts.actions.service_team import transfer_words
from accounts.forms.accounts import AccountForm, ChurnForm, TagsForm
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, ChurnRecord, User
from accounts.rules.roles import Capability
from common.htmx import notify, render_page
from common.once import form_key, once
from portfolio.actions.handover import HandedOver, hand_over_book
from portfolio.forms import HandoverForm
from portfolio.queries.transfer import transfer_page
from portfolio.views.account_page import edited_account, need, now, person, render_form, render_tab, today
from portfolio.views.undo import offer_undo


@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_add(request: HttpRequest) -> HttpResponse:
    """Make an account."""
    need(request)
    form = AccountForm(request.POST or None, person=person(request))
    if request.method == "POST":
        made = carried_out(
            form,
            lambda values: actions.create_account(
                by=person(request), at=now(), tags=actions.tags_named(values["tags"]), **form.values()
            ),
        )
        if made is not None:
            notify(request, _("%(name)s added.") % {"name": made.name})
            return redirect("account_people", made.pk)
    context = {"form": form, "title": _("Add an account"), "form_key": form_key(request)}
    return render_page(request, "portfolio/account_add.html", context, status=status_of(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
def account_edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Change an account's own fields."""
    account = edited_account(request, account_id)
    form = AccountForm(request.POST or None, instance=account, person=person(request))
    if request.method == "POST":
        saved = carried_out(
            form,
            lambda values: actions.update_account(
                account=account, by=person(request), at=now(), tags=actions.tags_named(values["tags"]), **form.values()
            ),
        )
        if saved is not None:
            notify(request, _("%(name)s saved.") % {"name": saved.name})
            return redirect("account_timeline", account_id)
    context = {"form": form, "back": reverse("account_timeline", args=[account_id])}
    return render_tab(
        request, "portfolio/account_edit.html", account, "account_edit", context, status=status_of(request, form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account_tags(request: HttpRequest, account_id: int) -> HttpResponse:
    """Change the tags of an account alone, with an undo."""
    account = edited_account(request, account_id)
    names = ", ".join(account.tags.values_list("name", flat=True))
    form = TagsForm(request.POST or None, initial={"tags": names})
    if request.method == "POST":
        form = TagsForm(request.POST)
        before = carried_out(
            form,
            lambda values: actions.set_tags(
                account=account, tags=actions.tags_named(values["tags"]), by=person(request), at=now()
            ),
        )
        if before is not None:
            undo = offer_undo(request, "tags_set", account=account.pk, tags=before)
            notify(request, _("Tags saved."), undo=undo)
            return redirect("account_timeline", account_id)
    back = reverse("account_timeline", args=[account_id])
    return render_form(request, form, account, "account_edit", title=_("Tags"), submit=_("Save"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def account_churn_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Record that a customer left."""
    account = edited_account(request, account_id)
    initial = {"on": today(), "currency": account.currency}
    form = ChurnForm(request.POST or None, person=person(request), initial=initial)
    if request.method == "POST":
        made = carried_out(
            form, lambda values: churn_actions.record_churn(account=account, by=person(request), at=now(), **values)
        )
        if made is not None:
            notify(request, _("Churn recorded."))
            return redirect("account_timeline", account_id)
    back = reverse("account_timeline", args=[account_id])
    return render_form(
        request, form, account, "account_churn", title=_("Record churn"), submit=_("Record churn"), back=back
    )


@require_http_methods(["GET", "HEAD", "POST"])
def churn_record_edit(request: HttpRequest, record_id: int) -> HttpResponse:
    """Complete a churn record: the study, the fix, the win-back."""
    rows = ChurnRecord.objects.visible_to(request.user).select_related("account")
    record = get_object_or_404(rows, pk=record_id)
    need(request)
    form = ChurnForm(request.POST or None, instance=record, person=person(request))
    if request.method == "POST":
        saved = carried_out(
            form, lambda values: churn_actions.update_churn(record=record, by=person(request), at=now(), **values)
        )
        if saved is not None:
            notify(request, _("Churn record saved."))
            return redirect("account_timeline", record.account_id)
    back = reverse("account_timeline", args=[record.account_id])
    return render_form(
        request, form, record.account, "account_churn", title=_("Churn record"), submit=_("Save"), back=back
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account_transfer(request: HttpRequest) -> HttpResponse:
    """Pass accounts from one owner to another, most urgent first, with the load before and after."""
    need(request, Capability.ASSIGN_OWNERS)
    asked = request.GET.get("from", "")
    people = User.objects.visible_to(request.user).active()
    owner = people.filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    form = HandoverForm(request.POST or None, person=person(request), owner=owner) if owner else None
    if owner and form and request.method == "POST":

        def move(values: dict[str, object]) -> str:
            accounts: list[Account] = list(values["accounts"])  # type: ignore[call-overload]
            to: User = values["to"]  # type: ignore[assignment]
            work_to: User = values.get("work_to") or to  # type: ignore[assignment]
            done = hand_over_book(
                accounts=accounts, owner=owner, to=to, work_to=work_to, note=str(values["note"]), by=person(request),
                at=now(),
            )  # fmt: skip
            return _handed_over(done, to, work_to)

        words = carried_out(form, move)
        if words is not None:
            notify(request, words)
            return redirect(f"{reverse('account_transfer')}?from={owner.pk}")
    page = transfer_page(person(request), owner, today())
    status = status_of(request, form) if form else 200
    return render_page(request, "portfolio/account_transfer.html", {"form": form, "page": page}, status=status)


def _handed_over(done: HandedOver, to: User, work_to: User) -> str:
    """Say what changed hands: the accounts, and the work in them."""
    words = transfer_words(done.accounts, to)
    if not done.tasks and not done.runs:
        return words
    tasks = ngettext("%(count)s task", "%(count)s tasks", done.tasks) % {"count": done.tasks}
    runs = ngettext("%(count)s run", "%(count)s runs", done.runs) % {"count": done.runs}
    moved = _("%(tasks)s and %(runs)s went to %(name)s.") % {"tasks": tasks, "runs": runs, "name": work_to}
    return f"{words} {moved}"
