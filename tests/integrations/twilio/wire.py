"""A loopback server that answers the real client as badly as it is told to."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations.twilio import client
from tests import servers
from tests.integrations.twilio import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    peer: tuple[str, int]


@dataclass(slots=True)
class Wire:
    """What the server does next, and what it has received."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    behave: Callable[["Handler"], None] = lambda handler: handler.give(201, recording.message())
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def answers(self, status: int, body: Any) -> None:
        """Answer each request like this: text as it is, anything else as JSON."""
        self.behave = lambda handler: handler.give(status, body)

    def hangs(self) -> None:
        """Read each request and say nothing until the test is over."""

        def wait(_: Handler) -> None:
            self.released.wait()

        self.behave = wait

    def breaks(self) -> None:
        """Read each request and tear the connection down."""
        self.behave = lambda handler: handler.tear()

    def breaks_midway(self) -> None:
        """Begin an answer and tear the connection down."""
        self.behave = lambda handler: handler.give(201, recording.message(), missing=10)

    def api(self, *, scheme: str = "http", read_seconds: float = 10.0) -> client.Api:
        return client.Api(
            account_sid=recording.ACCOUNT,
            token=recording.TOKEN,
            api_url=f"{scheme}://{servers.LOOPBACK}:{self.port}",
            read_seconds=read_seconds,
        )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self.take()

    def do_POST(self) -> None:
        self.take()

    def take(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.server.wire.received.append(
            Received(
                method=self.command,
                target=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length).decode(),
                peer=self.client_address,
            )
        )
        self.server.wire.reached.set()
        self.server.wire.behave(self)

    def give(self, status: int, body: Any, *, missing: int = 0) -> None:
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + missing))
        if 300 <= status < 400:
            self.send_header("Location", f"http://{servers.LOOPBACK}:{self.server.wire.port}/there")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or bool(missing)

    def tear(self) -> None:
        # A reset, as when a process dies: no goodbye.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: a test reads the logs."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, wire: Wire, tls: ssl.SSLContext | None) -> None:
        super().__init__((servers.LOOPBACK, 0), Handler)
        self.wire = wire
        wire.port = self.server_address[1]
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """A client that went away is what some of these tests are about."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    wire = Wire()
    with _Server(wire, tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield wire
        finally:
            wire.released.set()
            server.shutdown()
            thread.join()
