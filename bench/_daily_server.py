"""How is a real server asked what a page cost it? Mainstay's own application, which also answers with its expenses.

Two addresses beside the product's: `/hello/` runs nothing behind the same middleware, and `/hello/?of=ADDRESS` runs the
statements that ADDRESS ran last, without what the middleware runs for any page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

# First, as a web server does: it sets Django up, and what it loads it freezes.
from config.wsgi import application as served  # isort: skip

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls

Statement = tuple[str, Any]
# What each address ran last; the floor of a page runs it again.
RAN: dict[str, list[Statement]] = {}


def hello(request: HttpRequest) -> HttpResponse:
    """Run the statements of another address, or none."""
    with connection.cursor() as cursor:
        for sql, parameters in _own(request.GET.get("of", "")):
            cursor.execute(sql, parameters)
            cursor.fetchall()
    return HttpResponse("hello")


def _own(address: str) -> list[Statement]:
    """What the view of an address ran, without what the middleware ran for it."""
    left = [sql for sql, _ in RAN.get("/hello/", [])]
    own = []
    for sql, parameters in RAN.get(address, []):
        if sql in left:
            left.remove(sql)
        elif sql.lstrip().upper().startswith(("SELECT", "WITH")):
            own.append((sql, parameters))
    return own


urls.urlpatterns.insert(0, path("hello/", hello, name="hello"))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serve a request and say, in headers, what it cost: statements, their time, and processor time of this thread."""
    heard: list[Statement] = []
    spent = [0.0]

    def listen(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            heard.append((sql, parameters))
            spent[0] += time.perf_counter() - begun

    address = environ["PATH_INFO"] + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else "")
    begun, used = time.perf_counter(), time.thread_time()

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        if not address.startswith("/hello/?"):
            RAN[address] = heard
        costs = {
            "X-Statements": len(heard),
            "X-Database-Ms": f"{spent[0] * 1000:.2f}",
            "X-Processor-Ms": f"{(time.thread_time() - used) * 1000:.2f}",
            "X-Server-Ms": f"{(time.perf_counter() - begun) * 1000:.2f}",
        }
        return start_response(status, [*headers, *((name, str(value)) for name, value in costs.items())], *more)

    with connection.execute_wrapper(listen):
        answer: Iterable[bytes] = served(environ, start)
    return answer
