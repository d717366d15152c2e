"""Does the page for people say what the table says?"""

from tests.matrix.page import PAGE, text


def test_the_page_is_written_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "Run: python -m tests.matrix.page"
