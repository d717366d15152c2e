"""Can everybody use every component: no fault that axe finds, and no sideways scroll, in both themes and two widths?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.common.test_components import COMPONENTS, render, sample

CHROMIUM = Path("/usr/bin/chromium")
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Parts of others, drawn with those: alone they are no page.
PARTS = {"td", "select_cell", "sort_header", "row", "entry", "stat", "search_option", "search_none", "menu_link",
         "menu_action", "field_control", "field_hints", "chart_frame", "chart_figures", "fields", "error_summary",
         "sheet", "list_pages"}  # fmt: skip
PAGE = """<!doctype html><html lang="en" data-js><head><title>Components</title>
<meta name="viewport" content="width=device-width"><style>{css}</style></head>
<body><main class="page"><div class="page-inner"><h1>Components</h1>{body}</div></main></body></html>"""


def all_components() -> str:
    """Draw the components below each other, each with names of its own."""
    parts = []
    for number, name in enumerate(sorted(set(COMPONENTS) - PARTS)):
        source, context = sample(name)
        html = render(source, evil=f"{name} words", **context).replace("<h1", "<h2").replace("</h1>", "</h2>")
        for found in ('"c"', '"c-', '"m1"', '"d1"', '"id_'):
            html = html.replace(found, f'"{name}{number}-{found[1:]}')
        html = html.replace(" c-desc", f" {name}{number}-c-desc")
        parts.append(f'<div role="group" aria-label="{name}"><h2>{name}</h2>{html}</div>')
    css = "".join(
        (ROOT / f"static/css/{file}.css").read_text(encoding="utf-8") for file in ("foundation", "components")
    )
    return PAGE.format(css=css, body="".join(parts))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_nobody_is_shut_out_by_a_component(browser: Any, theme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.set_content(all_components())

    found = axe.Axe().run(page, options=RULES).response["violations"]

    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def test_no_text_of_a_chart_is_smaller_than_eleven_pixels_on_a_phone(browser: Any) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 900})
    page.set_content(all_components())

    sizes = page.evaluate("""[...document.querySelectorAll(".chart text")].map(text => {
        const scale = text.getScreenCTM().d;
        return parseFloat(getComputedStyle(text).fontSize) * scale;
    })""")

    assert sizes
    assert min(sizes) >= 11
    page.close()
