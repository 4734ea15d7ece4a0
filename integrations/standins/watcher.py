"""A stand-in for the watcher outside, who raises the alarm when a sign of life stays away.

It listens on loopback, takes any POST for one, and remembers when. Whether an alarm is due is
asked of it with a time, so that a test may ask about later.
"""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class OutsideWatcher:
    """Use it in a ``with`` block. ``url`` is where it wants to be pinged."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self.pinged_at: list[float] = []
        self.status = HTTPStatus.OK
        watcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if watcher.status is HTTPStatus.OK:
                    watcher.pinged_at.append(wall())
                self.send_response(watcher.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: object) -> None:
                """Say nothing: the address is a secret."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ping"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def is_alarmed(self, *, at: float, grace_seconds: float) -> bool:
        """Whether the alarm is on at a time: it was pinged once, and not since so long before."""
        before = [each for each in self.pinged_at if each <= at]
        return bool(before) and at - before[-1] > grace_seconds
