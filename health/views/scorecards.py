"""How does a person see which scorecards there are, in which order they are tried, and change their weights?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.errors import Refused
from common.forms import attempt
from common.htmx import notify, render_page
from health import actions
from health.forms.scorecards import NameForm, WeightsForm
from health.models import Scorecard
from health.queries.cards import CardView, card_views

SET = Capability.EDIT_HEALTH


@requires(SET)
@require_safe
def scorecards(request: HttpRequest) -> HttpResponse:
    """List the scorecards in the order in which they are tried, and the weights of one of them."""
    return list_page(request)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_add(request: HttpRequest) -> HttpResponse:
    """Make a scorecard, to be drafted next."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        made = attempt(form, lambda: actions.add_scorecard(name=name, by=person_of(request), at=timezone.now()))
        if made:
            notify(
                request, _("Scorecard “%(name)s” was added. It scores nobody until you publish it.") % {"name": made}
            )
            return redirect("scorecard_edit", made.pk)
    context = {"form": form, "sections": sections(request, "scorecards")}
    return render_page(request, "health/scorecard_add.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a scorecard something else."""
    scorecard = get_visible_or_404(Scorecard, request.user, pk=pk)
    form = NameForm(request.POST or None, initial={"name": scorecard.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        by, at = person_of(request), timezone.now()
        if attempt(form, lambda: actions.rename_scorecard(scorecard=scorecard, name=name, by=by, at=at)):
            notify(request, _("Saved."))
            return redirect("scorecard_edit", scorecard.pk)
    context = {"form": form, "scorecard": scorecard, "sections": sections(request, "scorecards")}
    return render_page(request, "health/scorecard_rename.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def scorecard_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a scorecard earlier or later."""
    scorecard = get_visible_or_404(Scorecard, request.user, pk=pk)
    steps = 1 if request.POST.get("to") == "later" else -1
    actions.move_scorecard(scorecard=scorecard, steps=steps, by=person_of(request), at=timezone.now())
    notify(request, _("The order was changed. Everybody is scored again."))
    return redirect("scorecards")


@requires(SET)
@require_POST
def scorecard_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a scorecard out of use, or into use again."""
    scorecard = get_visible_or_404(Scorecard, request.user, pk=pk)
    wanted = request.POST.get("use") == "yes"
    try:
        actions.use_scorecard(scorecard=scorecard, is_active=wanted, by=person_of(request), at=timezone.now())
    except Refused as refusal:
        return list_page(request, problem=str(refusal), status=422)
    said = _("“%(name)s” is in use again.") if wanted else _("“%(name)s” is out of use.")
    notify(request, said % {"name": scorecard.shown_name})
    return redirect("scorecards")


def list_page(
    request: HttpRequest, *, chosen: int | None = None, form: WeightsForm | None = None, problem: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The list with the weights of the chosen scorecard, else of the last one in use: the one for everybody else."""
    views = card_views(list(Scorecard.objects.visible_to(request.user)))
    asked = request.GET.get("card", "")
    wanted = chosen or (int(asked) if asked.isascii() and asked.isdigit() else None)
    in_use = [view for view in views if view.scorecard.is_active and view.weights] or views
    view = next((view for view in views if view.scorecard.pk == wanted), in_use[-1] if in_use else None)
    context = {
        "views": views,
        "view": view,
        "form": form or (weights_form(view) if view else None),
        "problem": problem,
        "sections": sections(request, "scorecards"),
    }
    return render_page(request, "health/scorecards.html", context, status=status)


def weights_form(view: CardView, data: Any = None) -> WeightsForm:
    """The form of a scorecard's weights."""
    return WeightsForm(data, rows=view.weights, initial={"version": view.standing.version}, auto_id="weights_%s")
