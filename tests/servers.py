"""A private PostgreSQL and a private Redis, each in a temporary folder on a free loopback port.

Tests never touch a server that was there before them, and stop theirs by the process they started.
"""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import psycopg
import pytest
import redis
from psycopg import sql

from tests import folders

LOOPBACK = "127.0.0.1"
READY_WITHIN = 30.0  # seconds; a busy two-core machine needs about two
STOP_WITHIN = 10.0
ATTEMPTS = 3  # another process can take a port between our asking for it and our server's bind

Started = TypeVar("Started")


class NotInstalledError(Exception):
    """A Debian package that this test needs is not installed."""

    def __init__(self, *, package: str) -> None:
        super().__init__(f"needs the Debian package {package}")
        self.package = package


class ServerError(Exception):
    """A private server did not start, or stopped on its own."""


def free_port() -> int:
    """Return a loopback port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def free_port_pair() -> int:
    """Return a port N where N and N + 1 were both free: the two faces take a pair.

    It lies below those that the kernel hands out to whoever connects, so that nobody's connection
    sits on it while a service that was killed starts again.
    """
    while True:
        port = random.randrange(20_000, 32_000, 2)  # noqa: S311 - a free port is no secret
        try:
            with socket.socket() as first, socket.socket() as second:
                first.bind((LOOPBACK, port))
                second.bind((LOOPBACK, port + 1))
        except OSError:
            continue
        return port


def unless_missing(start: Callable[[], Started]) -> Started:
    """Return what `start` makes, or skip the test when its programs are not installed."""
    try:
        return start()
    except NotInstalledError as missing:
        pytest.skip(str(missing))


class Server(ABC):
    """One process with a folder and a port of its own."""

    package: str
    unprivileged: str = "nobody"

    def __init__(self) -> None:
        self.folder = folders.fresh_folder(prefix=f"helpline-{self.package}-")
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, user=self.unprivileged)
        atexit.register(self.stop)

    @classmethod
    def start(cls) -> Self:
        """Start one and return it when it answers.

        Raises NotInstalledError when the programs are missing, ServerError when it will not start.
        """
        return cls().begun()

    def begun(self) -> Self:
        """Start this one, and leave nothing behind when it will not."""
        try:
            self.prepare()
            self.launch()
        except BaseException:
            self.stop()
            raise
        return self

    @abstractmethod
    def prepare(self) -> None:
        """Make what the server needs before its first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line, with the port and folder of this moment."""

    @abstractmethod
    def answers(self) -> bool:
        """Say whether the server takes a request now."""

    def launch(self, *, same_port: bool = False) -> None:
        for _ in range(ATTEMPTS):
            self.process = self._spawn(self.command())
            if self._ready(self.process):
                return
            self._end_process()
            if not same_port:
                self.port = free_port()
        raise ServerError(self.log())

    def log(self) -> str:
        """Return the end of what the server wrote."""
        path = self.folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else "(no log)"

    def pause(self) -> None:
        """Stop the process and keep its folder and port, as an outage would."""
        self._end_process()

    def restart(self) -> None:
        """Stop if it runs, then start again on the same port."""
        self._end_process()
        self.launch(same_port=True)

    def stop(self) -> None:
        """Stop the process this object started and remove its folder. Twice does no harm."""
        self._end_process()
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_once(self, arguments: list[str]) -> None:
        """Run one program to its end as the server's user."""
        process = self._spawn(arguments)
        if process.wait(timeout=READY_WITHIN) != 0:
            raise ServerError(self.log())

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        # initdb and postgres refuse root, and no test server needs it.
        user = self.unprivileged if os.geteuid() == 0 else None
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*die_with_us(), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=user,
                extra_groups=[] if user else None,
                start_new_session=True,  # Ctrl-C reaches the tests first, so that they can tidy up
            )

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        give_up = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up:
            if process.poll() is not None:
                return False
            if self.answers():
                return process.poll() is None
            time.sleep(0.02)
        return False

    def _end_process(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def die_with_us() -> list[str]:
    """Have the kernel stop the server when the tests are killed and can run no exit handler."""
    setpriv = shutil.which("setpriv")
    # The kernel watches the thread that started the process, not the process: only the main one
    # lives as long as the tests do.
    on_main_thread = threading.current_thread() is threading.main_thread()
    if setpriv is None or not on_main_thread or sys.platform != "linux":
        return []
    return [setpriv, "--pdeathsig", "INT", "--"]


class Postgres(Server):
    """A PostgreSQL cluster that writes as durably as the service's own must."""

    package = "postgresql"
    unprivileged = "postgres"

    def __init__(self) -> None:
        self.programs = _postgres_programs()
        self._administrator: psycopg.Connection | None = None
        super().__init__()

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one database here."""
        return f"postgresql+psycopg://helpline@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str, template: str | None = None) -> None:
        """Make a database, as a copy of `template` if one is named (nobody may be using it)."""
        # Copying the files takes a third less of a core than copying each page through the log.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(database), sql.Identifier(template or "template0")
        )
        self._administer(statement)

    def drop(self, database: str) -> None:
        """Remove a database and end whatever still uses it."""
        self._administer(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    def prepare(self) -> None:
        self.run_once([
            str(self.programs / "initdb"),
            "--pgdata=data", "--username=helpline", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        ])  # fmt: skip

    def command(self) -> list[str]:
        # fsync, synchronous_commit and full_page_writes keep their safe defaults: the service
        # refuses a database that has them off.
        settings = {
            "port": str(self.port),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "60",
            "shared_buffers": "32MB",
            "autovacuum_naptime": "1h",
            "max_wal_size": "256MB",
        }
        flags = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *flags]

    def answers(self) -> bool:
        try:
            psycopg.connect(self._address(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: sql.Composed) -> None:
        # One connection for all: a new one costs about as much as the copy of a database.
        if self._administrator is None:
            self._administrator = psycopg.connect(self._address(), autocommit=True)
        self._administrator.execute(statement)

    def _end_process(self) -> None:
        administrator, self._administrator = self._administrator, None
        if administrator is not None:
            administrator.close()
        super()._end_process()

    def _address(self) -> str:
        return f"postgresql://helpline@{LOOPBACK}:{self.port}/postgres"


def _postgres_programs() -> Path:
    """Find the folder of PostgreSQL's programs, the newest version first."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda programs: int(programs.parent.name))
    initdb = shutil.which("initdb")
    if initdb is None:
        raise NotInstalledError(package=Postgres.package)
    return Path(initdb).resolve().parent


class Redis(Server):
    """A Redis that keeps nothing: what it forgets must not matter to the service."""

    package = "redis-server"

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise NotInstalledError(package=self.package)
        self.program = program
        super().__init__()

    @property
    def url(self) -> str:
        """Return the address of its first database."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def flush(self) -> None:
        """Forget everything, as a restart without a disk would."""
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            client.flushall()

    def prepare(self) -> None:
        """Redis needs nothing but its folder."""

    def command(self) -> list[str]:
        return [
            self.program, "--port", str(self.port), "--bind", LOOPBACK,
            "--save", "", "--appendonly", "no", "--dir", str(self.folder),
        ]  # fmt: skip

    def answers(self) -> bool:
        try:
            with redis.Redis(host=LOOPBACK, port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
