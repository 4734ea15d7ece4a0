"""One POST to the service, with the patience that Twilio has.

Twilio waits 5 s for a connection and 15 s for everything together, and tries again once when no
connection came about (Twilio, "Webhooks: connection overrides"; the figures are in
``twilio.toml``). Written on asyncio's streams, so that the total is kept and a stop waits for none.
"""

import asyncio
import http.client
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from integrations.standins.twilio import account, words

if TYPE_CHECKING:
    import socket

LONGEST_ANSWER = 64 * 1024
TRIES = 2


class UnansweredError(Exception):
    """The service gave no answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said."""

    status: int
    content_type: str
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether Twilio takes it."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the range of success


class _Received:
    """Bytes that look like a socket, which is all that the standard library's parser asks."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._received)


async def post(url: str, *, form: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> Answer:
    """Return the answer. Raises UnansweredError, and NotLoopbackError for an address elsewhere."""
    if not account.is_loopback(url):
        raise account.NotLoopbackError
    try:
        async with asyncio.timeout(words.TOTAL_SECONDS):
            reader, writer = await _connect(url)
            try:
                writer.write(_request(url, form=form, headers=headers))
                await writer.drain()
                return _parse(await _read(reader))
            finally:
                writer.close()
    except (OSError, TimeoutError, http.client.HTTPException) as broken:
        raise UnansweredError from broken


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    for last in range(TRIES, 0, -1):
        try:
            async with asyncio.timeout(words.CONNECT_SECONDS):
                return await asyncio.open_connection(parts.hostname, parts.port or 80)
        except (OSError, TimeoutError):
            if last == 1:
                raise
    raise UnansweredError


async def _read(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while len(received) < LONGEST_ANSWER and (piece := await reader.read(LONGEST_ANSWER)):
        received += piece
    return bytes(received)


def _request(url: str, *, form: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    body = urlencode(form).encode("ascii")
    lines = [
        f"POST {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _parse(received: bytes) -> Answer:
    response = http.client.HTTPResponse(cast("socket.socket", _Received(received)))
    response.begin()
    body = response.read()
    return Answer(
        status=response.status,
        content_type=response.headers.get_content_type() if body else "",
        body=body,
    )
