"""Is text stored exactly or refused in words, and harmless wherever it is shown?"""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from common.errors import Refused
from common.text import clean, cut, graphemes, is_visible, markdown, neutralise, restore, slug


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a\x00b", "Name has a character that cannot be stored (code 0)."),
        ("a\ud800", "Name has a character that cannot be stored (code D800)."),
        ("x" * 1_000_000, "Name: at most 200 characters (got 1,000,000)."),
        *[
            (blank, "Name needs a visible character.")
            for blank in ("", "   ", "\u200b\u2060\ufeff", "\u202e", "\u3164", "\u0301")
        ],
    ],
)
def test_text_that_cannot_be_stored_or_seen_is_refused_in_words(written, said):
    with pytest.raises(Refused) as refusal:
        clean(written, "Name", max_length=200)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Acme \u202egro.live\u202c\x07 ", "Acme gro.live"),
        ("two\r\nlines\there", "two lines here"),
        ("👩‍🚀 甲 e\u0301 נ\u200fa", "👩‍🚀 甲 e\u0301 נ\u200fa"),
    ],
)
def test_control_characters_are_removed_and_all_else_is_kept(written, kept):
    assert clean(written, "Name") == kept


def test_a_note_keeps_its_lines():
    assert clean("a\r\nb\rc\u2028\td", "Note", lines=True) == "a\nb\nc\n\td"


def test_an_optional_text_may_be_empty_but_not_invisible():
    assert clean("  ", "Note", required=False) == ""
    with pytest.raises(Refused, match="visible"):
        clean("\u200b", "Note", required=False)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(written):
    try:
        once = clean(written, "Name", lines=True)
    except Refused:
        return
    assert clean(once, "Name", lines=True) == once
    assert is_visible(once)


@given(st.text(), st.integers(1, 20))
@example("👨‍👩‍👧‍👦" * 30, 5)
@example("e" + "\u0301" * 10_000, 3)
@example("🇩🇪🇨🇳🇺🇸", 2)
def test_a_cut_text_is_short_and_never_ends_within_a_character(written, length):
    short = cut(written, length)
    assert len(list(graphemes(short))) <= length + 1
    assert short == written or short.endswith("…")
    assert "".join(graphemes(written)) == written


def test_joined_emoji_flags_and_hangul_stay_whole():
    assert list(graphemes("👩‍🚀🇩🇪🇨🇳👍🏽e\u0301한")) == ["👩‍🚀", "🇩🇪", "🇨🇳", "👍🏽", "e\u0301", "한"]


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n ＝＋－＠ab1"), max_size=8) | st.text())
def test_neutralised_text_is_no_formula_and_reads_back_as_it_was(written):
    exported = neutralise(written)
    assert exported.lstrip()[:1] not in set("=+-@＝＋－＠")
    assert exported[:1] not in set("\t\r\n")
    assert restore(exported) == written


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c", "x\r\nSet-Cookie: a", '"quoted"', "", "😀", "a" * 500])
def test_a_slug_is_safe_in_a_file_name(name):
    made = slug(name)
    assert made
    assert len(made) <= 80
    assert not set(made) & set("/\\\r\n\"';.: ")


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![t](https://evil.example/pixel.gif)",
    "![t][r]\n\n[r]: https://evil.example/pixel.gif",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    '[a](http://x "onmouseover=alert(1)")',
    '[a](http://x" onclick="alert(1))',
    "<a href='x' hx-get='/logout'>a</a>",
    "<div hx-on:click=alert(1)>x</div>",
    "<svg><animate onbegin=alert(1)>",
    "<style>@import 'https://evil.example'</style>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<form action=//evil.example><input name=q>",
    "`<img src=x onerror=alert(1)>`",
    "```html onload=alert(1)\n<script>\n```",
    "<http://evil.example/<script>>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<math><mtext></p><img src=x onerror=alert(1)>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <b onmouseover=alert(1)>h</b>",
    "|<img src=x>|\n|-|\n|<script>|",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markdown_can_neither_run_nor_load_anything(payload):
    from html.parser import HTMLParser

    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, dict(attrs)))

    Reader().feed(markdown(payload))
    for tag, attributes in found:
        assert tag not in {"script", "img", "svg", "style", "iframe", "form", "input", "math", "div", "object"}
        assert set(attributes) <= {"href", "title", "rel", "start"}
        assert (attributes.get("href") or "http:").split(":")[0] in {"http", "https", "mailto"}


def test_markdown_says_what_people_write():
    html = markdown("**Risk**: see [plan](https://x.example/p)\nnext line\n\n- one\n- two")
    assert "<strong>Risk</strong>" in html
    assert '<a href="https://x.example/p" rel="noopener noreferrer nofollow">plan</a>' in html
    assert "<br>" in html
    assert html.count("<li>") == 2
    assert isinstance(html, Markup)


BUSY = {
    **{name: name * (1_000_000 // len(name)) for name in ("[", ">", "> ", "&", "<")},
    **{name: name * (16_000 // len(name)) for name in ("*a ", "[a](", "- ", "`", "a\n", "- a\n", "\\", "_", "a\n=\n")},
    "table": "|a" * 4000 + "\n" + "|-" * 4000,
    "wide table": "|a" * 130 + "|\n" + "|-" * 130 + "|\n" + "|\n" * 130,
}


@pytest.mark.parametrize("text", BUSY.values(), ids=range(len(BUSY)))
def test_no_text_keeps_the_renderer_busy(text):
    start = time.process_time()
    markdown(text)
    assert time.process_time() - start < 3, "the bar is 0.2 s; a busy machine gets some more"
