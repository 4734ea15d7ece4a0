"""A child's socket as a load generator needs it: one that costs far less than what it measures.

It speaks RFC 6455 as far as our own server does: unfragmented text frames, pings and a close. Its
frames are masked with zeros, so that masking costs the generator nothing and the server the same.
"""

import asyncio
import base64
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOOPBACK = "127.0.0.1"

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FIN = 0x80
_NO_MASK = b"\x00\x00\x00\x00"
_SHORT, _MEDIUM = 125, 126
_HEAD_END = b"\r\n\r\n"


class SocketRefusedError(ConnectionError):
    """The server did not open the socket, or closed it."""


class Socket(asyncio.Protocol):
    """One open socket. ``heard`` is called with the bytes of each text frame."""

    def __init__(self, path: str, host: str) -> None:
        self._path, self._host = path, host
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: Callable[[bytes], None] = lambda _frame: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport  # type: ignore[assignment]  # a TCP connection's is always one
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = (
            f"GET {self._path} HTTP/1.1",
            f"Host: {self._host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self._write("\r\n".join(lines).encode() + _HEAD_END)

    def data_received(self, data: bytes) -> None:
        """Hand over every whole frame; keep the rest for later."""
        received = self._received + data if self._received else data
        if not self._is_open:
            head, end, received = received.partition(_HEAD_END)
            if not end:
                self._received = head
                return
            self._enter(head)
        self._received = self._take(received)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever still waits for the socket to open."""
        del exc
        self._is_open = False
        self.gone.set_result(None)
        if not self.opened.done():
            self.opened.set_exception(SocketRefusedError())

    def send(self, text: bytes) -> None:
        """Send one text frame."""
        self._write(framed(_TEXT, text))

    def send_framed(self, frame: bytes) -> None:
        """Send what :func:`framed_text` made before."""
        self._write(frame)

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _enter(self, head: bytes) -> None:
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.close()
            return
        self._is_open = True
        self.opened.set_result(None)

    def _take(self, received: bytes) -> bytes:
        start, available = 0, len(received)
        while available - start >= 2:  # noqa: PLR2004 - the shortest head of a frame
            length, body = received[start + 1], start + 2
            if length == _MEDIUM:
                length, body = int.from_bytes(received[body : body + 2]), body + 2
            end = body + length
            if end > available:
                break
            self._take_frame(received[start] & 0x0F, received[body:end])
            start = end
        return received[start:]

    def _take_frame(self, kind: int, payload: bytes) -> None:
        if kind == _TEXT:
            self.heard(payload)
        elif kind == _PING:
            self._write(framed(_PONG, payload))
        elif kind == _CLOSE:
            self.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def framed_text(text: bytes) -> bytes:
    """A client's text frame; text of up to 65,535 bytes."""
    return framed(_TEXT, text)


def framed(kind: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    if len(payload) <= _SHORT:
        head = bytes((_FIN | kind, 0x80 | len(payload)))
    else:
        head = bytes((_FIN | kind, 0x80 | _MEDIUM)) + len(payload).to_bytes(2)
    return head + _NO_MASK + payload


async def connect(port: int, path: str) -> Socket:
    """Open a socket on this machine; :class:`SocketRefusedError` when it is not let in."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(
        lambda: Socket(path, f"{LOOPBACK}:{port}"), LOOPBACK, port
    )
    await socket.opened
    return socket


async def close(opened: "Sequence[Socket]") -> None:
    """Drop every connection, and wait until they are gone."""
    for socket in opened:
        socket.close()
    await asyncio.gather(*(socket.gone for socket in opened))
