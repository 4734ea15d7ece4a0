"""The doorbell between processes, on a channel layer. It may lose rings, and nobody minds.

channels-redis drops messages when a reader is slow and when Redis restarts, and says nothing, so
a ring holds ids only and every reader can catch up from the database. The pub/sub layer is used
because it joins again by itself after a restart of Redis; the older layer does not.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from channels.layers import InMemoryChannelLayer

log = structlog.get_logger()

_GROUP = "doorbell"

# Rings that wait for the layer; older ones are dropped, as the layer itself would do.
MOST_WAITING = 10_000
REST_AFTER_FAILURE_SECONDS = 1.0

Rings = list[dict[str, str | int]]


class Live:
    """Rings the other processes and hears them. ``heard`` is called on the loop."""

    def __init__(self, redis_url: str | None, heard: Callable[[Rings], None]) -> None:
        self._redis_url = redis_url
        self._heard = heard
        self._me = uuid4().hex
        self._waiting: deque[dict[str, str | int]] = deque(maxlen=MOST_WAITING)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._layer: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the doorbell on this loop: ring and hear."""
        await self.start_to_ring()
        self._tasks.add(asyncio.create_task(self._hear_for_ever()))

    async def start_to_ring(self) -> None:
        """Ring from this loop without hearing, in a process without screens."""
        self._loop = asyncio.get_running_loop()
        self._layer = _layer(self._redis_url)

    async def stop(self) -> None:
        """Leave. Rings that wait are dropped."""
        tasks = [*self._tasks, *([self._sending] if self._sending else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        flush = getattr(self._layer, "flush", None)
        if flush is not None:
            try:
                await flush()
            except Exception as problem:  # noqa: BLE001 - the layer may be away; we leave anyway
                log.info("live.not_flushed", error=type(problem).__name__)

    def ring(self, rings: Rings) -> None:
        """Tell the other processes, from any thread, without waiting."""
        if self._loop is None or self._loop.is_closed():
            return
        if _is_running(self._loop):
            self._wait_in_line(rings)
        else:
            self._loop.call_soon_threadsafe(self._wait_in_line, rings)

    def _wait_in_line(self, rings: Rings) -> None:
        self._waiting.extend(rings)
        if self._sending is None:
            self._sending = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        try:
            while self._waiting:
                rings = [*self._waiting]
                self._waiting.clear()
                await self._layer.group_send(
                    _GROUP, {"type": "ring", "by": self._me, "rings": rings}
                )
        except Exception as problem:  # noqa: BLE001 - a lost ring is made good by the cursor
            log.warning("live.not_rung", error=type(problem).__name__)
        finally:
            self._sending = None

    async def _hear_for_ever(self) -> None:
        while True:
            try:
                channel = await self._layer.new_channel()
                await self._layer.group_add(_GROUP, channel)
                while True:
                    # Never under a time-out: a cancelled receive loses what it had in hand.
                    message = await self._layer.receive(channel)
                    if message["by"] != self._me:
                        self._heard(message["rings"])
            except Exception as problem:  # noqa: BLE001 - the layer may fail in any way; join again
                log.warning("live.deaf", error=type(problem).__name__)
                await asyncio.sleep(REST_AFTER_FAILURE_SECONDS)


def _layer(redis_url: str | None) -> Any:
    if redis_url is None:
        return InMemoryChannelLayer()
    # The embedded default has no Redis, and its client would be 6 MiB of a small machine's memory.
    from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: PLC0415 - see above

    return RedisPubSubChannelLayer(hosts=[redis_url])


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
