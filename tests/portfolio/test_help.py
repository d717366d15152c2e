"""Does every definition lead to the formula that the code has, and is help in the same place on every page?"""

from __future__ import annotations

import re
from html import escape

import pytest
from django.conf import settings
from django.urls import reverse

from portfolio.queries.help import DEFINITIONS, KEYS, formulas, rules
from tests.factories import make_user

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
    page = client.get(reverse("help_formulas")).content.decode()
    assert "每月 5 % 即全年 46 %" in page
    assert '<pre class="rule-doc" lang="en"' in page


def test_the_formulas_show_the_codes_own_words_and_example(client):
    page = client.get(reverse("help_formulas")).content.decode()

    assert rules()["attainment"].doc.splitlines()[0] in page
    assert "&gt;&gt;&gt; " in page
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_every_figure_that_asks_leads_to_a_definition_that_is_there(client):
    page = client.get(reverse("help")).content.decode()
    for one in DEFINITIONS:
        assert f'id="{one.key}"' in page
        for name in one.rules:
            assert f"#{name}" in page or one.rules[0] != name


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
