"""The child's socket against an other end that does not read, and one that types without end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.websockets import WebSocket

from chat import webchat
from chat.webchat import Socket

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
LONG = "x" * 10_000


@dataclass(frozen=True)
class Spoken:
    seq: int
    text: str = LONG
    author: str = "advocate"
    at: datetime = AT


class Wire:
    """The other end of the socket: it reads while it may."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.read: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.reads = asyncio.Event()
        self.incoming.put_nowait({"type": "websocket.connect"})

    def tell(self, **frame: Any) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.closed = message["code"]
        elif message["type"] == "websocket.send":
            await self.reads.wait()
            self.read.append(json.loads(message["text"]))


class Kept:
    """A service with messages that are there already."""

    def __init__(self, count: int) -> None:
        self.messages = [Spoken(seq) for seq in range(1, count + 1)]
        self.handed_out = 0
        self.rung = 0

    async def may_enter(self, token: str | None) -> bool:
        return token is None

    async def latest(self) -> int:
        return len(self.messages)

    async def messages_after(self, cursor: int, *, limit: int) -> Sequence[Any]:
        page = self.messages[cursor : cursor + limit]
        self.handed_out += len(page)
        return page

    def listen(self, socket: Socket) -> Callable[[], None]:
        del socket
        return lambda: None

    def say(self, *given: Any) -> None:
        raise NotImplementedError

    def writing(self, socket: Socket) -> None:
        del socket
        self.rung += 1


@dataclass
class Opened:
    wire: Wire
    kept: Kept
    socket: Socket


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    wire, kept = Wire(), Kept(200)
    websocket = WebSocket({"type": "websocket"}, wire.incoming.get, wire.send)
    await websocket.accept()
    socket = Socket(websocket, kept)
    serving = asyncio.create_task(socket.serve())
    yield Opened(wire, kept, socket)
    wire.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
    await asyncio.wait_for(serving, 5)


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_reader_that_does_not_read_is_held_little_and_gets_all_once_it_reads(
    opened: Opened,
) -> None:
    opened.wire.tell(type="hello", after=0)
    await settle()
    assert opened.socket._bytes_waiting <= webchat.MOST_BYTES_WAITING
    assert opened.kept.handed_out <= webchat.PAGE
    opened.wire.reads.set()
    await settle()
    shown = [each["seq"] for each in opened.wire.read if each["type"] == "message"]
    assert shown == [*range(1, 201)]
    assert opened.socket._bytes_waiting == 0
    assert opened.wire.closed is None


async def test_a_reader_that_falls_behind_what_is_said_now_is_sent_away_to_come_back(
    opened: Opened,
) -> None:
    opened.wire.reads.set()
    opened.wire.tell(type="hello", after=200)
    await settle()
    opened.wire.reads.clear()
    for seq in range(201, 201 + 2 * webchat.MOST_BYTES_WAITING // len(LONG)):
        opened.socket.deliver(Spoken(seq))  # type: ignore[arg-type]  # its author is a plain text
        await asyncio.sleep(0)
    await settle()
    assert opened.wire.closed == webchat.TRY_AGAIN
    assert sum(map(len, opened.socket._outbox)) <= webchat.MOST_BYTES_WAITING


async def test_typing_rings_at_most_once_in_two_seconds(opened: Opened) -> None:
    opened.wire.reads.set()
    opened.wire.tell(type="hello", after=200)
    for _ in range(50):
        opened.wire.tell(type="writing")
    await settle()
    assert opened.kept.rung == 1
    opened.socket._rang_at -= webchat.WRITING_EVERY_SECONDS
    opened.wire.tell(type="writing")
    await settle()
    assert opened.kept.rung == 2
