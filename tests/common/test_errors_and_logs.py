"""Do refusals carry their words, and does a log line stay one line?"""

import logging

import pytest

from common.errors import Conflict, Refused
from common.logs import REQUEST_ID, OneLine


def line(message: str, *args: object, **kwargs: object) -> str:
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 1, message, args, **{"exc_info": None, **kwargs})
    return OneLine("{levelname} {name} {message}", style="{").format(record)


@pytest.mark.parametrize("char", ["\r\n", "\n", "\x00", "\x1b", "\u2028", "\u202e", "\x85", "\ud800"])
def test_a_forged_line_stays_inside_its_line(char):
    written = line("Not Found: %s", f"/x{char}2026-01-01 INFO forged")
    assert len(written.splitlines()) == 1
    assert written.isprintable()


def test_other_scripts_are_left_alone():
    assert line("客户 Ärzte 👩‍🚀") == "INFO a.b 客户 Ärzte 👩‍🚀"


def test_a_traceback_cannot_pass_for_a_record():
    try:
        raise ValueError("bad\n2026-01-01 ERROR forged")
    except ValueError as error:
        written = line("failed", exc_info=(ValueError, error, error.__traceback__))
    first, *rest = written.split("\n")
    assert first == "INFO a.b failed"
    assert rest
    assert all(other.startswith("    | ") for other in rest)


def test_the_lines_of_a_request_carry_its_id():
    before = REQUEST_ID.set("abc-123")
    assert line("hello").endswith("hello request=abc-123")
    REQUEST_ID.reset(before)


def test_a_refusal_says_what_and_where():
    refusal = Refused("ARR cannot be below 0.", field="arr")
    assert (str(refusal), refusal.field, refusal.code) == ("ARR cannot be below 0.", "arr", "refused")


def test_a_conflict_keeps_both_values():
    conflict = Conflict("Someone else saved first.", {"name": ("Acme", "Acme Ltd")})
    assert isinstance(conflict, Refused)
    assert (conflict.code, conflict.values) == ("stale", {"name": ("Acme", "Acme Ltd")})
