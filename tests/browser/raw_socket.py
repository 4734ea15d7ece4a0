"""A WebSocket client that can say what no browser would: frames byte by byte (RFC 6455)."""

import base64
import contextlib
import http.client
import json
import os
import socket
import struct
from dataclasses import dataclass
from typing import Any, Self

from tests import servers

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FIN, RSV1, MASKED = 0x80, 0x40, 0x80
PATIENCE = 10.0  # seconds


def frame(
    opcode: int,
    body: bytes = b"",
    *,
    first: int = FIN,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """One frame. `first` holds the bits above the opcode; `length` may claim another length."""
    size = len(body) if length is None else length
    mask_bit = MASKED if masked else 0
    if size < 126:
        head = struct.pack("!BB", first | opcode, mask_bit | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first | opcode, mask_bit | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, mask_bit | 127, size)
    if not masked:
        return head + body
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))


def say(length: int, client_id: str = "a") -> bytes:
    """A frame of the child's protocol that is exactly so many bytes long, unframed."""
    empty = json.dumps({"type": "say", "client_id": client_id, "text": ""}).encode()
    return empty[:-2] + b"x" * (length - len(empty)) + empty[-2:]


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A conversation and its token, begun over the child's API."""

    id: str
    token: str
    port: int

    @classmethod
    def begin(cls, port: int) -> Self:
        answer = request(port, "POST", "/api/v1/conversations", {})
        return cls(id=answer["conversation"], token=answer["token"], port=port)

    def say(self, text: str, client_id: str) -> dict[str, Any]:
        path = f"/api/v1/conversations/{self.id}/messages"
        return request(
            self.port, "POST", path, {"client_id": client_id, "text": text}, token=self.token
        )


def request(
    port: int, method: str, path: str, body: dict[str, str], *, token: str = ""
) -> dict[str, Any]:
    """One call of the API, which must succeed."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(servers.LOOPBACK, port, timeout=PATIENCE)
    try:
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        assert answer.status == http.HTTPStatus.CREATED, answer.status
        read: dict[str, Any] = json.loads(answer.read())
        return read
    finally:
        connection.close()


class RawSocket:
    """One connection. `status` is what the upgrade was answered with."""

    def __init__(self, port: int, path: str, *, origin: str = "") -> None:
        self.wire = socket.create_connection((servers.LOOPBACK, port), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        asked = (
            f"GET {path} HTTP/1.1\r\nHost: {servers.LOOPBACK}:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
        from_page = f"Origin: {origin}\r\n" if origin else ""
        self.wire.sendall(f"{asked}{from_page}\r\n".encode())
        self.unread = b""
        while b"\r\n\r\n" not in self.unread:
            got = self.wire.recv(4096)
            assert got
            self.unread += got
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.wire.close()

    def send(self, *frames: bytes) -> None:
        self.wire.sendall(b"".join(frames))

    def tell(self, said: dict[str, Any]) -> None:
        self.send(frame(TEXT, json.dumps(said).encode()))

    def heard(self) -> tuple[int, bytes]:
        """The next frame of the server: its opcode and its body."""
        first, size = self._take(2)
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(size)

    def told(self) -> dict[str, Any]:
        """The next text frame, as JSON."""
        opcode, body = self.heard()
        assert opcode == TEXT, (opcode, body)
        said: dict[str, Any] = json.loads(body)
        return said

    def closed_with(self) -> int:
        """Read on until the server closes; the code it closed with."""
        while True:
            opcode, body = self.heard()
            if opcode == CLOSE:
                (code,) = struct.unpack("!H", body[:2])
                return int(code)

    def is_over(self) -> bool:
        """Whether the server ends the connection too, once it is told that we know."""
        # A connection that ends with words of ours unread is reset, which is an end too.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            self.send(frame(CLOSE, struct.pack("!H", 1000)))
            while self.wire.recv(4096):
                pass
        return True

    def _take(self, size: int) -> bytes:
        while len(self.unread) < size:
            got = self.wire.recv(65_536)
            if not got:
                raise EOFError
            self.unread += got
        taken, self.unread = self.unread[:size], self.unread[size:]
        return taken
