"""Who is told, inside this process and beyond it, that something is new.

Inside the process delivery is direct. Other processes get a doorbell: ids and a number, never
words. A ring may be lost; every listener can catch up from the database by its cursor.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import structlog

log = structlog.get_logger()

Kind = Literal["message", "queue", "escalation", "staff", "writing", "left"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message's words, for delivery inside this process only."""

    seq: int
    author: Literal["child", "advocate", "system"]
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Something changed about ``subject``. ``seq`` is the newest message's number, if it is one.

    ``spoken`` saves a listener in this process the read and ``by`` is whoever caused it, so that
    it need not hear itself; neither leaves the process.
    """

    kind: Kind
    subject: UUID
    seq: int = 0
    spoken: Spoken | None = None
    by: object = None


Listener = Callable[[Notice], None]


class Doorbell(Protocol):
    """Carries notices to the other processes. It may lose them."""

    def ring(self, notices: list[dict[str, str | int]]) -> None:
        """Tell the others, from any thread, without waiting."""


class Hub:
    """The listeners of this process. ``ring`` is safe from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: int | None = None
        self._doorbell: Doorbell | None = None
        self._by_conversation: defaultdict[UUID, list[Listener]] = defaultdict(list)
        self._consoles: list[Listener] = []
        self._closers: list[Callable[[], None]] = []
        self.is_closing = False

    def start(self, loop: asyncio.AbstractEventLoop, doorbell: Doorbell | None) -> None:
        """Deliver on this loop from now on, and ring the other processes through ``doorbell``."""
        self._loop = loop
        self._loop_thread = threading.get_ident()
        self._doorbell = doorbell

    def use(self, doorbell: Doorbell) -> None:
        """Ring through ``doorbell``, in a process without listeners (a worker)."""
        self._doorbell = doorbell

    def ring(self, *notices: Notice) -> None:
        """Tell everyone who listens, here and in the other processes."""
        self.deliver(*notices)
        if self._doorbell is not None:
            self._doorbell.ring(
                [{"kind": n.kind, "subject": n.subject.hex, "seq": n.seq} for n in notices]
            )

    def deliver(self, *notices: Notice) -> None:
        """Tell the listeners of this process only."""
        if self._loop is None or self._loop.is_closed():
            return
        if threading.get_ident() == self._loop_thread:
            self._tell(notices)
        else:
            self._loop.call_soon_threadsafe(self._tell, notices)

    def listen_to(self, conversation: UUID, listener: Listener) -> Callable[[], None]:
        """Hear of one conversation. Returns how to stop. Call on the loop."""
        self._by_conversation[conversation].append(listener)

        def stop() -> None:
            listeners = self._by_conversation[conversation]
            listeners.remove(listener)
            if not listeners:
                del self._by_conversation[conversation]

        return stop

    def listen_to_all(self, listener: Listener) -> Callable[[], None]:
        """Hear of everything, as a console does. Returns how to stop. Call on the loop."""
        self._consoles.append(listener)
        return lambda: self._consoles.remove(listener)

    def listened_to(self) -> list[UUID]:
        """The conversations that somebody in this process listens to."""
        return list(self._by_conversation)

    @contextmanager
    def hearing(self, conversation: UUID) -> Iterator["Heard"]:
        """Hear of one conversation from now on. Begin before reading, so that nothing is missed."""
        heard = Heard(self)
        stop_listening = self.listen_to(conversation, heard.hear)
        stop_closing = self.on_close(heard.wake)
        try:
            yield heard
        finally:
            stop_listening()
            stop_closing()

    def on_close(self, closer: Callable[[], None]) -> Callable[[], None]:
        """Call ``closer`` when the process is asked to stop. Returns how to forget it."""
        self._closers.append(closer)
        return lambda: self._closers.remove(closer)

    def close_soon(self) -> None:
        """As :meth:`close`, from a signal handler."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    def close(self) -> None:
        """Wake everyone who waits, because the process stops. Call on the loop."""
        self.is_closing = True
        for closer in list(self._closers):
            _call(closer)

    def _tell(self, notices: tuple[Notice, ...]) -> None:
        for notice in notices:
            for listener in (*self._by_conversation.get(notice.subject, ()), *self._consoles):
                _call(listener, notice)


def _call(told: Callable[..., None], *what: Notice) -> None:
    try:
        told(*what)
    except Exception as problem:  # noqa: BLE001 - one screen that fails costs no other its notice
        log.error("hub.listener_failed", error=type(problem).__name__)


class Heard:
    """What was announced of one conversation since listening began."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._newest = 0
        self.somebody_left = False
        self._changed = asyncio.Event()

    def hear(self, notice: Notice) -> None:
        """Take an announcement."""
        if notice.kind == "message":
            self._newest = max(self._newest, notice.seq)
            self._changed.set()
        elif notice.kind == "left":
            self.somebody_left = True
            self._changed.set()

    def wake(self) -> None:
        """Stop waiting, because the process stops."""
        self._changed.set()

    async def newer_than(self, seq: int, *, seconds: float) -> bool:
        """Wait for a message above ``seq``.

        False when time ran out, the process stops, or a visit ended (``somebody_left``): then
        whoever listens asks again whether it still may.
        """
        try:
            async with asyncio.timeout(seconds):
                while not (self._newest > seq or self.somebody_left or self._hub.is_closing):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return self._newest > seq and not self._hub.is_closing
