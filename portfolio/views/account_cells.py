"""How is one value of an account changed in its cell of the list?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.accounts import update_account
from accounts.actions.bulk_runs import ask_for_bulk
from accounts.forms.base import CleanText, carried_out, status_of
from accounts.models import Account
from common.errors import Conflict
from common.htmx import notify, render_page, wants_fragment
from common.undo import offer_undo
from portfolio.actions import refresh_rows
from portfolio.models import AccountRow
from portfolio.queries.rows import owners_to_choose
from portfolio.views.account_listing import editable_columns
from portfolio.views.account_page import edited_account, now, person, today

OWNER = "owner_name"


class CellForm(CleanText, forms.Form):
    """One value of an account, with what it was when the cell was opened."""

    version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, name: str, account: Account, owner: int | None) -> None:
        super().__init__(data)
        if name == OWNER:
            choices: list[Any] = [(str(pk), label) for pk, label in owners_to_choose()]
            self.fields["value"] = forms.ChoiceField(label=_("Owner"), choices=[("", "–"), *choices])
            self.initial = {"value": str(owner or ""), "version": str(owner or "")}
            return
        column: Any = Account._meta.get_field(name)
        self.fields["value"] = column.formfield()
        self.initial = {"value": getattr(account, name), "version": str(account.version)}


@require_http_methods(["GET", "HEAD", "POST"])
def account_cell(request: HttpRequest, account_id: int, name: str) -> HttpResponse:
    """Change one value of an account: Enter saves, an error and a conflict stay in the cell."""
    account, row = edited_account(request, account_id), AccountRow.objects.filter(pk=account_id).first()
    if name not in editable_columns(person(request)) or row is None:
        raise Http404
    form = CellForm(request.POST or None, name=name, account=account, owner=row.owner_id)
    if request.method == "POST":
        if carried_out(form, lambda values: _save(request, account, row, name, **values)):
            return _saved(request, account, name)
    elif request.GET.get("shown") and wants_fragment(request):
        return _cell(request, row, name)
    return _cell(request, row, name, form)


def _save(request: HttpRequest, account: Account, row: AccountRow, name: str, *, value: Any, version: str) -> bool:
    """Write it, unless somebody else did since the cell was opened; the message takes it back."""
    by, at = person(request), now()
    if name == OWNER:
        if str(row.owner_id or "") != version:
            names = dict(owners_to_choose())
            stored = (row.owner_name or "–", names.get(int(value), "–") if value else "–")
            raise Conflict(_("Somebody else changed this meanwhile."), {"value": stored})
        run = ask_for_bulk(act="accounts.assign", ids=[account.pk], given={"to": int(value)}, by=by, at=at)
        undo = run.undo
    else:
        before = getattr(account, name)
        number = int(version) if version.isascii() and version.isdigit() else 0
        saved = update_account(account=account, by=by, at=at, version=number, **{name: value})
        was = {"account": account.pk, "field": name, "value": before}
        undo = offer_undo(request, "account_field_set", **was) if saved.version != account.version else ""
    refresh_rows(on=today(), account_ids=[account.pk])
    notify(request, _("%(name)s saved.") % {"name": account.name}, undo=undo)
    return True


def _saved(request: HttpRequest, account: Account, name: str) -> HttpResponse:
    if wants_fragment(request):
        return _cell(request, AccountRow.objects.get(pk=account.pk), name)
    return redirect(_back(request))


def _cell(request: HttpRequest, row: AccountRow, name: str, form: CellForm | None = None) -> HttpResponse:
    context = {
        "row": row,
        "name": name,
        "label": CellForm(name=name, account=row.account, owner=row.owner_id).fields["value"].label,
        "form": form,
        "pairs": _pairs(row, name, form),
        "back": _back(request),
    }
    status = status_of(request, form) if form is not None else 200
    return render_page(request, "portfolio/account_cell.html", context, block="cell", status=status)


def _pairs(row: AccountRow, name: str, form: CellForm | None) -> tuple[str, str] | None:
    """What is stored and what was typed, in words, where somebody else saved first."""
    conflict = getattr(form, "conflict", None)
    if conflict is None or not conflict.values:
        return None
    stored, yours = next(iter(conflict.values.values()))
    choices = {} if name == OWNER else dict(getattr(Account._meta.get_field(name), "flatchoices", ()))
    return str(choices.get(stored, stored) or "–"), str(choices.get(yours, yours) or "–")


def _back(request: HttpRequest) -> str:
    page = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe else reverse("account_list")
