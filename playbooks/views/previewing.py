"""Who would enter if a draft were published, who would have entered in the past, and how does it come into force?"""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from common.htmx import notify, render_page
from playbooks import actions
from playbooks.forms.templates import PeriodForm, PublishForm
from playbooks.queries.drafting import Standing
from playbooks.queries.preview import past_starts, preview_playbook
from playbooks.views.asking import now, person, today, tried
from playbooks.views.drafting import seen

SET = Capability.EDIT_PLAYBOOKS
PAST_DAYS = 90


@requires(SET)
@require_safe
def playbook_preview(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Try the draft on today, and on a past period if one is asked for; then it can be published."""
    return _preview_page(request, seen(request, playbook_id))


@requires(SET)
@require_POST
def playbook_publish(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Make the draft the version that new runs follow."""
    standing = seen(request, playbook_id)
    form = PublishForm(request.POST)
    made = carried_out(
        form,
        lambda values: actions.publish_draft(playbook=standing.playbook, by=person(request), at=now(), **values),
    )
    if made is None:
        return _preview_page(request, standing, form)
    said = {"name": made.playbook.shown_name, "number": made.number}
    notify(request, _("Version %(number)s of “%(name)s” is in force. Runs that go on are not changed.") % said)
    return redirect("playbook", playbook_id)


@requires(SET)
@require_POST
def playbook_release(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Let all start that are held back."""
    standing = seen(request, playbook_id)
    released = tried(request, lambda: actions.release_held(playbook=standing.playbook, by=person(request), at=now()))
    if released is not None:
        notify(request, _("They are being started in the background."))
    return redirect("playbook", playbook_id)


def _preview_page(request: HttpRequest, standing: Standing, form: PublishForm | None = None) -> HttpResponse:
    user, on = person(request), today()
    initial = {"since": on - dt.timedelta(days=PAST_DAYS), "until": on - dt.timedelta(days=1)}
    period = PeriodForm(request.GET if "since" in request.GET else None, initial=initial)
    past = None
    if period.is_bound and period.is_valid():
        past = past_starts(standing, user, period.cleaned_data["since"], period.cleaned_data["until"])
    context = {
        "period": period,
        "past": past,
        "standing": standing,
        "preview": preview_playbook(standing, user, on),
        "form": form or PublishForm(initial={"version": standing.version}),
    }
    status = status_of(request, form) if form is not None else 422 if period.errors else 200
    return render_page(request, "playbooks/playbook_preview.html", context, status=status)
