"""How does a person change what the next version of a scorecard says?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.htmx import notify, render_page
from health import actions
from health.forms.scorecards import ConditionForm, KnockOutForm, LimitsForm, NameForm, WeightsForm
from health.models import Scorecard
from health.queries.cards import CardView, card_view, conditions_in_words, view_of
from health.queries.editor import Standing
from health.rules import drafts
from health.views.scorecards import list_page, weights_form

SET = Capability.EDIT_HEALTH


def seen_card(request: HttpRequest, pk: int) -> CardView:
    """The scorecard that the address names."""
    return card_view(get_visible_or_404(Scorecard, request.user, pk=pk))


def save(request: HttpRequest, view: CardView, form: forms.Form, **changes: Any) -> Any:
    """Change the draft by what a form says; a refusal stands at the form."""
    version = form.cleaned_data.get("version")
    by, at = person_of(request), timezone.now()
    return carried_out(
        form,
        lambda _said: actions.change_draft(scorecard=view.scorecard, by=by, at=at, version=version, **changes),
    )


@requires(SET)
@require_safe
def scorecard_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that a scorecard says, as it is drafted."""
    return edit_page(request, seen_card(request, pk))


def edit_page(
    request: HttpRequest, view: CardView, form: WeightsForm | None = None, *, group: NameForm | None = None
) -> HttpResponse:
    """The page of one scorecard, with what was wrong where something was sent."""
    sent = form or group
    context = {
        "view": view,
        "form": form or weights_form(view),
        "group_form": group or NameForm(auto_id="group_%s"),
        "versions": list(view.scorecard.versions.select_related("published_by").order_by("-number")),
        "sections": sections(request, "scorecards"),
    }
    status = status_of(request, sent) if sent is not None else 200
    return render_page(request, "health/scorecard_edit.html", context, status=status)


@requires(SET)
@require_POST
def scorecard_weights(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the weights of the draft, and move or remove what a button names; or go on to the preview."""
    view = seen_card(request, pk)
    form = weights_form(view, request.POST)
    verb, _space, key = request.POST.get("do", "save").partition(" ")
    if form.is_valid():
        typed = form.weights
        wanted = (
            drafts.with_room_made(drafts.weights_of(view.standing.definition), typed) if verb == "preview" else typed
        )
        definition = _done(drafts.with_weights(view.standing.definition, wanted), verb, key)
        if save(request, view, form, definition=definition):
            if wanted != typed:
                notify(request, _("The other weights were scaled so that all add up to 100."))
            return _after(request, view, definition, verb)
    if request.POST.get("from") == "list":
        return list_page(request, chosen=view.scorecard.pk, form=form, status=status_of(request, form))
    return edit_page(request, view, form)


def _done(definition: drafts.Definition, verb: str, key: str) -> drafts.Definition:
    """The definition after one button."""
    steps: dict[str, Callable[[], drafts.Definition]] = {
        "up": lambda: drafts.with_moved(definition, key, -1),
        "down": lambda: drafts.with_moved(definition, key, 1),
        "remove": lambda: drafts.without_indicator(definition, key),
        "group-up": lambda: drafts.with_moved(definition, key, -1, is_group=True),
        "group-down": lambda: drafts.with_moved(definition, key, 1, is_group=True),
        "group-remove": lambda: drafts.without_group(definition, key),
    }
    return steps[verb]() if verb in steps else definition


def _after(request: HttpRequest, view: CardView, definition: drafts.Definition, verb: str) -> HttpResponse:
    if verb == "preview":
        return redirect("scorecard_preview", view.scorecard.pk)
    removed = verb in ("remove", "group-remove")
    notify(request, _("Removed from the draft.") if removed else _("The draft was saved."))
    return redirect("scorecard_edit", view.scorecard.pk)


@requires(SET)
@require_POST
def scorecard_group_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a group to the draft."""
    view, form = seen_card(request, pk), NameForm(request.POST, auto_id="group_%s")
    if form.is_valid():
        definition = drafts.with_group(view.standing.definition, form.cleaned_data["name"])
        if save(request, view, form, definition=definition):
            notify(request, _("Group “%(name)s” was added.") % {"name": form.cleaned_data["name"]})
            return redirect("scorecard_edit", view.scorecard.pk)
    return edit_page(request, view, group=form)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how a score becomes a band."""
    view = seen_card(request, pk)
    initial = {**LimitsForm.initial_of(view.standing.definition), "version": view.standing.version}
    form = LimitsForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and save(request, view, form, definition=form.applied_to(view.standing.definition))
    ):
        notify(request, _("The draft was saved."))
        return redirect("scorecard_edit", view.scorecard.pk)
    context = {"view": view, "form": form, "sections": sections(request, "scorecards")}
    return render_page(request, "health/scorecard_limits.html", context, status=status_of(request, form))


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_knock_outs(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which indicators keep an account down, whatever the score."""
    view = seen_card(request, pk)
    rules = list(view.standing.definition.get("knock_outs", []))
    named = [(key, name) for key, name, _weight in view.weights]
    form = KnockOutForm(request.POST if "add" in request.POST else None, indicators=named)
    if request.method == "POST":
        rules, valid = _with_row(request, rules, form, lambda: form.rule)
        if valid and _keep(request, view, form, definition={**view.standing.definition, "knock_outs": rules}):
            return redirect("scorecard_knock_outs", view.scorecard.pk)
    context = {"view": view, "form": form, "sections": sections(request, "scorecards")}
    return render_page(request, "health/scorecard_knock_outs.html", context, status=_status(request, form))


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_conditions(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for which accounts a scorecard is meant."""
    view = seen_card(request, pk)
    rows = list(view.standing.conditions)
    form = ConditionForm(request.POST if "add" in request.POST else None)
    if request.method == "POST":
        rows, valid = _with_row(request, rows, form, lambda: form.condition)
        if valid and _keep(request, view, form, conditions=rows):
            return redirect("scorecard_conditions", view.scorecard.pk)
    context = {
        "view": view,
        "rows": conditions_in_words(view.standing.conditions),
        "form": form,
        "sections": sections(request, "scorecards"),
    }
    return render_page(request, "health/scorecard_conditions.html", context, status=_status(request, form))


def _with_row(
    request: HttpRequest, rows: list[Any], form: forms.Form, row: Callable[[], Any]
) -> tuple[list[Any], bool]:
    """The rows with one more, as the form says, or without the one that a button names."""
    if "add" in request.POST:
        return ([*rows, row()], True) if form.is_valid() else (rows, False)
    number = request.POST.get("remove", "")
    if number.isascii() and number.isdigit() and int(number) < len(rows):
        return rows[: int(number)] + rows[int(number) + 1 :], True
    return rows, False


def _keep(request: HttpRequest, view: CardView, form: forms.Form, **changes: Any) -> bool:
    """Save rows that were added or removed."""
    if form.is_bound:
        saved = save(request, view, form, **changes) is not None
    else:
        actions.change_draft(scorecard=view.scorecard, by=person_of(request), at=timezone.now(), **changes)
        saved = True
    if saved:
        notify(request, _("The draft was saved."))
    return saved


def _status(request: HttpRequest, form: forms.Form) -> int:
    return status_of(request, form) if form.is_bound else 200


@requires(SET)
@require_POST
def scorecard_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    view = seen_card(request, pk)
    actions.discard_draft(scorecard=view.scorecard, by=person_of(request), at=timezone.now())
    notify(request, _("The draft of “%(name)s” was thrown away.") % {"name": view.scorecard.shown_name})
    return redirect("scorecards") if view.standing.newest is None else redirect("scorecard_edit", pk)


@requires(SET)
@require_safe
def scorecard_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show a published version as it was."""
    scorecard = get_visible_or_404(Scorecard, request.user, pk=pk)
    version = scorecard.versions.filter(number=number).select_related("published_by").first()
    if version is None:
        raise Http404
    standing = Standing(scorecard, version.definition, version.conditions, newest=version, draft=None)
    context = {"view": view_of(standing), "version": version, "sections": sections(request, "scorecards")}
    return render_page(request, "health/scorecard_version.html", context)
