"""Where does a person read what a figure means, how it is worked out, and which keys there are?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from common.htmx import render_page, wants_fragment
from portfolio.queries.help import DEFINITIONS, KEYS, formulas, spoken


@require_safe
def help(request: HttpRequest) -> HttpResponse:  # noqa: A001  the shell links to a page of this name
    """Explain figures and words, and lead to keys and formulas; one of them alone for the side sheet."""
    wanted = request.GET.get("term", "")
    one = next((definition for definition in DEFINITIONS if definition.key == wanted), None)
    if one is not None and wants_fragment(request):
        return render_page(request, "portfolio/help_sheet.html", {"one": one})
    return render_page(request, "portfolio/help.html", {"definitions": DEFINITIONS, "keys": KEYS})


@require_safe
def help_keys(request: HttpRequest) -> HttpResponse:
    """Show all keys, beside the page or as a page of their own."""
    if wants_fragment(request):
        return render_page(request, "portfolio/help_sheet.html", {"one": None, "keys": KEYS})
    return render_page(request, "portfolio/help_keys.html", {"keys": KEYS})


@require_safe
def help_formulas(request: HttpRequest) -> HttpResponse:
    """Show every formula with the code's own words and example."""
    language = spoken(get_language())
    context = {"sections": formulas(language), "written_in": "zh-Hans" if language == "zh-hans" else language}
    return render_page(request, "portfolio/help_formulas.html", context)
