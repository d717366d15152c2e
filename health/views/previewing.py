"""How does a person see what a draft would change before it is published?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import requires, sees_money
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.charts import Chart, Part, strip
from common.formats import date
from common.htmx import notify, render_page
from health import actions
from health.forms.scorecards import PublishForm
from health.models import TONES, HealthScore
from health.queries.cards import CardView
from health.queries.preview import Preview, look_back, preview
from health.views.drafting import seen_card

SET = Capability.EDIT_HEALTH
MOST_SHOWN = 100


@requires(SET)
@require_safe
def scorecard_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who would change band, and whether the draft would have warned of those who left."""
    return preview_page(request, seen_card(request, pk))


@requires(SET)
@require_POST
def scorecard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the draft in force from a day on."""
    view = seen_card(request, pk)
    form, at = PublishForm(request.POST), timezone.now()
    today, by = Organisation.load().day_of(at), person_of(request)
    made = carried_out(
        form, lambda said: actions.publish_draft(scorecard=view.scorecard, today=today, by=by, at=at, **said)
    )
    if made is None:
        return preview_page(request, view, form)
    said = {"name": view.scorecard.shown_name, "number": made.number, "day": date(made.effective_on)}
    notify(request, _("Version %(number)s of “%(name)s” is in force from %(day)s.") % said)
    return redirect("scorecards")


def preview_page(request: HttpRequest, view: CardView, form: PublishForm | None = None) -> HttpResponse:
    """The page, with what was wrong where something was sent."""
    at = timezone.now()
    on, money = Organisation.load().day_of(at), sees_money(request.user)
    context: dict[str, Any] = {
        "view": view,
        "form": form or PublishForm(initial={"effective_on": on, "version": view.standing.version}),
        "next_number": (view.standing.newest.number if view.standing.newest else 0) + 1,
        "band_names": {band.value: str(band.label) for band in HealthScore.Band} | {"": _("Not scored")},
        "tones": TONES,
        "money": money,
        "sections": sections(request, "scorecards"),
    }
    if not view.problem:
        accounts = Account.objects.visible_to(request.user)
        seen = preview(view.standing, accounts, on=on, with_money=money)
        context |= {"preview": seen, "look_back": look_back(view.standing, accounts, on=on), **_chosen(request, seen)}
        context["strips"] = [_strip(counts, context["band_names"]) for counts in (seen.before, seen.after)]
        context["currency"] = Organisation.load().reporting_currency
    status = status_of(request, form) if form else 200
    return render_page(request, "health/scorecard_preview.html", context, status=status)


def _strip(counts: dict[str, int], names: dict[str, str]) -> Chart:
    parts = [Part(count, TONES.get(band, "none"), names[band]) for band, count in counts.items()]
    return strip(parts, heads=(_("Band"), _("Accounts")))


def _chosen(request: HttpRequest, seen: Preview) -> dict[str, Any]:
    """The accounts behind one passage from band to band, or behind all."""
    asked = request.GET.get("from"), request.GET.get("to")
    rows = [row for row in seen.movers if asked == (None, None) or asked == (row.before, row.after)]
    return {"movers": rows[:MOST_SHOWN], "more": max(len(rows) - MOST_SHOWN, 0), "asked": asked}
