"""Does every component draw itself, with what it names escaped and nothing that the strict policy would block?"""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from common import charts
from common.htmx import _request_context, jinja
from common.tables import Column
from common.templating import undo_url

EVIL = '<b onclick="x">"Evil" & co</b>'
VOID = {"input", "meta", "link", "br", "hr", "img"}
ITEMS = [charts.Item("Up", 5, note="why", href="/a/"), charts.Item("Down", -3), charts.Item("Unknown", None)]
LINE = charts.line(["a", "b", "c"], [40, None, 60], events=[charts.Event(1, EVIL, href="/e/")], heads=("When", "What"))
PARTS = [charts.Part(3, "healthy", "Good", href="?a=1", selected=True), charts.Part(1, "risk", "Bad", hatched=True)]


class Sample(forms.Form):
    name = forms.CharField(label=EVIL, help_text="As on the contract.", widget=forms.TextInput({"placeholder": "Name"}))
    day = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, help_text="One of them.")
    many = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False)
    sure = forms.BooleanField(required=True)
    file = forms.FileField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source: str, **context: Any) -> str:
    return jinja().env.from_string(source).render(context)


class Cell(forms.Form):
    """A value that is changed where it stands."""

    value = forms.CharField(initial=EVIL)
    version = forms.IntegerField(initial=1)


class Page:
    """One page of a list, with one before and one after it."""

    previous, next = "1", "2"


def sample(name: str) -> tuple[str, dict[str, Any]]:
    """Give the template text and the context that show one component."""
    inside = {
        "stats": "{{ ui.stat(evil, '5') }}",
        "rows": "{{ ui.row(evil, '/x') }}",
        "timeline": "{{ ui.entry('phone', evil, 'today') }}",
        "table": "<tr>{{ ui.select_cell(1, evil) }}{{ ui.td('Name', 'name', evil) }}</tr>",
    }.get(name, "<p>{{ evil }}</p>")
    body = "{% call ui." + name + "(ARGS) %}" + inside + "{% endcall %}"
    column = Column("name", "Name", sort="name")
    bars = charts.bars([charts.Item("Jan", None, "4", tuple(PARTS))], heads=("Month", "Good", "Bad", "All"))
    lines = charts.lines(
        ["a", "b"], [charts.Series(EVIL, [1, 2]), charts.Series("b", [2, None])], heads=("When", "A", "B"), reference=1
    )
    groups = charts.comparison(
        [charts.Group(EVIL, 0.5, 0.4, 0.8, EVIL, "/g/", small=True)], heads=("a", "b", "c", "d", "e")
    )
    field = charts.quadrant(
        [charts.Spot(EVIL, 1, 1, href="/s/", text=EVIL)], x_line=0.9, y_line=1.2, heads=("a", "b", "c", "d")
    )
    heat = charts.heat_map(["a"], ["x", "y"], [[1, None]], corner="c", sizes=[3])
    plain: dict[str, tuple[str, dict[str, Any]]] = {
        "icon": ('"search"', {}),
        "button": ('evil, kind="primary", icon="plus", hx_get="/x?a&b", opens="dialog"', {}),
        "link_button": ('evil, "/x", icon="plus", hide_label=True', {}),
        "post_button": ('evil, "/x", "", hidden={"a": evil}', {}),
        "menu_link": ('evil, "/x", icon="edit", current=True', {}),
        "menu_action": ('evil, "/x", "", icon="trash", tone="risk", hidden={"a": 1}', {}),
        "shape": ('"watch"', {}),
        "band_word": ('"risk"', {}),
        "badge": ('"risk", 28, soft=True', {}),
        "tag": ('evil, "watch", icon="check"', {}),
        "chip": ('evil, "/x"', {}),
        "tone": ('evil, "risk"', {}),
        "delta": ("-3", {}),
        "as_of": ("evil, old=True", {}),
        "avatar": ("evil", {}),
        "person": ('evil, evil, "/x"', {}),
        "keycap": ('"Ctrl", "K"', {}),
        "code": ("evil", {}),
        "progress": ("0.4, evil", {}),
        "define": ('"nrr", evil', {}),
        "stat": ('evil, "5", as_of="today", change=ui.delta(2), href="/x", note=evil', {}),
        "data_list": ("[(evil, evil), (evil, None)]", {}),
        "tabs": ('[(evil, "/x", True, 3), (evil, "/y", False)], evil', {}),
        "switch": ('[(evil, "/x", True)], evil', {}),
        "stepper": ("[evil, evil, evil], 2, evil", {}),
        "checklist": ('[(evil, "/x", True, ""), (evil, "/y", False, evil)]', {}),
        "search_option": ('"o1", evil, "/x", evil, "person", evil', {}),
        "search_none": ("evil", {}),
        "field": ("form['name']", {"form": Sample({})}),
        "field_control": ("form['name']", {"form": Sample({})}),
        "field_hints": ("form['name']", {"form": Sample({})}),
        "fields": ("form", {"form": Sample({})}),
        "error_summary": ("form", {"form": Sample({})}),
        "filter_bar": ('form, "/x", target="#list", clear_href="/x", applied=1', {"form": Sample()}),
        "sort_header": ('column, "-name", query, "#list"', {"column": column, "query": QueryDict("q=1")}),
        "td": ("evil, value=evil", {}),
        "select_cell": ("1, evil", {}),
        "pagination": ('"1,000+", "?before=1", "?after=2", shown="1–50", target="#list"', {}),
        "message": ('evil, "error", "/undo/", ""', {}),
        "messages": ("messages", {"messages": [Message(constants.SUCCESS, EVIL, extra_tags="undo=/undo/1/")]}),
        "notice": ('evil, evil, "watch", "/x", evil', {}),
        "empty_state": ('evil, evil, kind="filtered", href="/x", link=evil', {}),
        "sparkline": ("chart, evil", {"chart": charts.sparkline([1, 2, None, 3])}),
        "line_chart": ('chart, evil, evil, "c", csv_href="/x", as_of="today"', {"chart": LINE}),
        "bar_chart": ('chart, evil, evil, "c", legend=legend', {"chart": bars, "legend": PARTS}),
        "band_strip": (
            'chart, evil, target="#list", all_href="?"',
            {"chart": charts.strip(PARTS, heads=("Band", "Accounts"))},
        ),
        "driver_bars": ("chart, evil", {"chart": charts.drivers(ITEMS, heads=("Driver", "Points"))}),
        "lines_chart": ('chart, evil, evil, "c", csv_href="/x", reference=evil', {"chart": lines}),
        "comparison_chart": ('chart, evil, evil, "c", before=evil, target=evil', {"chart": groups}),
        "quadrant_chart": ('chart, evil, evil, "c", evil, evil', {"chart": field}),
        "heat_map": ('chart, evil, "c", small_note=evil', {"chart": heat}),
        "chart_figures": ('chart.figures, evil, "c"', {"chart": LINE}),
        "chart_patterns": ("", {}),
        "asked_button": ('"d2", evil, evil, "/x", ""', {}),
        "question": ('"d3", evil, evil, "/x", "", text=evil', {}),
        "menu_opens": ('evil, "d3", icon="trash"', {}),
        "cell": ('evil, "/x", evil', {}),
        "cell_form": ('form, "/x", evil, "/y", ""', {"form": Cell()}),
        "list_pages": ('"1,000+", page, query', {"page": Page(), "query": QueryDict("q=1")}),
        "list_refused": ("errors", {"errors": [("q", EVIL)]}),
        "export_menu": ('"asks_export", "?q=1"', {}),
        "hide_panel": ('"today.warnings", evil, "", "/x"', {}),
        "show_panels": ('"today", ["today.warnings"], "", "/x"', {}),
    }
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "menu": ('"m1", evil', {}),
        "dialog": ('"d1", evil', {}),
        "sheet": ("evil, evil", {}),
        "page_header": ('evil, evil, "/x", evil', {}),
        "card": ('evil, id="c", meta=evil, as_of=ui.as_of("today")', {}),
        "columns": ('"main-side"', {}),
        "stats": ("", {}),
        "rows": ("evil", {}),
        "row": ('evil, "/x", ui.badge("risk"), evil, ui.button(evil), evil', {}),
        "timeline": ("evil", {}),
        "entry": ('"phone", evil, "today", "2026-01-01", evil, "risk", "/x"', {}),
        "form_actions": ("", {}),
        "table": ("[column], evil, sort='name', query=query, select=True", {"column": column, "query": QueryDict()}),
        "bulk_bar": ('evil, "184"', {}),
        "list_filter": ('"/x", evil, applied=1, sort="name"', {}),
        "chart_frame": ('chart, evil, evil, "c"', {"chart": LINE}),
    }
    if name in calls:
        arguments, context = calls[name]
        return body.replace("ARGS", arguments), context
    arguments, context = plain[name]
    return "{{ ui." + name + "(" + arguments + ") }}", context


class Strict(HTMLParser):
    """Reads HTML and notes what is not closed, given twice or not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.pointed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self._look(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> says something twice: {names}")
        self.faults += [f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")]
        self.ids += [value for name, value in attrs if name == "id" and value]


COMPONENTS = jinja().env.globals["ui"].names()


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_draws_valid_escaped_html(name: str) -> None:
    source, context = sample(name)

    html = render(source, evil=EVIL, **context)

    parser = Strict()
    parser.feed(html)
    assert parser.faults == []
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert EVIL not in html
    assert "None" not in re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize(("band", "word"), [("healthy", "Healthy"), ("watch", "Watch"), ("risk", "At risk")])
def test_a_badge_never_leaves_its_meaning_to_colour(band: str, word: str) -> None:
    html = render(f'{{{{ ui.badge("{band}", 50) }}}}')

    assert word in html
    assert "<svg" in html


def test_a_field_tells_label_help_and_error_to_everyone() -> None:
    html = render("{{ ui.field(form['name']) }}", form=Sample({}))

    assert 'for="id_name"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "placeholder" not in html


def test_a_choice_is_a_group_with_a_legend() -> None:
    html = render("{{ ui.field(form['kind']) }}", form=Sample({}))

    assert html.count("<legend>") == 1
    assert 'aria-describedby="id_kind_helptext id_kind_error"' in html


def test_the_summary_links_to_each_field_with_an_error() -> None:
    html = render("{{ ui.error_summary(form) }}", form=Sample({}))

    assert 'href="#id_name"' in html
    assert "autofocus" in html
    assert render("{{ ui.error_summary(form) }}", form=Sample()).strip() == ""


def test_the_files_of_a_list_are_those_of_the_thing_that_it_belongs_to() -> None:
    html = render('{{ ui.export_menu("invitation_export", "?q=a", 7) }}')

    assert 'href="/advocacy/sessions/7/export/csv/?q=a"' in html
    assert 'href="/advocacy/sessions/7/export/xlsx/?q=a"' in html


def test_a_click_on_a_head_keeps_the_filters_and_forgets_the_page() -> None:
    column = Column("arr", "ARR", sort="arr", first="down")
    html = render("{{ ui.sort_header(column, '', query) }}", column=column, query=QueryDict("band=risk&after=9"))

    assert "?band=risk&amp;sort=-arr" in html
    assert "after" not in html


@pytest.mark.parametrize(
    ("tags", "address"),
    [("undo=/a/1/", "/a/1/"), ("undo=//evil.example", ""), ("undo=https://evil.example", ""), ("", ""), (None, "")],
)
def test_undo_only_leads_to_an_address_of_ours(tags: str | None, address: str) -> None:
    assert undo_url(Message(constants.INFO, "Done", extra_tags=tags)) == address


def test_an_unknown_component_and_a_missing_variable_fail_loudly() -> None:
    from jinja2 import UndefinedError

    for source in ("{{ ui.nonsense() }}", "{{ missing }}"):
        with pytest.raises(UndefinedError):
            render(source)


def test_a_text_of_a_template_follows_the_language_and_escapes_what_fills_its_gaps() -> None:
    template = jinja().env.from_string('{{ _("Accounts") }} · {{ _("%(text)s of 100%%", text="<b>") }}')

    said = {}
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            said[language] = template.render()

    assert said["en"] == "Accounts · &lt;b&gt; of 100%"
    assert said["zh-hans"].startswith("客户 · &lt;b&gt;")


def test_all_forms_of_a_page_carry_one_token_and_the_next_page_another() -> None:
    def page() -> list[str]:
        made = RequestFactory().get("/")
        made.user = AnonymousUser()
        made._messages = CookieStorage(made)
        with translation.override("en"):
            known = _request_context(made)
        html = jinja().env.from_string("{{ csrf_input }}{{ csrf_input }}").render(known)
        return re.findall(r'value="(\w{64})"', html)

    first, second = page(), page()

    assert len(first) == 2
    assert len({*first, *second}) == 2
