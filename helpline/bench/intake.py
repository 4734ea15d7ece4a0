"""Fifty children write at once: the service, its ceiling and a bare echo, in turn.

Each round runs the three one after another and compares within the round, because a shared
machine drifts; what is quoted is the median of the rounds.
"""

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import uvloop

from helpline.bench import children, load, machine, served
from helpline.bench.engines import Engine
from helpline.bench.load import Measured, Spread
from helpline.bench.served import Served

SENDERS = 50
OFFERED_PER_SECOND = 200
# Long enough that the jobs of what was said (after 3 s) and the audit's sealer (every 5 s) are part
# of what is measured.
WARM_UP_SECONDS = 4.0


@dataclass(frozen=True)
class Figures:
    """What one server did in one round. ``busy`` is the share others had of the processors."""

    flat_out: Measured
    processor_us: float
    messages_per_batch: float | None
    offered: Measured | None
    busy: float = 0.0


@dataclass(frozen=True)
class Round:
    """The three servers, one after another, and the bare commit between them."""

    service: Figures
    ceiling: Figures
    echo: Figures
    bare_commit: Spread


def run(
    engine: Engine, *, rounds: int, seconds: float, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Measure one engine; the answer is what `helpline bench intake --json` prints of it."""
    done = []
    for number in range(1, rounds + 1):
        tell(f"intake, {engine.name}: round {number} of {rounds}")
        done.append(_round(engine, seconds))
    return _told(done)


def _round(engine: Engine, seconds: float) -> Round:
    service = _serve(engine, "service", seconds)
    bare_commit = engine.bare_commit()
    ceiling = _serve(engine, "ceiling", seconds)
    return Round(service, ceiling, _serve(engine, "echo", seconds), bare_commit)


def _serve(engine: Engine, kind: served.Kind, seconds: float) -> Figures:
    busy = machine.quiet()
    with served.serving(engine.installation, kind) as server:
        work = _echo(server, seconds) if kind == "echo" else _talk(server, seconds)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return replace(runner.run(work), busy=busy)


async def _talk(server: Served, seconds: float) -> Figures:
    port = server.port
    talking = children.begin(port, SENDERS)
    async with load.pairs(port, talking) as pairs:
        # Before the flood, which leaves work behind that would still be going on.
        offered = await load.steady(
            pairs, rate=OFFERED_PER_SECOND, warm_up=WARM_UP_SECONDS, seconds=seconds
        )
        before = children.commits(port, served.staff_host(port))
        busy = served.processor_seconds(server.pid)
        flat_out = await load.closed_loop(pairs, warm_up=WARM_UP_SECONDS, seconds=seconds)
        busy = served.processor_seconds(server.pid) - busy
        batches = children.commits(port, served.staff_host(port)) - before
    per_batch = round(flat_out.ticked / max(1, batches), 1)
    return Figures(flat_out, _each_us(busy, flat_out), per_batch, offered)


async def _echo(server: Served, seconds: float) -> Figures:
    async with load.echoes(server.port, SENDERS) as talking:
        busy = served.processor_seconds(server.pid)
        flat_out = await load.closed_loop(talking, warm_up=1, seconds=seconds / 2)
        busy = served.processor_seconds(server.pid) - busy
    return Figures(flat_out, _each_us(busy, flat_out), None, None)


def _each_us(busy: float, measured: Measured) -> float:
    return round(busy / measured.ticked * 1_000_000, 1)


def _told(rounds: list[Round]) -> dict[str, Any]:
    service = _figures([each.service for each in rounds])
    ceiling = _figures([each.ceiling for each in rounds])
    echo = _figures([each.echo for each in rounds])

    def share(of: Callable[[Round], Figures]) -> list[float]:
        return [round(_rate(each.service) / _rate(of(each)), 3) for each in rounds]

    of_ceiling, of_echo = share(lambda each: each.ceiling), share(lambda each: each.echo)
    tails = [
        each.service.offered.delivery_ms.p99 / each.bare_commit.p99
        for each in rounds
        if each.service.offered is not None
    ]
    return {
        "senders": SENDERS,
        "rounds": len(rounds),
        "service": service,
        "ceiling": ceiling,
        "echo": echo,
        "bare_commit_ms": _spread([each.bare_commit for each in rounds]),
        "share_of_ceiling": statistics.median(of_ceiling),
        "share_of_ceiling_rounds": of_ceiling,
        "share_of_echo": statistics.median(of_echo),
        "p99_at_200_per_bare_commit_p99": round(statistics.median(tails), 1),
        "slow_disk": max(1.0, statistics.median(each.bare_commit.p99 for each in rounds)),
        "others_busy_rounds": [max(x.service.busy, x.ceiling.busy) for x in rounds],
    }


def _rate(figures: Figures) -> float:
    return figures.flat_out.messages_per_second


def _figures(of_rounds: list[Figures]) -> dict[str, Any]:
    told = _measured([each.flat_out for each in of_rounds])
    told["processor_us_per_message"] = statistics.median(each.processor_us for each in of_rounds)
    sizes = [each.messages_per_batch for each in of_rounds if each.messages_per_batch is not None]
    if sizes:
        told["messages_per_batch"] = statistics.median(sizes)
    offered = [each.offered for each in of_rounds if each.offered is not None]
    if offered:
        told["at_200_per_second"] = _measured(offered)
    return told


def _measured(of_rounds: list[Measured]) -> dict[str, Any]:
    return {
        "messages_per_second": statistics.median(m.messages_per_second for m in of_rounds),
        "tick_ms": _spread([m.tick_ms for m in of_rounds]),
        "delivery_ms": _spread([m.delivery_ms for m in of_rounds]),
    }


def _spread(of_rounds: list[Spread]) -> dict[str, float]:
    return {
        "p50": statistics.median(each.p50 for each in of_rounds),
        "p99": statistics.median(each.p99 for each in of_rounds),
    }
