"""How much more than its own SQL does a page of the account list cost, with 100,000 accounts, for each kind of person?

Floor: a view that runs the very statements of the page and says hello, behind the same middleware and the same
sign-in. Product: the account list, 50 rows. Five questions each of an admin (sees all), a manager (a team) and a CSM
(an own book); Django's own admin list stands beside them. The rows shown are compared with a plain query.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from _account_book import Book, store_accounts  # noqa: E402
from _measure import in_turn, load, most_memory, on_empty_database, percentile, ratio, timed  # noqa: E402
from django.core.handlers.base import BaseHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.urls import path  # noqa: E402

from accounts.models import User  # noqa: E402
from common.keyset import Cursor  # noqa: E402
from config.urls import urlpatterns  # noqa: E402
from portfolio.models import AccountRow  # noqa: E402

SHOWN = re.compile(r'data-kind="name"><a href="/accounts/(\d+)/')
SIZE = 50
BUDGETS = {"p50": 3.0, "p95": 4.0}
Statement = tuple[str, Any]
STATEMENTS: list[Statement] = []


def hello(request: HttpRequest) -> HttpResponse:
    """Run the statements of the page that is measured, and nothing else."""
    with connection.cursor() as cursor:
        for sql, parameters in STATEMENTS:
            cursor.execute(sql, parameters)
            cursor.fetchall()
    return HttpResponse("hello")


URLS = (path("hello/", hello), *urlpatterns)


class Visitor:
    """One person who is signed in and asks for pages, in this process and through all middleware."""

    def __init__(self, user: User, handler: BaseHandler) -> None:
        client = Client()
        client.force_login(user)
        self.cookies, self.handler, self.requests = client.cookies, handler, RequestFactory(SERVER_NAME="localhost")
        self.get("/hello/")  # notes that the session is in use, which it does once a minute at most

    def get(self, address: str) -> str:
        """Ask for a page; anything but an answer ends the benchmark."""
        request = self.requests.get(address, headers={"Cookie": SimpleCookie(self.cookies).output(header="", sep=";")})
        request.urlconf = URLS  # type: ignore[attr-defined]
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        response = self.handler.get_response(request)
        if response.status_code != 200:
            sys.exit(f"{address} answers {response.status_code}.")
        text: str = response.content.decode()
        response.close()
        return text

    def statements(self, address: str) -> list[Statement]:
        """What a page asks the database."""
        heard: list[Statement] = []

        def listen(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
            heard.append((sql, parameters))
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(listen):
            self.get(address)
        return heard


def own_statements(visitor: Visitor, address: str) -> list[Statement]:
    """What the view of a page asks, without what the middleware asks for any page."""
    STATEMENTS.clear()
    left = [sql for sql, _ in visitor.statements("/hello/")]
    own = []
    for sql, parameters in visitor.statements(address):
        if sql in left:
            left.remove(sql)
        else:
            own.append((sql, parameters))
    return own


def floor(visitor: Visitor, statements: list[Statement]) -> None:
    """Ask for the page that only runs the statements."""
    STATEMENTS[:] = statements
    visitor.get("/hello/")


def questions(book: Book, user: User) -> dict[str, tuple[str, list[int]]]:
    """The five questions: their address, and the accounts that a plain query finds for them."""
    rows = AccountRow.objects.all()
    if user.visibility != User.Visibility.ALL:
        team = (
            {user.pk}
            if user.visibility == User.Visibility.OWN
            else {person.pk for person in User.objects.filter(team=user.team_id)}
        )
        rows = rows.filter(pk__in=[key for key, owner in book.owner_of.items() if owner.pk in team])
    staying = rows.exclude(stage="churned")
    deep = staying.order_by("name", "pk")[staying.count() // 2]
    after = Cursor(False, False, deep.name, deep.pk).encode()

    def first(found: QuerySet[AccountRow], *order: str, start: int = 0) -> list[int]:
        return list(found.order_by(*order).values_list("pk", flat=True)[start : start + SIZE])

    return {
        "by name": ("", first(staying, "name", "pk")),
        "by ARR, highest first": ("?sort=-arr", first(staying, "-arr", "-pk")),
        "at risk": ("?band=red", first(staying.filter(band="red"), "name", "pk")),
        "search": ("?q=harbour+steel", first(rows.filter(name__contains="Harbour Steel"), "name", "pk")),
        "a deep page": (f"?after={after}", first(staying, "name", "pk", start=staying.count() // 2 + 1)),
    }


def measure(book: Book, rounds: int) -> bool:
    """Measure every person's questions and the admin's own list; say whether all answers were right."""
    handler = BaseHandler()
    handler.load_middleware()
    right, pages = True, []
    for role, user in (("admin", book.admin), ("manager", book.manager), ("CSM", book.csm)):
        visitor = Visitor(user, handler)
        floors, lists = [], []
        for name, (query, expected) in questions(book, user).items():
            address = f"/accounts/{query}"
            visitor.get(address)  # warms templates and caches
            shown = [int(key) for key in SHOWN.findall(visitor.get(address))]
            right &= shown == expected
            statements = own_statements(visitor, address)
            seconds = in_turn(
                {"floor": partial(floor, visitor, statements), "list": partial(visitor.get, address)}, rounds
            )
            floors += seconds["floor"]
            lists += seconds["list"]
            print(
                f"{role:<8} {name:<22} {percentile(seconds['list'], 0.5) * 1000:6.1f} ms = "
                f"{ratio(seconds['list'], seconds['floor']):4.1f} × floor, "
                f"{len(statements)} statements{'' if shown == expected else '  WRONG ROWS'}"
            )
        pages += lists
        _sum_up(role, lists, floors)
        one = len(visitor.statements("/accounts/?q=" + AccountRow.objects.get(pk=expected[0]).external_id.lower()))
        many = len(visitor.statements("/accounts/?q=a"))
        right &= one == many
        print(f"{role:<8} {one} statements with the sign-in for one row, {many} for {SIZE}")
    visitor = Visitor(book.admin, handler)
    middle = max(1, len(book.owner_of) // 200)
    admins = [
        timed(partial(visitor.get, f"/admin/accounts/account/{query}"))
        for _ in range(max(5, rounds // 5))
        for query in ("", "?o=1", "?stage__exact=mature", "?q=harbour+steel", f"?p={middle}")
    ]
    faster = percentile(admins, 0.5) / percentile(pages, 0.5)
    print(f"Django's own list p50 {percentile(admins, 0.5) * 1000:.0f} ms, ours is {faster:.1f} × faster")
    return right


def _sum_up(role: str, lists: list[float], floors: list[float]) -> None:
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        product, least = percentile(lists, share), percentile(floors, share)
        met = "within" if product / least <= BUDGETS[name] else "OVER"
        print(
            f"{role:<8} {name} {product * 1000:.1f} ms, floor {least * 1000:.1f} ms: {product / least:.1f} × "
            f"({met} {BUDGETS[name]:.0f} ×)"
        )


def main() -> int:
    """Generate, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    given, _ = parser.parse_known_args()
    on_empty_database()
    made: list[Book] = []
    seconds = timed(lambda: made.append(store_accounts(given.accounts)))
    print(f"account list  {given.accounts} accounts on {connection.vendor}, stored in {seconds:.0f} s, {load()}")
    right = measure(made[0], given.rounds)
    print(f"equal      the rows are {'those' if right else 'NOT those'} of a plain query; {most_memory()} MB, {load()}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
