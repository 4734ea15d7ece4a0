"""What the embedded service holds when nobody says anything, and what each silent child adds."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from helpline.bench import children, served, sockets
from helpline.bench.engines import Engine

CHILDREN = 500
# Sign-in threads come to rest, and worker, schedule and sweep have had their first turns.
REST_SECONDS = 12.0
SETTLED_SECONDS = 3.0


def run(engine: Engine, *, many: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure the web process of one installation. Memory is in MiB and KiB."""
    with served.serving(engine.installation, "service") as server:
        tell(f"idle: {REST_SECONDS:g} s of rest, then {many} children")
        time.sleep(REST_SECONDS)
        alone = resident_kib(server.pid)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            before, after = runner.run(_enter(server, many))
    return {
        "children": many,
        "resident_mib": round(alone / 1024, 1),
        "kib_a_child": round((after - before) / many, 1),
    }


def resident_kib(pid: int) -> int:
    """The resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError


async def _enter(server: served.Served, many: int) -> tuple[int, int]:
    begun = children.begin(server.port, 2 * many)
    # The first half pays for threads, caches and pools that the second finds in place, so that the
    # difference is what a child adds.
    opened = [await children.enter(server.port, child) for child in begun[:many]]
    await asyncio.sleep(SETTLED_SECONDS)
    before = resident_kib(server.pid)
    opened += [await children.enter(server.port, child) for child in begun[many:]]
    await asyncio.sleep(SETTLED_SECONDS)
    after = resident_kib(server.pid)
    await sockets.close(opened)
    return before, after
