"""How long does everybody wait for the pages of every day, on a book of 5,000 accounts and 5 million product events?

The book is the demo's, as large as asked for. A real server, granian as `docs/production.md` starts it, is asked over
HTTP by somebody of each role, signed in; each page in turn with the floor, which is a view that says hello behind the
same middleware. For lists and account pages there is a second floor, which also runs the page's own statements.

With `--keep FOLDER` book and files stay there for the next run. PostgreSQL: name an empty database by `DATABASE_URL`.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from _daily_arguments import asked_for

given = asked_for(
    str(__doc__),
    only={"default": "", "help": "pages whose name holds this text"},
    kinds={"default": "", "help": "palette, part, list, account, chart; with commas"},
    roles={"default": "", "help": "admin, manager, CSM, product, viewer; with commas"},
)

import django  # noqa: E402

django.setup()

from _daily_pages import BARS, Page, cookie_of, pages, people  # noqa: E402
from _daily_run import make_book, server  # noqa: E402
from _measure import load, percentile, ratio  # noqa: E402
from django.db import connection, connections  # noqa: E402

HELLO = "/hello/"


@dataclass
class Costs:
    """What one page cost, once for each time it was asked for."""

    seconds: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    own_floor: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    statements: int = 0
    size: int = 0

    @property
    def p95(self) -> float:
        """Milliseconds within which nineteen of twenty answers came."""
        return percentile(self.seconds, 0.95) * 1000


class Visitor:
    """One person at the other end of a connection that is kept."""

    def __init__(self, cookie: str, port: int) -> None:
        self.cookie, self.connection = cookie, http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, address: str, headers: tuple[tuple[str, str], ...] = ()) -> tuple[float, int, dict[str, str]]:
        """Ask for an address: seconds to the last byte, size, and what the server says it cost."""
        begun = time.perf_counter()
        self.connection.request("GET", address, headers={"Cookie": self.cookie, **dict(headers)})
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status != 200:
            sys.exit(f"{address} answers {answer.status}.")
        return seconds, len(body), dict(answer.getheaders())


def chosen_pages(role: str, user: Any) -> list[Page]:
    """The pages of a role that are asked for."""
    kinds = given.kinds.split(",") if given.kinds else list(BARS)
    return [page for page in pages(role, user) if page.kind in kinds and given.only in page.name]


def measure(visitor: Visitor, asked: list[Page], rounds: int) -> dict[Page, Costs]:
    """Ask for every page in turn, each between its floors."""
    costs = {page: Costs() for page in asked}
    for page in asked:
        visitor.get(HELLO)
        visitor.get(page.address, page.headers)  # warms templates and what is kept in memory
    for _round in range(rounds):
        for page, cost in costs.items():
            cost.floor.append(visitor.get(HELLO)[0])
            seconds, size, said = visitor.get(page.address, page.headers)
            cost.seconds.append(seconds)
            cost.own_floor.append(visitor.get(f"{HELLO}?of={quote(page.address, safe='')}")[0])
            said = {name.lower(): value for name, value in said.items()}
            cost.processor.append(float(said["x-processor-ms"]))
            cost.database.append(float(said["x-database-ms"]))
            cost.statements, cost.size = int(said["x-statements"]), size
    return costs


def tell(page: Page, cost: Costs) -> None:
    """Print one line of figures."""
    p50 = percentile(cost.seconds, 0.5) * 1000
    met = "met " if cost.p95 <= page.bar else "OVER"
    print(
        f"{page.role:<8}{page.kind:<8}{page.name:<30}{p50:7.0f}{cost.p95:7.0f} ms of {page.bar:3} {met}"
        f"{ratio(cost.seconds, cost.floor):6.1f} × hello{ratio(cost.seconds, cost.own_floor):6.1f} × own SQL"
        f"{cost.statements:4} statements {statistics.median(cost.database):6.0f} ms,"
        f" processor {statistics.median(cost.processor):5.0f} ms, {cost.size // 1024:4} kB",
        flush=True,
    )


def sum_up(everything: dict[Page, Costs]) -> None:
    """Print the bars: how many pages of each kind keep theirs, and which is slowest."""
    kinds: dict[str, list[tuple[Page, Costs]]] = defaultdict(list)
    for page, cost in everything.items():
        kinds[page.kind].append((page, cost))
    for kind, found in kinds.items():
        all_seconds = [seconds for _page, cost in found for seconds in cost.seconds]
        slowest, cost = max(found, key=lambda one: one[1].p95)
        kept = sum(one.p95 <= BARS[kind] for _page, one in found)
        print(
            f"{kind:<8} p95 of all {percentile(all_seconds, 0.95) * 1000:.0f} ms of {BARS[kind]}; {kept} of "
            f"{len(found)} pages keep it; slowest {slowest.name} of {slowest.role}: {cost.p95:.0f} ms"
        )


def main() -> int:
    """Make the book, start the server, ask for every page as everybody."""
    make_book(given)
    roles = given.roles.split(",") if given.roles else None
    asked = {role: user for role, user in people().items() if roles is None or role in roles}
    lists = {role: chosen_pages(role, user) for role, user in asked.items()}
    cookies = {role: cookie_of(user) for role, user in asked.items()}
    connections.close_all()
    print(f"{given.accounts:,} accounts, {given.events:,} product events on {connection.vendor}, {load()}")
    everything: dict[Page, Costs] = {}
    with server(given.port):
        for role, found in lists.items():
            costs = measure(Visitor(cookies[role], given.port), found, given.rounds)
            for page, cost in costs.items():
                tell(page, cost)
            everything |= costs
    floors = [seconds for cost in everything.values() for seconds in cost.floor]
    print(f"hello    p50 {percentile(floors, 0.5) * 1000:.1f} ms, p95 {percentile(floors, 0.95) * 1000:.1f} ms")
    sum_up(everything)
    print(load())
    return 0


if __name__ == "__main__":
    sys.exit(main())
