"""Where tests keep what lasts no longer than they do: in memory, where there is enough of it.

A test database is made and dropped thousands of times. On a disk, most of that time goes into
waiting for it, though nothing here outlives the run. `kill -9` takes nothing from the page cache
either, so what the fault tests show does not hang on it. `TMPDIR=/var/tmp` has a disk's own pace.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - every folder in it is made by mkdtemp
ORDINARY = Path("/tmp")  # noqa: S108 - compared with, not written to
ENOUGH = 2 * 1024**3  # bytes; a whole run has held under 1 GiB


def fresh_folder(*, prefix: str) -> Path:
    """Make a folder that its caller removes."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_quickest()))


def _quickest() -> Path:
    chosen = Path(tempfile.gettempdir())
    if chosen != ORDINARY or not os.access(MEMORY, os.W_OK | os.X_OK):
        return chosen
    return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH else chosen
