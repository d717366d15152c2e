"""Is a token of ours recognised, and is every other text refused?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rules import ALPHABET, Scope, allows, compose, generate, in_base62, may_come_from, parse


def test_what_was_drawn_is_read_back():
    for _ in range(200):
        parts = generate()
        assert parse(compose(parts)) == parts


@given(st.integers(0, 65), st.sampled_from(ALPHABET))
def test_a_typing_error_is_seen(position, char):
    token = compose(generate())
    wrong = token[:position] + char + token[position + 1 :]
    assert wrong == token or parse(wrong) is None


@given(st.text())
def test_no_text_is_a_token(text):
    assert parse(text) is None


@pytest.mark.parametrize("wrap", [" {}", "{}\n", "{}x", "M{}"])
def test_nothing_may_stand_around_a_token(wrap):
    assert parse(wrap.format(compose(generate()))) is None


@given(st.integers(0, 2**256 - 1))
def test_all_256_bits_fit(number):
    written = in_base62(number, 43)
    assert sum(ALPHABET.index(char) * 62 ** (42 - place) for place, char in enumerate(written)) == number


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ([], ""),
        (["ingest"], "ingest"),
        (["read"], "read"),
        (["write"], "read write"),
        (["admin"], "read write admin"),
        (["ingest", "read"], "ingest read"),
    ],
)
def test_scopes_include_what_they_say(scopes, allowed):
    assert [scope.value for scope in Scope if allows(scopes, scope)] == allowed.split()


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("203.0.113.9", True),
        ("203.0.114.9", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("x", False),
    ],
)
def test_addresses_are_kept_to_their_networks(address, allowed):
    assert may_come_from(address, ["203.0.113.0/24", "2001:db8::/32"]) is allowed
