"""Does an exported file run nothing, and does it say the same when it is read back?"""

import csv
import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from common.export import csv_lines, csv_response, xlsx_response
from common.text import restore


def body_of(response) -> bytes:
    """Read an answer whole and let go of its file."""
    body = b"".join(response)
    response.file_to_stream.close()
    return body


HOSTILE = [
    "=HYPERLINK(1)",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "'=1",
    " =1",
    "plain",
    "a\x01b",
    "甲",
]


@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            min_size=2,
            max_size=2,
        )
    )
)
def test_a_csv_file_reads_back_as_it_was(rows):
    text = "".join(csv_lines(["a", "=b"], rows))
    assert text.startswith("\ufeff")
    header, *found = csv.reader(io.StringIO(text[1:], newline=""))
    assert header == ["a", "'=b"]
    assert [[restore(cell) for cell in row] for row in found] == rows


def test_a_csv_file_has_no_live_formula_and_plain_numbers():
    rows = [[value, Decimal("-12.50"), dt.date(2026, 3, 31), None, True] for value in HOSTILE]
    rows.append([dt.datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Berlin")), 1.5, -3, "", False])
    body = b"".join(csv_response("Accounts /..\r\n", ["name", "arr", "day", "note", "key"], rows)).decode()
    found = list(csv.reader(io.StringIO(body[1:], newline="")))
    for row in found[1:-1]:
        assert row[1:] == ["-12.50", "2026-03-31", "", "true"]
        assert row[0].lstrip()[0] not in "=+-@＝＋"
    assert found[-1] == ["2026-03-29T01:30:00Z", "1.5", "-3", "", "false"]


def test_file_names_are_safe():
    response = csv_response('../"a"\r\nX: y', ["a"], [])
    assert response["Content-Disposition"] == 'attachment; filename="a-x-y.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "客户" not in csv_response("客户", ["a"], [])["Content-Disposition"]


def test_rows_are_written_one_by_one():
    taken = []
    rows = ((taken.append(number) or number,) for number in range(1000))
    lines = iter(csv_response("a", ["n"], rows).streaming_content)
    next(lines), next(lines)
    assert len(taken) < 10


@settings(max_examples=20)
@given(st.lists(st.text(min_size=1) | st.sampled_from(HOSTILE), min_size=1, max_size=20))
def test_an_xlsx_file_has_no_live_formula(texts):
    book = load_workbook(io.BytesIO(body_of(xlsx_response("a", ["=t"], [[text] for text in texts]))))
    cells = [row[0] for row in book.active.iter_rows()]
    assert cells[0].value == "'=t"
    assert all(cell.data_type != "f" for cell in cells)


def test_an_xlsx_file_keeps_numbers_and_dates():
    row = [
        Decimal("12.50"),
        dt.date(2026, 3, 31),
        dt.datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        None,
        True,
    ]
    response = xlsx_response("Accounts", list("abcde"), [row])
    assert response["Content-Disposition"] == 'attachment; filename="accounts.xlsx"'
    found = [cell.value for cell in load_workbook(io.BytesIO(body_of(response))).active[2]]
    assert found == [12.5, dt.datetime(2026, 3, 31), dt.datetime(2026, 3, 29, 1, 30), None, True]


@pytest.mark.parametrize("name", ["a" * 100, "客户", "a:b/c?"])
def test_any_name_gives_a_sheet(name):
    assert body_of(xlsx_response(name, ["a"], [[1]])).startswith(b"PK")
