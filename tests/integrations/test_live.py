"""The doorbell between processes: it may lose rings, and it always comes back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from integrations import live
from integrations.live import Live, Rings
from tests import servers

pytestmark = pytest.mark.anyio

WITHIN_SECONDS = 15.0


class Heard:
    """What one process heard."""

    def __init__(self) -> None:
        self.rings: Rings = []
        self._more = asyncio.Event()

    def __call__(self, rings: Rings) -> None:
        self.rings += rings
        self._more.set()

    async def until(self, subject: object) -> None:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not any(each["subject"] == subject for each in self.rings):
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def started(redis_url: str | None, heard: Callable[[Rings], None]) -> AsyncIterator[Live]:
    process = Live(redis_url, heard)
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


def ring(subject: str, seq: int = 1) -> Rings:
    return [{"kind": "message", "subject": subject, "seq": seq}]


async def heard_again(ringing: Live, heard: Heard) -> str:
    """Ring until it is heard: joining takes a moment, and a ring may be lost."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            subject = uuid4().hex
            ringing.ring(ring(subject))
            for _ in range(10):
                await asyncio.sleep(0.02)
                if any(each["subject"] == subject for each in heard.rings):
                    return subject


async def test_a_ring_is_heard_by_the_other_process_and_not_by_its_own(
    redis: servers.Redis,
) -> None:
    here, there = Heard(), Heard()
    async with started(redis.url, here) as one, started(redis.url, there):
        await heard_again(one, there)
        one.ring(ring("a", 4) + ring("b", 5))
        await there.until("b")
        assert {"kind": "message", "subject": "a", "seq": 4} in there.rings
        assert here.rings == []


async def test_both_ways_and_to_many(redis: servers.Redis) -> None:
    first, second, third = Heard(), Heard(), Heard()
    async with (
        started(redis.url, first) as one,
        started(redis.url, second) as two,
        started(redis.url, third),
    ):
        await heard_again(one, second)
        await heard_again(one, third)
        await heard_again(two, first)


async def test_a_ring_from_another_thread_is_heard(redis: servers.Redis) -> None:
    there = Heard()
    async with started(redis.url, lambda _: None) as one, started(redis.url, there):
        await heard_again(one, there)
        thread = threading.Thread(target=one.ring, args=(ring("from a thread"),))
        thread.start()
        thread.join()
        await there.until("from a thread")


async def test_many_rings_at_once_are_all_heard_in_order(redis: servers.Redis) -> None:
    there = Heard()
    async with started(redis.url, lambda _: None) as one, started(redis.url, there):
        await heard_again(one, there)
        there.rings.clear()
        for number in range(500):
            one.ring(ring("burst", number))
        one.ring(ring("last"))
        await there.until("last")
        numbers = [each["seq"] for each in there.rings if each["subject"] == "burst"]
        assert numbers == list(range(500))


async def test_a_process_that_only_rings_is_heard(redis: servers.Redis) -> None:
    there = Heard()
    worker = Live(redis.url, lambda _: pytest.fail("it does not listen"))
    await worker.start_to_ring()
    async with started(redis.url, there):
        await heard_again(worker, there)
    await worker.stop()


async def test_after_a_restart_of_redis_both_ring_and_hear_again(redis: servers.Redis) -> None:
    here, there = Heard(), Heard()
    async with started(redis.url, here) as one, started(redis.url, there) as two:
        await heard_again(one, there)
        await asyncio.to_thread(redis.pause)
        one.ring(ring("lost"))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(redis.restart)
        await heard_again(one, there)
        await heard_again(two, here)


async def test_redis_may_come_later_than_the_process(redis: servers.Redis) -> None:
    await asyncio.to_thread(redis.pause)
    there = Heard()
    try:
        async with started(redis.url, lambda _: None) as one, started(redis.url, there):
            one.ring(ring("lost"))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(redis.restart)
            await heard_again(one, there)
    finally:
        if not redis.answers():
            redis.restart()


async def test_a_listener_that_fails_hears_the_next_ring(
    redis: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REST_AFTER_FAILURE_SECONDS", 0.05)
    there = Heard()
    failures = iter([RuntimeError()])

    def fails_once(rings: Rings) -> None:
        if any(each["subject"] == "bad" for each in rings) and (problem := next(failures, None)):
            raise problem
        there(rings)

    async with started(redis.url, lambda _: None) as one, started(redis.url, fails_once):
        await heard_again(one, there)
        one.ring(ring("bad"))
        await heard_again(one, there)


async def test_in_one_process_the_doorbell_needs_no_redis_and_does_not_echo() -> None:
    here = Heard()
    async with started(None, here) as alone:
        for _ in range(300):
            alone.ring(ring("a"))
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
    assert here.rings == []


async def test_the_oldest_rings_are_dropped_when_too_many_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 3)
    bell = Live(None, lambda _: None)
    await bell.start_to_ring()
    for number in range(5):
        bell.ring(ring("a", number))
    assert [each["seq"] for each in bell._waiting] == [2, 3, 4]
    await bell.stop()


async def test_a_doorbell_that_has_not_started_or_has_stopped_takes_rings_in_silence(
    redis: servers.Redis,
) -> None:
    never = Live(None, lambda _: None)
    never.ring(ring("a"))
    async with started(redis.url, lambda _: None) as stopped:
        pass
    await asyncio.to_thread(redis.pause)
    async with started(redis.url, lambda _: None):
        pass  # it stops while redis is away, too
    await asyncio.to_thread(redis.restart)
    del stopped
