"""The whole helpline as a process of its own, the way `make demo` starts it."""

import atexit
import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import folders, servers, stores

READY_WITHIN = 60.0  # seconds: two browsers' worth of load on two cores
STOP_WITHIN = 15.0
PROGRAM = Path(sys.executable).with_name("helpline")

# For `pytestmark` of a module whose whole stories must hold on either engine.
ON_BOTH_ENGINES = pytest.mark.parametrize("served", stores.ENGINES, indirect=True, scope="module")


class ServiceError(Exception):
    """The helpline did not become ready, or ended by itself."""


@dataclass(kw_only=True)
class Service:
    """One running demo. Its folder and its port pair outlive a stop, so it can start again."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    program: Path = PROGRAM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @classmethod
    def start(cls, *, settings: Mapping[str, str] | None = None) -> "Service":
        """Start one in a new temporary folder and return it when it can accept a message.

        `settings` are variables for its environment, such as HELPLINE_DATABASE_URL; it gets none of
        ours, so that a developer's own settings never reach a test.
        """
        folder = folders.fresh_folder(prefix="helpline-demo-")
        service = cls(folder=folder, port=servers.free_port_pair(), settings=settings or {})
        atexit.register(service.remove)
        try:
            service.launch()
        except BaseException:
            service.remove()
            raise
        return service

    @property
    def child(self) -> str:
        """The origin of the child's face."""
        return f"http://{servers.LOOPBACK}:{self.port}"

    @property
    def staff(self) -> str:
        """The origin of the staff's face."""
        return f"http://{servers.LOOPBACK}:{self.port + 1}"

    def launch(self) -> None:
        """Start, or start again after a stop or a kill, and wait until ready."""
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*servers.die_with_us(), *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "HOME": str(self.folder), **self.settings},
                start_new_session=True,
            )
        give_up = time.monotonic() + READY_WITHIN
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise ServiceError(self.log())
            time.sleep(0.05)

    def command(self) -> list[str]:
        """Return the command line that `make demo` runs."""
        return [str(self.program), "demo", "--dir", str(self.demo), "--port", str(self.port)]

    @property
    def demo(self) -> Path:
        """The demo's folder: its data when embedded, and a pid file for each process."""
        return self.folder / "demo"

    def pid(self, role: str) -> int:
        """Return the process id of `web`, `worker` or `beat`."""
        return int((self.demo / f"{role}.pid").read_text())

    def is_ready(self) -> bool:
        """Say whether the child's face accepts a message now."""
        connection = http.client.HTTPConnection(servers.LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def log(self) -> str:
        """Return the end of what the service wrote."""
        return (self.folder / "service.log").read_text(errors="replace")[-6000:]

    def stop(self) -> int:
        """End it as Ctrl-C does and return its exit status; after 15 seconds end it hard."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            return process.wait(timeout=STOP_WITHIN)
        except subprocess.TimeoutExpired:
            return _kill_group(process)

    def kill(self) -> None:
        """End every process of it at once, with no chance to tidy up, as a power cut would."""
        if self.process is not None:
            process, self.process = self.process, None
            _kill_group(process)

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        atexit.unregister(self.remove)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill_group(process: subprocess.Popen[bytes]) -> int:
    # Its own session, so the group holds this service's processes and nothing else.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
