"""How do the figures under a picture leave as a file: the same table, of the same page, for whoever may export?

Each picture of a page is asked for at the page's own address with `figures=<its id>`: the page is drawn as ever, with
its rights and its filters, and instead of it the table of that picture is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from common.charts import Figures
from common.export import csv_response

PARAMETER = "figures"


@dataclass
class Drawn:
    """The pictures of a page that is being drawn, by their ids, and where their figures can be had."""

    address: str = ""
    found: dict[str, tuple[str, Figures]] = field(default_factory=dict)


_drawn: ContextVar[Drawn | None] = ContextVar("drawn", default=None)


class FiguresAsked:
    """Takes the name of the picture whose figures are asked for out of the address: no filter is to know of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the name beside the other parameters."""
        if request.method == "GET" and PARAMETER in request.GET and not request.path.startswith("/api/"):
            query = request.GET.copy()
            request.figures = query.pop(PARAMETER)[-1]  # type: ignore[attr-defined]
            query._mutable = False
            request.GET = query  # type: ignore[assignment]
        return self.get_response(request)


def figures_asked(request: HttpRequest) -> str:
    """The id of the picture whose figures are asked for, or nothing."""
    return str(getattr(request, "figures", ""))


@contextmanager
def drawing(request: HttpRequest, *, may_export: bool) -> Iterator[Drawn]:
    """Follow which pictures a page draws; a page that was posted has no address at which it could be asked again."""
    query = request.GET.urlencode()
    again = f"{request.path}?{query}&" if query else f"{request.path}?"
    drawn = Drawn(again if may_export and request.method in ("GET", "HEAD") else "")
    token = _drawn.set(drawn)
    try:
        yield drawn
    finally:
        _drawn.reset(token)


def figures_file(name: str, title: str, figures: Figures) -> str:
    """Note a picture that is drawn; give the address of its figures as a file, or nothing where there is none.

    >>> figures_file("bridge", "NRR 104%", Figures(("Step", "ARR"), ()))
    ''
    """
    drawn = _drawn.get()
    if drawn is None or not drawn.address:
        return ""
    drawn.found.setdefault(name, (str(title), figures))
    return f"{drawn.address}{PARAMETER}={name}"


def answer_figures(drawn: Drawn, name: str) -> HttpResponseBase:
    """Answer the table of one picture of a page, or that there is none of that name."""
    if name not in drawn.found:
        raise Http404
    title, figures = drawn.found[name]
    rows: list[tuple[Any, ...]] = [tuple(row) for row in figures.rows]
    return csv_response(title, figures.heads, rows)
