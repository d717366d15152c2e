"""Does a mapping say in columns and a few words what would otherwise be code, and is every slip in it named?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from common.errors import Refused
from portfolio.importing.expressions import BadExpression, Surroundings, compile_expression
from portfolio.importing.mapping import BookLookups, bind, parse_mapping, read_mapping
from portfolio.importing.reader import open_table
from portfolio.importing.targets import COLUMNS
from portfolio.importing.values import Unreadable

COLUMN_NAMES = ("name", "mrr", "annual price", "seats", "start", "empty", "flag")
CELLS = ["Acme", "12.50", "299", "7", "2026-01-31", " ", "TRUE"]


class NoLookups:
    def value(self, file: str, key_column: str, column: str) -> Any:
        return {"p": "Pro"}.__getitem__

    def contains(self, file: str, key_column: str) -> Any:
        return {"p"}.__contains__


def value_of(text: str) -> Any:
    places = {name: place for place, name in enumerate(COLUMN_NAMES)}
    return compile_expression(text, Surroundings(places, NoLookups()))(CELLS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("name", "Acme"),
        ("mrr * 12", Decimal("150.00")),
        ("round([annual price] / 12, 2)", Decimal("24.92")),
        ("2 + 3 * -2", Decimal(-4)),
        ("(2 + 3) * 2", Decimal(10)),
        ("'it''s'", "it's"),
        ('"{name}-{seats}"', "Acme-7"),
        ('"{name}-{empty}"', None),
        ("first(empty, name)", "Acme"),
        ("if(seats >= 5, 'many', 'few')", "many"),
        ("if(seats > 7, 'many')", None),
        ("date(start) + 30", dt.date(2026, 3, 2)),
        ("months(start, 1)", dt.date(2026, 2, 28)),
        ("month(start)", dt.date(2026, 1, 1)),
        ("date(start) - date('2026-01-01')", Decimal(30)),
        ("mrr + empty", None),
        ("empty = blank and name != blank", True),
        ("flag = true and not (seats < 7)", True),
        ("start < date('2026-02-01') or false", True),
        ("empty > 3", False),
        ("name = 'Acme'", True),
        ("upper(text(name, ' ', seats))", "ACME 7"),
        ("lookup(plans, 'p', label)", "Pro"),
        ("found(plans, 'q')", False),
    ],
)
def test_an_expression_says_what_it_says(text: str, value: Any) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nme", "Column ‘nme’ is missing. Found: name, mrr"),
        ("mrr *", "expected a value, found the end"),
        ("(mrr", r"expected \), found the end"),
        ("mrr 12", "expected an operator, found 12"),
        ("eval(name)", "no function “eval”"),
        ("__import__('os')", "no function “__import__”"),
        ("name.upper", "Column ‘name.upper’ is missing"),
        ("round(1,2,3)", "does not take 3 values"),
        ("name @ 2", "“@” is not understood"),
        ("(" * 100 + "1" + ")" * 100, "nested at most 30 deep"),
        ("1+" * 600 + "1", "at most 1,?000 characters"),
        ("", "expected a value"),
    ],
)
def test_a_slip_in_an_expression_is_named(text: str, words: str) -> None:
    with pytest.raises(BadExpression, match=words):
        value_of(text)


def test_nothing_is_divided_by_nought() -> None:
    with pytest.raises(Unreadable, match="divided by 0"):
        value_of("mrr / (seats - 7)")


def mapping_with(**load: Any) -> dict[str, Any]:
    return {"files": {"a": {"path": "a.csv"}}, "load": [{"target": "accounts", "from": "a"} | load]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"fils": {}}, "“fils” is not known. Known: all, check"),
        (mapping_with(target="acounts"), "There is no target “acounts”. Known: teams, people"),
        (mapping_with(**{"from": "b"}), "no file “b” among the mapping’s files. Known: a"),
        (mapping_with(columns={"nme": "x"}), "accounts has no column ‘nme’. Known: external_id, name"),
        (mapping_with(columns={"name": {"from": "x", "text": "y"}}), "say either from or text"),
        (mapping_with(columns={"name": {"form": "x"}}), "“form” is not known"),
        (mapping_with(columns=3), "must be a table"),
        ({"files": {"a": {"path": "../a.csv"}}}, "must be a file name in the folder"),
        ({"all": {"dates": "YDM"}}, "“YDM” is not known. Use one of: “YMD”, “DMY”, “MDY”"),
        ({"all": {"numbers": "1000"}}, "Use one of: “1,000.00”, “1.000,00”"),
        ({"check": [{"file": "x", "when": "a", "says": "b"}]}, "no file “x”"),
    ],
)
def test_a_slip_in_a_mapping_is_named_with_what_would_be_right(data: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_mapping(data, COLUMNS)
    assert words in str(refused.value)


def test_a_mapping_that_is_no_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[files\n")
    with pytest.raises(Refused, match=r"m\.toml is not valid TOML"):
        read_mapping(tmp_path / "m.toml", COLUMNS)
    with pytest.raises(Refused, match="no mapping file"):
        read_mapping(tmp_path / "none.toml", COLUMNS)
    with pytest.raises(Refused, match="is a folder"):
        read_mapping(tmp_path, COLUMNS)


def test_values_are_translated_and_missing_ones_filled(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("p,q\nurgent,1\nodd,2\n,3\n")
    table = open_table(tmp_path / "a.csv")
    spec = {"from": "p", "map": {"Urgent": "critical"}, "default": "normal"}
    mapping = parse_mapping(
        mapping_with(columns={"name": spec, "industry": {"from": "p", "map": {"odd": "even"}}}), COLUMNS
    )
    columns = mapping.loads[0].columns or {}
    lookups = BookLookups({"a": table}, {})
    bound = [bind(columns[name], name, table.layout, lookups).compute for name in ("name", "industry")]
    assert [[compute(row.cells) for compute in bound] for row in table.rows()] == [
        ["critical", "urgent"],
        ["normal", "even"],
        ["normal", ""],
    ]


def test_another_file_is_looked_into_by_key(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_text("id,price\n1,29\n2,59\n")
    lookups = BookLookups({"plans": open_table(tmp_path / "plans.csv")}, {"plans": "id"})
    assert lookups.value("plans", "", "price")("2") == "59"
    assert lookups.contains("plans", "price")("29")
    with pytest.raises(Unreadable, match="“3” is not in plans"):
        lookups.value("plans", "", "price")("3")
    with pytest.raises(BadExpression, match=r"Column ‘cost’ is missing in plans\. Found: id, price"):
        lookups.value("plans", "", "cost")
