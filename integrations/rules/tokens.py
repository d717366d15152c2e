"""What does an API token look like, and what does each scope allow?"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN = re.compile(r"mst_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})", re.ASCII)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Scope(StrEnum):
    """What a token may be used for, within the rights of its owner."""

    INGEST = "ingest"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


# A scope includes the ones named beside it; sending events is apart from all others.
INCLUDES: dict[Scope, frozenset[Scope]] = {
    Scope.INGEST: frozenset({Scope.INGEST}),
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.ADMIN: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
}


@dataclass(frozen=True)
class Parts:
    """The two parts of a token that was sent: its public id and its secret."""

    id: str
    secret: str


def generate() -> Parts:
    """Draw a new token: a public id, and a secret of 256 random bits.

    >>> parts = generate()
    >>> len(parts.id), len(parts.secret), parts == generate()
    (12, 43, False)
    """
    return Parts(
        id="".join(secrets.choice(ALPHABET) for _ in range(12)),
        secret=in_base62(int.from_bytes(secrets.token_bytes(32), "big"), 43),
    )


def compose(parts: Parts) -> str:
    """Write a token as people see it, once.

    >>> compose(Parts("A" * 12, "b" * 43))
    'mst_AAAAAAAAAAAA_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2TPnzK'
    """
    return f"mst_{parts.id}_{parts.secret}{checksum(parts)}"


def parse(text: str) -> Parts | None:
    """Take a token apart; None if it is not one of ours, which the checksum shows without a look at the database.

    >>> parse(compose(Parts("A" * 12, "b" * 43))).id, parse("mst_AAAAAAAAAAAA_" + "b" * 49)
    ('AAAAAAAAAAAA', None)
    """
    found = TOKEN.fullmatch(text)
    if found is None:
        return None
    parts = Parts(found[1], found[2])
    return parts if hmac.compare_digest(checksum(parts), found[3]) else None


def checksum(parts: Parts) -> str:
    """Six characters by which a typing error, or a leaked token in a code scan, is recognised.

    >>> checksum(Parts("A" * 12, "b" * 43))
    '2TPnzK'
    """
    return in_base62(zlib.crc32(f"{parts.id}_{parts.secret}".encode()), 6)


def in_base62(number: int, length: int) -> str:
    """Write a number in letters and digits.

    >>> in_base62(61, 2), in_base62(62, 2)
    ('0z', '10')
    """
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits


def hash_secret(secret: str, pepper: bytes) -> str:
    """Hash a secret for storing. It has 256 random bits, so one keyed round is enough.

    >>> len(hash_secret("s", b"pepper")), hash_secret("s", b"pepper") == hash_secret("s", b"other")
    (64, False)
    """
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def allows(scopes: Iterable[str], wanted: Scope) -> bool:
    """Say whether the scopes of a token include one.

    >>> allows(["write"], Scope.READ), allows(["read"], Scope.WRITE), allows(["admin"], Scope.INGEST)
    (True, False, False)
    """
    return any(wanted in INCLUDES[Scope(scope)] for scope in scopes)


def scope_for(method: str) -> Scope:
    """The scope that a request needs unless its endpoint names another.

    >>> scope_for("GET").value, scope_for("DELETE").value
    ('read', 'write')
    """
    return Scope.READ if method in SAFE_METHODS else Scope.WRITE


def may_come_from(address: str | None, networks: Collection[str]) -> bool:
    """Say whether an address lies in one of the networks; without networks every address does.

    >>> may_come_from("10.1.2.3", ["10.0.0.0/8"]), may_come_from("::ffff:10.1.2.3", ["10.0.0.0/8"])
    (True, True)
    >>> may_come_from("11.0.0.1", ["10.0.0.0/8"]), may_come_from(None, ["10.0.0.0/8"]), may_come_from(None, [])
    (False, False, True)
    """
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in networks)
