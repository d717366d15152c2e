"""How does an admin take a person of a customer out of the book?"""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import confirm_identity, requires
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.htmx import notify, render_page
from portfolio.actions.erasure import erase_contact
from portfolio.queries.erasure import Traces, contacts_with, traces_of
from portfolio.views.account_page import person

SETTINGS = Capability.MANAGE_SETTINGS


class ErasureForm(forms.Form):
    """Whom to forget: the mail address is typed, so that nobody is forgotten by a slip."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail of the person"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        """Refuse an address that no contact has."""
        email: str = self.cleaned_data["email"]
        if not contacts_with(email).exists():
            raise forms.ValidationError(_("No contact has this address."), code="unknown")
        return email


@requires(SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """Ask for a person's address, then show what would be erased; the address goes into no log of addresses."""
    form = ErasureForm(request.POST or None)
    if form.is_valid():
        return _page(request, form, [traces_of(one) for one in contacts_with(form.cleaned_data["email"])])
    return _page(request, form, status=422 if form.is_bound else 200)


@requires(SETTINGS)
@require_POST
@confirm_identity
def privacy_erase(request: HttpRequest) -> HttpResponse:
    """Erase every contact that has the address."""
    form = ErasureForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    erased = [erase_contact(contact=one, by=person(request), at=timezone.now())
              for one in contacts_with(form.cleaned_data["email"])]  # fmt: skip
    texts = ngettext("%(count)s text was blanked.", "%(count)s texts were blanked.", sum(erased))
    notify(request, _("The person is erased.") + " " + texts % {"count": sum(erased)})
    return redirect("privacy")


def _page(
    request: HttpRequest, form: ErasureForm, found: list[Traces] | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "found": found or [], "sections": sections(request, "privacy")}
    return render_page(request, "portfolio/privacy.html", context, status=status)
