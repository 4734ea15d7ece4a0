"""How busy the machine is with something else: a figure measured beside it says little."""

import time
from pathlib import Path

QUIET = 0.10
WAIT_SECONDS = 30.0
_LOOK_SECONDS = 1.0


def quiet() -> float:
    """Wait a while for the machine to be quiet; the share of its processors still in use."""
    until = time.monotonic() + WAIT_SECONDS
    while (busy := _busy()) > QUIET and time.monotonic() < until:
        pass
    return round(busy, 2)


def _busy() -> float:
    before = _ticks()
    time.sleep(_LOOK_SECONDS)
    idle, all_ticks = (now - then for now, then in zip(_ticks(), before, strict=True))
    return 1 - idle / max(1, all_ticks)


def _ticks() -> tuple[int, int]:
    # user nice system idle iowait irq softirq steal ...: a processor that waits for a disk idles.
    columns = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return columns[3] + columns[4], sum(columns)
