"""The console's live socket: it says that something is new, never what.

A page that is rung fetches for itself, so a ring that is lost costs a moment and no word. The
sessions of all sockets are looked at together, often enough that whoever is disabled is out within
five seconds. Until then they may hear a ring, which is an id and a number.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import anyio
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from helpline import origins
from helpline.accounts import sessions
from helpline.accounts.models import READERS
from helpline.accounts.sessions import Held, Standing
from helpline.console import deeds, standing
from helpline.hub import Notice

if TYPE_CHECKING:
    from uuid import UUID

    from helpline.wiring import Adapters

# Rings that come faster than this are told together.
TOLD_AT_MOST_EVERY = 0.1  # seconds

SESSION_ENDED = 4401
STOPPING = 1012


class _Bell:
    """What one socket has yet to tell, each thing once, with the newest number."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.waiting: dict[tuple[str, UUID], int] = {}
        self.rung = asyncio.Event()
        self.is_stopping = False
        self.is_ended = False

    def hear(self, notice: Notice) -> None:
        if self.may_hear(notice):
            known = self.waiting.get((notice.kind, notice.subject), 0)
            self.waiting[notice.kind, notice.subject] = max(known, notice.seq)
            self.rung.set()

    def may_hear(self, notice: Notice) -> bool:
        # About staff, each person hears of themself alone; the rest is for those who may read.
        if notice.kind == "staff":
            return notice.subject == self.held.staff
        if notice.kind == "writing" and notice.seq == deeds.BY_STAFF:
            return False
        return self.held.role in READERS

    def end(self) -> None:
        self.is_ended = True
        self.rung.set()

    def stop(self) -> None:
        self.is_stopping = True
        self.rung.set()


async def live(socket: WebSocket) -> None:
    """Ring a console until its session ends, its page goes or the service stops."""
    if not origins.is_ours(socket, face="staff"):
        await socket.close()
        return
    held = await sessions.held(socket)
    await socket.accept()
    if held is None or held.standing is Standing.HALF:
        await socket.close(SESSION_ENDED)
        return
    adapters: Adapters = socket.app.state.adapters
    bell = _Bell(held)
    stop_listening = adapters.hub.listen_to_all(bell.hear)
    stop_closing = adapters.hub.on_close(bell.stop)
    try:
        with standing.watch_of(socket.app).over(held, ended=bell.end, unknown=bell.stop):
            async with anyio.create_task_group() as both:
                both.start_soon(partial(_answer, socket, both.cancel_scope))
                both.start_soon(partial(_tell, socket, bell, both.cancel_scope))
    finally:
        stop_listening()
        stop_closing()


async def _answer(socket: WebSocket, scope: anyio.CancelScope) -> None:
    # The page says ping to learn whether it is still connected; anything else is ignored.
    try:
        while True:
            if "ping" in await socket.receive_text():
                await socket.send_json({"type": "pong"})
    except (WebSocketDisconnect, KeyError, RuntimeError):
        scope.cancel()


async def _tell(socket: WebSocket, bell: _Bell, scope: anyio.CancelScope) -> None:
    try:
        while True:
            await bell.rung.wait()
            bell.rung.clear()
            if bell.is_ended:
                await socket.close(SESSION_ENDED)
                break
            if bell.is_stopping:
                await socket.close(STOPPING)
                break
            rings, bell.waiting = bell.waiting, {}
            for (kind, subject), seq in rings.items():
                await socket.send_json(
                    {"type": "ring", "kind": kind, "subject": str(subject), "seq": seq}
                )
            await anyio.sleep(TOLD_AT_MOST_EVERY)
    except (WebSocketDisconnect, RuntimeError):
        pass  # the page is gone; it will come back by itself
    scope.cancel()


routes: list[BaseRoute] = [WebSocketRoute("/console/live", live)]
