"""Does the side bar mark the section in which a reader is, on each page that lies in one?"""

from __future__ import annotations

from uuid import UUID

from django.urls import NoReverseMatch

from accounts.models import User
from portfolio.queries.shell import navigation
from tests.matrix.table import Route, routes

# Pages of no section: they are reached from every page, or lead to all of them.
OF_NONE = {
    *("home", "search", "history", "notifications", "reports", "portfolio_review", "api_docs"),
    *("help", "help_keys", "help_formulas", "help_formulas_part"),
}


def address(route: Route) -> str:
    """A page of a row, wherever it is; some rows are named by a number, some by a longer id."""
    try:
        return route.url(7)
    except NoReverseMatch:
        return route.url(UUID(int=7))


def test_every_page_of_a_section_marks_it_and_no_other() -> None:
    reader = User(role=User.Role.ADMIN)
    pages = [one for one in routes()[0] if one.kind != "api" and "GET" in one.methods and one.see != "anyone"]
    marked = {one.name: sum(item.current for item in navigation(address(one), reader)) for one in pages}

    assert len(pages) > 200
    assert {name for name, count in marked.items() if not count} == OF_NONE
    assert {name for name, count in marked.items() if count > 1} == set()
