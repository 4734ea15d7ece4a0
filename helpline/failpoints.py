"""Named points at which a fault test kills the process. They do nothing unless a demo says so.

``HELPLINE_FAILPOINTS=intake.before_commit:40,job.running:7@/path/hits`` kills the process with
SIGKILL at the 40th visit of the first point or the 7th of the second, and first writes the name of
the point to the file, so that a test can count each hit.
"""

import os
import signal
import threading
from pathlib import Path

# The points that exist. A test that names another one is told so.
POINTS = frozenset(
    {
        "intake.before_commit",
        "intake.after_commit",
        "start.between_keystore_and_data",
        "deliver.before_send",
        "job.running",
        "text.before_keeping",
        "text.before_sending",
        "text.after_sending",
        "call.before_keeping",
        "call.before_ringing",
        "call.after_ringing",
    }
)


class UnknownFailpointError(ValueError):
    """There is no failpoint of this name."""


class _Armed:
    def __init__(self, left: dict[str, int], hits: Path) -> None:
        self.left = left
        self.hits = hits
        self.lock = threading.Lock()


_armed: _Armed | None = None


def arm(text: str) -> None:
    """Arm the failpoints that a setting describes. Called once, at start-up, in a demo only."""
    global _armed  # noqa: PLW0603 - a killed process has one set of failpoints, set at its start
    points, _, path = text.partition("@")
    left = {}
    for point in points.split(","):
        name, _, count = point.partition(":")
        if name not in POINTS:
            raise UnknownFailpointError
        left[name] = int(count or 1)
    _armed = _Armed(left, Path(path))


def reach(name: str) -> None:
    """Say that the process is at this point."""
    if _armed is not None:
        _count_down(_armed, name)


def _count_down(armed: _Armed, name: str) -> None:
    if name not in armed.left:
        return
    with armed.lock:
        armed.left[name] -= 1
        if armed.left[name] == 0:
            with armed.hits.open("a", encoding="ascii") as hits:
                hits.write(name + "\n")
                hits.flush()
                os.fsync(hits.fileno())
            os.kill(os.getpid(), signal.SIGKILL)
