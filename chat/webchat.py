"""The child's socket: says go in, messages and ticks go out, and a gap is filled by number.

This module knows the protocol (docs/protocol.md) and nothing of the service around it: who may
come in, how a message is kept and where messages are read from is handed to it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from chat import frames
from chat.errors import ChatError
from chat.frames import Hello, MessageFrame, Outgoing, Say

log = structlog.get_logger()

# Close codes. 4401 is part of the protocol; the others are those of RFC 6455 and its registry.
UNAUTHORISED = 4401
GOING_AWAY = 1001
TRY_AGAIN = 1013

HELLO_WITHIN_SECONDS = 10.0

# A reader this far behind gets nothing more: it comes back and is served from its cursor. What is
# being sent counts too.
MOST_BYTES_WAITING = 256 * 1024

# A gap is filled in pages, and only as fast as the other end reads.
PAGE = 20
FILL_UP_TO_BYTES = MOST_BYTES_WAITING // 4

# Every ring is told to whole consoles, so a hand that never stops typing rings no oftener.
WRITING_EVERY_SECONDS = 2.0


class Words(Protocol):
    """A message with its words, as the service hands it over."""

    @property
    def seq(self) -> int: ...
    @property
    def author(self) -> Literal["child", "advocate", "system"]: ...
    @property
    def text(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Service(Protocol):
    """What the socket needs from the service around it, for one conversation."""

    async def may_enter(self, token: str | None) -> bool:
        """Whether this caller may be in the conversation; asked once, before anything else."""

    async def latest(self) -> int:
        """The number of the newest message."""

    async def messages_after(self, cursor: int, *, limit: int) -> Sequence[Words]:
        """The messages above a cursor, oldest first, at most ``limit`` of them."""

    def listen(self, socket: "Socket") -> Callable[[], None]:
        """Tell the socket of news from now on. Returns how to stop."""

    def say(
        self,
        client_id: str,
        text: str,
        kept: Callable[[int], None],
        refused: Callable[[str], None],
    ) -> None:
        """Keep a message. Raises :class:`chat.errors.ChatError` for a text that is none.

        One of the callbacks comes later, once, on the loop: the number of the kept message, or
        why it is not kept.
        """

    def writing(self, socket: "Socket") -> None:
        """Tell the other side that somebody is writing."""


class Socket:
    """One open socket. Its methods are called on the loop.

    It has slots and makes its queue when it has something to say: a silent child costs little.
    """

    __slots__ = (
        "_announced",
        "_bytes_waiting",
        "_catching_up",
        "_closing",
        "_cursor",
        "_is_open",
        "_outbox",
        "_own",
        "_rang_at",
        "_sending",
        "_service",
        "_websocket",
    )

    def __init__(self, websocket: WebSocket, service: Service) -> None:
        self._websocket = websocket
        self._service = service
        self._outbox: list[str] = []
        self._bytes_waiting = 0
        self._rang_at = 0.0
        self._sending: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._cursor = 0
        self._own: list[int] = []
        self._announced = 0
        self._is_open = True

    async def serve(self) -> None:
        """Serve the socket until it closes. It has been accepted already."""
        hello = await self._hello()
        if hello is None or not await self._service.may_enter(hello.token):
            await self._close(UNAUTHORISED)
            return
        self._cursor = hello.after
        # Listen first and look afterwards, so that nothing falls between.
        stop_listening = self._service.listen(self)
        try:
            latest = await self._service.latest()
            # A cursor from the future would hide what comes next.
            self._cursor = min(self._cursor, latest)
            self._push(frames.Welcome(latest))
            self.announce(latest)
            await self._receive()
        except WebSocketDisconnect:
            pass
        finally:
            self._is_open = False
            stop_listening()
            for task in (self._sending, self._catching_up):
                if task is not None:
                    task.cancel()

    def deliver(self, words: Words) -> None:
        """Show a message that was just kept in this process."""
        if words.seq == self._cursor + 1 and self._catching_up is None:
            self._show(words)
        else:
            self.announce(words.seq)

    def announce(self, seq: int) -> None:
        """Hear that there are messages up to ``seq``; fetch those not shown yet."""
        self._announced = max(self._announced, seq)
        if self._announced > self._cursor and self._catching_up is None and self._is_open:
            self._catching_up = asyncio.create_task(self._catch_up())

    def other_side_is_writing(self) -> None:
        """Show that somebody is writing, never what."""
        self._push(frames.Writing())

    def go_away(self, code: int = GOING_AWAY) -> None:
        """Close the socket because the service stops or the reader is too slow."""
        if self._is_open:
            self._is_open = False
            self._closing = asyncio.create_task(self._close(code))

    async def _hello(self) -> Hello | None:
        try:
            async with asyncio.timeout(HELLO_WITHIN_SECONDS):
                frame = frames.parse(await self._websocket.receive_text())
        except (TimeoutError, frames.BadFrameError, WebSocketDisconnect, KeyError):
            return None
        return frame if isinstance(frame, Hello) else None

    async def _receive(self) -> None:
        while True:
            received = await self._websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            if text is None:
                self._push(frames.Refused(None, "not_text"))
                continue
            try:
                frame = frames.parse(text)
            except frames.BadFrameError:
                self._push(frames.Refused(None, "bad_frame"))
                continue
            self._take(frame)

    def _take(self, frame: frames.Incoming) -> None:
        if isinstance(frame, Say):
            self._say(frame)
        elif isinstance(frame, frames.Ping):
            self._push(frames.Pong())
        elif isinstance(frame, frames.Writing):
            self._ring_that_somebody_writes()
        else:
            self._push(frames.Refused(None, "hello_twice"))

    def _ring_that_somebody_writes(self) -> None:
        now = time.monotonic()
        if now - self._rang_at >= WRITING_EVERY_SECONDS:
            self._rang_at = now
            self._service.writing(self)

    def _say(self, said: Say) -> None:
        def kept(seq: int) -> None:
            if seq > self._cursor:
                self._own.append(seq)
            self._push(frames.Kept(said.client_id, seq))

        def refused(why: str) -> None:
            # A lone surrogate in it cannot be written back.
            named = said.client_id.encode(errors="replace").decode()
            self._push(frames.Refused(named, why))

        try:
            self._service.say(said.client_id, said.text, kept, refused)
        except ChatError as problem:
            refused(WHY.get(type(problem).__name__, "refused"))

    async def _catch_up(self) -> None:
        try:
            while self._announced > self._cursor and self._is_open:
                messages = await self._service.messages_after(self._cursor, limit=PAGE)
                if not messages:
                    # Announced and not there: a rolled-back number, or a cursor from the future.
                    self._announced = self._cursor
                for words in messages:
                    if words.seq > self._cursor:
                        self._show(words)
                        await self._room()
        except Exception as problem:  # noqa: BLE001 - the next announcement or poll tries again
            log.warning("socket.catch_up_failed", error=type(problem).__name__)
        finally:
            self._catching_up = None

    async def _room(self) -> None:
        """Wait until the other end has read most of what it was sent."""
        while self._sending is not None and self._bytes_waiting > FILL_UP_TO_BYTES:
            await asyncio.wait((self._sending,))

    def _show(self, words: Words) -> None:
        self._cursor = words.seq
        if words.seq in self._own:
            # The sender has its tick for this one already.
            self._own.remove(words.seq)
            return
        self._push(MessageFrame(words.seq, words.author, words.text, words.at.isoformat()))

    def _push(self, frame: Outgoing) -> None:
        if not self._is_open:
            return
        text = frames.render(frame)
        self._bytes_waiting += len(text.encode())
        if self._bytes_waiting > MOST_BYTES_WAITING:
            self.go_away(TRY_AGAIN)
            return
        self._outbox.append(text)
        if self._sending is None:
            # A task only while there is something to send: an idle child costs no memory for it.
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._outbox:
                waiting, self._outbox = self._outbox, []
                for frame in waiting:
                    await self._websocket.send({"type": "websocket.send", "text": frame})
                    self._bytes_waiting -= len(frame.encode())
        except (WebSocketDisconnect, RuntimeError):
            self._outbox.clear()
        finally:
            self._sending = None

    async def _close(self, code: int) -> None:
        self._is_open = False
        try:
            await self._websocket.close(code)
        except (WebSocketDisconnect, RuntimeError):
            log.debug("socket.closed_already")


# What a refusal is called in the protocol.
WHY = {
    "TooLongError": "too_long",
    "EmptyTextError": "empty",
    "BadClientIdError": "bad_client_id",
    "DifferentTextError": "different_text",
    "UnknownConversationError": "unknown_conversation",
    "NotKeptError": "not_kept",
}
