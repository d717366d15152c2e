"""Does nothing that somebody typed reach what only this machine can reach, and does nothing make it wait or read?"""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from common import outgoing
from common.errors import Refused

PUBLIC = "93.184.216.34"

# Hosts as they may stand in an address; each stands for a number that is not of the public net, or for none.
NUMBERS = [
    *("127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "0x7f000001", "0x7f.1", "2130706433", "017700000001"),
    *("127.0.0.1.", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
    *("[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:53aa:64c:0:fbff:80ff:fffe]", "[2001:db8::1]", "[fe80::1]"),
    *("[fe80::1%25lo]", "[fec0::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[ff0e::1]", "[100::1]"),
    *("[3fff::1]", "[5f00::1]", "[2001:2::1]", "[2001:20::1]", "[::ffff:10.0.0.1]", "[0:0:0:0:0:ffff:a9fe:a9fe]"),
]
ADDRESSES = [
    *(f"https://{host}/hook" for host in NUMBERS),
    *("http://93.184.216.34/", "https://93.184.216.34:22/", "https://93.184.216.34:25/", "https://93.184.216.34:6379/"),
    *("ftp://93.184.216.34/", "gopher://93.184.216.34/", "file:///etc/passwd", "javascript:alert(1)", "//host/", ""),
    *("https://user:pw@93.184.216.34/", "https://user@93.184.216.34/", "https://93.184.216.34\\@127.0.0.1/"),
    *("https://93.184.216.34\r\nHost: x/", "https:// 127.0.0.1/", "https://[::1", "https://93.184.216.34:99999/"),
    *("https://a..b/", "https:///hook", "https://93.184.216.34:0/", "https://127.0.0.1#@93.184.216.34/", "data:,x"),
    *("https://localhost/", "https://ip6-localhost/", "https://" + "a" * 3000 + ".example/"),
]


def numeric(host: str, port: int) -> list[str]:
    """Read numbers as the system does, and ask nobody for a name."""
    if host in ("localhost", "ip6-localhost"):
        return ["127.0.0.1"]
    with contextlib.suppress(OSError):
        return [socket.inet_ntoa(socket.inet_aton(host))]
    with contextlib.suppress(OSError):
        return [socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host.partition("%")[0]))]
    return []


def test_there_are_enough_of_them() -> None:
    assert len(ADDRESSES) >= 60
    assert len(set(ADDRESSES)) == len(ADDRESSES)


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_hostile_address_is_refused_before_anything_is_sent(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: tried.append(args))

    with pytest.raises(Refused):
        outgoing.post_json(url, {}, lookup=numeric)
    assert tried == []


@pytest.mark.parametrize("answers", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:10.0.0.1", PUBLIC], []])
def test_a_name_that_stands_for_anything_else_is_refused(answers: list[str]) -> None:
    with pytest.raises(Refused, match="not public"):
        outgoing.find_target("https://chat.example/", lookup=lambda host, port: answers)


def test_a_public_name_is_taken() -> None:
    found = outgoing.find_target("https://chat.example/a?b=c", lookup=lambda host, port: [PUBLIC, PUBLIC])

    assert (found.host, found.port, found.addresses) == ("chat.example", 443, (PUBLIC,))


def test_a_name_that_answers_otherwise_the_second_time_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the connection goes to the number that was checked."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    reached: list[object] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outgoing.NotSent):
        outgoing.post_json("https://chat.example/", {}, lookup=lambda host, port: next(answers))
    assert reached == [(PUBLIC, 443)]


def test_whom_one_really_speaks_to_is_looked_at_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the system lead a public number elsewhere, nothing is said there."""

    class Stream:
        closed = False

        def getpeername(self) -> tuple[str, int]:
            return ("127.0.0.1", 443)

        def close(self) -> None:
            Stream.closed = True

    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: Stream())
    with pytest.raises(Refused, match="not public"):
        outgoing.post_json("https://chat.example/", {}, lookup=lambda host, port: [PUBLIC])
    assert Stream.closed


@contextlib.contextmanager
def server(serve):
    """A server on this machine, which the tests trust."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    got: list[bytes] = []

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _address = listener.accept()
                with stream:
                    got.append(stream.recv(65536))
                    with contextlib.suppress(OSError):
                        serve(stream)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook?a=1", got
    finally:
        listener.close()


def post(url, **more):
    return outgoing.post_json(url, {"text": "甲"}, key="k-1", trusted=["127.0.0.0/8"], **more)


@pytest.mark.allow_hosts(["127.0.0.1"])
class TestAServer:
    def test_it_gets_the_message_as_json_with_its_name(self) -> None:
        with server(lambda stream: stream.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as (url, got):
            assert post(url) == 204
        head, _, body = got[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
        assert b"Idempotency-Key: k-1" in head
        assert body.decode() == '{"text": "甲"}'

    def test_a_redirect_is_not_followed(self) -> None:
        with server(lambda stream: stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as (inner, asked):
            answer = f"HTTP/1.1 302 Found\r\nLocation: {inner}\r\n\r\n".encode()
            with server(lambda stream: stream.sendall(answer)) as (url, _got):
                assert post(url) == 302
            assert asked == []

    def test_an_endless_answer_is_cut_at_64_kb(self) -> None:
        sent = [0]

        def flood(stream) -> None:
            while True:
                sent[0] += stream.send(b"x" * 4096)

        with server(flood) as (url, _got), pytest.raises(outgoing.Unanswered):
            post(url)

    def test_a_silent_and_a_dripping_server_are_left_in_time(self) -> None:
        def drip(stream) -> None:
            while True:
                stream.send(b"H")
                time.sleep(0.1)

        for serve in (drip, lambda stream: time.sleep(2)):
            with server(serve) as (url, _got):
                began = time.monotonic()
                with pytest.raises(outgoing.Unanswered):
                    post(url, seconds=0.5)
                assert time.monotonic() - began < 1.9

    def test_a_closed_door_means_that_nothing_was_sent(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(outgoing.NotSent):
            post(url)

    def test_without_trust_this_machine_is_not_reached(self) -> None:
        with server(lambda stream: stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as (url, got):
            with pytest.raises(Refused):
                outgoing.post_json(url, {}, lookup=numeric)
            assert got == []


# Marked, for the fence around the network must not be what is put back after the test.
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: time.sleep(3) or [])
    began = time.monotonic()

    assert outgoing.look_up("slow.example", 443, seconds=0.2) == []
    assert time.monotonic() - began < 1.5
