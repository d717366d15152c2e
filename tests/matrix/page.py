"""How does the table read as a page for people? `python -m tests.matrix.page` writes docs/permissions.md anew."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from tests.matrix.table import PERSONAL, patterns, routes, table, words
from tests.matrix.world import account_models

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
ROLES = {
    "viewer": "Viewer",
    "csm": "CSM",
    "manager": "CS manager",
    "product_manager": "Product manager",
    "admin": "Admin",
}
OPENING = """# Who may see and change what

Written from `tests/matrix/routes.toml` by `python -m tests.matrix.page`; a test fails when the two differ, and every
cell is tried out by the tests in `tests/matrix`.

**Which accounts.** A CSM sees the accounts that they serve, a CS manager those of their team, the other roles all of
them; an admin can set this for each person, and an account can be shared with a person or a team. A row that belongs
to an account is seen by whoever sees the account. What one may not see is not there: the answer is 404, the same as for
something that does not exist.

**Who else.** A stranger, and a person who was deactivated, is sent to the sign-in page (by the API with 401). An API
token never may more than its owner: with the scope *read* it reads, with *write* it also changes, with *ingest* it only
sends events. A role without the right gets 404 from a page and 403 from the API.

**Private notes** show to their author and to whoever has the right. **Money** and **contact details** are left out of
every page, list, file and answer for roles without the right; one cannot sort or filter by them either.
"""


def text() -> str:
    """The whole page."""
    parts = [OPENING, "## Rights of the roles\n", *_rights(), "", "## Pages\n", *_rows("page"), "", "## API\n"]
    parts += [*_rows("api"), "", "## Addresses that come with packages\n"]
    parts += [f"- `/{prefix}` {said}" for prefix, said in table()["groups"].items()]
    return "\n".join(parts) + "\n"


def _rights() -> list[str]:
    lines = ["| Right | " + " | ".join(ROLES.values()) + " |", "|---|" + "---|" * len(ROLES)]
    for right, given in table()["rights"].items():
        cells = ["yes" if role in given else "–" for role in ROLES]
        lines.append(f"| {right.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return lines


def _rows(kind: str) -> list[str]:
    paths = {pattern.name: path for path, pattern in patterns() if path.startswith("api/v1/") == (kind == "api")}
    paths |= {pattern.name: path for path, pattern in patterns() if pattern.name == "api_docs"}
    lines = ["| Address | What for | See | Change | Whose |", "|---|---|---|---|---|"]
    for route in routes()[0]:
        if route.kind == kind:
            change = _right(route.change) if route.methods - {"GET"} else "–"
            see = _right(route.see) if "GET" in route.methods else "–"
            lines.append(
                f"| `{words(paths[route.name])}` | {_purpose(route.view)} | {see} | {change} | {_whose(route)} |"
            )
    return lines


def _right(right: str) -> str:
    fixed = {"": "–", "everybody": "who is signed in", "anyone": "anyone", "anything": "who may change anything"}
    if right in fixed:
        return fixed[right]
    return ", ".join(ROLES[role] for role in ROLES if all(role in table()["rights"][one] for one in right.split(" + ")))


def _whose(route: Any) -> str:
    if route.object in PERSONAL:
        return "one’s own"
    if route.object in account_models():
        return "of accounts that one sees"
    return "everybody’s" if route.object else ""


def _purpose(view: Any) -> str:
    """What the view says of itself."""
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if owner is not None and owner.__module__.partition(".")[0] in ("rest_framework", "drf_spectacular"):
        return (
            "The beginning of the API" if "root" in owner.__name__.lower() else "The description of the API, to try out"
        )
    said = inspect.getdoc(owner or inspect.unwrap(view)) or ""
    return said.partition("\n")[0].rstrip(".").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
