"""How does a person put an indicator together by settings alone?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.forms.base import status_of
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.htmx import notify, render_page
from health.forms.indicators import IndicatorForm
from health.models import IndicatorName
from health.queries.cards import CardView, picture_of, spread_of
from health.queries.vocabulary import AS_NAMES, SHIPPED_HELP, THEME_NAMES, WHAT_HELP, WHAT_NAMES
from health.rules import drafts
from health.rules.formulas import AS, FORMULA, OF_TWO, VALUE
from health.rules.vocabulary import WHATS
from health.views.drafting import save, seen_card

SET = Capability.EDIT_HEALTH
SHIPPED = tuple(SHIPPED_HELP)


@requires(SET)
@require_safe
def scorecard_measures(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer what can be measured."""
    view = seen_card(request, pk)
    themes = [
        (
            title,
            [(name, WHAT_NAMES[name], WHAT_HELP.get(name, "")) for name in WHATS if WHATS[name].theme == key],
        )
        for key, title in THEME_NAMES.items()
    ]
    shipped = [(key, IndicatorName(key).label, SHIPPED_HELP[key]) for key in SHIPPED]
    context = {
        "view": view,
        "themes": themes,
        "shipped": shipped,
        "group": request.GET.get("group", ""),
        "sections": sections(request, "scorecards"),
    }
    return render_page(request, "health/scorecard_measures.html", context)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_indicator_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an indicator of a measure to the draft."""
    view = seen_card(request, pk)
    if not view.groups:
        notify(request, _("Add a group first: indicators stand in groups."))
        return redirect("scorecard_edit", pk)
    source, formula = _asked(request.GET, {})
    if not source:
        return redirect("scorecard_measures", pk)
    name = "" if formula is None else str(WHAT_NAMES[formula["of"]["what"]])
    start = {"version": view.standing.version, "group": request.GET.get("group", ""), "name": name}
    form = IndicatorForm(request.POST or None, groups=_groups(view), formula=formula, initial=start)
    if request.method == "POST" and form.is_valid():
        taken = drafts.indicator_keys(view.standing.definition)
        said = form.cleaned_data["name"]
        key = drafts.key_for(said or source, taken, source)
        if _put(request, view, form, key, source):
            notify(request, _("“%(name)s” was added to the draft.") % {"name": said or IndicatorName(source).label})
            return redirect("scorecard_edit", pk)
    return _page(request, view, form, source, formula)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_indicator(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Change an indicator of the draft."""
    view = seen_card(request, pk)
    group, row = _row(view, key)
    source, formula = _asked(request.GET, row)
    start = {"version": view.standing.version, "group": group}
    form = IndicatorForm(request.POST or None, groups=_groups(view), formula=formula, row=row, initial=start)
    if request.method == "POST" and form.is_valid() and _put(request, view, form, key, source):
        notify(request, _("The draft was saved."))
        return redirect("scorecard_indicator", pk, key)
    return _page(request, view, form, source, formula, key)


def _put(request: HttpRequest, view: CardView, form: IndicatorForm, key: str, source: str) -> Any:
    row = form.indicator(key, source)
    new = drafts.with_indicator(view.standing.definition, form.cleaned_data["group"], row, key)
    return save(request, view, form, definition=new)


def _page(
    request: HttpRequest, view: CardView, form: IndicatorForm, source: str, formula: Mapping[str, Any] | None,
    key: str = "",
) -> HttpResponse:  # fmt: skip
    indicator = next((row for row in view.definition.indicators if row.key == key), None)
    on = Organisation.load().day_of(timezone.now())
    context = {
        "view": view,
        "form": form,
        "key": key,
        "row": next((row for group in view.groups for row in group.rows if row.key == key), None),
        "formula": formula,
        "measure": WHAT_NAMES[formula["of"]["what"]] if formula else IndicatorName(source).label,
        "about": form.meaning or SHIPPED_HELP.get(source, ""),
        "readings": [(name, AS_NAMES[name]) for name in AS],
        "others": [(name, WHAT_NAMES[name]) for name in WHATS],
        "is_of_two": bool(formula) and (formula or {}).get("as") in OF_TWO,
        "picture": picture_of(indicator, view.definition) if indicator else None,
        "spread": spread_of(indicator, on, Account.objects.visible_to(request.user)) if indicator else None,
        "on": on,
        "sections": sections(request, "scorecards"),
    }
    return render_page(request, "health/scorecard_indicator.html", context, status=status_of(request, form))


def _asked(asked: QueryDict, row: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The source of an indicator, and its formula: as the address says, else as it stands; "" where nothing is."""
    source = asked.get("source") or row.get("source") or row.get("key", "")
    if not asked.get("of") and source != FORMULA:
        # A measure that is no longer offered may be kept as it stands.
        known = source in SHIPPED or (row and source in IndicatorName.values)
        return (source, None) if known else ("", None)
    params = dict(row.get("params", {})) if row.get("source") == FORMULA else {}
    of = asked.get("of") or params.get("of", {}).get("what", "")
    how = asked.get("as") or params.get("as", VALUE)
    if of not in WHATS or how not in AS:
        return "", None
    found: dict[str, Any] = {"of": _term(of, params.get("of")), "as": how}
    if how in OF_TWO:
        over = asked.get("over") or params.get("over", {}).get("what", "") or "seats"
        found["over"] = _term(over if over in WHATS else "seats", params.get("over"))
    if "windows" in params:
        found["windows"] = params["windows"]
    return FORMULA, found


def _term(what: str, stood: Mapping[str, Any] | None) -> dict[str, Any]:
    """A measure with its settings, as far as they are of that measure."""
    return dict(stood) if stood and stood.get("what") == what else {"what": what}


def _groups(view: CardView) -> list[tuple[str, str]]:
    return [(group.key, group.name) for group in view.groups]


def _row(view: CardView, key: str) -> tuple[str, dict[str, Any]]:
    for group in view.standing.definition["groups"]:
        for row in group.get("indicators", []):
            if row["key"] == key:
                return group["key"], row
    raise Http404
