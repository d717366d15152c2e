"""Is every table read as it was meant, and every file that is none refused in words?"""

from __future__ import annotations

import datetime as dt
import io
import time
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook

from common.errors import Refused
from portfolio.importing import reader, uploads
from portfolio.importing.reader import Hints, Row, Table, open_table


def table_of(folder: Path, content: str | bytes, name: str = "book.csv", **hints: str) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path, Hints(**hints))


def rows_of(table: Table) -> list[Row]:
    return list(table.rows())


def cells_of(table: Table) -> list[list[object]]:
    return [list(row.cells) for row in table.rows()]


def refusal_of(folder: Path, content: str | bytes, name: str = "book.csv", **hints: str) -> str:
    with pytest.raises(Refused) as refused:
        rows_of(table_of(folder, content, name, **hints))
    return str(refused.value)


WESTERN = "name,city\nMüller,Köln\nCafé,Orléans\n"
SIMPLIFIED = "名称,行业,城市\n北京科技有限公司,软件,北京\n上海贸易,零售,上海\n"
TRADITIONAL = "名稱,行業,城市\n台北科技有限公司,軟體,台北\n高雄貿易,零售業,高雄\n"


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (WESTERN, "utf-8", "UTF-8"),
        (WESTERN, "utf-8-sig", "UTF-8 with byte-order mark"),
        (WESTERN, "utf-16", "UTF-16"),
        (WESTERN, "utf-16-le", "UTF-16"),
        (SIMPLIFIED, "utf-16-be", "UTF-16"),
        (SIMPLIFIED, "utf-8", "UTF-8"),
        (SIMPLIFIED, "gbk", "GBK"),
        ("名称,城市\n李,京\n", "gbk", "GBK"),
        (TRADITIONAL, "big5", "Big5"),
        (WESTERN, "cp1252", "Windows-1252"),
        ("name,note\nBob,it’s “good” – ok\n", "cp1252", "Windows-1252"),
    ],
)
def test_the_encoding_is_found_and_told(tmp_path: Path, text: str, codec: str, found: str) -> None:
    table = table_of(tmp_path, text.encode(codec))
    assert table.layout.encoding == found
    assert [list(table.layout.header), *cells_of(table)] == [line.split(",") for line in text.splitlines()]


def test_an_unclear_encoding_is_asked_for_and_the_answer_taken(tmp_path: Path) -> None:
    unclear = b"name,city\n\xb5\xc4,x\n"
    assert refusal_of(tmp_path, unclear).startswith("The encoding of this file is not clear. Say which it is: ")
    assert cells_of(table_of(tmp_path, unclear, encoding="gbk")) == [["的", "x"]]


def test_a_wrong_answer_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, WESTERN.encode("cp1252"), encoding="utf-8") == (
        "The file is not written in UTF-8 with byte-order mark."
    )
    assert "not an encoding" in refusal_of(tmp_path, WESTERN, encoding="klingon")


def test_a_broken_mark_is_refused(tmp_path: Path) -> None:
    assert "begins as UTF-8" in refusal_of(tmp_path, b"\xef\xbb\xbfname\nM\xfcller\n")


@pytest.mark.parametrize(("mark", "told"), [(",", ","), (";", ";"), ("\t", "TAB"), ("|", "|")])
def test_the_separator_is_found(tmp_path: Path, mark: str, told: str) -> None:
    table = table_of(tmp_path, f"a{mark}b\n1{mark}x y\n2{mark}z\n")
    assert table.layout.separator == told
    assert cells_of(table) == [["1", "x y"], ["2", "z"]]


def test_the_separator_may_be_told_by_the_first_line(tmp_path: Path) -> None:
    assert cells_of(table_of(tmp_path, "sep=;\na;b\n1;2\n")) == [["1", "2"]]


def test_decimal_commas_are_found(tmp_path: Path) -> None:
    assert table_of(tmp_path, "a;b\n1,5;x\n2,5;y\n").layout.numbers == "1.000,00"
    assert table_of(tmp_path, 'a,b\n"1,000.00",x\n').layout.numbers == "1,000.00"
    assert table_of(tmp_path, "a;b\n1;x\n").layout.numbers == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str) -> None:
    assert cells_of(table_of(tmp_path, f"a,b{end}1,2{end}3,4{end}")) == [["1", "2"], ["3", "4"]]


def test_quotes_hold_separators_lines_and_quotes(tmp_path: Path) -> None:
    assert cells_of(table_of(tmp_path, 'a,b\n"x, y","line\n""two"""\n')) == [["x, y", 'line\n"two"']]


def test_a_bad_row_says_what_is_wrong_and_harms_no_other(tmp_path: Path) -> None:
    content = "a,b,c,d,e\n1,2,3,4,5\n\n1,2,3\n1,2,3,4,5,6\n1,2\0,3,4,5\n" + f"1,{'x' * 200_000},3,4,5\n" + "1,2,3,4,5\n"
    rows = rows_of(table_of(tmp_path, content))
    assert [(row.number, row.problem) for row in rows] == [
        (2, ""),
        (4, "has 3 values, expected 5"),
        (5, "has 6 values, expected 5"),
        (6, "line 6 has a character that cannot be stored (code 0)"),
        (7, "has a value of 200,000 characters, at most 100,000"),
        (8, ""),
    ]


def test_a_value_beyond_all_measure_is_a_row_error(tmp_path: Path) -> None:
    rows = rows_of(table_of(tmp_path, f"a,b\n1,{'x' * 2_000_000}\n3,4\n"))
    assert [row.problem for row in rows] == ["has a value of more than 1,000,000 characters, at most 100,000", ""]


def test_a_quote_that_is_never_closed_is_found(tmp_path: Path) -> None:
    lines = ["a,b", *(f"{number},x" for number in range(2, 12)), '12,"x', "13,y", '14,"z, z"']
    assert refusal_of(tmp_path, 'a,b\n1,2\n3,"x\n4,5\n') == "A quote opened in line 3 is not closed."
    assert refusal_of(tmp_path, "\n".join(lines[:-1])) == "A quote opened in line 12 is not closed."


def test_a_quote_that_ends_inside_a_value_spoils_its_row_only(tmp_path: Path) -> None:
    rows = rows_of(table_of(tmp_path, 'a,b\n3,"x\n4,"5"\n6,7\n'))
    assert [(row.problem, list(row.cells)) for row in rows] == [
        ("a quote in line 3 does not end where a column ends", []),
        ("", ["6", "7"]),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The file is empty."),
        ("a,b\n", "The file has a header but no rows."),
        ("a,b,a\n1,2,3\n", "Column ‘a’ is given twice."),
        ("a,,b\n1,2,3\n", "Column 2 has no name."),
        (",".join(f"c{n}" for n in range(10_000)) + "\n", "At most 200 columns. (This file has 10,000.)"),
        (b"\x89PNG\r\n\x1a\n", "This is a PNG file. Only CSV and .xlsx files can be read."),
        (b"%PDF-1.7 ...", "This is a PDF file. Only CSV and .xlsx files can be read."),
        (b"\xd0\xcf\x11\xe0old", "This is an old or password-protected Excel file."),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert refusal_of(tmp_path, content).startswith(words)


def test_a_missing_file_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Choose a file\."):
        open_table(tmp_path / "none.csv")


def test_columns_without_names_at_the_end_are_passed_over(tmp_path: Path) -> None:
    assert cells_of(table_of(tmp_path, "a,b,,\n1,2,,\n")) == [["1", "2"]]


def test_a_line_that_never_ends_is_refused_before_it_is_held_in_memory(tmp_path: Path) -> None:
    assert "longer than 4 MB" in refusal_of(tmp_path, b"a,b\n" + b"x" * 6_000_000)


def test_a_large_file_is_read_in_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("a,b,c\n")
        file.writelines(f"{number},{'x' * 40},{number}\n" for number in range(100_000))
    tracemalloc.start()
    count = sum(1 for _row in open_table(path).rows())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert most < 12_000_000


def test_an_upload_has_a_limit_and_says_what_to_do() -> None:
    reader.check_upload_size(50 * 2**20)
    with pytest.raises(Refused, match=r"has 100 MB; at most 50 MB can be uploaded.*import_book"):
        reader.check_upload_size(100 * 2**20)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.php.png", "x.svg", ".csv", "a\n.csv", "x" * 300 + ".csv", "~"])
def test_an_upload_with_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"is not a name of"):
        uploads.keep(tmp_path, name, 1, [b"x"])
    assert list(tmp_path.iterdir()) == []


def test_an_upload_is_kept_under_its_plain_name_once(tmp_path: Path) -> None:
    assert uploads.keep(tmp_path, "../books/accounts.csv", 1, [b"x"]) == tmp_path / "accounts.csv"
    with pytest.raises(Refused, match=r"given twice"):
        uploads.keep(tmp_path, "accounts.csv", 1, [b"x"])


def test_a_folder_of_uploads_is_found_by_its_own_key_only() -> None:
    folder = uploads.new_folder()
    assert uploads.folder_of(folder.name) == folder
    uploads.forget(folder)
    for key in (folder.name, "../" + folder.name, "", ".."):
        with pytest.raises(Refused, match="are gone"):
            uploads.folder_of(key)


# ── Workbooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(*rows: list[object], sheets: int = 1) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for number in range(1, sheets):
        book.create_sheet(f"other{number}")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(parts: Mapping[str, bytes | str] | Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def test_the_cells_of_a_workbook_keep_their_types(tmp_path: Path) -> None:
    content = workbook(
        ["name", "arr", "on", "yes"], ["A", 27.5, dt.date(2026, 3, 1), True], [None, None], ["B", 1, None]
    )
    table = table_of(tmp_path, content, "book.xlsx")
    assert table.layout.rows == 2
    assert cells_of(table) == [["A", 27.5, dt.datetime(2026, 3, 1), True], ["B", 1, None, None]]
    assert [row.number for row in table.rows()] == [2, 4]


def test_a_day_of_1900_is_the_right_day(tmp_path: Path) -> None:
    table = table_of(tmp_path, workbook(["on"], [dt.date(1900, 1, 1)], [dt.date(1900, 3, 1)]), "book.xlsx")
    assert cells_of(table) == [[dt.datetime(1900, 1, 1)], [dt.datetime(1900, 3, 1)]]


def test_an_error_in_a_cell_spoils_its_row(tmp_path: Path) -> None:
    table = table_of(tmp_path, workbook(["name", "arr"], ["A", "#REF!"], ["B", 1]), "book.xlsx")
    assert [row.problem for row in table.rows()] == ["column ‘arr’ has the error #REF!", ""]


def with_formula(cached: str) -> bytes:
    """A workbook whose B2 is a formula, with or without the value that a spreadsheet program keeps beside it."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(workbook(["name", "arr"], ["A", 5]))) as file:
        for name in file.namelist():
            parts[name] = file.read(name)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("<v>5</v>", f"<f>2+3</f>{cached}").encode()
    return archive(parts)


def test_a_formula_counts_by_its_stored_value(tmp_path: Path) -> None:
    assert cells_of(table_of(tmp_path, with_formula("<v>5</v>"), "book.xlsx")) == [["A", 5]]
    problem = rows_of(table_of(tmp_path, with_formula("<v></v>"), "book.xlsx"))[0].problem
    assert problem.startswith("column ‘arr’ has a formula without its value")


def test_other_sheets_are_passed_over_and_that_is_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, workbook(["a"], ["1"], sheets=3), "book.xlsx")
    assert table.layout.notes == ("Only the sheet “Sheet” was read, of 3.",)
    assert "no sheet “none”" in refusal_of(tmp_path, workbook(["a"], ["1"]), "book.xlsx", sheet="none")


def test_a_workbook_named_as_text_is_told_apart_from_other_archives(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, workbook(["a"], ["1"])) == (
        "This is an Excel file. Save it as CSV or upload it as .xlsx."
    )
    assert refusal_of(tmp_path, archive({"a.csv": "a\n1\n"})).startswith("This is a ZIP archive.")
    assert refusal_of(tmp_path, archive({"a.csv": "a\n1\n"}), "x.xlsx").startswith("This is not an Excel file")
    assert refusal_of(tmp_path, "a,b\n1,2\n", "x.xlsx").startswith("This is not an Excel file")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"xl/worksheets/sheet1.xml": b"<row/>" * 23_000_000}, "unpacks to 132 MB; the limit is 50 MB"),
        ({"xl/worksheets/sheet1.xml": b" " * 40_000_000}, "packed too tightly"),
        ({f"xl/worksheets/sheet{number}.xml": b"" for number in range(100_000)}, "too many parts"),
        ({"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}, "document type"),
        ({"xl/workbook.xml": "<x/>", "xl/vbaProject.bin": "x"}, "with macros"),
        ({"xl/workbook.xml": "<x/>"}, "damaged"),
    ],
    ids=["bomb", "tight", "sheets", "doctype", "macros", "damaged"],
)
def test_a_hostile_workbook_is_refused_from_outside(tmp_path: Path, parts: dict[str, bytes | str], words: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(archive(parts))
    started = time.process_time()
    with pytest.raises(Refused, match=words):
        open_table(path)
    assert time.process_time() - started < 0.5  # refused at sight; parsing the bomb takes half a minute


def test_macros_are_refused_by_name_and_a_cut_file_is_damaged(tmp_path: Path) -> None:
    content = workbook(["a"], ["1"])
    assert "with macros" in refusal_of(tmp_path, content, "book.xlsm")
    assert "damaged" in refusal_of(tmp_path, content[:3000], "book.xlsx")


def test_more_columns_than_a_table_has_are_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, workbook([f"c{n}" for n in range(300)]), "book.xlsx").startswith("At most 200 columns.")
