"""Frames that no browser sends, over a plain socket, against the server as it is shipped."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests import servers
from tests.browser import raw_socket
from tests.browser.raw_socket import FIN, PING, RSV1, TEXT, Conversation, RawSocket, frame
from tests.service import Service

MOST_BYTES = 65_536
PROMPTLY = 5.0  # seconds, on two cores that a whole test run shares
SLOW, HALF_OPEN = 60, 60
PART = MOST_BYTES // 2 + 1

HOSTILE = {
    "text that is not UTF-8": (frame(TEXT, b"\xc3\x28\xff"), 1007),
    "not masked": (frame(TEXT, b"{}", masked=False), 1002),
    "compressed, though nobody agreed": (frame(TEXT, b"{}", first=FIN | RSV1), 1002),
    "the second reserved bit": (frame(TEXT, b"{}", first=FIN | 0x20), 1002),
    "the third reserved bit": (frame(TEXT, b"{}", first=FIN | 0x10), 1002),
    "a kind of frame that does not exist": (frame(0x3, b"{}"), 1002),
    "a control frame that does not exist": (frame(0xB, b""), 1002),
    "a ping in pieces": (frame(PING, b"p", first=0), 1002),
    "a ping that is too long": (frame(PING, b"p" * 126), 1002),
    "a piece of nothing": (frame(0x0, b"{}"), 1002),
    "a text inside a text": (frame(TEXT, b"{", first=0) + frame(TEXT, b"}"), 1002),
    "a claim of a terabyte": (frame(TEXT, b"{", length=2**40), 1009),
    "a claim of more than there is": (frame(TEXT, b"{", length=2**63 + 1), 1009),
    "one byte too many": (frame(TEXT, raw_socket.say(MOST_BYTES + 1)), 1009),
    "too much in pieces": (
        frame(TEXT, b"x" * PART, first=0) + frame(0x0, b"x" * PART),
        1009,
    ),
}


@pytest.fixture
def conversation(served: Service) -> Conversation:
    return Conversation.begin(served.port)


@pytest.fixture
def live(conversation: Conversation) -> Iterator[RawSocket]:
    """A child's socket that was welcomed."""
    path = f"/api/v1/conversations/{conversation.id}/live"
    with RawSocket(conversation.port, path) as opened:
        assert opened.status == HTTPStatus.SWITCHING_PROTOCOLS
        opened.tell({"type": "hello", "token": conversation.token, "after": 0})
        assert opened.told() == {"type": "welcome", "latest": 0}
        yield opened


@pytest.fixture
def healthy(served: Service) -> Iterator[None]:
    """Whatever happened, the service lives, and wrote no stack trace about it."""
    yield
    assert served.is_ready()
    assert "Traceback" not in served.log()


pytestmark = pytest.mark.usefixtures("healthy")


@pytest.mark.parametrize(("sent", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_broken_frame_closes_the_socket_at_once_with_the_code_that_says_why(
    live: RawSocket, conversation: Conversation, sent: bytes, code: int
) -> None:
    began = time.monotonic()
    live.send(sent)
    assert live.closed_with() == code
    assert live.is_over()
    assert time.monotonic() - began < PROMPTLY
    assert conversation.say("hello", "after")["seq"] == 1


def test_the_largest_frame_is_read_and_its_text_refused_in_words(live: RawSocket) -> None:
    live.send(frame(TEXT, raw_socket.say(MOST_BYTES)))
    assert live.told() == {"type": "refused", "client_id": "a", "why": "too_long"}
    live.tell({"type": "say", "client_id": "b", "text": "shorter"})
    assert live.told() == {"type": "kept", "client_id": "b", "seq": 1}


def test_a_frame_byte_by_byte_and_in_pieces_is_read_like_any_other(live: RawSocket) -> None:
    said = b'{"type":"say","client_id":"a","text":"slowly"}'
    pieces = frame(TEXT, said[:10], first=0) + frame(PING, b"?") + frame(0x0, said[10:])
    for at in range(len(pieces)):
        live.send(pieces[at : at + 1])
    assert live.heard() == (raw_socket.PONG, b"?")
    assert live.told() == {"type": "kept", "client_id": "a", "seq": 1}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_socket_from_a_page_of_somebody_else_is_refused(
    served: Service, conversation: Conversation, origin: str
) -> None:
    path = f"/api/v1/conversations/{conversation.id}/live"
    for port, address in ((served.port, path), (served.port + 1, "/console/live")):
        with RawSocket(port, address, origin=origin) as opened:
            assert opened.status == HTTPStatus.FORBIDDEN


def test_slow_and_silent_connections_keep_no_child_waiting(
    served: Service, conversation: Conversation
) -> None:
    path = f"/api/v1/conversations/{conversation.id}/live"
    with contextlib.ExitStack() as open_ones:
        for _ in range(SLOW):
            slow = socket.create_connection((servers.LOOPBACK, served.port), timeout=PROMPTLY)
            open_ones.enter_context(slow)
            slow.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        for _ in range(HALF_OPEN):
            silent = open_ones.enter_context(RawSocket(served.port, path))
            silent.send(frame(TEXT, b"{", length=1_000))
        began = time.monotonic()
        assert conversation.say("hello", "meanwhile")["seq"] == 1
        assert _landing(served.port) == HTTPStatus.OK
        with RawSocket(served.port, path) as opened:
            opened.tell({"type": "hello", "token": conversation.token, "after": 0})
            assert opened.told() == {"type": "welcome", "latest": 1}
            assert opened.told()["text"] == "hello"
        assert time.monotonic() - began < PROMPTLY


def _landing(port: int) -> int:
    connection = http.client.HTTPConnection(servers.LOOPBACK, port, timeout=PROMPTLY)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()
