"""How does a person set what is theirs: name, language, look, sessions?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from accounts.actions import people, sign_ins
from accounts.forms.people import AppearanceForm, LanguageForm, ProfileForm
from accounts.models import SignIn, User
from accounts.queries.sign_ins import running_sign_ins
from accounts.rules.sign_in import browser_name
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page

A_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Session:
    """One running session as the pages word it."""

    pk: int
    browser: str
    address: str
    started_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


def sessions_of(person: User, request: HttpRequest) -> list[Session]:
    """List where a person is signed in, marking the session that asks."""
    return [
        Session(
            pk=sign_in.pk,
            browser=_browser(sign_in.browser),
            address=sign_in.address or "",
            started_at=sign_in.started_at,
            seen_at=sign_in.seen_at,
            is_this=sign_in.session_key == request.session.session_key,
        )
        for sign_in in running_sign_ins(person, timezone.now())
    ]


def _browser(user_agent: str) -> str:
    browser, system = browser_name(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser we do not know")


def person_of(request: HttpRequest) -> User:
    """Who asks; a page that wants this is closed to strangers."""
    return cast(User, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own settings."""
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        changed = attempt(form, lambda: people.change_own_settings(by=person, at=timezone.now(), **values))
        if changed:
            notify(request, _("Saved."))
            return _speaking(redirect("profile"), person.language)
    context = {"form": form, "sections": sections(request, "profile")}
    return render_page(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@require_POST
def change_appearance(request: HttpRequest) -> HttpResponse:
    """Switch theme or row height from the menu, and go back to where one was."""
    form = AppearanceForm(request.POST)
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if value}
        people.change_own_settings(by=person_of(request), at=timezone.now(), **values)
    return HttpResponseRedirect(_back(request))


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: for this browser, and for the person who is signed in in it."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(_back(request))
    if form.is_valid():
        language = form.cleaned_data["language"]
        if request.user.is_authenticated:
            people.change_own_settings(by=person_of(request), at=timezone.now(), language=language)
        _speaking(response, language)
    return response


def _back(request: HttpRequest) -> str:
    """The page from which a menu was used, if it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse(settings.LOGIN_REDIRECT_URL)


def _speaking(response: HttpResponse, language: str) -> HttpResponse:
    """Let the browser remember the language, for the pages before one has signed in."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax", secure=settings.HTTPS
        )
    return response


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in."""
    person = person_of(request)
    context = {
        "running": sessions_of(person, request),
        "has_single_sign_on": bool(settings.OIDC_ISSUER),
        "sections": sections(request, "sessions"),
    }
    return render_page(request, "accounts/sessions.html", context)


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    person = person_of(request)
    sign_in = get_visible_or_404(SignIn.objects.filter(user=person), person, pk=pk)
    sign_ins.end(sign_in=sign_in, by=person, at=timezone.now())
    notify(request, _("That session has ended."))
    return redirect("sessions")


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this one."""
    person, own = person_of(request), request.session.session_key or ""
    count = sign_ins.end_all(person=person, by=person, at=timezone.now(), except_key=own)
    notify(
        request, ngettext("%(n)s other session has ended.", "%(n)s other sessions have ended.", count) % {"n": count}
    )
    return redirect("sessions")
