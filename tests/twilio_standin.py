"""The stand-in for Twilio as a process of its own, the way the demo starts it."""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from integrations.standins.twilio.control import Phones
from tests import folders, servers

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "invented-token"
NUMBER = "+447700900000"
READY_WITHIN = 30.0  # seconds
STOP_WITHIN = 10.0
PACE = "0.01"  # seconds from one state of a text to the next: tests wait for effects, not for time


class StandInError(Exception):
    """The stand-in did not start, or ended by itself."""


@dataclass(kw_only=True)
class StandIn:
    """One running stand-in. Its file and its port outlive a kill, so that it can start again."""

    folder: Path
    port: int
    webhooks: str
    options: Sequence[str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @classmethod
    def start(cls, *, webhooks: str, options: Sequence[str] = ("--pace", PACE)) -> Self:
        """Start one in a new temporary folder, and return it when it answers.

        `webhooks` is the origin of whoever takes what Twilio posts, such as `service.staff`.
        """
        standin = cls(
            folder=folders.fresh_folder(prefix="helpline-twilio-"),
            port=servers.free_port_pair(),  # below those that a connection may sit on
            webhooks=webhooks,
            options=options,
        )
        atexit.register(standin.remove)
        try:
            standin.launch()
        except BaseException:
            standin.remove()
            raise
        return standin

    @property
    def api(self) -> str:
        """The origin that takes the place of https://api.twilio.com."""
        return f"http://{servers.LOOPBACK}:{self.port}"

    @property
    def phones(self) -> Phones:
        """The pretend phones."""
        return Phones(self.api)

    def launch(self) -> None:
        """Start, or start again after a stop or a kill, and wait until it answers."""
        self.process = self.spawn()
        give_up = time.monotonic() + READY_WITHIN
        while not self.phones.is_ready():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise StandInError(self.log())
            time.sleep(0.02)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the program, and do not wait for it."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    *servers.die_with_us(), sys.executable, "-m", "integrations.standins.twilio",
                    "--port", str(self.port), "--store", str(self.folder / "twilio.db"),
                    "--account", ACCOUNT, "--number", NUMBER, "--webhooks", self.webhooks,
                    *self.options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "TWILIO_STANDIN_TOKEN": TOKEN},
                start_new_session=True,
            )  # fmt: skip

    def log(self) -> str:
        """Return the end of what it wrote."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def stop(self) -> int:
        """End it as SIGTERM does, and return its exit status."""
        process, self.process = self.process, None
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            return process.wait(timeout=STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def remove(self) -> None:
        """Stop it and remove its folder. Twice does no harm."""
        self.stop()
        atexit.unregister(self.remove)
        shutil.rmtree(self.folder, ignore_errors=True)
