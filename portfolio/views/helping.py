"""Where does a person read what a figure means, how it is worked out, and which keys there are?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from common.htmx import render_page, wants_fragment
from portfolio.queries.formulas import formulas, found, places, spoken
from portfolio.queries.help import DEFINITIONS, KEYS


@require_safe
def help(request: HttpRequest) -> HttpResponse:  # noqa: A001  the shell links to a page of this name
    """Explain figures and words, and lead to keys and formulas; one of them alone for the side sheet."""
    wanted = request.GET.get("term", "")
    one = next((definition for definition in DEFINITIONS if definition.key == wanted), None)
    if one is not None and wants_fragment(request):
        return render_page(request, "portfolio/help_sheet.html", {"one": one, "places": places()})
    return render_page(request, "portfolio/help.html", {"definitions": DEFINITIONS, "keys": KEYS, "places": places()})


@require_safe
def help_keys(request: HttpRequest) -> HttpResponse:
    """Show all keys, beside the page or as a page of their own."""
    if wants_fragment(request):
        return render_page(request, "portfolio/help_sheet.html", {"one": None, "keys": KEYS})
    return render_page(request, "portfolio/help_keys.html", {"keys": KEYS})


@require_safe
def help_formulas(request: HttpRequest) -> HttpResponse:
    """List every formula by its name, part by part, or those in which some words are found."""
    language = spoken(get_language())
    asked = request.GET.get("q", "").strip()
    context = {"sections": formulas(language), "asked": asked, "places": places(), "written_in": _written_in(language)}
    if asked:
        context["hits"] = found(asked, language)
    return render_page(request, "portfolio/help_formulas.html", context, block="list")


@require_safe
def help_formulas_part(request: HttpRequest, part: str) -> HttpResponse:
    """Show the formulas of one part with the code's own words and example."""
    language = spoken(get_language())
    sections = formulas(language)
    at = next((number for number, section in enumerate(sections) if section.slug == part), None)
    if at is None:
        raise Http404
    before, after = (sections[at - 1] if at else None), (sections[at + 1] if at + 1 < len(sections) else None)
    context = {"part": sections[at], "before": before, "after": after, "written_in": _written_in(language)}
    return render_page(request, "portfolio/help_formulas_part.html", context)


def _written_in(language: str) -> str:
    return "zh-Hans" if language == "zh-hans" else language
