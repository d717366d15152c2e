"""How does a person find anything from the keyboard?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page
from portfolio.queries.search import PAGE, PALETTE, search_everything
from portfolio.views.account_page import opened_lately, person


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Answer the palette with options, and without JavaScript with a page."""
    is_palette = request.headers.get("HX-Target") == "search-results"
    asked = request.GET.get("q", "")
    limit = PALETTE if is_palette else PAGE
    hits = search_everything(asked, person(request), limit=limit, recent=opened_lately(request))
    block = "options" if is_palette else None
    return render_page(request, "portfolio/search.html", {"hits": hits}, block=block)
