"""Serves both faces with uvicorn, from one event loop."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn
import uvloop

from chat import frames
from helpline import failpoints, migrating, wiring
from helpline.asgi import Faces
from helpline.intake import Intake, Outcome, Said
from helpline.running import lifespan_app
from helpline.settings import LOOPBACK, Settings, SettingsError
from helpline.transaction import hold_alone
from helpline.writer import Writer
from integrations import database

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# Open chats are told to come back, and what waits is written, within this time.
STOP_WITHIN_SECONDS = 5

# How long a busy thread may keep the others from the interpreter; Python's own 5 ms made a child's
# tick wait that long several times over while the embedded worker was busy (docs/performance.md).
SWITCH_SECONDS = 0.0005


class _Server(uvicorn.Server):
    """A server that tells long polls and sockets to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, adapters: "Adapters") -> None:
        super().__init__(config)
        self._adapters = adapters

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._adapters.hub.close_soon()
        super().handle_exit(sig, frame)
        # uvicorn would raise the signal once more when it has stopped, and whoever asked for the
        # stop would see a process that was killed, not one that ended well.
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What the program loaded stays for ever, and looking through it for rubbish stopped every
        # thread for 85 ms at a time, which was the slowest tick in a hundred.
        gc.collect()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Our own word to open chats (docs/protocol.md) goes out before uvicorn's, which knows no
        # better than that a server restarts; the signal may have come in the middle of its turn.
        self._adapters.hub.close()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def serve(
    settings: Settings,
    *,
    bell: wiring.Bell,
    host: str,
    port: int,
    writes: Callable[[Intake], Writer[Said, Outcome]] = Intake.writer,
) -> None:
    """Serve until a signal comes. Refuses a schema that is behind or ahead of this program.

    ``writes`` is for benchmarks: see :func:`helpline.wiring.build`.
    """
    if settings.demo and host not in LOOPBACK:
        # The demo signs anybody in. A Host header that says "localhost" proves nothing.
        raise SettingsError("The demo answers on loopback only.")
    sys.setswitchinterval(SWITCH_SECONDS)
    with hold_alone(settings):
        if settings.failpoints:
            failpoints.arm(settings.failpoints)
        migrating.check_both(settings.database_url, settings.keystore_url)
        adapters = wiring.build(settings, bell=bell, writes=writes)
        database.check_durable(adapters.transactions.store)
        database.check_durable(adapters.keystore_store)
        sockets = [_bound(host, each) for each in ports(settings, port)]
        server = _Server(_config(adapters), adapters)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve(sockets=sockets))


def ports(settings: Settings, port: int) -> list[int]:
    """The ports to listen on: one for both faces by name, or two when they differ by port."""
    if not settings.faces_differ_by_port:
        return [port]
    parts = [urlsplit(each).port for each in (settings.child_origin, settings.staff_origin)]
    return sorted({port, port + 1} | {each for each in parts if each is not None})


def _config(adapters: "Adapters") -> uvicorn.Config:
    return uvicorn.Config(
        Faces(adapters, lifespan_app(adapters)),
        ws="websockets-sansio",
        ws_max_size=frames.MOST_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=25,
        ws_ping_timeout=25,
        timeout_graceful_shutdown=STOP_WITHIN_SECONDS,
        timeout_keep_alive=10,
        access_log=False,  # an access log is a list of who came when
        log_config=None,
        server_header=False,
        lifespan="on",
        proxy_headers=False,
    )


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound
