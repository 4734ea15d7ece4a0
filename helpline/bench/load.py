"""Senders at work: each says a line, waits for its tick, and says the next; or a steady rate.

A pair is two sockets of one conversation: one says, the other is delivered to. Numbers go up
without gaps, so what was sent first is also ticked and delivered first, and what did not arrive
shows as a count.
"""

import asyncio
import gc
import itertools
import json
import statistics
import tomllib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from time import perf_counter

from helpline.bench import children, sockets
from helpline.bench.children import Child
from helpline.bench.sockets import Socket

# What arrives late still counts as arrived.
ARRIVES_WITHIN_SECONDS = 20.0
_POLL_SECONDS = 0.01


class NotDeliveredError(RuntimeError):
    """A message that was ticked did not arrive on the other side."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds that half, and 99 of 100, took at the most."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One stretch of load: what was ticked in a second, and how long it took."""

    messages_per_second: float
    tick_ms: Spread
    delivery_ms: Spread
    ticked: int


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of some durations, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return Spread(round(cuts[49] * 1000, 3), round(cuts[98] * 1000, 3))


@dataclass
class _Clock:
    """The part of a run that counts."""

    begins: float
    ends: float
    ticks: list[float] = field(default_factory=list)
    deliveries: list[float] = field(default_factory=list)
    ticked: int = 0


class Pair:
    """One that says and one that is delivered to; with an echo they are the same socket."""

    def __init__(self, says: Socket, hears: Socket | None, texts: Iterator[str]) -> None:
        self._says = says
        self._texts = texts
        self._number = itertools.count(1)
        self._ticking: deque[float] = deque()
        self._delivering: deque[float] = deque()
        self._clock = _Clock(0, 0)
        self._again = False
        self._hears = hears
        says.heard = self._ticked
        if hears is not None:
            hears.heard = self._delivered

    def begin(self, clock: _Clock, *, again: bool) -> None:
        """Count into ``clock``. ``again``: say the next line at each tick, until its end."""
        self._clock, self._again = clock, again

    def say(self) -> None:
        """Say the next line."""
        said = {"type": "say", "client_id": f"b{next(self._number)}", "text": next(self._texts)}
        frame = sockets.framed_text(json.dumps(said).encode())
        now = perf_counter()
        self._ticking.append(now)
        if self._hears is not None:
            self._delivering.append(now)
        self._says.send_framed(frame)

    @property
    def is_settled(self) -> bool:
        """Whether everything that was said was ticked and delivered."""
        return not self._ticking and not self._delivering

    def _ticked(self, frame: bytes) -> None:
        now = perf_counter()
        if not frame.startswith((b'{"type":"kept"', b'{"type": "say"')):
            if b'"refused"' in frame[:20]:
                raise NotDeliveredError
            return
        clock, said_at = self._clock, self._ticking.popleft()
        clock.ticked += 1
        if clock.begins <= now < clock.ends:
            clock.ticks.append(now - said_at)
        if self._again and now < clock.ends:
            self.say()

    def _delivered(self, frame: bytes) -> None:
        if frame.startswith(b'{"type":"message"'):
            now, clock = perf_counter(), self._clock
            said_at = self._delivering.popleft()
            if clock.begins <= now < clock.ends:
                clock.deliveries.append(now - said_at)


def lines() -> Callable[[int], Iterator[str]]:
    """Invented lines for the sender of a number: mostly plain ones, some that triage finds."""
    told = tomllib.loads(resources.files("helpline.bench").joinpath("lines.toml").read_text())
    plain, worried, rare = told["plain"], told["worried"], told["rare"]
    # One in ten is of concern, one in two hundred an emergency.
    order = [
        rare[i // 200 % len(rare)]
        if i % 200 == 199  # noqa: PLR2004 - see above
        else worried[i // 10 % len(worried)]
        if i % 10 == 9  # noqa: PLR2004 - see above
        else plain[i % len(plain)]
        for i in range(1000)
    ]
    return lambda number: itertools.islice(itertools.cycle(order), number * 37, None)


@asynccontextmanager
async def pairs(port: int, talking: Sequence[Child]) -> AsyncIterator[list[Pair]]:
    """Open both sockets of every pair."""
    opened: list[Socket] = []
    told = lines()
    try:
        made = []
        for number, child in enumerate(talking):
            says = await children.enter(port, child)
            hears = await children.enter(port, child)
            opened += [says, hears]
            made.append(Pair(says, hears, told(number)))
        yield made
    finally:
        await sockets.close(opened)


@asynccontextmanager
async def echoes(port: int, many: int) -> AsyncIterator[list[Pair]]:
    """Open sockets to a server that says back what it hears."""
    told = lines()
    opened = [await sockets.connect(port, "/") for _ in range(many)]
    try:
        yield [Pair(socket, None, told(number)) for number, socket in enumerate(opened)]
    finally:
        await sockets.close(opened)


async def closed_loop(talking: Sequence[Pair], *, warm_up: float, seconds: float) -> Measured:
    """Every sender says its next line as soon as the last one was ticked."""
    with _no_collection():
        # Only now: collecting in a large process takes longer than a short run.
        clock = _from_now(warm_up, seconds)
        for pair in talking:
            pair.begin(clock, again=True)
            pair.say()
        await asyncio.sleep(clock.ends - perf_counter())
        await _settle(talking)
    return _measured(clock, seconds)


async def steady(
    talking: Sequence[Pair], *, rate: float, warm_up: float, seconds: float
) -> Measured:
    """The senders in turn say ``rate`` lines a second together, ticked or not."""
    with _no_collection():
        clock = _from_now(warm_up, seconds)
        began, said = perf_counter(), 0
        for pair in talking:
            pair.begin(clock, again=False)
        while (now := perf_counter()) < clock.ends:
            # One line a turn: what was held up is made good one by one, as lines come from people.
            if said < (now - began) * rate:
                talking[said % len(talking)].say()
                said += 1
            await asyncio.sleep(max(0.0, began + said / rate - perf_counter()))
        await _settle(talking)
    return _measured(clock, seconds)


def _from_now(warm_up: float, seconds: float) -> _Clock:
    begins = perf_counter() + warm_up
    return _Clock(begins, begins + seconds)


async def _settle(talking: Sequence[Pair]) -> None:
    until = perf_counter() + ARRIVES_WITHIN_SECONDS
    while not all(pair.is_settled for pair in talking):
        if perf_counter() > until:
            raise NotDeliveredError
        await asyncio.sleep(_POLL_SECONDS)


def _measured(clock: _Clock, seconds: float) -> Measured:
    ticks = spread(clock.ticks)
    deliveries = spread(clock.deliveries) if clock.deliveries else ticks
    return Measured(round(len(clock.ticks) / seconds, 1), ticks, deliveries, clock.ticked)


@contextmanager
def _no_collection() -> Iterator[None]:
    # The generator's own pauses must not be taken for the server's.
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
