"""Does the command report in words and as JSON, and does its guide name every column?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import (
    Account,
)
from portfolio.importing.targets import COLUMNS
from tests.portfolio.books import (
    folder_with,
)

pytestmark = pytest.mark.django_db


def run_command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_book", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_reports_as_json(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, {"accounts.csv": "external_id,name\na1,Alpha\n,Beta\n"})
    report = json.loads(run_command(str(folder), "--format", "json"))
    assert report["totals"] == {"new": 1, "changed": 0, "same": 0, "rejected": 1}
    assert report["files"][0]["file"] == "accounts.csv"
    assert {name: report["files"][0][name] for name in ("rows", "new", "rejected", "encoding")} == {
        "rows": 2, "new": 1, "rejected": 1, "encoding": "UTF-8",
    }  # fmt: skip
    assert report["rejects"] == [
        {"file": "accounts.csv", "row": 3, "column": "external_id", "reason": "is missing", "target": "accounts",
         "code": "missing"}
    ]  # fmt: skip


def test_the_command_reports_in_words(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, {"accounts.csv": "external_id,name\na1,Alpha\n,Beta\n"})
    words = run_command(str(folder), "--dry-run")
    assert words.startswith("Trial: nothing was written.")
    assert "accounts.csv row 3: external_id: is missing" in words
    assert not Account.objects.exists()


def test_the_command_fails_only_if_the_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run_command(str(tmp_path / "none"))
    assert refused.value.returncode == 1
    assert "There is no folder" in str(refused.value)


def test_the_guide_names_every_column_of_every_file() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text()
    for name, columns in COLUMNS.items():
        section = guide.split(f"### `{name}.csv`", 1)[1].split("\n###", 1)[0]
        missing = [column for column in columns if f"`{column}" not in section]
        assert missing == [], name
