"""How does somebody with a one-time link choose a password?"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.invitations import person_of_link, use_link
from accounts.forms.passwords import ChoosePasswordForm
from common.forms import attempt
from common.htmx import notify, render_page


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def choose_password(request: HttpRequest, link: str) -> HttpResponse:
    """Let the person whose link this is choose a password, then sign in with it and with what else they need."""
    at = timezone.now()
    person = person_of_link(link, at=at)
    if person is None:
        return render_page(request, "accounts/choose_password.html", {"form": None}, status=404)
    form = ChoosePasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if attempt(form, lambda: use_link(link, password=password, at=at)):
            notify(request, _("Your password is set. Sign in with it."))
            return redirect(settings.LOGIN_URL)
    context = {"form": form, "person": person}
    return render_page(request, "accounts/choose_password.html", context, status=422 if form.errors else 200)


@require_safe
def account_email(request: HttpRequest) -> HttpResponse:
    """Stand in for allauth's page of the same name: an address is who one is here, so an admin changes it."""
    return redirect("profile")
