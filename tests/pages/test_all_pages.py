"""Is every page whole: the same after a swap as on a fresh visit, alive without a script, never blank, and light?"""

from __future__ import annotations

import gzip
import os
from collections import Counter
from difflib import unified_diff

import pytest

from revenue.models import Renewal
from tests.architecture.sources import ROOT
from tests.pages.conftest import Seen
from tests.pages.parts import ELSEWHERE, POSTED, Part, difference, parts_of, sites
from tests.pages.plain import dead, odd, weights
from tests.pages.reading import Reader, settled

# A whole book and every page of it: python3 run.py walk.
pytestmark = pytest.mark.skipif(not os.environ.get("WALK"), reason="takes long: python3 run.py walk")
UNHEARD = "zzzz-nobody-is-called-this"


def test_a_page_with_a_part_swapped_in_is_the_page_of_a_fresh_visit(reader: Reader, seen: list[Seen]) -> None:
    wrong, met = {}, set()
    tried: Counter[tuple[str, str, str]] = Counter()
    for page in seen:
        for part in parts_of(page.path, page.tree):
            met.add(part.site.partition(":")[0])
            # A sheet is one for all rows of its kind, and the heads of a table sort alike: two of each are enough.
            kind = (part.site, part.target, "" if part.target == "sheet" else part.url.partition("?")[0])
            tried[kind] += 1
            if tried[kind] <= 2 and (found := difference(reader, part)):
                wrong[f"{part.site} {part.url} → #{part.target}"] = found

    assert wrong == {}
    assert len(tried) > 50
    assert sites("get") - met == set(ELSEWHERE)


def test_each_part_that_is_posted_has_a_test_of_its_own() -> None:
    assert sites("post") == set(POSTED)
    assert [file for file in {*POSTED.values(), *ELSEWHERE.values()} if not (ROOT / file).exists()] == []


def test_a_corrected_forecast_swaps_in_the_list_of_a_fresh_visit(reader: Reader) -> None:
    one = Renewal.objects.filter(stage__in=Renewal.OPEN).order_by("due_on")[0]
    sent = {"amount": "1234", "version": one.version, "next": "/revenue/renewals/"}

    answer = reader.client.post(f"/revenue/renewals/{one.pk}/forecast/", sent, headers={"HX-Request": "true"})
    assert answer.status_code in (302, 303)

    assert difference(reader, Part("/revenue/renewals/", answer["Location"], "list", "")) == ""


def test_a_page_that_is_loaded_again_is_the_same_page(reader: Reader, seen: list[Seen]) -> None:
    # One in four stands for all: what could differ comes from the frame that they share.
    wrong = {}
    for page in seen[::4]:
        before, again = settled(page.plain).split("\n"), settled(reader.page(page.path)).split("\n")
        if before != again:
            wrong[page.path] = [
                line for line in unified_diff(before, again, lineterm="", n=0) if line[:3] not in ("---", "+++")
            ][:5]

    assert wrong == {}


def test_a_full_page_weighs_little(seen: list[Seen]) -> None:
    wrong = {page.path: found for page in seen if (found := list(weights(page.plain, len(gzip.compress(page.html)))))}

    assert wrong == {}
    assert len(seen) > 100


def test_a_page_without_scripts_has_nothing_dead_in_it(seen: list[Seen]) -> None:
    assert {page.path: found for page in seen if (found := list(dead(page.tree)))} == {}


def test_no_page_says_what_a_machine_would_say(seen: list[Seen]) -> None:
    assert {page.path: found for page in seen if (found := list(odd(page.tree)))} == {}


def test_a_list_that_is_filtered_to_nothing_says_so_and_offers_to_clear(reader: Reader, seen: list[Seen]) -> None:
    wrong, count = {}, 0
    for page in seen:
        bars = (one for one in page.tree.find("form") if "filter-bar" in one.get("class"))
        fields = [one.get("name") for bar in bars for one in bar.find("input") if one.get("type") == "search"]
        if not fields:
            continue
        count += 1
        filtered = reader.page(f"{page.path}?{fields[0]}={UNHEARD}")
        empty = [one for one in filtered.elements() if one.get("data-state") == "filtered"]
        if not empty:
            wrong[page.path] = ["does not say that the filter leaves nothing"]
        elif not any(list(part.find("a", "button")) for part in empty):
            wrong[page.path] = ["does not offer to clear the filters"]
        if found := list(odd(filtered)):
            wrong.setdefault(page.path, []).extend(found)

    assert wrong == {}
    assert count > 10
