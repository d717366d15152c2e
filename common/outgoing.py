"""How does one write to an address that somebody typed in, without reaching what only this machine can reach?

The name is looked up once, every address that it stands for is checked, and the connection goes to what was checked:
a name that answers differently the second time is not asked a second time. Nothing is followed, and nobody can make it
wait or read for long.
"""

from __future__ import annotations

import ipaddress
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from common.errors import Refused

SECONDS = 10.0
MOST_BYTES = 64 * 1024
LONGEST = 2_000
PORTS = frozenset({80, 443, 8080, 8443})
# Networks inside the public ranges that lead elsewhere: to this machine, to a neighbour, or through a translator.
NOT_PUBLIC = [
    ipaddress.ip_network(one)
    for one in (
        *("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "100.64.0.0/10"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"),
    )
]
GLOBAL_V6 = ipaddress.ip_network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup = Callable[[str, int], Sequence[str]]


class NotSent(Exception):
    """Nothing arrived, so it may be tried again."""


class Unanswered(Exception):
    """It was sent and no answer came, so it may have arrived."""


@dataclass(frozen=True)
class Target:
    """Where a message goes: the parts of its address, and the numbers that its name stands for."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]


def is_public(address: str) -> bool:
    """Say whether a number is an address of the public net, and of nothing behind it.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1"), is_public("64:ff9b::7f00:1")
    (True, False, False, False)
    """
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    # An address of the old kind inside a new one is judged as nothing but a disguise.
    if isinstance(found, ipaddress.IPv6Address) and (found.ipv4_mapped is not None or found not in GLOBAL_V6):
        return False
    return found.is_global and not any(found in one for one in NOT_PUBLIC if one.version == found.version)


def find_target(url: str, *, trusted: Sequence[str] = (), lookup: Lookup | None = None) -> Target:
    """Take an address apart and look its name up, or refuse it in words.

    trusted: networks that whoever runs this installation has named; in them any port and plain HTTP will do.
    """
    parts, host, port = _parts(url)
    found = tuple(dict.fromkeys((lookup or look_up)(host, port)))
    networks = [ipaddress.ip_network(one) for one in trusted]
    if found and all(_lies_in(one, networks) for one in found):
        return Target(parts, host, port, found)
    if not found or not all(is_public(one) for one in found):
        raise Refused(_("This address is not public."), field="url", code="not_public")
    if parts.scheme != "https":
        raise Refused(_("The address must begin with https://."), field="url", code="not_https")
    if port not in PORTS:
        raise Refused(_("This address is not public."), field="url", code="port")
    return Target(parts, host, port, found)


def _parts(url: str) -> tuple[SplitResult, str, int]:
    """Take an address apart; whatever could be read in two ways is refused."""
    wrong = Refused(_("Give a whole address, like https://hooks.example.com/services/…"), field="url", code="invalid")
    if len(url) > LONGEST or not url.isprintable() or any(sign in url for sign in '\\ "<>^`{|}'):
        raise wrong
    try:
        parts = urlsplit(url)
        port = {"https": 443, "http": 80}.get(parts.scheme, 0) if parts.port is None else parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("https", "http") or not host or not port:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise Refused(_("Leave name and password out of the address."), field="url", code="credentials")
    return parts, host, port


def _lies_in(address: str, networks: Sequence[Network]) -> bool:
    found: Any = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in one for one in networks if one.version == found.version)


def look_up(host: str, port: int, *, seconds: float = SECONDS) -> list[str]:
    """Ask for the numbers of a name, and not for longer than some seconds; none if it has none."""
    answers: queue.Queue[list[str]] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put([str(one[4][0]) for one in found])

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return []


def post_json(
    url: str, body: Any, *, key: str = "", trusted: Sequence[str] = (), lookup: Lookup | None = None,
    seconds: float = SECONDS,
) -> int:  # fmt: skip
    """Send JSON once and answer with the status; a redirect is a status like any other and is not followed.

    key: names the message, so that who gets it twice can tell.
    """
    deadline = _clock() + seconds
    target = find_target(url, trusted=trusted, lookup=lookup)
    with _connect(target, trusted, deadline) as stream:
        try:
            stream.settimeout(_left(deadline))
            stream.sendall(_request(target, body, key))
        except OSError as error:
            raise Unanswered(str(error)) from error
        return _status(stream, deadline)


def _clock() -> float:
    """Seconds that only go forward."""
    return time.monotonic()


def _left(deadline: float) -> float:
    return max(0.01, deadline - _clock())


def _connect(target: Target, trusted: Sequence[str], deadline: float) -> socket.socket:
    """Open a connection to a number that was checked, and look once more at whom one speaks to."""
    networks = [ipaddress.ip_network(one) for one in trusted]
    failed: Exception | None = None
    for address in target.addresses:
        try:
            stream = socket.create_connection((address, target.port), timeout=_left(deadline))
        except OSError as error:
            failed = error
            continue
        try:
            reached = str(stream.getpeername()[0])
            if not is_public(reached) and not _lies_in(reached, networks):
                raise Refused(_("This address is not public."), field="url", code="not_public")
            return _secured(stream, target, deadline)
        except (OSError, Refused) as error:
            stream.close()
            if isinstance(error, Refused):
                raise
            failed = error
    raise NotSent(str(failed)) from failed


def _secured(stream: socket.socket, target: Target, deadline: float) -> socket.socket:
    if target.url.scheme != "https":
        return stream
    stream.settimeout(_left(deadline))
    return ssl.create_default_context().wrap_socket(stream, server_hostname=target.host)


def _request(target: Target, body: Any, key: str) -> bytes:
    sent = json.dumps(body, ensure_ascii=False).encode()
    path = (target.url.path or "/") + (f"?{target.url.query}" if target.url.query else "")
    usual = {"https": 443, "http": 80}[target.url.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}" + ("" if target.port == usual else f":{target.port}"),
        "User-Agent: Mainstay",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(sent)}",
        *([f"Idempotency-Key: {key}"] if key else []),
        "Connection: close",
    ]
    return "\r\n".join(lines).encode("ascii", "replace") + b"\r\n\r\n" + sent


def _status(stream: socket.socket, deadline: float) -> int:
    """Read as far as the first line goes: no more than 64 kB, no longer than the deadline."""
    got = b""
    while b"\n" not in got and len(got) < MOST_BYTES:
        stream.settimeout(_left(deadline))
        if _clock() >= deadline:
            raise Unanswered("no answer in time")
        try:
            part = stream.recv(min(4096, MOST_BYTES - len(got)))
        except OSError as error:
            raise Unanswered(str(error)) from error
        if not part:
            break
        got += part
    words = got.partition(b"\n")[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit() or len(words[1]) != 3:
        raise Unanswered("the answer is not HTTP")
    return int(words[1])
