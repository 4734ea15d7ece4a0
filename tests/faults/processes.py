"""The service's processes, each started by itself, so that only the one that died starts again.

`helpline demo` ends when one of its processes dies; here the processes stand in the environment
that a demo would give them, and the test is what looks after them.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from helpline import demo
from helpline.bell import Bell
from helpline.settings import Settings
from tests import servers

READY_WITHIN = 60.0  # seconds, on two busy cores
ENDED_WITHIN = 20.0
ROOT = Path(demo.__file__).parent.parent

# `helpline serve` arms the points itself; the other processes never do outside these tests.
_ARMED = """
import sys
from helpline import cli, failpoints
failpoints.arm(sys.argv[1])
cli.main(sys.argv[2:])
"""


class NeverReadyError(Exception):
    """A process of the service ended by itself, or did not become ready."""


@dataclass(kw_only=True)
class Process:
    """One process of the service. It can be launched again and again."""

    arguments: list[str]
    environ: dict[str, str]
    folder: Path
    port: int = 0  # none: it counts as ready once it runs
    program: tuple[str, ...] = ("-m", "helpline")
    up_for: float = 5.0  # seconds that a random kill leaves it at the most; it takes two to start
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def hits(self) -> Path:
        """The file in which a process notes the failpoint that kills it."""
        return self.folder / "hits"

    def launch(self, failpoints: str | None = None) -> None:
        """Start it, with failpoints armed if any are given. Does not wait."""
        role = self.arguments[0]
        environ = {**self.environ, "PATH": os.defpath, "HOME": str(self.folder)}
        program = [*self.program]
        if failpoints and role == "serve":
            environ["HELPLINE_FAILPOINTS"] = f"{failpoints}@{self.hits}"
        elif failpoints:
            program = ["-c", _ARMED, f"{failpoints}@{self.hits}"]
        with (self.folder / f"{role}.log").open("ab") as log:
            self.running = subprocess.Popen(
                [*servers.die_with_us(), sys.executable, *program, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environ,
                cwd=ROOT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> bool:
        """Wait until it can accept a message. False when a signal killed it before that."""
        give_up = time.monotonic() + READY_WITHIN
        while self.port and not self.is_ready():
            code = self.ended()
            if code is not None and code < 0:
                return False
            if code is not None or time.monotonic() > give_up:
                raise NeverReadyError(self.log())
            time.sleep(0.02)
        return self.ended() is None

    def is_ready(self) -> bool:
        """Say whether it accepts a message now."""
        connection = http.client.HTTPConnection(servers.LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def ended(self) -> int | None:
        """Its exit status once it ended, the signal as a negative number; None while it runs."""
        return 0 if self.running is None else self.running.poll()

    def dies_within(self, seconds: float) -> bool:
        """Wait for it to die by itself, as at a failpoint, and say whether it did."""
        if self.running is None:
            return True
        try:
            self.running.wait(max(seconds, 0.001))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()

    def stop(self) -> int:
        """Ask it to stop, as an init system does, and return its exit status."""
        if self.running is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def hit(self) -> Counter[str]:
        """How often each failpoint killed it."""
        return Counter(self.hits.read_text().split()) if self.hits.exists() else Counter()

    def log(self) -> str:
        """Return the end of what it wrote."""
        return (self.folder / f"{self.arguments[0]}.log").read_text(errors="replace")[-6000:]


@dataclass(kw_only=True)
class Installation:
    """A prepared demo: migrated, seeded, and its processes ready to be launched."""

    folder: Path
    port: int
    environ: dict[str, str]
    web: Process
    worker: Process | None  # with PostgreSQL and Redis only
    beat: Process | None
    more: list[Process] = field(default_factory=list)

    @classmethod
    def prepared(cls, folder: Path, given: dict[str, str]) -> Self:
        """Make one in a folder; `given` names PostgreSQL and Redis, or nothing."""
        port = servers.free_port_pair()
        environ = given | demo.defaults(given, folder, port) | demo.key(given, folder)
        bell = Bell(lambda _lane: None)
        demo.prepare(Settings.from_environ(environ), bell, folder=folder, fresh=False)
        is_grown = "HELPLINE_REDIS_URL" in given

        def beside(role: str) -> Process | None:
            return Process(arguments=[role], environ=environ, folder=folder) if is_grown else None

        web = _web(environ, folder, port)
        return cls(
            folder=folder,
            port=port,
            environ=environ,
            web=web,
            worker=beside("worker"),
            beat=beside("beat"),
        )

    @property
    def origin(self) -> str:
        """The child's face."""
        return f"http://{servers.LOOPBACK}:{self.port}"

    @property
    def settings(self) -> Settings:
        """The settings that every process of it reads."""
        return Settings.from_environ(self.environ)

    def processes(self) -> list[Process]:
        """All there are, the web process first."""
        return [each for each in (self.web, *self.more, self.worker, self.beat) if each is not None]

    def launch(self) -> None:
        """Start everything that does not run, and wait until messages are accepted."""
        for process in self.processes():
            if process.ended() is not None:
                process.launch()
        for process in self.processes():
            process.wait_until_ready()

    def another_web(self) -> Process:
        """One more web process on the same stores, on ports of its own. Not launched."""
        port = servers.free_port_pair()
        folder = self.folder / f"web{port}"
        folder.mkdir()
        environ = {
            **self.environ,
            "HELPLINE_CHILD_ORIGIN": f"http://{servers.LOOPBACK}:{port}",
            "HELPLINE_STAFF_ORIGIN": f"http://{servers.LOOPBACK}:{port + 1}",
        }
        self.more.append(_web(environ, folder, port))
        return self.more[-1]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `helpline` command beside the service."""
        return subprocess.run(
            [sys.executable, "-m", "helpline", *arguments],
            env={**self.environ, "PATH": os.defpath, "HOME": str(self.folder)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def end(self) -> None:
        """End what still runs."""
        for process in self.processes():
            process.stop()


def _web(environ: dict[str, str], folder: Path, port: int) -> Process:
    arguments = ["serve", "--host", servers.LOOPBACK, "--port", str(port)]
    return Process(arguments=arguments, environ=environ, folder=folder, port=port, up_for=1.5)
