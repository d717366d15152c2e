"""What does the table expect of one request: who asks, how, for whose row?"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.matrix.world import World, account_models

PEOPLE = ("viewer", "csm", "csm_elsewhere", "manager", "product_manager", "admin")
TOKENS = ("token_read", "token_write", "token_ingest")
ACTORS = ("anonymous", "gone", *PEOPLE, *TOKENS)
# Who tries what no one can do.
FEW = ("anonymous", "viewer", "csm", "admin", "token_write")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Rows that one person alone has, and an admin where it is said.
PERSONAL: dict[str, frozenset[str]] = {
    "accounts.SavedView": frozenset(),
    "accounts.SignIn": frozenset(),
    "accounts.Notification": frozenset(),
    "accounts.BulkRun": frozenset(),
    "integrations.ApiToken": frozenset({"admin"}),
}
# Rows of people that are seen as far as these people's books are.
OF_BOOKS = {"revenue.ExpansionTarget"}
NOT_THERE = 999_999_999
# Rows that nobody finds by counting.
BY_UUID = {"portfolio.BookImport", "accounts.BulkRun"}
DONE = frozenset({200, 201, 202, 204, 302, 303, 400, 409, 415, 422})
Statuses = frozenset[int]


@dataclass(frozen=True)
class Route:
    """One address of the project with its row of the table."""

    name: str
    kind: str
    methods: frozenset[str]
    parameters: tuple[str, ...]
    view: Any
    see: str = ""
    change: str = ""
    object: str = ""
    hidden: bool = False
    query: str = ""
    path: dict[str, str] = field(default_factory=dict, hash=False)
    send: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def names_a_row(self) -> bool:
        """Say whether the address itself leads to one row."""
        return bool(self.object) and bool(set(self.parameters) - set(self.path))

    def url(self, pk: Any) -> str:
        """The address of a row."""
        given = {name: self.path.get(name, pk) for name in self.parameters}
        return reverse(self.name, kwargs=given) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Case:
    """One cell: who asks, how, for whose row, and which answers are right."""

    actor: str
    method: str
    side: str
    allowed: bool
    expected: Statuses


@cache
def table() -> dict[str, Any]:
    """Read the file."""
    return tomllib.loads((Path(__file__).parent / "routes.toml").read_text(encoding="utf-8"))


def patterns(found: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk the addresses of the project: the path as it is written, and the pattern."""
    for one in get_resolver().url_patterns if found is None else found:
        here = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, here)
        else:
            yield here, one


def group_of(path: str) -> str:
    """Name the group of packages' addresses that a path belongs to; empty for our own."""
    return next((prefix for prefix in table()["groups"] if path.startswith(prefix)), "")


@cache
def routes() -> tuple[list[Route], list[str]]:
    """All addresses with their rows; and those that have none, by name."""
    known, missing = table(), []
    found: list[Route] = []
    for path, pattern in patterns():
        name = pattern.name or path
        if name in known["pages"] and not path.startswith("api/v1/"):
            row, kind = known["pages"][name], "page"
            methods = {"GET"} if "see" in row else set()
            methods |= {"POST"} if "change" in row else set()
        elif group_of(path):
            continue
        elif path.startswith("api/v1/"):
            basename = name if name in known["api"] else name.partition("-")[0]
            row = {**known["api"].get(basename, {}), **known["api_exceptions"].get(name, {})}
            kind = "api"
            actions = getattr(pattern.callback, "actions", None)
            view = getattr(pattern.callback, "cls", None)
            methods = {one.upper() for one in actions or [] if one not in {"head", "options"}}
            if actions is None and view is not None:
                methods = {one for one in METHODS if hasattr(view, one.lower())}
            if not row:
                missing.append(name)
                continue
        else:
            missing.append(name)
            continue
        parameters = names_in(path)
        found.append(Route(name, kind, frozenset(methods), parameters, pattern.callback, **row))
    return found, missing


def has_right(actor: str, right: str) -> bool:
    """Say whether the table gives a right to an actor; a token has those of its owner."""
    actor = "csm" if actor.startswith("token") else "csm" if actor == "csm_elsewhere" else actor
    if right == "anyone":
        return True
    if right == "everybody":
        return actor in PEOPLE
    return bool(right) and all(actor in table()["rights"][one] for one in right.split(" + "))


def sees_row(actor: str, label: str, side: str) -> bool:
    """Say whether an actor may see the row of a side."""
    if side == "none":
        return False
    actor = "csm" if actor.startswith("token") else actor
    if label in PERSONAL:
        return {"near": "csm", "far": "csm_elsewhere"}[side] == actor or actor in PERSONAL[label]
    if side == "hush":
        return "near" in table()["sees"][actor] and has_right(actor, "see_private_notes")
    return label not in account_models() | OF_BOOKS or side in table()["sees"][actor]


def case(route: Route, actor: str, method: str, side: str) -> Case:
    """Read one cell out of the table."""
    decide = _api if route.kind == "api" else _page
    allowed, expected = decide(route, actor, method, side)
    return Case(actor, method, side, allowed, expected)


def _page(route: Route, actor: str, method: str, side: str) -> tuple[bool, Statuses]:
    declared = method in route.methods
    right = route.see if method == "GET" else route.change
    if right == "anyone" or (not declared and "anyone" in (route.see, route.change)):
        # What a stranger may open says by itself whether a link still works.
        return declared, DONE | {404} if declared else frozenset({404, 405})
    if actor not in PEOPLE:
        return False, frozenset({302})
    if not declared:
        return False, frozenset({404, 405})
    if not has_right(actor, right) or (route.names_a_row and not sees_row(actor, route.object, side)):
        return False, frozenset({404})
    return True, frozenset({200, 302}) if method == "GET" else DONE


def _api(route: Route, actor: str, method: str, side: str) -> tuple[bool, Statuses]:
    if actor in ("anonymous", "gone"):
        return False, frozenset({401})
    refused = frozenset({404} if route.hidden and not has_right(actor, route.see) else {403})
    declared = method in route.methods
    if actor == "token_ingest" or (actor == "token_read" and method != "GET"):
        return False, refused
    if not has_right(actor, route.see):
        return False, refused | {404, 405} if not declared else refused
    if not declared:
        return False, frozenset({403, 404, 405})
    if method != "GET" and not has_right(actor, route.change):
        return False, refused
    if route.names_a_row and not sees_row(actor, route.object, side):
        return False, frozenset({404})
    return True, frozenset({200}) if method == "GET" else DONE


def pk_of(world: World, route: Route, side: str) -> Any:
    """What stands in the address for the row of a side."""
    if side == "none" or not route.object:
        return uuid.UUID(int=NOT_THERE) if route.object in BY_UUID else NOT_THERE
    row: Any = world.rows[route.object][side]
    return row.external_id if "external_id" in route.parameters else row.pk


def sides_of(world: World, route: Route) -> tuple[str, ...]:
    """Whose rows a route is asked for: both sides', a private one's, and one that does not exist."""
    return (*world.rows[route.object], "none") if route.names_a_row else ("near",)


def cells(world: World, route: Route) -> Iterator[Case]:
    """All cells of one address. Methods that it does not have are tried on one row alone, by some."""
    for actor in ACTORS:
        for method in METHODS:
            if method not in route.methods and actor not in FEW:
                continue
            sides = sides_of(world, route) if method in route.methods else ("near",)
            yield from (case(route, actor, method, side) for side in sides)


def names_in(path: str) -> tuple[str, ...]:
    """The names of what stands in a path for something else."""
    return tuple(re.findall(r"<(?:\w+:)?(\w+)>", path))


def words(pattern: str) -> str:
    """A path as a person reads it."""
    text = re.sub(r"\(\?P<(\w+)>.*?\)(?=/|$)", r"<\1>", pattern)
    return "/" + re.sub(r"<\w+:(\w+)>", r"<\1>", text).replace("^", "").replace("$", "")
