"""A private PostgreSQL and Redis in a temporary folder, for as long as a benchmark runs.

Where their programs are installed, `helpline bench` measures both engines without any setting.
PostgreSQL keeps its safe defaults: the service refuses one that has them off.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from helpline.bench import served
from helpline.bench.sockets import LOOPBACK

_READY_WITHIN_SECONDS = 30.0
_STOP_WITHIN_SECONDS = 10.0
_DATA, _KEYS = "bench_data", "bench_keys"


class NotStartedError(RuntimeError):
    """A private PostgreSQL or Redis did not start."""


@dataclass(frozen=True)
class Grown:
    """Two empty databases and a Redis."""

    database_url: str
    keystore_url: str
    redis_url: str


def missing() -> list[str]:
    """The Debian packages without which only the embedded default can be measured."""
    found = {"postgresql": _programs() is not None, "redis-server": shutil.which("redis-server")}
    return [package for package, is_there in found.items() if not is_there]


@contextmanager
def servers() -> Iterator[Grown]:
    """Start both; stop them and remove their folder afterwards."""
    programs, redis_program = _programs(), shutil.which("redis-server")
    if programs is None or redis_program is None:
        raise NotStartedError
    # PostgreSQL refuses root, and neither server needs it.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="helpline-bench-"))
    try:
        if user is not None:
            shutil.chown(folder, user=user)
        initdb = [str(programs / "initdb"), "--pgdata=data", "--username=bench", "--auth=trust"]
        if _spawn([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], folder, user).wait() != 0:
            raise NotStartedError
        port, redis_port = served.free_port(), served.free_port()
        postgres = [str(programs / "postgres"), "-D", str(folder / "data"), f"--port={port}"]
        postgres += [f"--listen_addresses={LOOPBACK}", "--unix_socket_directories="]
        keeps_nothing = ["--bind", LOOPBACK, "--save", "", "--dir", str(folder)]
        redis_command = [redis_program, "--port", str(redis_port), *keeps_nothing]
        with (
            _running(postgres, folder, user, lambda: _make_databases(port)),
            _running(redis_command, folder, user, lambda: _pings(redis_port)),
        ):
            yield Grown(_url(port, _DATA), _url(port, _KEYS), f"redis://{LOOPBACK}:{redis_port}/0")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda programs: int(programs.parent.name))
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).resolve().parent


def _url(port: int, name: str) -> str:
    return f"postgresql://bench@{LOOPBACK}:{port}/{name}"


def _make_databases(port: int) -> None:
    with psycopg.connect(_url(port, "postgres"), autocommit=True) as connection:
        for name in (_DATA, _KEYS):
            connection.execute(f"CREATE DATABASE {name}".encode())


def _pings(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        if not connection.recv(64).startswith(b"+PONG"):
            raise ConnectionError


@contextmanager
def _running(
    command: Sequence[str], folder: Path, user: str | None, ask: Callable[[], None]
) -> Iterator[None]:
    process = _spawn(command, folder, user)
    try:
        _wait(process, ask)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _spawn(command: Sequence[str], folder: Path, user: str | None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a server's own program with our own words
        command,
        cwd=folder,
        user=user,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(process: "subprocess.Popen[bytes]", ask: Callable[[], None]) -> None:
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while True:
        try:
            ask()
        except (psycopg.OperationalError, OSError):
            if process.poll() is not None or time.monotonic() > until:
                raise NotStartedError from None
            time.sleep(0.05)
        else:
            return
