"""Servers under measurement: each a process of its own, with its worker and schedule beside it."""

import base64
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from helpline import migrating
from helpline.bench.sockets import LOOPBACK

Kind = Literal["service", "ceiling", "echo"]

READY_WITHIN_SECONDS = 60.0
STOP_WITHIN_SECONDS = 15.0
# The worker writes its first sign of life and the caches fill.
REST_SECONDS = 1.0

_MODULES: Mapping[Kind, Sequence[str]] = {
    "service": ("helpline", "serve", "--port"),
    "ceiling": ("helpline.bench.unstored",),
    "echo": ("helpline.bench.echo",),
}


class NotReadyError(RuntimeError):
    """A server did not become ready, or ended by itself."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Migrated stores to measure on, and the environment that names them."""

    database_url: str
    keystore_url: str
    redis_url: str | None
    kek: str
    given: Mapping[str, str]

    def environ(self, port: int) -> dict[str, str]:
        """The environment of a server on ``port``: two host names, so no demo is needed."""
        named = {
            "HELPLINE_DATABASE_URL": self.database_url,
            "HELPLINE_KEYSTORE_URL": self.keystore_url,
            "HELPLINE_REDIS_URL": self.redis_url or "",
            "HELPLINE_KEK": self.kek,
            "HELPLINE_CHILD_ORIGIN": f"http://{LOOPBACK}:{port}",
            "HELPLINE_STAFF_ORIGIN": f"http://{staff_host(port)}",
        }
        ours = {name: value for name, value in self.given.items() if name[:9] != "HELPLINE_"}
        return {**ours, **named}


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    pid: int


def installed(
    *, database_url: str, keystore_url: str, redis_url: str | None, given: Mapping[str, str]
) -> Installation:
    """Bring empty stores up to date."""
    migrating.upgrade(database_url, keystore_url)
    return Installation(
        database_url=database_url,
        keystore_url=keystore_url,
        redis_url=redis_url,
        kek=base64.b64encode(secrets.token_bytes(32)).decode(),
        given=given,
    )


def staff_host(port: int) -> str:
    """The Host of the staff's face, which listens on the same port."""
    return f"localhost:{port + 1}"


@contextmanager
def serving(installation: Installation, kind: Kind) -> Iterator[Served]:
    """Run a server, and beside it worker and schedule where they are processes of their own."""
    port = free_port()
    environ = installation.environ(port)
    with ExitStack() as stack:
        web = stack.enter_context(_running([*_MODULES[kind], str(port)], environ))
        if kind != "echo" and installation.redis_url:
            stack.enter_context(_running(["helpline", "worker"], environ))
            stack.enter_context(_running(["helpline", "beat"], environ))
        _wait(web, port)
        if kind != "echo":
            time.sleep(REST_SECONDS)
        yield Served(port, web.pid)


def processor_seconds(pid: int) -> float:
    """How long a process has kept processors busy, in all its threads."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(
    arguments: Sequence[str], environ: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(  # noqa: S603 - our own program with our own words
        [sys.executable, "-m", *arguments],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > until:
            raise NotReadyError
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
