"""What was a person told, and how do they want to hear of things?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from accounts.actions import notifications as actions
from accounts.filters.notifications import NotificationFilter
from accounts.forms.notifications import WaysForm
from accounts.models import Notification, Organisation
from accounts.queries.notifications import label_of
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common import keyset
from common.forms import attempt
from common.htmx import notify, render_page

PAGE_SIZE = 50
NEWEST = keyset.Sort("at", descending=True)


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what one was told, the newest first."""
    person = person_of(request)
    rows = Notification.objects.visible_to(person).select_related("account")
    filters = NotificationFilter(request.GET, queryset=rows, person=person)
    found = filters.qs if filters.is_valid() else rows.none()
    context = {
        "page": keyset.page(found, NEWEST, cursor=request.GET.get("after", ""), size=PAGE_SIZE),
        "form": filters.form,
        "applied": any(request.GET.get(name) for name in ("kind", "unread")),
        "label_of": label_of,
        "now": timezone.now(),
        "on": Organisation.load().day_of(timezone.now()),
        "query": request.GET,
    }
    return render_page(request, "accounts/notifications.html", context, block="list")


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that one has read it, and go to its place."""
    person = person_of(request)
    found = get_visible_or_404(Notification, person, pk=pk)
    actions.read_notification(notification=found, by=person, at=timezone.now())
    is_ours = url_has_allowed_host_and_scheme(found.url, {request.get_host()}, require_https=request.is_secure())
    return redirect(found.url if found.url and is_ours else reverse("notifications"))


@require_POST
def notifications_read_all(request: HttpRequest) -> HttpResponse:
    """Note that one has read all of them."""
    count = actions.read_all(by=person_of(request), at=timezone.now())
    notify(request, ngettext("%(n)s marked as read.", "%(n)s marked as read.", count) % {"n": count})
    return redirect("notifications")


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    """Choose how one hears of each kind of thing."""
    person = person_of(request)
    form = WaysForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: actions.choose_ways(by=person, at=timezone.now(), ways=form.cleaned_data) or True)
        if done:
            notify(request, _("Saved."))
            return redirect("notification_settings")
    context = {
        "form": form,
        "digest_at": Organisation.load().digest_at,
        "sections": sections(request, "notification_settings"),
    }
    return render_page(request, "accounts/notification_settings.html", context, status=422 if form.errors else 200)
