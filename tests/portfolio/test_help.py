"""Does every definition lead to the formula that the code has, and is help in the same place on every page?"""

from __future__ import annotations

import gzip
import re
from html import escape

import pytest
from django.conf import settings
from django.urls import reverse

from portfolio.queries.formulas import formulas, places, rules
from portfolio.queries.help import DEFINITIONS, KEYS
from tests.factories import make_user
from tests.pages.html import read as tree
from tests.pages.plain import weights

pytestmark = pytest.mark.django_db
ROOT = settings.BASE_DIR
# Words that explain another definition, or stand beside figures whose key is worked out.
SHOWN_BY_THEIR_OWN = {"band", "masking", "movements", "grr_logo", "grr_revenue", "churn", "quick_ratio"}
SHEET = {"HX-Request": "true", "HX-Target": "sheet"}


@pytest.fixture(autouse=True)
def _signed_in(client):
    client.force_login(make_user())


def test_each_definition_names_rules_of_the_code_that_the_formulas_describe():
    described = {name for part in formulas() for line in part.lines for name in line.rules}
    named = {name for one in DEFINITIONS for name in one.rules}

    assert named <= set(rules())
    assert named <= described
    assert len({one.key for one in DEFINITIONS}) == len(DEFINITIONS)


def test_each_language_has_every_formula_in_the_same_order():
    """One file is the twin of the other: the same parts, the same rules line by line, as many paragraphs."""
    english, chinese = formulas("en"), formulas("zh-hans")

    assert [[line.rules for line in part.lines] for part in english] == [
        [line.rules for line in part.lines] for part in chinese
    ]
    assert [len(part.about) for part in english] == [len(part.about) for part in chinese]
    said = [(line.text, part.title) for part in chinese for line in part.lines]
    assert [text for text, _title in said if not re.search("[\u4e00-\u9fff]|Σ|Π|ln|[0-9]", text)] == []
    assert len({text for text, _title in said}) > 0.98 * len(said)


def test_a_reader_of_chinese_reads_the_formulas_in_chinese(client):
    client.force_login(make_user(language="zh-hans"))
    page = client.get(reverse("help_formulas_part", args=["revenue"])).content.decode()
    assert "每月 5 % 即全年 46 %" in page
    assert '<pre class="rule-doc" lang="en"' in page
    assert "每月 5 % 即全年 46 %" in client.get(reverse("help_formulas"), {"q": "即全年"}).content.decode()


def test_the_formulas_show_the_codes_own_words_and_example(client):
    page = client.get(reverse("help_formulas_part", args=[places()["attainment"]])).content.decode()

    assert rules()["attainment"].doc.splitlines()[0] in page
    assert "&gt;&gt;&gt; " in page


def test_each_formula_has_one_place_on_the_page_of_its_part_and_the_index_leads_to_it(client):
    """Also the addresses of old, with all formulas on one page, find the name that they ask for."""
    index = client.get(reverse("help_formulas")).content.decode()
    named = set()
    for part in formulas():
        address = reverse("help_formulas_part", args=[part.slug])
        ids = re.findall(r'id="([^"]+)"', client.get(address).content.decode())
        assert len(ids) == len(set(ids))
        for name in (name for line in part.lines for name in line.anchors):
            assert name in ids
            assert f'<a id="{name}" href="{address}#{name}">' in index
            named.add(name)

    assert named == set(places())
    assert len(re.findall(r' id="([^"]+)"', index)) == len(set(re.findall(r' id="([^"]+)"', index)))


def test_the_pages_of_formulas_lead_from_one_to_the_next(client):
    slugs = [part.slug for part in formulas()]
    first = client.get(reverse("help_formulas_part", args=slugs[:1])).content.decode()
    last = client.get(reverse("help_formulas_part", args=slugs[-1:])).content.decode()

    assert re.search(rf'href="{reverse("help_formulas_part", args=[slugs[1]])}"[^>]* rel="next"', first)
    assert 'rel="prev"' not in first
    assert re.search(rf'href="{reverse("help_formulas_part", args=[slugs[-2]])}"[^>]* rel="prev"', last)
    assert 'rel="next"' not in last
    assert client.get(reverse("help_formulas_part", args=["nothing"])).status_code == 404


def test_formulas_are_found_by_words_and_by_names(client):
    address = reverse("help_formulas")
    assert "#annual_churn" in client.get(address, {"q": "churn of a YEAR"}).content.decode()
    assert "#net_promoter_score" in client.get(address, {"q": "net promoter"}).content.decode()

    none = client.get(address, {"q": "zebra"}).content.decode()
    assert 'data-state="filtered"' in none
    assert "<dl" not in none


def test_every_figure_that_asks_leads_to_a_definition_that_is_there(client):
    page = client.get(reverse("help")).content.decode()
    for one in DEFINITIONS:
        assert f'id="{one.key}"' in page
        if one.rules:
            name = one.rules[0]
            assert f'{reverse("help_formulas_part", args=[places()[name]])}#{name}"' in page


def test_every_definition_is_one_step_from_a_figure_and_every_question_mark_has_one():
    """No definition that no page asks for, and no `?` that leads nowhere."""
    keys = {one.key for one in DEFINITIONS}
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "templates").rglob("*.html")]
    sources += [file.read_text(encoding="utf-8") for file in (ROOT / "portfolio").rglob("*.py")]
    asked = {
        key for text in sources for found in re.findall(r'define(?:=|\()"(\w+)"|"define": "(\w+)"', text)
        for key in found if key
    }  # fmt: skip
    assert asked <= keys
    assert keys - asked <= SHOWN_BY_THEIR_OWN


def test_help_is_linked_at_the_same_place_of_every_page(client):
    for name in ("today", "account_list", "retention", "advocacy", "roadmap", "playbooks", "settings_home"):
        page = client.get(reverse(name)).content.decode()
        assert re.search(r'<div class="top-side">.*?<a class="button top-help"[^>]*href="/help/"', page, re.DOTALL), (
            name
        )


def test_a_definition_opens_beside_the_page(client):
    sheet = client.get(f"{reverse('help')}?term=nrr", headers=SHEET).content.decode()

    assert "<html" not in sheet
    assert "Net revenue retention" in sheet
    assert client.get(f"{reverse('help')}?term=nonsense", headers=SHEET).status_code == 200


def test_the_keys_stand_beside_the_page_and_on_one_of_their_own(client):
    for answer in (client.get(reverse("help_keys"), headers=SHEET), client.get(reverse("help_keys"))):
        text = answer.content.decode()
        assert all(escape(str(words)) in text for _title, rows in KEYS for _caps, words in rows)


@pytest.mark.parametrize("name", ["today", "account_list", "settings_home", "history", "notifications", "search"])
def test_help_stands_in_the_same_place_on_every_page(client, name):
    page = client.get(reverse(name)).content.decode()
    side = page.partition('<div class="top-side">')[2].partition("</header>")[0]

    assert f'class="button top-help" data-kind="quiet" href="{reverse("help")}"' in side
    assert 'data-key="?"' in page


def test_the_templates_ask_only_for_definitions_that_there_are():
    from tests.architecture.sources import project_files

    keys = {one.key for one in DEFINITIONS}
    for file in project_files():
        if file.suffix == ".html":
            text = file.read_text(encoding="utf-8")
            for key in re.findall(r'define\("(\w+)"|define="(\w+)"', text):
                assert "".join(key) in keys, (file, key)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_formulas_are_read_as_text_without_the_marks_of_the_file(language):
    said = [text for part in formulas(language) for text in [*part.about, *(line.text for line in part.lines)]]
    assert [text for text in said if re.search(r"[*`]\S|#|^\||^- ", text)] == []
    assert all(text.strip() == text and text for text in said)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_of_formulas_is_heavy(client, language):
    client.force_login(make_user(language=language))
    pages = [reverse("help_formulas"), *(reverse("help_formulas_part", args=[part.slug]) for part in formulas())]
    for address in pages:
        html = client.get(address).content
        assert list(weights(tree(html.decode()), len(gzip.compress(html)))) == [], address
