"""The installation that a drill plays on: its processes, and what was left of them."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from helpline import demo, demo_phones, wiring
from helpline.bell import Bell
from helpline.bench import private
from helpline.settings import Settings
from helpline.wiring import Adapters
from integrations.standins.watcher import OutsideWatcher

LOOPBACK = "127.0.0.1"
READY_WITHIN_SECONDS = 60.0
STOP_WITHIN_SECONDS = 15.0

Engine = Literal["sqlite", "postgresql"]
Role = Literal["web", "worker", "beat", "phones"]


class NotReadyError(RuntimeError):
    """The service of the drill did not become ready."""


@dataclass(frozen=True)
class Night:
    """A running service with its stand-ins. ``adapters`` only read."""

    folder: Path
    port: int
    settings: Settings
    adapters: Adapters
    outside: OutsideWatcher
    processes: dict[Role, "subprocess.Popen[bytes]"]

    @property
    def child(self) -> tuple[str, int]:
        """Host and port of the child's face."""
        return LOOPBACK, self.port

    @property
    def staff(self) -> tuple[str, int]:
        """Host and port of the staff's face."""
        return LOOPBACK, self.port + 1

    def signal(self, role: Role, signum: signal.Signals) -> None:
        """Send a signal to a whole process of the service."""
        os.killpg(self.processes[role].pid, signum)

    def start(self, role: Role, environ: Mapping[str, str]) -> None:
        """Start one of its processes."""
        self.processes[role] = _spawn(_commands(environ, self.folder, self.port)[role], environ)


@contextmanager
def begun(engine: Engine, *, environ: Mapping[str, str]) -> Iterator[tuple[Night, dict[str, str]]]:
    """A service that is ready, and the environment of its processes; gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="helpline-drill-")))
        given = {name: value for name, value in environ.items() if name[:9] != "HELPLINE_"}
        if engine == "postgresql":
            grown = stack.enter_context(private.servers())
            given |= {
                "HELPLINE_DATABASE_URL": grown.database_url,
                "HELPLINE_KEYSTORE_URL": grown.keystore_url,
                "HELPLINE_REDIS_URL": grown.redis_url,
            }
        outside = stack.enter_context(OutsideWatcher())
        port = _free_pair()
        given["HELPLINE_HEARTBEAT_URL"] = outside.url
        given |= demo.defaults(given, folder, port) | demo.key(given, folder)
        given |= demo_phones.defaults(given, folder=folder)
        settings = Settings.from_environ(given)
        silent = Bell(lambda _lane: None)
        demo.prepare(settings, silent, folder=folder, fresh=False)
        adapters = wiring.build(settings, bell=silent)
        stack.callback(adapters.close)
        night = Night(folder, port, settings, adapters, outside, {})
        stack.callback(_stop, night)
        for role in _commands(given, folder, port):
            night.start(role, given)
        _wait(night)
        yield night, given


def _commands(environ: Mapping[str, str], folder: Path, port: int) -> dict[Role, list[str]]:
    serve = ["helpline", "serve", "--host", LOOPBACK, "--port", str(port)]
    commands: dict[Role, list[str]] = {"web": serve}
    if environ.get("HELPLINE_REDIS_URL"):
        commands |= {"worker": ["helpline", "worker"], "beat": ["helpline", "beat"]}
    return {**commands, "phones": demo_phones.command(environ, folder=folder)["phones"]}


def _spawn(arguments: list[str], environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own program with our own words
        [sys.executable, "-m", *arguments],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _stop(night: Night) -> None:
    for process in night.processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGCONT)
            os.killpg(process.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_WITHIN_SECONDS
    for process in night.processes.values():
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(night: Night) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while not _is_ready(night):
        if time.monotonic() > until or night.processes["web"].poll() is not None:
            raise NotReadyError
        time.sleep(0.1)
    # The worker writes its first sign of life, and the lanes are rung once.
    time.sleep(3.0)


def _is_ready(night: Night) -> bool:
    connection = http.client.HTTPConnection(*night.child, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _free_pair() -> int:
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind((LOOPBACK, 0))
            port: int = one.getsockname()[1]
            try:
                two.bind((LOOPBACK, port + 1))
            except OSError:
                continue
            return port
